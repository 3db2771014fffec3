/**
 * Runs WGSL on WebGPU in Node, outside any plan: for tests of functions under shaders/numerics/.
 *
 *   const rounded = await runPerItem(device, shader.text(VARIANT), {
 *     body: 'give(0u, round_bits(take(0u), Format(constants.x, constants.y, constants.z, constants.w), 0u));',
 *     input, wordsIn: 1, wordsOut: 1, constants: formatWords(format),
 *   });
 */

import { runArrayKernel, type ArrayDispatch } from '../backends/webgpu/array-kernel';

export interface Dispatch extends ArrayDispatch {
  readonly entryPoint: string;
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
  // Bindings are at least one vec4.
  const input = new Uint32Array(Math.max(4, one.input.length));
  input.set(one.input);
  const written = await runArrayKernel(device, pipeline, {
    ...one,
    input,
    outputWords: Math.max(4, one.outputWords),
  });
  return written.subarray(0, one.outputWords);
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
