/** Kernels outside a training plan that turn each row of an array into one word: one invocation per row. */
import type { ShaderSource } from '../../graph/shader';

export interface RowKernel {
  /** Binding 0 is a uniform block, binding 1 the rows, read-only, binding 2 the results, one u32 per row. */
  readonly shader: ShaderSource;
  readonly entryPoint: string;
  /** A multiple of four words. */
  readonly uniform: Uint32Array<ArrayBuffer>;
}

/** Invocations per workgroup in every such kernel. */
const WORKGROUP = 64;
/** WebGPU guarantees 65,535 workgroups per dispatch and bindings of 128 MiB. */
const MAX_ROWS = WORKGROUP * 65_535;
const MAX_BINDING_BYTES = 128 * 2 ** 20;

/** Compiling one of these kernels takes far longer than running it. */
const compiled = new WeakMap<GPUDevice, Map<string, Promise<GPUComputePipeline>>>();

function pipelineFor(device: GPUDevice, { shader, entryPoint }: RowKernel): Promise<GPUComputePipeline> {
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

/** `rows` holds whole rows of `rowWords` words each; the result one word per row, in order. */
export async function runRows(
  device: GPUDevice,
  kernel: RowKernel,
  rows: Uint32Array<ArrayBuffer>,
  rowWords: number,
): Promise<Uint32Array<ArrayBuffer>> {
  const pipeline = await pipelineFor(device, kernel);
  const count = rows.length / rowWords;
  const step = Math.min(MAX_ROWS, Math.floor(MAX_BINDING_BYTES / (4 * rowWords)));
  const results = new Uint32Array(count);
  for (let begin = 0; begin < count; begin += step) {
    const end = Math.min(begin + step, count);
    const chunk = rows.subarray(begin * rowWords, end * rowWords);
    results.set(await dispatch(device, pipeline, kernel.uniform, chunk, end - begin), begin);
  }
  return results;
}

async function dispatch(
  device: GPUDevice,
  pipeline: GPUComputePipeline,
  uniformWords: Uint32Array<ArrayBuffer>,
  rows: Uint32Array<ArrayBuffer>,
  count: number,
): Promise<Uint32Array> {
  const { UNIFORM, STORAGE, COPY_DST, COPY_SRC, MAP_READ } = GPUBufferUsage;
  const buffer = (size: number, usage: number): GPUBuffer => device.createBuffer({ size, usage });
  const uniform = buffer(uniformWords.byteLength, UNIFORM | COPY_DST);
  const input = buffer(rows.byteLength, STORAGE | COPY_DST);
  const output = buffer(count * 4, STORAGE | COPY_SRC);
  const staging = buffer(count * 4, MAP_READ | COPY_DST);
  device.queue.writeBuffer(uniform, 0, uniformWords);
  device.queue.writeBuffer(input, 0, rows);
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
  pass.dispatchWorkgroups(Math.ceil(count / WORKGROUP));
  pass.end();
  encoder.copyBufferToBuffer(output, 0, staging, 0, count * 4);
  device.queue.submit([encoder.finish()]);
  await staging.mapAsync(GPUMapMode.READ);
  const words = new Uint32Array(staging.getMappedRange()).slice();
  for (const used of [uniform, input, output, staging]) used.destroy();
  return words;
}
