/** Rounds whole tensors to a block format on a device. */
import blocksShader from '../../shaders/examination/blocks_kernel.wgsl';
import {
  BLOCKS_ENTRY_POINT,
  BLOCKS_PER_WORKGROUP,
  blockWords,
  largestMagnitude,
  type BlockRounding,
} from '../numerics/blocks';
import { chunkWords, roundChunks } from './round-kernel';
import { arrayPipeline, runArrayKernel } from '../backends/webgpu/array-kernel';

/**
 * `roundBlocks` on the device. The largest magnitude of the tensor, which NVFP4 needs and which is a maximum of integers, is found here:
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
  const tensorLargest = rounding.format.scale === 'e4m3' ? largestMagnitude(words) : 0;
  const result = new Uint32Array(words.length);
  for (const chunk of roundChunks(words.length, maxWords)) {
    const length = chunk.end - chunk.begin;
    const input = chunkWords(words, chunk);
    const rounded = await runArrayKernel(device, pipeline, {
      uniform: blockWords(rounding, tensorLargest, chunk.begin, length),
      input,
      outputWords: input.length,
      workgroups: Math.ceil(length / (rounding.format.size * BLOCKS_PER_WORKGROUP)),
    });
    result.set(rounded.subarray(0, length), chunk.begin);
  }
  return result;
}
