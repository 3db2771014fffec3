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

export const addUpdates = (a: UpdateSums, b: UpdateSums): UpdateSums => ({
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
  /** Of the last steps: [slot][lane][site], and over all sites [lane][slot]. */
  readonly #ring: UpdateSums[][] = [];
  readonly #totals: readonly UpdateSums[][];

  constructor(sites: readonly SiteRecord[], lanes: number) {
    this.sites = sites.filter(isUpdate);
    this.lost = Array.from({ length: this.sites.length > 0 ? lanes : 0 }, () => new ExtremeColumn(CAPACITY));
    this.#totals = Array.from({ length: lanes }, () => []);
    this.#lanes = lanes;
    this.#words = sites.length * COUNTER_WORDS;
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
    const bucket = Math.floor(this.steps / this.stride);
    const fresh = this.steps % this.stride === 0;
    const slot = Array.from({ length: this.#lanes }, (_, lane) =>
      this.sites.map(({ id }) => readUpdates(counters, start + lane * this.#words + id * COUNTER_WORDS)),
    );
    slot.forEach((tensors, lane) => {
      const totals = this.#totals[lane];
      totals[this.steps % WINDOW_STEPS] = tensors.reduce(addUpdates, NONE);
      this.lost[lane].add(bucket, lostShare(totals.reduce(addUpdates, NONE)), fresh);
    });
    this.#ring[this.steps % WINDOW_STEPS] = slot.flat();
    this.steps++;
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
    return this.#ring.reduce((sum, slot) => addUpdates(sum, slot[at]), NONE);
  }

  /** The same of all tensors. */
  recentOfAll(lane: number): UpdateSums {
    return this.#totals[lane].reduce(addUpdates, NONE);
  }
}
