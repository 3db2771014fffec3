/** The backend a command asks for. */
import { createCpuBackend } from '../backends/cpu';
import { createWebGpuBackend } from '../backends/webgpu';
import { requestNodeGpu } from '../backends/webgpu/node';
import type { Backend } from '../training/backend';

export const BACKENDS = ['cpu', 'webgpu'] as const;
export type BackendKind = (typeof BACKENDS)[number];

export async function openBackend(kind: BackendKind): Promise<Backend> {
  return kind === 'cpu' ? createCpuBackend() : createWebGpuBackend(await requestNodeGpu());
}
