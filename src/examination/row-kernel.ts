/** Kernels outside a training plan that turn each row of an array into one word: one invocation per row. */
import type { ShaderSource } from '../graph/shader';
import { arrayPipeline, runArrayKernel } from '../backends/webgpu/array-kernel';

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

/** `rows` holds whole rows of `rowWords` words each; the result one word per row, in order. */
export async function runRows(
  device: GPUDevice,
  kernel: RowKernel,
  rows: Uint32Array<ArrayBuffer>,
  rowWords: number,
): Promise<Uint32Array<ArrayBuffer>> {
  const pipeline = await arrayPipeline(device, kernel.shader, kernel.entryPoint);
  const count = rows.length / rowWords;
  const step = Math.min(MAX_ROWS, Math.floor(MAX_BINDING_BYTES / (4 * rowWords)));
  const results = new Uint32Array(count);
  for (let begin = 0; begin < count; begin += step) {
    const end = Math.min(begin + step, count);
    const words = await runArrayKernel(device, pipeline, {
      uniform: kernel.uniform,
      input: rows.subarray(begin * rowWords, end * rowWords),
      outputWords: end - begin,
      workgroups: Math.ceil((end - begin) / WORKGROUP),
    });
    results.set(words, begin);
  }
  return results;
}
