/** Underflow to zero over time, by layer: the rows of the stacked chart, thinned so that peaks survive. */
import type { LaneHistory } from './history';
import { groups } from './thin';
import { isGradient, type SiteRecord } from './records';
import type { SiteSummaries } from './window';

export interface UnderflowRow {
  /** Buckets that the row stands for, [from, to), and where it is drawn. */
  readonly from: number;
  readonly to: number;
  readonly at: number;
  /** By layer, in per cent of all non-zero gradients; they add up to the total. NaN where there were none. */
  readonly percent: readonly number[];
  /** Totals of the other lanes, in per cent. */
  readonly others: readonly number[];
}

/**
 * @param lane the lane shown by layer
 * @param others lanes of which the total is shown
 * @param exact buckets hold one step each
 * @returns at most `maxPoints` rows; a group of buckets gives its lowest and its highest one
 */
export function underflowRows(
  lane: LaneHistory,
  others: readonly LaneHistory[],
  buckets: number,
  maxPoints: number,
  exact: boolean,
): UnderflowRow[] {
  const { low, high, lowTotal, highTotal, layers } = lane.underflow;
  const percents = (column: Float32Array, bucket: number): number[] =>
    Array.from(column.subarray(bucket * layers, (bucket + 1) * layers), (share) => share * 100);
  if (exact && buckets <= maxPoints) {
    return groups(buckets, maxPoints).map(({ from, to }) => ({
      from,
      to,
      at: from,
      percent: percents(low, from),
      others: others.map(({ underflow }) => underflow.lowTotal[from] * 100),
    }));
  }
  return groups(buckets, Math.floor(maxPoints / 2)).flatMap(({ from, to }) => {
    let lowest = from;
    let highest = from;
    for (let bucket = from; bucket < to; bucket++) {
      if (isLess(lowTotal[bucket], lowTotal[lowest])) lowest = bucket;
      if (isLess(-highTotal[bucket], -highTotal[highest])) highest = bucket;
    }
    const pair = [percents(low, lowest), percents(high, highest)];
    if (highest < lowest) pair.reverse();
    return pair.map((percent, half) => ({
      from,
      to,
      at: half === 0 ? from : (from + to) / 2,
      percent,
      others: others.map(({ underflow }) =>
        half === 0
          ? least(underflow.lowTotal.subarray(from, to)) * 100
          : -least(underflow.highTotal.subarray(from, to).map((total) => -total)) * 100,
      ),
    }));
  });
}

/** Whether a share is smaller than another; none (NaN) is smaller than nothing. */
const isLess = (a: number, b: number): boolean => (Number.isNaN(b) ? !Number.isNaN(a) : a < b);

/** The smallest of some shares, passing over NaN. */
const least = (shares: Float32Array): number =>
  shares.reduce((smallest, share) => (isLess(share, smallest) ? share : smallest), NaN);

interface Counts {
  readonly nonzero: number;
  readonly underflow: number;
}

/** Finite non-zero values of a group of gradients over the window, and those of them that became zero. */
function recentCounts(
  window: SiteSummaries,
  sites: readonly SiteRecord[],
  lane: number,
  wanted: (site: SiteRecord) => boolean,
): Counts {
  let nonzero = 0;
  let underflow = 0;
  for (const site of sites) {
    if (!isGradient(site) || !wanted(site)) continue;
    const summary = window.summary(lane, site.id, site.count);
    nonzero += summary.values - summary.zeroBefore - summary.nan - summary.infinite;
    underflow += summary.underflow;
  }
  return { nonzero, underflow };
}

/** Share of a group of sites' non-zero values that became zero over the window; NaN when there were none. */
export function recentUnderflow(...group: Parameters<typeof recentCounts>): number {
  const { nonzero, underflow } = recentCounts(...group);
  return nonzero > 0 ? underflow / nonzero : NaN;
}

/**
 * By layer, the share of the non-zero gradients of all layers that became zero in this one, over the window; NaN when
 * there were none. They add up to the total, as the rows of the chart do.
 */
export function recentUnderflowByLayer(
  window: SiteSummaries,
  sites: readonly SiteRecord[],
  lane: number,
  layers: readonly string[],
): number[] {
  const counts = layers.map((layer) => recentCounts(window, sites, lane, (site) => site.layer === layer));
  const all = counts.reduce((sum, { nonzero }) => sum + nonzero, 0);
  return counts.map(({ underflow }) => (all > 0 ? underflow / all : NaN));
}
