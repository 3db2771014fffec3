/** The backend a command asks for. */
import { createCpuBackend } from '../backends/cpu';
import { createWasmBackend } from '../backends/wasm';
import { createWebGpuBackend } from '../backends/webgpu';
import { requestNodeGpu } from '../backends/webgpu/node';
import type { Backend, BackendInfo } from '../training/backend';
import { probeDevice } from '../examination/probe-device';

/** For commands that run kernels outside of any plan. */
export const BACKENDS = ['cpu', 'webgpu'] as const;

/** For commands that train. */
export const TRAINING_BACKENDS = ['cpu', 'wasm', 'webgpu'] as const;

export async function openBackend(kind: BackendInfo['kind']): Promise<Backend> {
  if (kind === 'cpu') return createCpuBackend();
  return kind === 'wasm' ? createWasmBackend() : createWebGpuBackend(await requestNodeGpu(), probeDevice);
}
