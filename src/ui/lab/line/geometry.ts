/**
 * The number line: where values stand, and which of them to draw. A format has up to 2^32 values; only those are
 * computed that a person can tell apart at the present zoom.
 */
import type { NumberFormat } from '../../../numerics/formats';

export type Axis = 'linear' | 'log2';

/** What is visible, in positions of the axis: numbers, or powers of two of the magnitude. */
export interface View {
  readonly low: number;
  readonly high: number;
}

/** Numbers of one sign between two powers of two, equally spaced. */
interface Slice {
  /** Magnitudes from `low`, included, to `high`. */
  readonly low: number;
  readonly high: number;
  readonly spacing: number;
}

export interface Ticks {
  /** Places in pixels; a power of two, or zero, is a `mark`. */
  readonly values: readonly { readonly x: number; readonly value: number }[];
  readonly marks: readonly {
    readonly x: number;
    readonly exponent: number | null;
    readonly negative: boolean;
  }[];
  /** Stretches whose values stand too close to be drawn one by one: pixels, and values per pixel. */
  readonly dense: readonly { readonly from: number; readonly to: number; readonly perPixel: number }[];
}

/** Ticks stand at least so many pixels apart. */
const GAP = 4;
/** Where values come closer than this the line is shown as full. */
const DENSE = 1.5;
const MARK_GAP = 3;
/** Stretches thinner than this are not seen beside the next ones. */
const THINNEST = 0.25;

const slicesOf = new WeakMap<NumberFormat, readonly Slice[]>();

/** The positive values in order, as slices of one binade each. */
function slices(format: NumberFormat): readonly Slice[] {
  const known = slicesOf.get(format);
  if (known) return known;
  const lowest = Math.log2(format.minSubnormal);
  const highest = Math.floor(Math.log2(format.maxFinite));
  const normal = Math.log2(format.minNormal);
  const made: Slice[] = [];
  for (let exponent = lowest; exponent <= highest; exponent++) {
    const spacing = 2 ** (Math.max(exponent, normal) - format.significandBits);
    const high = Math.min(2 ** (exponent + 1), format.maxFinite + spacing);
    made.push({ low: 2 ** exponent, high, spacing });
  }
  slicesOf.set(format, made);
  return made;
}

/** Position of a magnitude on the axis. */
export const positionOf = (axis: Axis, x: number): number => (axis === 'linear' ? x : Math.log2(Math.abs(x)));

export const numberAt = (axis: Axis, position: number, negative: boolean): number =>
  axis === 'linear' ? position : (negative ? -1 : 1) * 2 ** position;

export const toPixels = ({ low, high }: View, width: number, position: number): number =>
  ((position - low) / (high - low)) * width;

/** The power of two by which neighbouring values have to be thinned so that they can be told apart. */
const thinning = (pixels: number): number => 2 ** Math.max(0, Math.ceil(Math.log2(GAP / pixels)));

/** What to draw of the values of one sign. */
function ticksOfSign(
  format: NumberFormat,
  axis: Axis,
  view: View,
  width: number,
  negative: boolean,
): {
  values: Ticks['values'][number][];
  marks: { x: number; exponent: number; negative: boolean }[];
  dense: Ticks['dense'][number][];
} {
  const sign = negative && axis === 'linear' ? -1 : 1;
  const pixel = (magnitude: number): number =>
    toPixels(view, width, positionOf(axis, axis === 'linear' ? sign * magnitude : magnitude));
  const ends = axis === 'linear' ? [sign * view.low, sign * view.high] : [2 ** view.low, 2 ** view.high];
  const [from, to] = [Math.min(...ends), Math.max(...ends)];
  const values: Ticks['values'][number][] = [];
  const marks: { x: number; exponent: number; negative: boolean }[] = [];
  const dense: Ticks['dense'][number][] = [];
  for (const { low, high, spacing } of slices(format)) {
    if (high <= from || low > to) continue;
    const start = pixel(Math.max(low, from));
    const end = pixel(Math.min(high, to));
    // The upper end of a slice is where its values stand closest on a logarithmic axis.
    const gap = Math.abs(pixel(high) - pixel(high - spacing));
    if (gap < DENSE && Math.abs(end - start) > THINNEST) {
      dense.push({ from: Math.min(start, end), to: Math.max(start, end), perPixel: 1 / gap });
    }
    if (low >= from) marks.push({ x: pixel(low), exponent: Math.log2(low), negative });
    const step = spacing * thinning(gap);
    if (step >= high - low) continue;
    const last = Math.min(high - spacing, to);
    for (let value = Math.max(Math.ceil(from / step) * step, low + step); value <= last; value += step) {
      values.push({ x: pixel(value), value: negative ? -value : value });
    }
  }
  return { values, marks, dense };
}

