/** The worker that the engine runs in, so that neither drawing nor computing waits for the other. */
import { expose } from 'comlink';
import { createCpuBackend } from '../backends/cpu';
import { createWasmBackend } from '../backends/wasm';
import { createWebGpuBackend } from '../backends/webgpu';
import type { Backend, BackendInfo } from '../training/backend';
import { systemClock } from './clock';
import { compile } from './compile';
import { WorkerEngine } from './worker-engine';

async function readFile(address: URL): Promise<Uint8Array> {
  const response = await fetch(address);
  if (!response.ok) throw new Error(`the server answers ${response.status} ${response.statusText}`.trim());
  return new Uint8Array(await response.arrayBuffer());
}

async function openBackend(kind: BackendInfo['kind']): Promise<Backend> {
  if (kind === 'cpu') return createCpuBackend();
  if (kind === 'wasm') return createWasmBackend();
  const { gpu } = navigator as { gpu?: GPU };
  if (!gpu) throw new Error('this browser does not offer WebGPU here');
  return createWebGpuBackend(gpu);
}

const engine = new WorkerEngine({
  clock: systemClock(),
  openBackend,
  // Only secure contexts have locks.
  locks: (navigator as { locks?: LockManager }).locks,
  compileAt: (pageAddress) => (experiment) =>
    compile(experiment, (path) => readFile(new URL(path, pageAddress()))),
});
// The page is still drawing itself; its first experiment finds the device open.
void engine.warmUp();
expose(engine);
