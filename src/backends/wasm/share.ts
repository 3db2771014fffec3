/**
 * Runs a share of a program's lanes in one WebAssembly instance: step by step and lane by lane, each a list of kernels
 * that are called one after the other. It knows addresses and nothing of plans, so it can live in a worker.
 */
import type { PlanImage, PlanName, Segment, ShareImage } from './image';
import { LANE_BLOCK } from './call-structs';
import { instantiate, type Instance, type KernelFunction } from './module';

/** Computes a call for which there is no kernel, on the same memory; the record's address is in bytes. */
export type Substitute = (plan: PlanName, call: number, lane: number, step: number, record: number) => void;

/** The calls of a plan, ready to be made. */
class Calls {
  readonly #kernels: readonly (KernelFunction | null)[];
  readonly #image: PlanImage;
  readonly #words: Uint32Array;
  readonly #substitute: (call: number, lane: number, step: number, record: number) => void;

  constructor(
    image: PlanImage,
    { memory, kernel }: Instance,
    substitute: (call: number, lane: number, step: number, record: number) => void,
    missing: ReadonlySet<string>,
  ) {
    this.#image = image;
    this.#words = new Uint32Array(memory.buffer);
    this.#kernels = image.kernels.map((name) => (missing.has(name) ? null : kernel(name)));
    this.#substitute = substitute;
  }

  /** Makes all calls once in one lane; they add to the record in `slot`. */
  run(lane: number, step: number, slot: number): void {
    const block = this.#image.lanes[lane];
    const blocks = this.#image.blocks[lane];
    this.#words[block / 4 + LANE_BLOCK.at.step] = step;
    const record = this.#record(slot, lane);
    this.#words[block / 4 + LANE_BLOCK.at.record] = record;
    for (let call = 0; call < blocks.length; call++) {
      const kernel = this.#kernels[call];
      if (kernel === null) this.#substitute(call, lane, step, record);
      else kernel(blocks[call], block);
    }
  }

  /** Zeroed records of so many slots. */
  clearRecords(slots: number): void {
    this.#records(slots).fill(0);
  }

  /** [slot][lane][recordWords] */
  records(slots: number): Uint32Array<ArrayBuffer> {
    return this.#records(slots).slice();
  }

  /** Address of the record of a lane in a slot. */
  #record(slot: number, lane: number): number {
    const { records, lanes } = this.#image;
    return records.address + 4 * records.words * (slot * lanes.length + lane);
  }

  #records(slots: number): Uint32Array<ArrayBuffer> {
    const { records, lanes } = this.#image;
    const from = records.address / 4;
    return this.#words.subarray(
      from,
      from + slots * lanes.length * records.words,
    ) as Uint32Array<ArrayBuffer>;
  }
}

const NOTHING_MISSING: ReadonlySet<string> = new Set();

function noSubstitute(): never {
  throw new Error('a kernel is missing');
}

export interface Substitutes {
  /** Exports that there are not. */
  readonly missing: ReadonlySet<string>;
  make(memory: WebAssembly.Memory): Substitute;
}

export class Share {
  readonly #image: ShareImage;
  readonly #words: Uint32Array<ArrayBuffer>;
  readonly #plans: Readonly<Record<PlanName, Calls>>;

  /** @throws {RangeError} in words for people, when there is not enough memory */
  constructor(module: WebAssembly.Module, image: ShareImage, substitutes?: Substitutes) {
    this.#image = image;
    const instance = instantiate(module, image.bytes);
    instance.setCounting(image.counting);
    this.#words = new Uint32Array(instance.memory.buffer);
    const substitute = substitutes?.make(instance.memory) ?? noSubstitute;
    const missing = substitutes?.missing ?? NOTHING_MISSING;
    const calls = (name: PlanName): Calls =>
      new Calls(image[name], instance, (...place) => substitute(name, ...place), missing);
    this.#plans = {
      training: calls('training'),
      evaluation: calls('evaluation'),
      histograms: calls('histograms'),
      rescale: calls('rescale'),
    };
    for (const segment of image.constant) this.#write(segment);
    this.reset();
  }

  /** @returns records, [step][lane][recordWords] */
  run(firstStep: number, steps: number): Uint32Array<ArrayBuffer> {
    const { training } = this.#plans;
    training.clearRecords(steps);
    // Lanes know nothing of each other, and what one works on stays in the cache.
    for (const lane of this.#image.training.lanes.keys()) {
      for (let i = 0; i < steps; i++) training.run(lane, firstStep + i, i);
    }
    return training.records(steps);
  }

  /** @returns records, [lane][recordWords] */
  evaluate(step: number): Uint32Array<ArrayBuffer> {
    const { evaluation } = this.#plans;
    evaluation.clearRecords(1);
    for (const lane of this.#image.evaluation.lanes.keys()) evaluation.run(lane, step, 0);
    return evaluation.records(1);
  }

  /** @returns counts, [lane][site][bin] */
  histograms(step: number): Uint32Array<ArrayBuffer> {
    const { address, words } = this.#image.counts;
    const counts = this.#words.subarray(address / 4, address / 4 + words);
    counts.fill(0);
    for (const lane of this.#image.histograms.lanes.keys()) this.#plans.histograms.run(lane, step, 0);
    return counts.slice();
  }

  rescaleMoments(lane: number, step: number): void {
    this.#plans.rescale.run(lane, step, 0);
  }

  write(address: number, words: Uint32Array): void {
    this.#write({ address, words });
  }

  read(address: number, words: number): Uint32Array<ArrayBuffer> {
    return this.#words.slice(address / 4, address / 4 + words);
  }

  reset(): void {
    const { cleared, initial } = this.#image;
    this.#words.fill(0, cleared.from / 4, cleared.to / 4);
    for (const segment of initial) this.#write(segment);
  }

  #write({ address, words }: Segment): void {
    this.#words.set(words, address / 4);
  }
}
