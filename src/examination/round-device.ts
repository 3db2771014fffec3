/** Rounds whole arrays of bit patterns on a device, with the function that the kernels round with. */
import roundShader from '../../shaders/examination/round_kernel.wgsl';
import rangeShader from '../../shaders/examination/round_range.wgsl';
import type { NumberFormat, RoundingMode } from '../numerics/formats';
import type { ArrayRounding } from '../numerics/round-array';
import {
  chunkWords,
  RANGE_ITEMS,
  RANGE_WORKGROUPS,
  ROUND_ENTRY_POINT,
  ROUND_RANGE_ENTRY_POINT,
  rangeWords,
  roundChunks,
  roundingWords,
} from './round-kernel';
import { arrayPipeline, runArrayKernel } from '../backends/webgpu/array-kernel';
import { rangeEvaluator, type RangeEvaluator } from './ranges';

const VARIANT = { native_ftz: false, counting: true };

/** Rounds consecutive patterns, to nearest or in a direction; stochastic rounding is for arrays. */
export const roundRangesOnDevice = (
  device: GPUDevice,
  format: NumberFormat,
  mode: RoundingMode,
): Promise<RangeEvaluator> =>
  rangeEvaluator(device, {
    label: `rounding to ${format.name}`,
    code: rangeShader.text(VARIANT),
    entryPoint: ROUND_RANGE_ENTRY_POINT,
    items: RANGE_ITEMS,
    workgroups: RANGE_WORKGROUPS,
    parameters: (first) => rangeWords(format, mode, first),
  });

/** f32 patterns in, the f32 patterns of the rounded values out. */
export async function roundOnDevice(
  device: GPUDevice,
  words: Uint32Array,
  rounding: ArrayRounding,
): Promise<Uint32Array> {
  const pipeline = await arrayPipeline(device, roundShader, ROUND_ENTRY_POINT);
  const result = new Uint32Array(words.length);
  for (const chunk of roundChunks(words.length)) {
    const input = chunkWords(words, chunk);
    const rounded = await runArrayKernel(device, pipeline, {
      uniform: roundingWords(rounding, chunk.begin),
      input,
      outputWords: input.length,
      workgroups: chunk.workgroups,
    });
    result.set(rounded.subarray(0, chunk.end - chunk.begin), chunk.begin);
  }
  return result;
}
