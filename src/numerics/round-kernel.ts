/**
 * The host side of `shaders/numerics/round_kernel.wgsl`, which rounds whole arrays on a GPU:
 *
 *   binding 0 uniform  the four words of `formatWords`
 *   binding 1 storage  f32 bit patterns, `bufferBytes` long
 *   binding 2 storage  the rounded patterns, as long
 *
 * Both buffers hold one chunk at a time and what lies behind its last element is ignored.
 */

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
