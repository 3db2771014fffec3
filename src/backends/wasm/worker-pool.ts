/** The workers of the backend. They are kept from one program to the next, since starting one takes a while. */
import type { Locks, WorkerLike } from '../worker-life';
import { ShareClient, WorkerEnded } from './share-client';
import { message, reasonOf, type Message } from '../../numerics/message';

declare module '../../numerics/message' {
  interface Messages {
    'threads-ended': Record<never, never>;
  }
}

/** Where workers come from. */
export interface WorkerHost {
  /** So many at most. */
  readonly count: number;
  readonly locks: Locks;
  /** May throw. */
  spawn(): WorkerLike;
}

export class WorkerPool {
  /** Resolves with a message when a worker has ended without having been told to; the others are ended then. */
  readonly lost: Promise<Message>;
  readonly #module: WebAssembly.Module;
  readonly #host: WorkerHost;
  readonly #clients: ShareClient[] = [];
  #lose: (reason: Message) => void = () => undefined;

  constructor(module: WebAssembly.Module, host: WorkerHost) {
    this.lost = new Promise((resolve) => (this.#lose = resolve));
    this.#module = module;
    this.#host = host;
  }

  /**
   * A worker for each lane, as far as there are so many.
   *
   * @throws {WorkerEnded} when one does not start, and ends all
   */
  async take(lanes: number): Promise<readonly ShareClient[]> {
    const count = Math.min(lanes, this.#host.count);
    try {
      const missing = Math.max(0, count - this.#clients.length);
      await Promise.all(Array.from({ length: missing }, () => this.#start()));
    } catch (error) {
      this.#end(error instanceof WorkerEnded ? error : new WorkerEnded(reasonOf(error)));
      throw error;
    }
    return this.#clients.slice(0, count);
  }

  destroy(): void {
    this.#end(new WorkerEnded(message('threads-ended', {})));
  }

  #end(reason: WorkerEnded): void {
    for (const client of this.#clients) client.terminate(reason);
  }

  async #start(): Promise<void> {
    const client = new ShareClient(this.#spawn());
    this.#clients.push(client);
    await client.start(this.#module, this.#host.locks);
    void client.ended.then((reason) => {
      this.#end(new WorkerEnded(reason));
      this.#lose(reason);
    });
  }

  #spawn(): WorkerLike {
    try {
      return this.#host.spawn();
    } catch (error) {
      throw new WorkerEnded(message('thread-not-started', { cause: reasonOf(error) }));
    }
  }
}
