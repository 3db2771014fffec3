/** Counts what becomes of the updates of a parameter: graph/records.ts, UPDATE_COUNTER. */
import { ARENA_ALIGNMENT } from '../../graph/plan';
import { COUNTER_WORDS, HEADER_WORDS, UPDATE_COUNTER } from '../../graph/records';
import type { Parameter, Site } from '../../graph/tensor';
import { mul, sub } from '../../numerics/f32';
import { shareOf } from './sites';

/** One weight in one step. */
export interface WeightStep {
  /** Its gradient as the backward pass wrote it, scaled. */
  readonly gradient: number;
  /** What was to be subtracted, and the weight before and after. */
  readonly update: number;
  readonly before: number;
  readonly after: number;
}

/** Units in which magnitudes are added up: 2^-16 in one word, the rest in 2^-32 in another. */
const UNIT = 2 ** 16;

export class UpdateMeter {
  readonly #words: Uint32Array;
  readonly #most: number;
  /** The group of elements that is added up, and its sums of what exceeds whole units. */
  #group = 0;
  #intended = 0;
  #covered = 0;

  constructor(record: Uint32Array, site: Site, parameter: Parameter) {
    const start = HEADER_WORDS + site.id * COUNTER_WORDS;
    this.#words = record.subarray(start, start + COUNTER_WORDS);
    this.#most = shareOf(parameter);
  }

  /**
   * Counts one weight. Weights and updates that are not finite are in no count.
   *
   * @param index place within the parameter's memory, in rising order
   */
  count({ gradient, update, before, after }: WeightStep, index: number): void {
    const group = Math.floor(index / ARENA_ALIGNMENT);
    if (group !== this.#group) this.finish();
    this.#group = group;
    if (!Number.isFinite(update) || !Number.isFinite(after)) return;
    if (after !== before) this.#words[UPDATE_COUNTER.moved]++;
    else if (update !== 0) this.#words[UPDATE_COUNTER.roundedAway]++;
    else if (gradient === 0) this.#words[UPDATE_COUNTER.zeroGradient]++;
    else this.#words[UPDATE_COUNTER.zeroUpdate]++;
    const covered = update === 0 ? 0 : Math.sign(update) * sub(before, after);
    this.#intended += this.#add(UPDATE_COUNTER.intended, Math.abs(update));
    this.#covered += this.#add(UPDATE_COUNTER.covered, covered);
  }

  /** Adds the whole units of a magnitude to a word, and gives what is left in 2^-32. */
  #add(word: number, value: number): number {
    const units = mul(Math.max(-this.#most, Math.min(this.#most, value)), UNIT);
    const whole = Math.floor(units);
    this.#words[word] += whole;
    return Math.floor(mul(sub(units, whole), UNIT));
  }

  /** After the last element of a group: whole units are carried over. */
  finish(): void {
    this.#words[UPDATE_COUNTER.intended] += Math.floor(this.#intended / UNIT);
    this.#words[UPDATE_COUNTER.intendedRest] += this.#intended % UNIT;
    this.#words[UPDATE_COUNTER.covered] += Math.floor(this.#covered / UNIT);
    this.#words[UPDATE_COUNTER.coveredRest] += this.#covered % UNIT;
    this.#intended = 0;
    this.#covered = 0;
  }
}
