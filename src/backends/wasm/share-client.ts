/** The backend's end of a worker that computes shares, from the worker's start to its end. */
import { transfer, wrap, type Remote } from 'comlink';
import { Questions, type Locks, type WorkerLike } from '../worker-life';
import type { ShareImage } from './image';
import type { RemoteShare } from './runner';
import type { ShareWorker } from './share-worker';
import { message, MessageError, reasonOf, type Message } from '../../numerics/message';

declare module '../../numerics/message' {
  interface Messages {
    'thread-stopped': { cause: string };
    'thread-script': Record<never, never>;
    'thread-unreadable': Record<never, never>;
    'thread-silent': { seconds: number };
    'thread-not-started': { cause: Message };
    'thread-gone': Record<never, never>;
  }
}

/** The worker did not start, or has ended. */
export class WorkerEnded extends MessageError {
  override readonly name = 'WorkerEnded';
}

/** Starting takes some tens of milliseconds, and longer on machines that are busy. */
const START_MS = 20_000;
/** Smaller arrays are copied faster than moved. */
const WORTH_MOVING_BYTES = 2 ** 14;

/** One share in a worker. */
export interface OpenShare extends RemoteShare {
  /** Frees it. */
  close(): void;
}

export class ShareClient {
  /** Resolves when the worker has ended without having been told to; everything asked of it is rejected then. */
  readonly ended: Promise<Message>;
  readonly #worker: WorkerLike;
  readonly #remote: Remote<ShareWorker>;
  readonly #questions = new Questions<WorkerEnded>();
  /** How many shares there have been. */
  #shares = 0;
  #tell: (reason: Message) => void = () => undefined;

  constructor(worker: WorkerLike) {
    this.ended = new Promise<Message>((resolve) => (this.#tell = resolve));
    this.#worker = worker;
    this.#remote = wrap<ShareWorker>(worker);
    worker.addEventListener('error', (event) => {
      // Or it would be an error of the engine too, whose worker this one belongs to.
      event.preventDefault();
      // A script that does not load is an event without a message.
      const { message: cause } = event as Partial<ErrorEvent>;
      this.#fail(cause ? message('thread-stopped', { cause }) : message('thread-script', {}));
    });
    worker.addEventListener('messageerror', () => this.#fail(message('thread-unreadable', {})));
  }

  /** Must be called once before anything else. @throws {WorkerEnded} when the worker does not start */
  async start(module: WebAssembly.Module, locks: Locks): Promise<void> {
    const timer = setTimeout(() => {
      this.#fail(message('thread-silent', { seconds: START_MS / 1000 }));
    }, START_MS);
    try {
      await this.#ask((remote) => remote.connect(module));
      await this.#watch(locks);
    } catch (error) {
      const reason =
        error instanceof WorkerEnded
          ? error
          : new WorkerEnded(message('thread-not-started', { cause: reasonOf(error) }));
      this.terminate(reason);
      throw reason;
    } finally {
      clearTimeout(timer);
    }
  }

  /**
   * A share in this worker, and when it is ready; calls may be made before.
   * `opened` rejects with the worker's error in words, when there is not enough memory for it.
   */
  open(image: ShareImage): { readonly share: OpenShare; readonly opened: Promise<void> } {
    const number = this.#shares++;
    const buffers = [...image.constant, ...image.initial]
      .map(({ words }) => words.buffer)
      .filter((buffer): buffer is ArrayBuffer => buffer instanceof ArrayBuffer)
      .filter(({ byteLength }) => byteLength >= WORTH_MOVING_BYTES);
    const moved = transfer(image, [...new Set(buffers)]);
    return { share: this.#shareOf(number), opened: this.#ask((remote) => remote.open(number, moved)) };
  }

  #shareOf(number: number): OpenShare {
    return {
      run: (firstStep, steps) => this.#ask((remote) => remote.run(number, firstStep, steps)),
      evaluate: (step) => this.#ask((remote) => remote.evaluate(number, step)),
      histograms: (step) => this.#ask((remote) => remote.histograms(number, step)),
      rescaleMoments: (lane, step) => this.#ask((remote) => remote.rescaleMoments(number, lane, step)),
      write: (address, words) => this.#ask((remote) => remote.write(number, address, words)),
      read: (address, words) => this.#ask((remote) => remote.read(number, address, words)),
      reset: () => this.#ask((remote) => remote.reset(number)),
      // A worker that has ended has freed everything.
      close: () => void this.#ask((remote) => remote.close(number)).catch(() => undefined),
    };
  }

  /** @param reason what whoever still waits is told */
  terminate(reason: WorkerEnded): void {
    this.#questions.end(reason, () => this.#worker.terminate());
  }

  async #watch(locks: Locks): Promise<void> {
    if (!locks) return;
    const lock = `share ${crypto.randomUUID()}`;
    try {
      await this.#ask((remote) => remote.hold(lock));
    } catch (error) {
      if (error instanceof WorkerEnded) throw error;
      // Where locks are refused, only the session's patience notices that a worker is gone.
      return;
    }
    locks.request(lock, () => this.#fail(message('thread-gone', {}))).catch(() => undefined);
  }

  #ask<Answer>(call: (remote: Remote<ShareWorker>) => Promise<Answer>): Promise<Answer> {
    return this.#questions.ask(() => call(this.#remote));
  }

  #fail(reason: Message): void {
    if (this.#questions.haveEnded) return;
    this.terminate(new WorkerEnded(reason));
    this.#tell(reason);
  }
}
