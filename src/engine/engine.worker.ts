/** The worker that the engine runs in, so that neither drawing nor computing waits for the other. */
import { expose, transfer, type ProxyMarked } from 'comlink';
import { createCpuBackend } from '../backends/cpu';
import { createWebGpuBackend } from '../backends/webgpu';
import type { Backend } from '../training/backend';
import { systemClock } from './clock';
import { compile } from './compile';
import { Engine } from './engine';
import type { EngineListener, Frame } from './protocol';

/** Where the page is; relative file names start from there, not from the worker's script. */
let base = '';

async function readFile(path: string): Promise<Uint8Array> {
  const response = await fetch(new URL(path, base));
  if (!response.ok) throw new Error(`the server answers ${response.status} ${response.statusText}`.trim());
  return new Uint8Array(await response.arrayBuffer());
}

async function openBackend(kind: 'cpu' | 'webgpu'): Promise<Backend> {
  if (kind === 'cpu') return createCpuBackend();
  const { gpu } = navigator as { gpu?: GPU };
  if (!gpu) throw new Error('this browser does not offer WebGPU here');
  return createWebGpuBackend(gpu);
}

const buffersOf = (frame: Frame): ArrayBufferLike[] =>
  [
    frame.loss,
    frame.scale,
    frame.scaleAfter,
    frame.foundInf,
    frame.counters,
    frame.histograms?.counts,
  ].flatMap((values) => (values && values.byteLength > 0 ? [values.buffer] : []));

export class WorkerEngine extends Engine {
  constructor() {
    super({ clock: systemClock(), openBackend, compile: (experiment) => compile(experiment, readFile) });
  }

  /** `subscribe` from another thread: columns are moved instead of copied. */
  connect(listener: EngineListener & ProxyMarked, pageAddress: string): void {
    base = pageAddress;
    this.subscribe({
      frame: (frame) => listener.frame(transfer(frame, buffersOf(frame) as ArrayBuffer[])),
      status: (status) => listener.status(status),
    });
  }
}

const engine = new WorkerEngine();
// The page is still drawing itself; its first experiment finds the device open.
void engine.warmUp();
expose(engine);
