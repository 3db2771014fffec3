/** Workers without threads: an engine at the other end of a message channel, which can die in every way workers do. */
import { expose } from 'comlink';
import type { FakeLocks } from '../../backends/testing/fake-locks';
import type { Clock } from '../clock';
import type { WorkerLike } from '../../backends/worker-life';
import { compile } from '../compile';
import { WorkerEngine } from '../worker-engine';
import type { FakeClock } from './fake-clock';
import { FakeRunner } from './fake-runner';

export class FakeWorker extends EventTarget implements WorkerLike {
  readonly runner: FakeRunner[] = [];
  terminated = false;
  readonly #port: MessagePort;
  readonly #thread: ReturnType<FakeLocks['ofThread']>;
  #silent = false;

  constructor(clock: FakeClock, locks: FakeLocks, kind: 'cpu' | 'webgpu', missing: boolean) {
    super();
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    this.#thread = locks.ofThread();
    port1.onmessage = (event: MessageEvent<unknown>) => {
      if (!this.#silent) this.dispatchEvent(new MessageEvent('message', { data: event.data }));
    };
    if (missing) {
      this.#silent = true;
      queueMicrotask(() => this.dispatchEvent(new Event('error')));
      return;
    }
    const engine = new WorkerEngine({
      clock: clock as Clock,
      locks: this.#thread.locks,
      openBackend: async () => ({
        info: { kind, adapter: 'fake', notes: [] },
        lost: new Promise(() => undefined),
        prepare: async () => {
          const runner = new FakeRunner({ clock, lanes: 3, msPerStep: 2 });
          this.runner.push(runner);
          return runner;
        },
        destroy: () => undefined,
      }),
      findAdapter: async () => ({ kind: 'hardware', name: 'fake' }),
      compileAt: () => (experiment) =>
        compile(experiment, () => Promise.reject(new Error('there is no network'))),
    });
    expose(engine, port2);
  }

  postMessage(message: unknown, transfer?: unknown): void {
    if (!this.#silent) this.#port.postMessage(message, transfer as Transferable[]);
  }

  /** It is gone, without a word. */
  die(): void {
    this.#silent = true;
    this.#thread.die();
  }

  /** It lives and does not answer. */
  hang(): void {
    this.#silent = true;
  }

  /** It sends again. */
  wake(): void {
    this.#silent = false;
  }

  throws(message: string): void {
    this.dispatchEvent(Object.assign(new Event('error'), { message }));
  }

  terminate(): void {
    this.terminated = true;
    this.#thread.die();
    this.#port.close();
  }
}
