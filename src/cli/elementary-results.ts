/** The file with the exhaustive measurements of the elementary functions, and what goes into it. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import type { ElementaryName, Survey } from '../numerics/elementary-survey';
import { readJson } from './files';

/** npm runs scripts with the repository as working directory. */
export const RESULTS_FILE = 'src/numerics/testdata/elementary.json';

/** All 2^32 patterns are gone through in pieces of this many, in order. */
export const CHUNK = 2 ** 24;
export const CHUNKS = 2 ** 32 / CHUNK;

/** Hexadecimal digits that are kept of each chunk's digest. */
const KEPT_DIGITS = 8;

export interface ElementaryResult extends Omit<Survey, 'worst' | 'firstWrong'> {
  /** Patterns, 0x and eight digits. */
  readonly worst: string;
  /** SHA-256 of the 256 SHA-256 digests of the results of 2^24 inputs each, as little-endian words. */
  readonly digest: string;
  /** The first eight digits of each of the 256: which of them a device does not reproduce. */
  readonly chunks: string;
}

export type ElementaryResults = Partial<Record<ElementaryName, ElementaryResult>>;

export const hexadecimal = (u: number): string => `0x${u.toString(16).padStart(8, '0')}`;

export async function readResults(path: string): Promise<ElementaryResults> {
  return existsSync(path) ? ((await readJson(path)) as ElementaryResults) : {};
}

/** Collects the digests of chunks in order. */
export class ChunkDigests {
  readonly #all = createHash('sha256');
  #kept = '';

  /** Adds the next chunk; returns the digits that are kept of its digest. */
  add(results: Uint32Array): string {
    const digest = createHash('sha256').update(results).digest();
    this.#all.update(digest);
    const kept = digest.toString('hex').slice(0, KEPT_DIGITS);
    this.#kept += kept;
    return kept;
  }

  finish(): Pick<ElementaryResult, 'digest' | 'chunks'> {
    return { digest: this.#all.digest('hex'), chunks: this.#kept };
  }
}

/** The digits that a result has for this chunk. */
export const keptDigits = ({ chunks }: ElementaryResult, chunk: number): string =>
  chunks.slice(chunk * KEPT_DIGITS, (chunk + 1) * KEPT_DIGITS);
