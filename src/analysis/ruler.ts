/**
 * What the range ruler draws: distributions by binade, the zones of a format, and what becomes of gradients in it.
 * Binade e holds the magnitudes 2^e <= |x| < 2^(e+1).
 */
import type { NumberFormat } from '../numerics/formats';
import type { HistogramRecord } from './records';

const F32_BIAS = 127;
/** Magnitudes below 2^FLUSH are zero in the engine's FP32. */
const FLUSH = 1 - F32_BIAS;
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

/**
 * What the ruler says about gradients: shares of all their values, those that are zero in FP32 too included. One
 * measure for everything, so that a number and the bar beside it are the same.
 */
export interface Shares {
  /** Exactly zero. */
  readonly zero: number;
  /** Infinite or NaN. */
  readonly nonFinite: number;
}

/** The shares counted in a histogram, which are the heights of the bars beside the axis; null without values. */
export function measured({ zero, nonFinite, nonzero }: Distribution): Shares | null {
  const all = zero + nonFinite + nonzero;
  return all > 0 ? { zero: zero / all, nonFinite: nonFinite / all } : null;
}

/** Gradients as FP32 has them, without loss scale, that a lane stores in one format. */
export interface FormatPart {
  readonly format: NumberFormat;
  readonly distribution: Distribution;
}

export interface Estimate extends Shares {
  /** Larger than the largest number of a format that saturates. */
  readonly saturated: number;
}

/**
 * The shares that FP32's gradients would have if each were multiplied by a loss scale and rounded to nearest in its
 * format; null without values. No more than an estimate of a lane: there, what one layer loses never reaches the
 * layers before it, and the weights have moved apart from FP32's. Within a binade that a border cuts, magnitudes are
 * taken to be spread evenly over the logarithm; the border of zero is a power of two, and a scale that is one too cuts
 * none there.
 */
export function estimated(parts: readonly FormatPart[], scale: number): Estimate | null {
  const sum = { all: 0, zero: 0, nonFinite: 0, saturated: 0 };
  for (const { format, distribution } of parts) {
    const { zero, overflow } = zonesOf(format);
    const scaled = shifted(distribution, Math.log2(scale));
    // FP32 itself, in which every lane computes, flushes below its normal numbers.
    sum.zero += scaled.zero + countBelow(scaled, Math.max(zero, FLUSH));
    const beyond = scaled.nonzero - countBelow(scaled, overflow);
    if (format.overflow === 'saturate') sum.saturated += beyond;
    sum.nonFinite += scaled.nonFinite + (format.overflow === 'saturate' ? 0 : beyond);
    sum.all += scaled.zero + scaled.nonFinite + scaled.nonzero;
  }
  const { all, zero, nonFinite, saturated } = sum;
  return all > 0 ? { zero: zero / all, nonFinite: nonFinite / all, saturated: saturated / all } : null;
}

/** Values of a distribution that are not zero and lie below 2^border. */
function countBelow({ first, counts }: Distribution, border: number): number {
  return counts.reduce(
    (sum, count, index) => sum + count * Math.min(1, Math.max(0, border - (first + index))),
    0,
  );
}

/** The median binade of a distribution's non-zero values, as a position on the log2 axis; null when it is empty. */
export function centreOf({ first, counts, nonzero }: Distribution): number | null {
  let sum = 0;
  for (const [index, count] of counts.entries()) {
    sum += count;
    if (sum * 2 >= nonzero) return first + index + 0.5;
  }
  return null;
}
