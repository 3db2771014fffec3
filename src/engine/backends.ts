/**
 * Chooses the backend. By itself: WebGPU on a graphics card, WebAssembly where the adapter is a software one or there is
 * none, the reference where WebAssembly has no SIMD. What does not work falls on to the next, with the reason.
 */
import { WasmUnavailable } from '../backends/wasm';
import type { AdapterFound } from '../backends/webgpu';
import type { Backend, BackendInfo, Runner } from '../training/backend';
import type { Program } from '../training/program';
import type { Clock } from './clock';
import type { BackendChoice, Chosen } from './protocol';
import { answered, Silence } from './watch';
import { message, reasonOf, type Message } from '../numerics/message';

declare module '../numerics/message' {
  interface Messages {
    'the-reference': Record<never, never>;
    'asked-for-a-card': Record<never, never>;
    'asked-to-prepare': Record<never, never>;
    'asked-how': Record<never, never>;
  }
}

type Kind = BackendInfo['kind'];

export interface BackendHost {
  readonly clock: Clock;
  open(kind: Kind): Promise<Backend>;
  /** Looks for an adapter without opening it. */
  findAdapter(): Promise<AdapterFound>;
}

export interface Prepared {
  readonly backend: Backend;
  readonly runner: Runner;
  readonly chosen: Chosen;
  /** Why it is not what was wished for; null when all is well. */
  readonly fallbackReason: Message | null;
}

/** What is tried, one after the other, and why in this order. */
interface Wish {
  readonly kinds: readonly Kind[];
  readonly chosen: Chosen;
}

/** Each is slower than the one before, on a graphics card. */
const ORDER: readonly Kind[] = ['webgpu', 'wasm', 'cpu'];

const NAMES: Readonly<Record<Kind, Message>> = {
  webgpu: message('words', { text: 'WebGPU' }),
  wasm: message('words', { text: 'WebAssembly' }),
  cpu: message('the-reference', {}),
};

/** Compiling all kernels takes some seconds, and longer on machines that are slow or busy. */
const PATIENCE_MS = 120_000;
/** A driver that hangs keeps nobody waiting who can compute without it. */
const ADAPTER_PATIENCE_MS = 10_000;

/** Keeps backends open from one program to the next, so that a GPU device is requested and probed once. */
export class Backends {
  readonly #host: BackendHost;
  readonly #onLost: (backend: Backend, reason: Message) => void;
  readonly #opened = new Map<Kind, Promise<Backend>>();
  #adapter: Promise<AdapterFound> | null = null;

  /** @param onLost called when a backend is lost; the next `prepare` asks for a new one */
  constructor(host: BackendHost, onLost: (backend: Backend, reason: Message) => void) {
    this.#host = host;
    this.#onLost = onLost;
  }

  /** @throws what the last backend throws that could have been used */
  async prepare(program: Program, choice: BackendChoice): Promise<Prepared> {
    const { kinds, chosen } = await this.#wish(choice);
    const failures: unknown[] = [];
    for (const kind of kinds) {
      try {
        const prepared = await this.#prepareOn(kind, program);
        if (failures.length === 0) return { ...prepared, chosen, fallbackReason: null };
        const fallbackReason = message('sentences', { all: failures.map(reasonOf) });
        return { ...prepared, chosen: afterFailure(choice, kinds[0], failures[0]), fallbackReason };
      } catch (error) {
        failures.push(error);
      }
    }
    throw failures.at(-1);
  }

  /** Opens what will probably be chosen, before there is a program. Resolves when that is done or has failed. */
  async warmUp(): Promise<void> {
    const { kinds } = await this.#wish('auto');
    // A failure is forgotten, so that `prepare` asks again and says what is wrong.
    await Promise.allSettled([this.#backend(kinds[0])]);
  }

  /** A device that does not answer is of no use to the next program either, which asks for a new one. */
  abandon(backend: Backend): void {
    this.#opened.delete(backend.info.kind);
    this.#adapter = null;
    backend.destroy();
  }

  async #wish(choice: BackendChoice): Promise<Wish> {
    if (choice !== 'auto') return { kinds: ORDER.slice(ORDER.indexOf(choice)), chosen: { code: 'asked' } };
    const found = await this.#findAdapter();
    const kinds: readonly Kind[] = ['wasm', 'cpu'];
    switch (found.kind) {
      case 'hardware':
        return { kinds: ORDER, chosen: { code: 'hardware' } };
      case 'software':
        return { kinds, chosen: { code: 'software-adapter', adapter: found.name } };
      case 'none':
        return { kinds, chosen: { code: 'no-adapter', reason: found.reason } };
    }
  }

  async #findAdapter(): Promise<AdapterFound> {
    this.#adapter ??= this.#askForAdapter();
    return this.#adapter;
  }

  async #askForAdapter(): Promise<AdapterFound> {
    const wait = this.#wait('webgpu', ADAPTER_PATIENCE_MS, message('asked-for-a-card', {}));
    try {
      const found = await answered(this.#host.findAdapter(), wait, () => undefined);
      // There may be one the next time: the browser may only just be starting its GPU process anew.
      if (found.kind === 'none') this.#adapter = null;
      return found;
    } catch (error) {
      return { kind: 'none', reason: reasonOf(error) };
    }
  }

  async #prepareOn(kind: Kind, program: Program) {
    const backend = await this.#backend(kind);
    try {
      const wait = this.#wait(kind, PATIENCE_MS, message('asked-to-prepare', {}));
      const runner = await answered(backend.prepare(program), wait, (late) => late.destroy());
      return { backend, runner };
    } catch (error) {
      if (error instanceof Silence) this.abandon(backend);
      throw error;
    }
  }

  #backend(kind: Kind): Promise<Backend> {
    const known = this.#opened.get(kind);
    if (known) return known;
    const opened = this.#openNew(kind);
    this.#opened.set(kind, opened);
    const forget = (): void => {
      if (this.#opened.get(kind) !== opened) return;
      this.#opened.delete(kind);
      // Without this card the browser may offer another adapter.
      this.#adapter = null;
    };
    // After a failure the next program asks again; whoever waits for this one hears of it.
    opened.then(({ lost }) => lost.then(forget), forget);
    return opened;
  }

  async #openNew(kind: Kind): Promise<Backend> {
    const wait = this.#wait(kind, PATIENCE_MS, message('asked-how', {}));
    const backend = await answered(this.#host.open(kind), wait, (late) => late.destroy());
    void backend.lost.then((reason) => this.#onLost(backend, reason));
    return backend;
  }

  #wait(kind: Kind, milliseconds: number, what: Message) {
    return { clock: this.#host.clock, milliseconds, who: NAMES[kind], what };
  }
}

/** Why something else computes than what was wished for first. */
function afterFailure(choice: BackendChoice, wished: Kind, failure: unknown): Chosen {
  return choice === 'auto' && wished === 'wasm' && failure instanceof WasmUnavailable
    ? { code: 'no-simd' }
    : { code: 'failed', wished };
}
