/** Kernels outside a training plan that take an array of words to another: uniform, input, output at bindings 0, 1, 2. */
import type { ShaderSource } from '../../graph/shader';

/** Compiling one of these kernels takes far longer than running it. */
const compiled = new WeakMap<GPUDevice, Map<string, Promise<GPUComputePipeline>>>();

export function arrayPipeline(
  device: GPUDevice,
  shader: ShaderSource,
  entryPoint: string,
): Promise<GPUComputePipeline> {
  const pipelines = compiled.get(device) ?? new Map<string, Promise<GPUComputePipeline>>();
  compiled.set(device, pipelines);
  const key = `${shader.path} ${entryPoint}`;
  const code = shader.text({ native_ftz: false, counting: true });
  const pipeline =
    pipelines.get(key) ??
    device.createComputePipelineAsync({
      layout: 'auto',
      compute: { module: device.createShaderModule({ code }), entryPoint },
    });
  pipelines.set(key, pipeline);
  return pipeline;
}

export interface ArrayDispatch {
  /** A multiple of four words. */
  readonly uniform: Uint32Array<ArrayBuffer>;
  /** As long as the kernel's binding has to be. */
  readonly input: Uint32Array<ArrayBuffer>;
  readonly outputWords: number;
  readonly workgroups: number;
}

/** One dispatch; returns what the kernel wrote. */
export async function runArrayKernel(
  device: GPUDevice,
  pipeline: GPUComputePipeline,
  { uniform, input, outputWords, workgroups }: ArrayDispatch,
): Promise<Uint32Array<ArrayBuffer>> {
  const { UNIFORM, STORAGE, COPY_DST, COPY_SRC, MAP_READ } = GPUBufferUsage;
  const buffer = (words: number, usage: number): GPUBuffer => device.createBuffer({ size: words * 4, usage });
  const parameters = buffer(uniform.length, UNIFORM | COPY_DST);
  const from = buffer(input.length, STORAGE | COPY_DST);
  const to = buffer(outputWords, STORAGE | COPY_SRC);
  const staging = buffer(outputWords, MAP_READ | COPY_DST);
  device.queue.writeBuffer(parameters, 0, uniform);
  device.queue.writeBuffer(from, 0, input);
  const encoder = device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  pass.setPipeline(pipeline);
  pass.setBindGroup(
    0,
    device.createBindGroup({
      layout: pipeline.getBindGroupLayout(0),
      entries: [parameters, from, to].map((bound, binding) => ({ binding, resource: { buffer: bound } })),
    }),
  );
  pass.dispatchWorkgroups(workgroups);
  pass.end();
  encoder.copyBufferToBuffer(to, 0, staging, 0, outputWords * 4);
  device.queue.submit([encoder.finish()]);
  await staging.mapAsync(GPUMapMode.READ);
  const written = new Uint32Array(staging.getMappedRange()).slice();
  for (const used of [parameters, from, to, staging]) used.destroy();
  return written;
}
