/** Where things stand in the ruler: one axis of powers of two, with room for what is zero and what is not finite. */
import { zonesOf, type Distribution } from '../../analysis/ruler';
import type { NumberFormat } from '../../numerics/formats';

/** Exponents at the ends of the axis, multiples of four. */
export interface Domain {
  readonly low: number;
  readonly high: number;
}

export interface Geometry extends Domain {
  readonly width: number;
  /** Ends of the axis in pixels. */
  readonly left: number;
  readonly right: number;
  /** Pixels per power of two. */
  readonly unit: number;
  x(exponent: number): number;
}

export const PLOT_TOP = 4;
export const PLOT_HEIGHT = 160;
export const PLOT_BOTTOM = PLOT_TOP + PLOT_HEIGHT;
/** Room above the highest bar for the names of the zones and the handle. */
const HEADROOM = 44;
/** Of a bar. */
export const MAX_HEIGHT = PLOT_HEIGHT - HEADROOM;
/** Height of a format's bar with its gap. */
export const FORMAT_ROW = 15;
export const FORMATS_TOP = PLOT_BOTTOM + 23;

/** Room for the names of formats and for the bar of zeros; for the bar of infinities and NaN. */
const LEFT = 88;
const RIGHT = 50;
const NARROW = 560;
/** The axis of a format whose range is wider than any gradient's ends here. */
const WIDEST = { low: -48, high: 20 } as const;

const downToFour = (exponent: number): number => Math.floor(exponent / 4) * 4;
const upToFour = (exponent: number): number => Math.ceil(exponent / 4) * 4;

/** Share of values at either end of a distribution for which the axis is not made longer. */
const TAIL = 0.0005;

/** First binade of a distribution, and the one after the last, without its thin tails. */
function bulkOf({ first, counts, nonzero }: Distribution): readonly [number, number] {
  const from = (list: readonly number[]): number => {
    let sum = 0;
    return list.findIndex((count) => (sum += count) > nonzero * TAIL);
  };
  return [first + from(counts), first + counts.length - from(counts.toReversed())];
}

/** Ends of the axis that show a format's borders and the distributions. */
export function domainOf(format: NumberFormat, distributions: readonly (Distribution | null)[]): Domain {
  const zones = zonesOf(format);
  const bulks = distributions.flatMap((each) => (each && each.counts.length > 0 ? [bulkOf(each)] : []));
  return {
    low: downToFour(
      Math.min(Math.max(zones.zero - 15, WIDEST.low), -20, ...bulks.map(([first]) => first - 1)),
    ),
    high: upToFour(
      Math.max(Math.min(zones.overflow + 2, WIDEST.high), 4, ...bulks.map(([, end]) => end + 1)),
    ),
  };
}

export const union = (a: Domain, b: Domain): Domain => ({
  low: Math.min(a.low, b.low),
  high: Math.max(a.high, b.high),
});

export function geometryOf(width: number, domain: Domain): Geometry {
  const narrow = width < NARROW;
  const left = narrow ? 62 : LEFT;
  const right = width - (narrow ? 34 : RIGHT);
  const unit = (right - left) / (domain.high - domain.low);
  return { ...domain, width, left, right, unit, x: (exponent) => left + (exponent - domain.low) * unit };
}

/** A position inside the axis, however far off an exponent is. */
export const clampedX = (geometry: Geometry, exponent: number): number =>
  Math.min(geometry.right, Math.max(geometry.left, geometry.x(exponent)));

/** Exponents that get a number: every fourth, or fewer where they would touch. */
export function ticksOf({ low, high, unit }: Geometry): number[] {
  const every = [4, 8, 16, 32].find((step) => step * unit >= 34) ?? 64;
  const first = Math.ceil(low / every) * every;
  // The last place belongs to the label of the bar beside the axis.
  return Array.from({ length: Math.ceil((high - first) / every) }, (_, index) => first + index * every);
}
