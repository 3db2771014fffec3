/** Chooses the backend: WebGPU where it works, otherwise the CPU with the reason in words. */
import type { Backend, BackendInfo, Runner } from '../training/backend';
import type { Program } from '../training/program';
import type { BackendChoice } from './protocol';

export type OpenBackend = (kind: BackendInfo['kind']) => Promise<Backend>;

export interface Prepared {
  readonly backend: Backend;
  readonly runner: Runner;
  /** Why it is not WebGPU although that was wished for; null when all is well. */
  readonly fallbackReason: string | null;
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Keeps backends open from one program to the next, so that a GPU device is requested and probed once. */
export class Backends {
  readonly #open: OpenBackend;
  readonly #onLost: (backend: Backend, message: string) => void;
  readonly #opened = new Map<BackendInfo['kind'], Promise<Backend>>();

  /** @param onLost called when a device is lost; the next `prepare` asks for a new one */
  constructor(open: OpenBackend, onLost: (backend: Backend, message: string) => void) {
    this.#open = open;
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

  async #prepareOn(kind: BackendInfo['kind'], program: Program) {
    const backend = await this.#backend(kind);
    return { backend, runner: await backend.prepare(program) };
  }

  #backend(kind: BackendInfo['kind']): Promise<Backend> {
    const opened = this.#opened.get(kind) ?? this.#openNew(kind);
    this.#opened.set(kind, opened);
    return opened;
  }

  async #openNew(kind: BackendInfo['kind']): Promise<Backend> {
    try {
      const backend = await this.#open(kind);
      void backend.lost.then((message) => {
        this.#opened.delete(kind);
        this.#onLost(backend, message);
      });
      return backend;
    } catch (error) {
      // The next program asks again.
      this.#opened.delete(kind);
      throw error;
    }
  }
}
