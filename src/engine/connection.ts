/**
 * One worker, from its start to its end. A worker can end in five ways, and only two of them are events: its script
 * cannot be loaded, it throws, it sends what cannot be read, it is gone (the browser ended it, memory was short), or
 * it does not answer any more. Whatever was asked of it is then rejected, since nobody will answer.
 */
import { proxy, wrap, type Remote } from 'comlink';
import type { Clock } from './clock';
import { Questions, type Locks, type WorkerLike } from '../backends/worker-life';
import type { BackendInfo } from '../training/backend';
import type { EngineListener, FailureCode } from './protocol';
import { Watch } from './watch';
import type { Connecting, WorkerEngine } from './worker-engine';
import { message, MessageError, type Message } from '../numerics/message';

declare module '../numerics/message' {
  interface Messages {
    'engine-silent': { duration: Message };
    'engine-stopped': { cause: string };
    'engine-script': Record<never, never>;
    'engine-unreadable': Record<never, never>;
    'engine-gone': Record<never, never>;
  }
}

const PING_MS = 5000;
const PATIENCE = { first: 60_000, later: 60_000 };

/** What the engine's client needs of a browser. */
export interface ClientHost {
  readonly clock: Clock;
  readonly pageAddress: string;
  readonly locks: Locks;
  startWorker(): WorkerLike;
  isHidden(): boolean;
  /** Resolves when the page has had time to draw. */
  drawn(): Promise<void>;
}

/** The worker has ended; a status of state `failed` has said so before anything is rejected with this. */
export class EngineStopped extends MessageError {
  override readonly name = 'EngineStopped';
  readonly code: FailureCode;

  constructor(code: FailureCode, said: Message) {
    super(said);
    this.code = code;
  }
}

export class Connection {
  /**
   * What the loaded experiment runs on. A worker that computes by itself may take minutes for a step, as the reference
   * does, and WebAssembly where workers of its own do not start.
   */
  backend: BackendInfo['kind'] | null = null;
  readonly #host: ClientHost;
  readonly #worker: WorkerLike;
  readonly #engine: Remote<WorkerEngine>;
  readonly #ended: (reason: EngineStopped) => void;
  readonly #watch: Watch;
  readonly #questions = new Questions<EngineStopped>();
  #cancelPing: () => void = () => undefined;

  /** @param ended called once, before anything is rejected */
  constructor(
    host: ClientHost,
    connecting: Pick<Connecting, 'lastRun' | 'speed'>,
    listener: EngineListener,
    ended: (reason: EngineStopped) => void,
  ) {
    this.#host = host;
    this.#ended = ended;
    this.#watch = new Watch({
      clock: host.clock,
      patience: PATIENCE,
      isDue: () => !this.hasEnded && (this.backend === null || this.backend === 'webgpu') && !host.isHidden(),
      onSilence: (duration) => this.#stop('engine', message('engine-silent', { duration })),
    });
    this.#worker = host.startWorker();
    this.#engine = wrap<WorkerEngine>(this.#worker);
    this.#listenToWorker();
    this.#connect(connecting, listener);
    this.#ping();
  }

  get hasEnded(): boolean {
    return this.#questions.haveEnded;
  }

  /** @throws {EngineStopped} when the worker ends before it answers */
  ask<Answer>(call: (engine: Remote<WorkerEngine>) => Promise<Answer>): Promise<Answer> {
    return this.#questions.ask(() => call(this.#engine));
  }

  #listenToWorker(): void {
    this.#worker.addEventListener('error', (event) => {
      // A script that does not load, or imports one that does not, is an event without a message.
      const { message: cause } = event as Partial<ErrorEvent>;
      if (cause) this.#stop('engine', message('engine-stopped', { cause }));
      else this.#stop('unreachable', message('engine-script', {}));
    });
    this.#worker.addEventListener('messageerror', () =>
      this.#stop('engine', message('engine-unreadable', {})),
    );
  }

  #connect({ lastRun, speed }: Pick<Connecting, 'lastRun' | 'speed'>, listener: EngineListener): void {
    const { locks, pageAddress } = this.#host;
    const lock = locks ? `engine ${crypto.randomUUID()}` : null;
    // What an ended worker has still sent is not passed on.
    const whileAlive = proxy<EngineListener>({
      frame: (frame) => {
        if (this.hasEnded) return;
        void listener.frame(frame);
        return this.#host.drawn();
      },
      status: (status) => {
        if (!this.hasEnded) listener.status(status);
      },
    });
    void this.ask((engine) => engine.connect(whileAlive, { pageAddress, lastRun, speed, lock }))
      .then(() => this.#waitForLock(lock))
      // The end of the worker has been told. Where a lock is refused, the watch has to do without.
      .catch(() => undefined);
  }

  /** The worker holds the lock as long as it lives: whoever gets it knows that it does not, whatever was the reason. */
  async #waitForLock(lock: string | null): Promise<void> {
    if (lock === null) return;
    await this.#host.locks?.request(lock, () => this.#stop('engine', message('engine-gone', {})));
  }

  #ping(): void {
    this.#watch.start();
    void this.ask((engine) => engine.ping()).then(
      () => {
        this.#watch.heard();
        this.#watch.stop();
        this.#cancelPing = this.#host.clock.after(PING_MS, () => this.#ping());
      },
      // Only the end of the worker rejects it.
      () => undefined,
    );
  }

  #stop(code: FailureCode, said: Message): void {
    const reason = new EngineStopped(code, said);
    this.#questions.end(reason, () => {
      this.#watch.stop();
      this.#cancelPing();
      this.#worker.terminate();
      this.#ended(reason);
    });
  }
}
