/** Chooses the backend: WebGPU where it works, otherwise the CPU with the reason in words. */
import type { Backend, BackendInfo, Runner } from '../training/backend';
import type { Program } from '../training/program';
import type { Clock } from './clock';
import type { BackendChoice } from './protocol';
import { answered, Silence } from './watch';

export type OpenBackend = (kind: BackendInfo['kind']) => Promise<Backend>;

export interface Prepared {
  readonly backend: Backend;
  readonly runner: Runner;
  /** Why it is not WebGPU although that was wished for; null when all is well. */
  readonly fallbackReason: string | null;
}

/** Compiling all kernels takes some seconds, and longer on machines that are slow or busy. */
const PATIENCE_MS = 120_000;

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Keeps backends open from one program to the next, so that a GPU device is requested and probed once. */
export class Backends {
  readonly #open: OpenBackend;
  readonly #clock: Clock;
  readonly #onLost: (backend: Backend, message: string) => void;
  readonly #opened = new Map<BackendInfo['kind'], Promise<Backend>>();

  /** @param onLost called when a device is lost; the next `prepare` asks for a new one */
  constructor(open: OpenBackend, clock: Clock, onLost: (backend: Backend, message: string) => void) {
    this.#open = open;
    this.#clock = clock;
    this.#onLost = onLost;
  }

  /** @throws what the CPU backend throws; a failure of WebGPU is a reason to fall back */
  async prepare(program: Program, choice: BackendChoice): Promise<Prepared> {
    if (choice === 'cpu') return { ...(await this.#prepareOn('cpu', program)), fallbackReason: null };
    try {
      return { ...(await this.#prepareOn('webgpu', program)), fallbackReason: null };
    } catch (error) {
      return { ...(await this.#prepareOn('cpu', program)), fallbackReason: reasonOf(error) };
    }
  }

  /** Asks for the GPU and probes it before there is a program. Resolves when that is done or has failed. */
  async warmUp(): Promise<void> {
    // A failure is forgotten, so that `prepare` asks again and says what is wrong.
    await Promise.allSettled([this.#backend('webgpu')]);
  }

  /** A device that does not answer is of no use to the next program either, which asks for a new one. */
  abandon(backend: Backend): void {
    this.#opened.delete(backend.info.kind);
    backend.destroy();
  }

  async #prepareOn(kind: BackendInfo['kind'], program: Program) {
    const backend = await this.#backend(kind);
    try {
      const wait = { clock: this.#clock, milliseconds: PATIENCE_MS, what: 'to prepare the experiment' };
      const runner = await answered(backend.prepare(program), wait, (late) => late.destroy());
      return { backend, runner };
    } catch (error) {
      if (error instanceof Silence) this.abandon(backend);
      throw error;
    }
  }

  #backend(kind: BackendInfo['kind']): Promise<Backend> {
    const known = this.#opened.get(kind);
    if (known) return known;
    const opened = this.#openNew(kind);
    this.#opened.set(kind, opened);
    const forget = (): void => {
      if (this.#opened.get(kind) === opened) this.#opened.delete(kind);
    };
    // After a failure the next program asks again; whoever waits for this one hears of it.
    opened.then(({ lost }) => lost.then(forget), forget);
    return opened;
  }

  async #openNew(kind: BackendInfo['kind']): Promise<Backend> {
    const wait = { clock: this.#clock, milliseconds: PATIENCE_MS, what: 'how it computes' };
    const backend = await answered(this.#open(kind), wait, (late) => late.destroy());
    void backend.lost.then((message) => this.#onLost(backend, message));
    return backend;
  }
}
