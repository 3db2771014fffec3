/** The worker that the engine runs in, so that neither drawing nor computing waits for the other. */
import { expose } from 'comlink';
import { createCpuBackend } from '../backends/cpu';
import { createWasmBackend } from '../backends/wasm';
import { createWebGpuBackend, findAdapter } from '../backends/webgpu';
import type { Backend, BackendInfo } from '../training/backend';
import { systemClock } from './clock';
import { compile } from './compile';
import { WorkerEngine } from './worker-engine';
import { probeDevice } from '../examination/probe-device';
import { message, MessageError } from '../numerics/message';

declare module '../numerics/message' {
  interface Messages {
    'server-answers': { answer: string };
  }
}

async function readFile(address: URL): Promise<Uint8Array> {
  const response = await fetch(address);
  if (!response.ok)
    throw new MessageError(
      message('server-answers', { answer: `${response.status} ${response.statusText}`.trim() }),
    );
  return new Uint8Array(await response.arrayBuffer());
}

/**
 * One for each core, so that each of them computes, and no more than eight: each has its own copy of the data and a share
 * of the memory, and a page is not alone on a machine.
 */
const workerCount = (): number => Math.min(8, navigator.hardwareConcurrency || 2);

// Only secure contexts have locks.
const { locks } = navigator as { locks?: LockManager };
const { gpu } = navigator as { gpu?: GPU };

async function openBackend(kind: BackendInfo['kind']): Promise<Backend> {
  if (kind === 'cpu') return createCpuBackend();
  if (kind === 'webgpu') return createWebGpuBackend(gpu, probeDevice);
  return createWasmBackend({
    workers: {
      count: workerCount(),
      locks,
      spawn: () =>
        new Worker(new URL('../backends/wasm/share.worker.ts', import.meta.url), { type: 'module' }),
    },
  });
}

const engine = new WorkerEngine({
  clock: systemClock(),
  openBackend,
  findAdapter: () => findAdapter(gpu),
  locks,
  compileAt: (pageAddress) => (experiment) =>
    compile(experiment, (path) => readFile(new URL(path, pageAddress()))),
});
// The page is still drawing itself; its first experiment finds what computes open.
void engine.warmUp();
expose(engine);
