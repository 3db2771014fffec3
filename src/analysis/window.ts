/** The counters of every cast site over the last steps: what the table of layers shows. */
import { COUNTER, COUNTER_WORDS } from '../graph/records';
import { fromBits } from '../numerics/f32';
import type { CountedSteps } from './records';

/** Steps that the table looks back over. */
export const WINDOW_STEPS = 32;

/** Sums over the steps of a window, for one site in one lane. */
export interface SiteSummary {
  readonly steps: number;
  /** Values written: count per step times steps. */
  readonly values: number;
  readonly zeroBefore: number;
  readonly underflow: number;
  readonly subnormal: number;
  readonly overflow: number;
  readonly nan: number;
  readonly infinite: number;
  /** Finite magnitudes before rounding; 0 when there was none. */
  readonly largest: number;
  readonly smallest: number;
}

/** Where the table of sites reads from. */
export interface SiteSummaries {
  /** First step after the window. */
  readonly end: number;
  /** @param count values per step of the site */
  summary(lane: number, site: number, count: number): SiteSummary;
}

export class SiteWindow implements SiteSummaries {
  private readonly words: number;
  private readonly ring: Uint32Array;
  private filled = 0;
  private next = 0;
  end = 0;
  private readonly sites: number;

  constructor(lanes: number, sites: number) {
    this.sites = sites;
    this.words = lanes * sites * COUNTER_WORDS;
    this.ring = new Uint32Array(this.words * WINDOW_STEPS);
  }

  append(frame: Pick<CountedSteps, 'firstStep' | 'steps' | 'counters'>): void {
    for (let step = Math.max(0, frame.steps - WINDOW_STEPS); step < frame.steps; step++) {
      this.ring.set(
        frame.counters.subarray(step * this.words, (step + 1) * this.words),
        this.next * this.words,
      );
      this.next = (this.next + 1) % WINDOW_STEPS;
      this.filled = Math.min(WINDOW_STEPS, this.filled + 1);
    }
    this.end = frame.firstStep + frame.steps;
  }

  summary(lane: number, site: number, count: number): SiteSummary {
    const sum = new Float64Array(COUNTER.infinite + 1);
    let largest = 0;
    // Complemented, so that the largest pattern belongs to the smallest magnitude.
    let smallest = 0;
    for (let slot = 0; slot < this.filled; slot++) {
      const at = slot * this.words + (lane * this.sites + site) * COUNTER_WORDS;
      for (let word = 0; word < sum.length; word++) sum[word] += this.ring[at + word];
      largest = Math.max(largest, this.ring[at + COUNTER.largest]);
      smallest = Math.max(smallest, this.ring[at + COUNTER.smallest]);
    }
    return {
      steps: this.filled,
      values: this.filled * count,
      zeroBefore: sum[COUNTER.zeroBefore],
      underflow: sum[COUNTER.underflow],
      subnormal: sum[COUNTER.subnormal],
      overflow: sum[COUNTER.overflow],
      nan: sum[COUNTER.nan],
      infinite: sum[COUNTER.infinite],
      largest: fromBits(largest),
      smallest: smallest === 0 ? 0 : fromBits(~smallest >>> 0),
    };
  }
}

/** Share of the finite non-zero values that became zero; NaN when there were none. */
export const zeroedShare = (site: SiteSummary): number => ratio(site.underflow, nonzeroValues(site));

/** Share of the finite non-zero values that became subnormal. */
export const subnormalShare = (site: SiteSummary): number => ratio(site.subnormal, nonzeroValues(site));

const nonzeroValues = (site: SiteSummary): number => site.values - site.zeroBefore - site.nan - site.infinite;

const ratio = (part: number, whole: number): number => (whole > 0 ? part / whole : NaN);
