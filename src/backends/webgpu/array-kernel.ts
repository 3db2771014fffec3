/** Runs kernels that take an array of words to one of the same length: uniform, input, output at bindings 0, 1, 2. */
import type { ShaderSource } from '../../graph/shader';
import type { RoundChunk } from '../../numerics/round-kernel';

const VARIANT = { native_ftz: false, counting: true };

export const arrayPipeline = (
  device: GPUDevice,
  shader: ShaderSource,
  entryPoint: string,
): Promise<GPUComputePipeline> =>
  device.createComputePipelineAsync({
    layout: 'auto',
    compute: { module: device.createShaderModule({ code: shader.text(VARIANT) }), entryPoint },
  });

/** One dispatch: the results of the chunk of `words`. */
export async function runOnChunk(
  device: GPUDevice,
  pipeline: GPUComputePipeline,
  words: Uint32Array,
  { begin, end, bufferBytes, workgroups }: RoundChunk,
  parameters: Uint32Array<ArrayBuffer>,
): Promise<Uint32Array> {
  const buffer = (size: number, usage: number): GPUBuffer => device.createBuffer({ size, usage });
  const uniform = buffer(parameters.byteLength, GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST);
  const input = buffer(bufferBytes, GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST);
  const output = buffer(bufferBytes, GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC);
  const staging = buffer(bufferBytes, GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST);
  device.queue.writeBuffer(uniform, 0, parameters);
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
  const results = new Uint32Array(staging.getMappedRange()).slice(0, end - begin);
  for (const used of [uniform, input, output, staging]) used.destroy();
  return results;
}
