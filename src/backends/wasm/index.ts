/**
 * The WebAssembly backend: kernels in AssemblyScript (assembly/) with 128-bit SIMD, on the plans and the memory layout of
 * the others, with the same bits. Lanes know nothing of each other within a step, so they spread over workers, each with a
 * memory of its own: results do not depend on how many there are.
 */
import { recordWords } from '../../graph/records';
import type { Backend, BackendInfo } from '../../training/backend';
import type { Program } from '../../training/program';
import { plansOf, ShareBuilder, type ImageOptions } from './image';
import { compileKernels, kernelNames, WasmUnavailable } from './module';
import { missingIn, References } from './references';
import { WasmRunner, type Part } from './runner';
import { Share } from './share';
import { WorkerEnded } from './share-client';
import { WorkerPool, type WorkerHost } from './worker-pool';
import { message, type Message } from '../../numerics/message';

declare module '../../numerics/message' {
  interface Messages {
    'one-thread': { fault: Message };
  }
}

export { WasmUnavailable };
export type { WorkerHost };

export interface WasmOptions {
  /** Where there are none, whoever calls computes all lanes. */
  readonly workers?: WorkerHost;
  /** False leaves out the counters, so that a benchmark can tell what they cost. */
  readonly counting?: boolean;
}

/** Records of this many bytes at most come back at once. */
const RECORD_BYTES = 2 ** 22;
/** So many that messages are few; the session asks for fewer where a step takes long (engine/pace.ts). */
const MAX_STEPS = 256;

function stepsAtOnce({ training, lanes }: Program): number {
  const bytes = lanes.length * recordWords(training.sites.length) * 4;
  return Math.min(MAX_STEPS, Math.max(1, Math.floor(RECORD_BYTES / bytes)));
}

/** All lanes, computed by whoever calls. */
function here(module: WebAssembly.Module, program: Program, options: ImageOptions): Part {
  const builder = new ShareBuilder(program, program.lanes, options);
  const references = new References(builder, kernelNames(module));
  const substitutes = references.missing.size > 0 ? references : undefined;
  return {
    lanes: [...program.lanes.keys()],
    builder,
    share: new Share(module, builder.image, substitutes),
    references: substitutes ?? null,
    destroy: () => undefined,
  };
}

/** Whether a program has a kernel that is computed by its reference, which workers do not have. */
const needsReferences = (program: Program, module: WebAssembly.Module): boolean =>
  missingIn(Object.values(plansOf(program).plans), kernelNames(module)).size > 0;

/**
 * The lanes dealt to workers like cards, because lanes of a kind, and of a cost, often stand together.
 *
 * @throws {WorkerEnded} when a worker does not start, or ends
 * @throws when one has not enough memory, in words for people
 */
async function spread(pool: WorkerPool, program: Program, options: ImageOptions): Promise<readonly Part[]> {
  const clients = await pool.take(program.lanes.length);
  const opening: Promise<void>[] = [];
  const parts = clients.map((client, worker): Part => {
    const lanes = [...program.lanes.keys()].filter((lane) => lane % clients.length === worker);
    const builder = new ShareBuilder(
      program,
      lanes.map((lane) => program.lanes[lane]),
      options,
    );
    const { share, opened } = client.open(builder.image);
    opening.push(opened);
    return { lanes, builder, share, references: null, destroy: () => share.close() };
  });
  try {
    await Promise.all(opening);
  } catch (error) {
    for (const part of parts) part.destroy();
    throw error;
  }
  return parts;
}

class WasmBackend implements Backend {
  readonly lost: Promise<Message>;
  readonly #module: WebAssembly.Module;
  readonly #pool: WorkerPool | null;
  readonly #counting: boolean;
  /** Why no worker computes although there was to be one. */
  #fault: Message | null = null;

  constructor(module: WebAssembly.Module, pool: WorkerPool | null, counting: boolean) {
    this.#module = module;
    this.#pool = pool;
    this.#counting = counting;
    // What computes where it is called is not lost.
    this.lost = pool?.lost ?? new Promise(() => undefined);
  }

  get info(): BackendInfo {
    const notes = this.#fault === null ? [] : [message('one-thread', { fault: this.#fault })];
    return { kind: 'wasm', adapter: 'WebAssembly (SIMD)', notes };
  }

  async prepare(program: Program): Promise<WasmRunner> {
    const maxSteps = stepsAtOnce(program);
    const parts = await this.#parts(program, { maxSteps, counting: this.#counting });
    return new WasmRunner(program, parts, maxSteps);
  }

  destroy(): void {
    this.#pool?.destroy();
  }

  async #parts(program: Program, options: ImageOptions): Promise<readonly Part[]> {
    if (this.#pool && this.#fault === null && !needsReferences(program, this.#module)) {
      try {
        return await spread(this.#pool, program, options);
      } catch (error) {
        if (!(error instanceof WorkerEnded)) throw error;
        this.#fault = error.said;
      }
    }
    return [here(this.#module, program, options)];
  }
}

/** @throws {WasmUnavailable} where there is no WebAssembly with SIMD */
export async function createWasmBackend({ workers, counting = true }: WasmOptions = {}): Promise<Backend> {
  const module = await compileKernels();
  return new WasmBackend(module, workers ? new WorkerPool(module, workers) : null, counting);
}
