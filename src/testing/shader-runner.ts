/**
 * Runs WGSL on WebGPU in Node, outside any plan: for tests of functions under shaders/numerics/.
 *
 *   const rounded = await runPerItem(device, shader.text(VARIANT), {
 *     body: 'give(0u, round_bits(take(0u), Format(constants.x, constants.y, constants.z, constants.w), 0u));',
 *     input, wordsIn: 1, wordsOut: 1, constants: formatWords(format),
 *   });
 */

export interface Dispatch {
  readonly entryPoint: string;
  /** Binding 0, uniform; a multiple of four words. */
  readonly uniform: Uint32Array<ArrayBuffer>;
  /** Binding 1, read-only storage. */
  readonly input: Uint32Array<ArrayBuffer>;
  /** Words of binding 2, writable storage. */
  readonly outputWords: number;
  readonly workgroups: number;
}

async function compile(device: GPUDevice, code: string, entryPoint: string): Promise<GPUComputePipeline> {
  const module = device.createShaderModule({ code });
  const { messages } = await module.getCompilationInfo();
  const errors = messages.filter((message) => message.type === 'error');
  if (errors.length > 0) {
    throw new Error(errors.map(({ lineNum, message }) => `WGSL line ${lineNum}: ${message}`).join('\n'));
  }
  return device.createComputePipelineAsync({ layout: 'auto', compute: { module, entryPoint } });
}

/** Tests dispatch the same few shaders over and over, and compiling one takes far longer than running it. */
const compiled = new WeakMap<GPUDevice, Map<string, Promise<GPUComputePipeline>>>();

function pipelineFor(device: GPUDevice, code: string, entryPoint: string): Promise<GPUComputePipeline> {
  const pipelines = compiled.get(device) ?? new Map<string, Promise<GPUComputePipeline>>();
  compiled.set(device, pipelines);
  const known = pipelines.get(code) ?? compile(device, code, entryPoint);
  pipelines.set(code, known);
  return known;
}

/** One dispatch of a kernel with the three bindings of `Dispatch`; returns what it wrote. */
export async function dispatch(device: GPUDevice, code: string, one: Dispatch): Promise<Uint32Array> {
  const pipeline = await pipelineFor(device, code, one.entryPoint);
  const buffer = (words: number, usage: number): GPUBuffer => device.createBuffer({ size: words * 4, usage });
  const { UNIFORM, STORAGE, COPY_DST, COPY_SRC, MAP_READ } = GPUBufferUsage;
  const outputWords = Math.max(4, one.outputWords);
  const uniform = buffer(one.uniform.length, UNIFORM | COPY_DST);
  const input = buffer(Math.max(4, one.input.length), STORAGE | COPY_DST);
  const output = buffer(outputWords, STORAGE | COPY_SRC);
  const staging = buffer(outputWords, MAP_READ | COPY_DST);
  device.queue.writeBuffer(uniform, 0, one.uniform);
  device.queue.writeBuffer(input, 0, one.input);
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
  pass.dispatchWorkgroups(one.workgroups);
  pass.end();
  encoder.copyBufferToBuffer(output, 0, staging, 0, outputWords * 4);
  device.queue.submit([encoder.finish()]);
  await staging.mapAsync(GPUMapMode.READ);
  const written = new Uint32Array(staging.getMappedRange()).slice(0, one.outputWords);
  for (const used of [uniform, input, output, staging]) used.destroy();
  return written;
}

export interface PerItem {
  /** WGSL statements; `take(k)` is the item's k-th input word, `give(k, word)` sets the k-th of its output. */
  readonly body: string;
  readonly input: Uint32Array<ArrayBuffer>;
  readonly wordsIn: number;
  readonly wordsOut: number;
  /** `constants` in the body, a vec4<u32>. */
  readonly constants?: readonly number[];
}

const WORKGROUP_SIZE = 64;

/** Runs `body`, which may use `test_zero`, `constants` and every declaration of `library`, once for each item of the input. */
export async function runPerItem(device: GPUDevice, library: string, one: PerItem): Promise<Uint32Array> {
  const items = one.input.length / one.wordsIn;
  const code = `${library}
    @group(0) @binding(0) var<uniform> test_uniform: array<vec4<u32>, 2>;
    @group(0) @binding(1) var<storage, read> test_input: array<u32>;
    @group(0) @binding(2) var<storage, read_write> test_output: array<u32>;
    var<private> test_item: u32;
    fn take(k: u32) -> u32 { return test_input[test_item * ${one.wordsIn}u + k]; }
    fn give(k: u32, word: u32) { test_output[test_item * ${one.wordsOut}u + k] = word; }
    @compute @workgroup_size(${WORKGROUP_SIZE})
    fn test_main(@builtin(global_invocation_id) id: vec3<u32>) {
      if (id.x >= test_uniform[0].y) { return; }
      let test_zero = test_uniform[0].x;
      let constants = test_uniform[1];
      test_item = id.x + test_zero;
      ${one.body}
    }`;
  return dispatch(device, code, {
    entryPoint: 'test_main',
    uniform: Uint32Array.from([0, items, 0, 0, ...(one.constants ?? [0, 0, 0, 0])]),
    input: one.input,
    outputWords: items * one.wordsOut,
    workgroups: Math.ceil(items / WORKGROUP_SIZE),
  });
}
