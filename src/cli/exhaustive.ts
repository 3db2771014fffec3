/** What the programs share that go through all 2^32 bit patterns: pieces, their digests, and how far it is. */
import { createHash } from 'node:crypto';

/** All 2^32 patterns are gone through in pieces of this many, in order. */
export const CHUNK = 2 ** 24;
export const CHUNKS = 2 ** 32 / CHUNK;

/** Hexadecimal digits that are kept of each chunk's digest. */
export const KEPT_DIGITS = 8;

export interface DigestsOfChunks {
  /** SHA-256 of the 256 SHA-256 digests of the results of 2^24 inputs each, as little-endian words. */
  readonly digest: string;
  /** The first eight digits of each of the 256: which of them a device does not reproduce. */
  readonly chunks: string;
}

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

  finish(): DigestsOfChunks {
    return { digest: this.#all.digest('hex'), chunks: this.#chunks };
  }
}

const BAR_WIDTH = 40;

/** Shows how many chunks are done: a bar on a terminal, a line now and then elsewhere. */
export function showProgress(what: string, done: number): void {
  const share = done / CHUNKS;
  const filled = Math.round(share * BAR_WIDTH);
  const bar = `${'#'.repeat(filled)}${'.'.repeat(BAR_WIDTH - filled)}`;
  const line = `${what} [${bar}] ${(100 * share).toFixed(1)} %`;
  if (process.stderr.isTTY) process.stderr.write(`\r${line}`);
  else if (done % (CHUNKS / 64) === 0) console.error(line);
}

/** Takes the bar away. */
export function endProgress(): void {
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
}
