/** Where a value stands among the values of its format: neighbours, spacing, and the reals that round to it. */
import { decode, encode } from '../../numerics/codes';
import type { NumberFormat } from '../../numerics/formats';
import { CANONICAL_NAN, classify } from '../../numerics/round';
import {
  add,
  compare,
  midpoint,
  multiply,
  negate,
  powerOfTwo,
  subtract,
  type Rational,
  ZERO,
} from './rational';
import { isFinite, roundExact, valueOf, type ExactMode } from './round';

const SIGN = 0x80000000;
const INFINITY_BITS = 0x7f800000;

/** The value that a storage code stands for; where subnormals are flushed their codes count as zeros of their sign. */
export function valueBits(code: number, format: NumberFormat): number {
  const bits = decode(code, format);
  const flushed = format.subnormals === 'flush' && classify(bits, format) === 'subnormal';
  return flushed ? (bits & SIGN) >>> 0 : bits;
}

/** The magnitude after the given one, both as f32 bits; null after the last. */
function larger(bits: number, format: NumberFormat): number | null {
  if (bits === INFINITY_BITS) return null;
  if (bits === 0 && format.subnormals === 'flush') return format.minNormalBits;
  if (bits >= format.maxFiniteBits) return format.hasInfinity ? INFINITY_BITS : null;
  return decode(encode(bits, format) + 1, format);
}

function smaller(bits: number, format: NumberFormat): number {
  if (bits === INFINITY_BITS) return format.maxFiniteBits;
  if (bits === format.minNormalBits && format.subnormals === 'flush') return 0;
  return decode(encode(bits, format) - 1, format);
}

/** The next value above or below, f32 bits; the two zeros are one place. Null past the end, and for NaN. */
export function neighbour(bits: number, format: NumberFormat, direction: 1 | -1): number | null {
  const size = bits & 0x7fffffff;
  if (size > INFINITY_BITS) return null;
  const negative = bits >>> 31 === 1;
  if (size === 0 || negative === direction < 0) {
    const next = larger(size, format);
    return next === null ? null : direction < 0 ? (SIGN | next) >>> 0 : next;
  }
  const next = smaller(size, format);
  // Zero is reached as +0 from both sides.
  return negative && next !== 0 ? (SIGN | next) >>> 0 : next;
}

/** log2 of the unit in the last place of a finite value: its distance to the next larger magnitude. */
export function ulpExponent(bits: number, format: NumberFormat): number {
  const field = Math.max((bits >>> 23) & 0xff, format.minNormalBits >>> 23);
  // f32 subnormals have no exponent field of their own; formats with eight exponent bits share their grid.
  return Math.max(field, 1) - 127 - format.significandBits;
}

export interface End {
  /** Null at infinity. */
  readonly at: Rational | null;
  readonly closed: boolean;
}

/** All real numbers that round to one value. */
export interface Interval {
  readonly low: End;
  readonly high: End;
}

/** The places at which rounding can turn to another value, near a value from above. All are exact. */
function turningPoints(bits: number, format: NumberFormat): Rational[] {
  const value = isFinite(bits) ? valueOf(bits) : null;
  const unit = powerOfTwo(ulpExponent(format.maxFiniteBits, format));
  const largest = valueOf(format.maxFiniteBits);
  const beyond = add(largest, unit);
  const ends = [largest, midpoint(largest, beyond), beyond];
  const tiny = valueOf(format.minNormalBits);
  // The last step of the unbounded grid below the smallest normal, for formats that flush.
  const step = multiply(powerOfTwo(-format.significandBits - 1), tiny);
  const flush = [subtract(tiny, step), subtract(tiny, multiply(step, { n: 1n, d: 2n })), tiny];
  const points = [...ends, ...ends.map(negate), ...flush, ...flush.map(negate), ZERO];
  if (value === null) return points;
  for (const direction of [1, -1] as const) {
    const next = neighbour(bits, format, direction);
    if (next !== null && isFinite(next)) points.push(valueOf(next), midpoint(value, valueOf(next)));
  }
  return [...points, value];
}

/** All real numbers that round to the value with these f32 bits; null for NaN, and where there are none. */
export function roundingInterval(bits: number, format: NumberFormat, mode: ExactMode): Interval | null {
  if (bits === CANONICAL_NAN) return null;
  const lands = (x: Rational): boolean => roundExact(x, format, mode).bits === bits;
  const near = isFinite(bits) ? bits : format.maxFiniteBits;
  // Smaller than the distance of any two turning points.
  const nudge = powerOfTwo(Math.min(ulpExponent(near, format), ulpExponent(0, format)) - 6);
  const points = turningPoints(bits, format).sort(compare);
  const distinct = points.filter((point, index) => index === 0 || compare(point, points[index - 1]) > 0);
  const low = distinct.find((at) => !lands(subtract(at, nudge)) && (lands(at) || lands(add(at, nudge))));
  const high = distinct.findLast((at) => !lands(add(at, nudge)) && (lands(at) || lands(subtract(at, nudge))));
  const far = powerOfTwo(200);
  const open: End = { at: null, closed: false };
  const end = (at: Rational | undefined): End => (at ? { at, closed: lands(at) } : open);
  if (!low && !high && !lands(far) && !lands(negate(far))) return null;
  return {
    low: lands(negate(far)) ? open : end(low),
    high: lands(far) ? open : end(high),
  };
}
