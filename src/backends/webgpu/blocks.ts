/** Rounds whole tensors to a block format on a device. */
import blocksShader from '../../../shaders/numerics/blocks_kernel.wgsl';
import {
  BLOCKS_ENTRY_POINT,
  BLOCKS_PER_WORKGROUP,
  blockWords,
  largestMagnitude,
  type BlockRounding,
} from '../../numerics/blocks';
import { roundChunks } from '../../numerics/round-kernel';
import { arrayPipeline, runOnChunk } from './array-kernel';

/**
 * `roundBlocks` on the device. The largest magnitude of the tensor, which is a maximum of integers, is found here:
 * recipes keep it from the step before.
 *
 * @param maxWords elements of a dispatch at most, a multiple of the block size
 */
export async function roundBlocksOnDevice(
  device: GPUDevice,
  words: Uint32Array,
  rounding: BlockRounding,
  maxWords?: number,
): Promise<Uint32Array> {
  const pipeline = await arrayPipeline(device, blocksShader, BLOCKS_ENTRY_POINT);
  const tensorLargest = largestMagnitude(words);
  const result = new Uint32Array(words.length);
  for (const chunk of roundChunks(words.length, maxWords)) {
    const length = chunk.end - chunk.begin;
    const workgroups = Math.ceil(length / (rounding.format.size * BLOCKS_PER_WORKGROUP));
    const parameters = blockWords(rounding, tensorLargest, chunk.begin, length);
    result.set(await runOnChunk(device, pipeline, words, { ...chunk, workgroups }, parameters), chunk.begin);
  }
  return result;
}
