/** Rounds whole arrays of bit patterns on a device, with the function that the kernels round with. */
import roundShader from '../../../shaders/numerics/round_kernel.wgsl';
import rangeShader from '../../../shaders/numerics/round_range.wgsl';
import type { NumberFormat, RoundingMode } from '../../numerics/formats';
import {
  RANGE_ITEMS,
  RANGE_WORKGROUPS,
  ROUND_ENTRY_POINT,
  ROUND_RANGE_ENTRY_POINT,
  rangeWords,
  roundChunks,
  roundingWords,
  type ArrayRounding,
  type RoundChunk,
} from '../../numerics/round-kernel';
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
  const pipeline = await device.createComputePipelineAsync({
    layout: 'auto',
    compute: {
      module: device.createShaderModule({ code: roundShader.text(VARIANT) }),
      entryPoint: ROUND_ENTRY_POINT,
    },
  });
  const result = new Uint32Array(words.length);
  for (const chunk of roundChunks(words.length)) {
    result.set(await roundChunk(device, pipeline, words, chunk, rounding), chunk.begin);
  }
  return result;
}

async function roundChunk(
  device: GPUDevice,
  pipeline: GPUComputePipeline,
  words: Uint32Array,
  { begin, end, bufferBytes, workgroups }: RoundChunk,
  rounding: ArrayRounding,
): Promise<Uint32Array> {
  const buffer = (size: number, usage: number): GPUBuffer => device.createBuffer({ size, usage });
  const uniform = buffer(32, GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST);
  const input = buffer(bufferBytes, GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST);
  const output = buffer(bufferBytes, GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC);
  const staging = buffer(bufferBytes, GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST);
  device.queue.writeBuffer(uniform, 0, roundingWords(rounding, begin));
  device.queue.writeBuffer(input, 0, words.slice(begin, end));
  const encoder = device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  pass.setPipeline(pipeline);
  pass.setBindGroup(
    0,
    device.createBindGroup({
      layout: pipeline.getBindGroupLayout(0),
      entries: [uniform, input, output].map((bound, binding) => ({ binding, resource: { buffer: bound } })),
    }),
  );
  pass.dispatchWorkgroups(workgroups);
  pass.end();
  encoder.copyBufferToBuffer(output, 0, staging, 0, bufferBytes);
  device.queue.submit([encoder.finish()]);
  await staging.mapAsync(GPUMapMode.READ);
  const rounded = new Uint32Array(staging.getMappedRange()).slice(0, end - begin);
  for (const used of [uniform, input, output, staging]) used.destroy();
  return rounded;
}
