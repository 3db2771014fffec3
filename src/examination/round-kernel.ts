/**
 * The host side of `shaders/examination/round_kernel.wgsl`, which rounds arrays as `numerics/round-array.ts` does:
 *
 *   binding 0 uniform  `roundingWords`
 *   binding 1 storage  f32 bit patterns, `bufferBytes` long
 *   binding 2 storage  the rounded patterns, as long
 *
 * Both buffers hold one chunk at a time and what lies behind its last element is ignored.
 */

import { formatWords, type NumberFormat, type RoundingMode } from '../numerics/formats';
import { ARRAY_STREAM, type ArrayRounding } from '../numerics/round-array';

/** The kernel's uniform block for the chunk that begins at element `begin`, a multiple of four. */
export function roundingWords(
  { format, mode, randomBits, seed }: ArrayRounding,
  begin: number,
): Uint32Array<ArrayBuffer> {
  return Uint32Array.from([...formatWords(format, mode, randomBits), seed, begin / 4, ARRAY_STREAM, 0]);
}

export const ROUND_ENTRY_POINT = 'round_array';

/** Each of the 64 invocations of a workgroup rounds four words. */
const WORDS_PER_WORKGROUP = 256;

/** WebGPU guarantees 65,535 workgroups per dispatch and bindings of 128 MiB; this stays below both. */
const MAX_WORKGROUPS = 65_535;

export interface RoundChunk {
  /** Elements `begin` up to, not including, `end` of the array. */
  readonly begin: number;
  readonly end: number;
  /** Size of either storage buffer: the chunk, rounded up to whole vec4. */
  readonly bufferBytes: number;
  readonly workgroups: number;
}

/** The dispatches that together round an array of `length` words, in order. */
export function roundChunks(
  length: number,
  maxWords = WORDS_PER_WORKGROUP * MAX_WORKGROUPS,
): readonly RoundChunk[] {
  const chunks: RoundChunk[] = [];
  for (let begin = 0; begin < length; begin += maxWords) {
    const end = Math.min(begin + maxWords, length);
    chunks.push({
      begin,
      end,
      bufferBytes: Math.ceil((end - begin) / 4) * 16,
      workgroups: Math.ceil((end - begin) / WORDS_PER_WORKGROUP),
    });
  }
  return chunks;
}

/** The words of a chunk, as long as the kernel's buffers. */
export function chunkWords(
  words: Uint32Array,
  { begin, end, bufferBytes }: RoundChunk,
): Uint32Array<ArrayBuffer> {
  const chunk = new Uint32Array(bufferBytes / 4);
  chunk.set(words.subarray(begin, end));
  return chunk;
}

/** The same for `shaders/examination/round_range.wgsl`, which rounds consecutive patterns. */
export const ROUND_RANGE_ENTRY_POINT = 'round_range';

/** Patterns of one dispatch. */
export const RANGE_ITEMS = 2 ** 22;
export const RANGE_WORKGROUPS = RANGE_ITEMS / WORDS_PER_WORKGROUP;

/** The uniform block of a dispatch that begins with this pattern. */
export const rangeWords = (
  format: NumberFormat,
  mode: RoundingMode,
  first: number,
): Uint32Array<ArrayBuffer> => Uint32Array.from([...formatWords(format, mode), first, 0, 0, 0]);
