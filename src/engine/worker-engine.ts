/** The engine as it is in its worker: what connects it with the page. */
import { transfer, type ProxyMarked } from 'comlink';
import { holdForLife, type Locks } from '../backends/worker-life';
import { Engine, type EngineHost } from './engine';
import type { EngineListener, Frame } from './protocol';

export interface Connecting {
  /** Where the page is; relative file names start from there, not from the worker's script. */
  readonly pageAddress: string;
  /** The newest number that a worker before this one has given to a run. */
  readonly lastRun: number;
  readonly speed: number | null;
  /** Name of a lock to hold for life (connection.ts), null where there are no locks. */
  readonly lock: string | null;
}

export interface WorkerHost extends Omit<EngineHost, 'compile'> {
  readonly locks: Locks;
  /** `compile` for a page at this address. */
  compileAt(pageAddress: () => string): EngineHost['compile'];
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
  readonly #locks: Locks;
  readonly #page: { address: string };

  constructor(host: WorkerHost) {
    const page = { address: '' };
    super({ ...host, compile: host.compileAt(() => page.address) });
    this.#locks = host.locks;
    this.#page = page;
  }

  /** `subscribe` from another thread: columns are moved instead of copied. Resolves when the lock is held. */
  async connect(listener: EngineListener & ProxyMarked, { pageAddress, lastRun, speed, lock }: Connecting) {
    this.#page.address = pageAddress;
    this.continueRuns(lastRun);
    this.setSpeed(speed);
    this.subscribe({
      frame: (frame) => listener.frame(transfer(frame, buffersOf(frame) as ArrayBuffer[])),
      status: (status) => listener.status(status),
    });
    if (lock !== null) await holdForLife(this.#locks, lock);
  }

  /** Answers, which only a worker that lives and is not busy can. */
  ping(): void {}
}
