/**
 * What the range ruler draws: distributions by binade, the zones of a format, and what a loss scale would lose.
 * Binade e holds the magnitudes 2^e <= |x| < 2^(e+1).
 */
import type { NumberFormat } from '../numerics/formats';
import type { HistogramRecord } from './records';

const F32_BIAS = 127;
/** Exponent fields of finite non-zero numbers are 1 to 254; the engine flushes what would have field 0. */
const FIELDS = 256;

export interface Distribution {
  /** Binade of `counts[0]`. */
  readonly first: number;
  readonly counts: readonly number[];
  readonly zero: number;
  readonly nonFinite: number;
  /** Finite and not zero. */
  readonly nonzero: number;
}

/** Sums the histograms of some sites in one lane; trims empty binades at both ends. */
export function distributionOf(
  frame: HistogramRecord,
  lane: number,
  wanted: (site: number) => boolean,
): Distribution {
  const lanes = frame.counts.length / (FIELDS * frame.sites.length);
  const sum = new Float64Array(FIELDS);
  frame.sites.forEach((site, index) => {
    if (!wanted(site)) return;
    const at = (index * lanes + lane) * FIELDS;
    for (let field = 0; field < FIELDS; field++) sum[field] += frame.counts[at + field];
  });
  const finite = sum.subarray(1, FIELDS - 1);
  const low = finite.findIndex((count) => count > 0);
  const high = finite.findLastIndex((count) => count > 0);
  return {
    first: low < 0 ? 0 : low + 1 - F32_BIAS,
    counts: low < 0 ? [] : [...finite.subarray(low, high + 1)],
    zero: sum[0],
    nonFinite: sum[FIELDS - 1],
    nonzero: finite.reduce((total, count) => total + count, 0),
  };
}

/** The distribution after a multiplication with 2^shift. */
export const shifted = (distribution: Distribution, shift: number): Distribution => ({
  ...distribution,
  first: distribution.first + shift,
});

/** Borders of a format on the log2 axis. */
export interface Zones {
  /** Magnitudes at or below 2^zero round to zero. */
  readonly zero: number;
  /** From here on values are normal; equals `zero` where subnormals are flushed. */
  readonly normal: number;
  /** From here on values overflow. */
  readonly overflow: number;
}

export function zonesOf(format: NumberFormat): Zones {
  const topUlp = 2 ** (Math.floor(Math.log2(format.maxFinite)) - format.significandBits);
  // Half an ulp beyond the largest finite value is where nearest-even stops rounding down to it.
  return {
    zero: format.subnormals === 'flush' ? Math.log2(format.minNormal) : Math.log2(format.minSubnormal) - 1,
    normal: Math.log2(format.minNormal),
    overflow: Math.log2(format.maxFinite + topUlp / 2),
  };
}

/** Shares of the finite non-zero values. */
export interface Loss {
  readonly flushed: number;
  readonly subnormal: number;
  readonly overflow: number;
}

/**
 * What a format would do to a distribution. Within a binade that a border cuts, magnitudes are taken to be spread
 * evenly over the logarithm; the border of zero is a power of two and cuts none.
 */
export function lossIn(format: NumberFormat, { first, counts, nonzero }: Distribution): Loss {
  const zones = zonesOf(format);
  // What comes within half a step of the smallest normal number rounds up to it.
  const normal =
    format.subnormals === 'flush' ? zones.zero : Math.log2(format.minNormal - format.minSubnormal / 2);
  if (nonzero === 0) return { flushed: 0, subnormal: 0, overflow: 0 };
  let flushed = 0;
  let belowNormal = 0;
  let belowOverflow = 0;
  counts.forEach((count, index) => {
    const below = (border: number): number => Math.min(1, Math.max(0, border - (first + index)));
    flushed += count * below(zones.zero);
    belowNormal += count * below(normal);
    belowOverflow += count * below(zones.overflow);
  });
  return {
    flushed: flushed / nonzero,
    subnormal: (belowNormal - flushed) / nonzero,
    overflow: 1 - belowOverflow / nonzero,
  };
}

/** Share of values that a format loses: flushed to zero or overflowed. */
export const lostShare = (format: NumberFormat, distribution: Distribution): number => {
  const { flushed, overflow } = lossIn(format, distribution);
  return flushed + overflow;
};

/** The median binade of a distribution's non-zero values, as a position on the log2 axis; null when it is empty. */
export function centreOf({ first, counts, nonzero }: Distribution): number | null {
  let sum = 0;
  for (const [index, count] of counts.entries()) {
    sum += count;
    if (sum * 2 >= nonzero) return first + index + 0.5;
  }
  return null;
}
