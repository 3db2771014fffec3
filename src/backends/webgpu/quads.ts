/** Whether the kernels can share loads among four invocations (shaders/ops/tile.wgsl). */
import quadsShader from '../../../shaders/engine/quads.wgsl';
import { arrayPipeline, runArrayKernel } from './array-kernel';

/** What the device is to be opened with, where it has it. */
export const QUADS_FEATURE: GPUFeatureName = 'subgroups';

const WORKGROUPS = 4;
const COUNT = WORKGROUPS * 64;

/**
 * True for a device that executes exactly four invocations at a time, as software adapters do, and in the order that
 * the kernels expect. Wider devices have memory that is good at giving neighbours the same, and little to win.
 */
export async function executesInFours(device: GPUDevice, info: GPUAdapterInfo): Promise<boolean> {
  if (!device.features.has(QUADS_FEATURE)) return false;
  if (info.subgroupMinSize !== 4 || info.subgroupMaxSize !== 4) return false;
  const input = Uint32Array.from({ length: COUNT }, (_, i) => Math.imul(i + 1, 0x9e3779b9));
  const output = await runArrayKernel(device, await arrayPipeline(device, quadsShader, 'exchange'), {
    uniform: Uint32Array.of(COUNT, 0, 0, 0),
    input,
    outputWords: 2 * COUNT,
    workgroups: WORKGROUPS,
  });
  return input.every((_, i) => output[2 * i] === input[i ^ 1] && output[2 * i + 1] === input[i ^ 2]);
}