/** Leaves out marks that stand on top of each other, the smaller magnitudes first. */
function spread<Mark extends { readonly x: number }>(marks: readonly Mark[]): Mark[] {
  const kept: Mark[] = [];
  for (const mark of marks.toReversed()) {
    if (kept.length === 0 || Math.abs(kept[kept.length - 1].x - mark.x) >= MARK_GAP) kept.push(mark);
  }
  return kept;
}

/** What is to be drawn of a format. `negative` chooses the sign on a logarithmic axis, which has room for one. */
export function ticksOf(
  format: NumberFormat,
  axis: Axis,
  view: View,
  width: number,
  negative: boolean,
): Ticks {
  const signs = axis === 'linear' ? [false, true] : [negative];
  const parts = signs.map((sign) => ticksOfSign(format, axis, view, width, sign));
  const showsZero = axis === 'linear' && view.low <= 0 && view.high >= 0;
  const zero = showsZero ? [{ x: toPixels(view, width, 0), exponent: null, negative: false }] : [];
  return {
    values: parts.flatMap(({ values }) => values),
    marks: [...zero, ...parts.flatMap(({ marks }) => spread(marks))],
    dense: parts.flatMap(({ dense }) => dense),
  };
}

/** How far a view may reach. */
export function wholeView(format: NumberFormat, axis: Axis): View {
  if (axis === 'log2')
    return { low: Math.log2(format.minSubnormal) - 1, high: Math.log2(format.maxFinite) + 1 };
  const end = format.maxFinite * 1.08;
  return { low: -end, high: end };
}

const AROUND = 7;
const BINADES = 2.2;

/** A view of a number and the values next to it: some units of the last place, or some powers of two. */
export function viewAround(format: NumberFormat, axis: Axis, x: number): View {
  const size = Math.min(Math.abs(x), format.maxFinite);
  if (axis === 'log2') {
    const centre = Math.log2(Math.max(size, format.minSubnormal));
    return { low: centre - BINADES, high: centre + BINADES };
  }
  const binade = Math.floor(Math.log2(Math.max(size, format.minNormal)));
  const reach = AROUND * 2 ** (binade - format.significandBits);
  const centre = Math.sign(x) * size;
  return { low: centre - reach, high: centre + reach };
}

/** Keeps a view within the format, and wide enough for numbers to tell its ends apart. */
export function withinReach(format: NumberFormat, axis: Axis, { low, high }: View): View {
  const whole = wholeView(format, axis);
  const centre = Math.min(whole.high, Math.max(whole.low, (low + high) / 2));
  const finest =
    axis === 'log2' ? format.epsilon : Math.max(format.minSubnormal, Math.abs(centre) * 2 ** -40);
  const half = Math.min((whole.high - whole.low) / 2, Math.max(finest, (high - low) / 2));
  return { low: centre - half, high: centre + half };
}

export const panned = ({ low, high }: View, share: number): View => ({
  low: low + share * (high - low),
  high: high + share * (high - low),
});

/** Zooms about a place, given as a share of the width. */
export function zoomed({ low, high }: View, factor: number, place = 0.5): View {
  const fixed = low + place * (high - low);
  return { low: fixed - (fixed - low) * factor, high: fixed + (high - fixed) * factor };
}

/** A number with no more digits than a pixel is worth. */
export function atPixel(axis: Axis, view: View, width: number, pixel: number, negative: boolean): number {
  const position = view.low + (pixel / width) * (view.high - view.low);
  const x = numberAt(axis, position, negative);
  const next = numberAt(axis, position + (view.high - view.low) / width, negative);
  if (x === 0 || x === next) return x;
  const digits = Math.ceil(Math.log10(Math.abs(x) / Math.abs(next - x))) + 1;
  return Number(x.toPrecision(Math.min(17, Math.max(1, digits))));
}
