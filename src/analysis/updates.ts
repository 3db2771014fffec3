/** What became of updates: over the last steps for every weight tensor, and over time for every lane. */
import { countedUpdates, COUNTER_WORDS, readUpdates, type UpdateCounts } from '../graph/records';
import { ExtremeColumn } from './history';
import { isUpdate, type CountedSteps, type SiteRecord } from './records';
import { WINDOW_STEPS } from './window';

/** Sums over some steps of a tensor. */
export type UpdateSums = UpdateCounts;

const NONE: UpdateSums = {
  zeroGradient: 0,
  zeroUpdate: 0,
  roundedAway: 0,
  moved: 0,
  intended: 0,
  covered: 0,
};

const addUpdates = (a: UpdateSums, b: UpdateSums): UpdateSums => ({
  zeroGradient: a.zeroGradient + b.zeroGradient,
  zeroUpdate: a.zeroUpdate + b.zeroUpdate,
  roundedAway: a.roundedAway + b.roundedAway,
  moved: a.moved + b.moved,
  intended: a.intended + b.intended,
  covered: a.covered + b.covered,
});

/** A number of updates as a share of all; NaN when there were none. */
export function shareOfUpdates(count: number, sums: UpdateSums): number {
  const all = countedUpdates(sums);
  return all > 0 ? count / all : NaN;
}

/** Share of the updates that left their weight as it was. */
export const lostShare = (sums: UpdateSums): number => 1 - shareOfUpdates(sums.moved, sums);

/** How far the weights went in the directions of their updates, as a share of the way they were to go; NaN for no way. */
export const coveredShare = ({ intended, covered }: UpdateSums): number =>
  intended > 0 ? covered / intended : NaN;

/** Buckets before neighbours are merged, as in history.ts. */
const CAPACITY = 4096;

/** The counters of all update sites: sums over a window, and the lost share of each lane over time. */
export class UpdateHistory {
  /** The sites, one for each weight tensor. */
  readonly sites: readonly SiteRecord[];
  /** Per lane, over all tensors and the last steps: share of the updates that left their weight as it was. */
  readonly lost: readonly ExtremeColumn[];
  /** Steps per bucket. */
  stride = 1;
  /** Steps taken in. */
  steps = 0;
  readonly #lanes: number;
  readonly #words: number;
  /** Of the last steps: [slot][lane][site]. */
  readonly #ring: UpdateSums[][] = [];
  /** Over the ring, per lane: updates that were counted, and those that moved a weight. */
  readonly #counted: Float64Array;
  readonly #moved: Float64Array;

  constructor(sites: readonly SiteRecord[], lanes: number) {
    this.sites = sites.filter(isUpdate);
    this.lost = Array.from({ length: this.sites.length > 0 ? lanes : 0 }, () => new ExtremeColumn(CAPACITY));
    this.#lanes = lanes;
    this.#words = sites.length * COUNTER_WORDS;
    this.#counted = new Float64Array(lanes);
    this.#moved = new Float64Array(lanes);
  }

  /** Used buckets, the last one perhaps partly. */
  get buckets(): number {
    return Math.ceil(this.steps / this.stride);
  }

  /** Takes in the steps of a frame from `from` on; those before are known. */
  append(frame: Pick<CountedSteps, 'firstStep' | 'steps' | 'counters'>, from: number): void {
    if (this.sites.length === 0) return;
    for (let step = Math.max(0, from - frame.firstStep); step < frame.steps; step++) {
      this.#appendStep(frame.counters, step * this.#lanes * this.#words);
    }
  }

  #appendStep(counters: Uint32Array, start: number): void {
    if (this.steps === CAPACITY * this.stride) this.#compact();
    const slot = this.steps % WINDOW_STEPS;
    if (slot in this.#ring) this.#count(this.#ring[slot], -1);
    const step: UpdateSums[] = [];
    for (let lane = 0; lane < this.#lanes; lane++) {
      const base = start + lane * this.#words;
      for (const { id } of this.sites) step.push(readUpdates(counters, base + id * COUNTER_WORDS));
    }
    this.#ring[slot] = step;
    this.#count(step, 1);
    const bucket = Math.floor(this.steps / this.stride);
    const fresh = this.steps % this.stride === 0;
    this.lost.forEach((column, lane) => column.add(bucket, this.#lostShare(lane), fresh));
    this.steps++;
  }

  /** Adds a step to the numbers over the ring, or takes it away. */
  #count(step: readonly UpdateSums[], sign: 1 | -1): void {
    step.forEach((sums, i) => {
      const lane = Math.floor(i / this.sites.length);
      this.#counted[lane] += sign * countedUpdates(sums);
      this.#moved[lane] += sign * sums.moved;
    });
  }

  #lostShare(lane: number): number {
    const counted = this.#counted[lane];
    return counted > 0 ? 1 - this.#moved[lane] / counted : NaN;
  }

  #compact(): void {
    for (let into = 0; into < CAPACITY / 2; into++) {
      for (const column of this.lost) column.merge(into, 2 * into, 2 * into + 1);
    }
    this.stride *= 2;
  }

  /** Sums over the last steps of the tensor that is the `index`-th of `sites`. */
  recent(lane: number, index: number): UpdateSums {
    const at = lane * this.sites.length + index;
    return this.#ring.reduce((sum, step) => addUpdates(sum, step[at]), NONE);
  }

  /** The same of all tensors. */
  recentOfAll(lane: number): UpdateSums {
    return this.sites.reduce((sum, _, index) => addUpdates(sum, this.recent(lane, index)), NONE);
  }
}
