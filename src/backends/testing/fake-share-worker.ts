/** A worker of the WebAssembly backend without a thread: it computes at the other end of a message channel. */
import { expose } from 'comlink';
import type { WorkerLike } from '../worker-life';
import type { ShareWorker } from '../wasm/share-worker';
import type { FakeLocks } from './fake-locks';

export class FakeShareWorker extends EventTarget implements WorkerLike {
  terminated = false;
  readonly #port: MessagePort;
  readonly #thread: ReturnType<FakeLocks['ofThread']>;
  #silent = false;

  constructor(locks: FakeLocks, worker: (locks: Pick<LockManager, 'request'>) => ShareWorker) {
    super();
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    this.#thread = locks.ofThread();
    port1.onmessage = (event: MessageEvent<unknown>) => {
      if (!this.#silent) this.dispatchEvent(new MessageEvent('message', { data: event.data }));
    };
    expose(worker(this.#thread.locks), port2);
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

  terminate(): void {
    this.terminated = true;
    this.#silent = true;
    this.#thread.die();
    this.#port.close();
  }
}
