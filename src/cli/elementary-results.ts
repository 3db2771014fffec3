/** The file with the exhaustive measurements of the elementary functions, and what goes into it. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import type { ElementaryName, Survey } from '../numerics/elementary-survey';
import { readJson, writeBytes } from './files';

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

/** In lines, as the repository's formatter has it. */
export const writeResults = (path: string, results: ElementaryResults): Promise<void> =>
  writeBytes(path, new TextEncoder().encode(`${JSON.stringify(results, null, 2)}\n`));

const digestOf = (results: Uint32Array): Buffer => createHash('sha256').update(results).digest();

const kept = (digest: Buffer): string => digest.toString('hex').slice(0, KEPT_DIGITS);

/** The digits that would be kept of the digest of a chunk. */
export const chunkDigits = (results: Uint32Array): string => kept(digestOf(results));

/** Collects the digests of all chunks, in order. */
export class ChunkDigests {
  readonly #all = createHash('sha256');
  #chunks = '';

  add(results: Uint32Array): void {
    const digest = digestOf(results);
    this.#all.update(digest);
    this.#chunks += kept(digest);
  }

  finish(): Pick<ElementaryResult, 'digest' | 'chunks'> {
    return { digest: this.#all.digest('hex'), chunks: this.#chunks };
  }
}

/** The digits that a result has for this chunk. */
export const keptDigits = ({ chunks }: ElementaryResult, chunk: number): string =>
  chunks.slice(chunk * KEPT_DIGITS, (chunk + 1) * KEPT_DIGITS);
