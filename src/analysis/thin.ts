/**
 * Thinning for charts: at most so many points per line, and no spike lost. Neighbouring buckets form a group, and a
 * group gives two rows, one with the smallest and one with the largest value of each series.
 */

/** Smallest and largest value per bucket; NaN where there is none. */
export interface Extremes {
  readonly low: ArrayLike<number>;
  readonly high: ArrayLike<number>;
  readonly last: ArrayLike<number>;
}

/** A group of buckets, [from, to). */
export interface Group {
  readonly from: number;
  readonly to: number;
}

export interface ThinRow extends Group {
  /** Buckets from the start where the row is drawn: `from`, or half a group later for a group's second row. */
  readonly at: number;
  /** One value per series, null where there is none. */
  readonly values: readonly (number | null)[];
}

/** At most `count` groups of equal size (the last may be shorter) over `buckets` buckets. */
export function groups(buckets: number, count: number): Group[] {
  const size = Math.max(1, Math.ceil(buckets / count));
  return Array.from({ length: Math.ceil(buckets / size) }, (_, index) => ({
    from: index * size,
    to: Math.min(buckets, (index + 1) * size),
  }));
}

/**
 * @param exact buckets hold one step each, so that low and high are equal
 * @returns at most `maxPoints` rows, in order
 */
export function thin(
  series: readonly Extremes[],
  buckets: number,
  maxPoints: number,
  exact: boolean,
): ThinRow[] {
  if (exact && buckets <= maxPoints) {
    return groups(buckets, maxPoints).map(({ from, to }) => ({
      from,
      to,
      at: from,
      values: series.map(({ last }) => finiteOrNull(last[from])),
    }));
  }
  return groups(buckets, Math.floor(maxPoints / 2)).flatMap((group) => {
    const pairs = series.map((column) => extremesOf(column, group));
    const middle = (group.from + group.to) / 2;
    return [
      { ...group, at: group.from, values: pairs.map((pair) => finiteOrNull(pair[0])) },
      { ...group, at: middle, values: pairs.map((pair) => finiteOrNull(pair[1])) },
    ];
  });
}

/** The two extremes of a group, in the order in which they occur. */
function extremesOf({ low, high }: Extremes, { from, to }: Group): readonly [number, number] {
  let lowest = NaN;
  let highest = NaN;
  let lowestAt = 0;
  let highestAt = 0;
  for (let bucket = from; bucket < to; bucket++) {
    if (Number.isNaN(lowest) || low[bucket] < lowest) {
      lowest = low[bucket];
      lowestAt = bucket;
    }
    if (Number.isNaN(highest) || high[bucket] > highest) {
      highest = high[bucket];
      highestAt = bucket;
    }
  }
  return lowestAt <= highestAt ? [lowest, highest] : [highest, lowest];
}

const finiteOrNull = (value: number): number | null => (Number.isFinite(value) ? value : null);
