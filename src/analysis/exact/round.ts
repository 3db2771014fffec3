/**
 * Correct rounding of an exact number to a format, once. It agrees with `numerics/round.ts` on every f32 value, and
 * goes on where that one cannot: to numbers that no f32 holds, and to telling what happened on the way.
 */
import { roundingDescriptor, type NumberFormat, type RoundingMode } from '../../numerics/formats';
import { roundBitsWith } from '../../numerics/round';
import {
  compare,
  floorLog2,
  magnitude,
  multiply,
  powerOfTwo,
  subtract,
  type Rational,
  ZERO,
} from './rational';

/** The directions with one result per number; stochastic rounding has two. */
export const EXACT_MODES = [
  'nearest-even',
  'nearest-away',
  'toward-zero',
  'up',
  'down',
] as const satisfies readonly RoundingMode[];
export type ExactMode = (typeof EXACT_MODES)[number];

const SIGN = 0x80000000;
const INFINITY_BITS = 0x7f800000;
const LARGEST_F32 = 0x7f7fffff;
const HALF: Rational = { n: 1n, d: 2n };
const ONE: Rational = { n: 1n, d: 1n };

export interface ExactRounding {
  /** f32 bits of the result. */
  readonly bits: number;
  /** The grid on which the number was rounded consists of the multiples of 2^quantum. */
  readonly quantum: number;
  /** Units of 2^quantum that were kept before the decision, and what was dropped as a share of one unit. */
  readonly kept: bigint;
  readonly dropped: Rational;
  /** The magnitude was rounded to the next larger multiple. */
  readonly away: boolean;
  readonly overflow: boolean;
  /** A number that is not zero became zero. */
  readonly underflow: boolean;
}

/** The value of finite f32 bits. */
export function valueOf(bits: number): Rational {
  const field = (bits >>> 23) & 0xff;
  const fraction = bits & 0x7fffff;
  if (field === 0xff) throw new RangeError('Infinity and NaN are not real numbers.');
  const significand = BigInt(field === 0 ? fraction : fraction | 0x800000);
  const value = multiply({ n: significand, d: 1n }, powerOfTwo(Math.max(field, 1) - 150));
  return bits >>> 31 ? { n: -value.n, d: value.d } : value;
}

export const isFinite = (bits: number): boolean => ((bits >>> 23) & 0xff) !== 0xff;

/** f32 bits of the magnitude units · 2^quantum, which must be an f32 value. */
function bitsOf(units: bigint, quantum: number): number {
  if (units === 0n) return 0;
  const leading = units.toString(2).length - 1;
  const exponent = leading + quantum;
  const subnormal = exponent < -126;
  const shift = BigInt(subnormal ? quantum + 149 : 23 - leading);
  const significand = Number(shift >= 0n ? units << shift : units >> -shift);
  return subnormal ? significand : (exponent + 127) * 0x800000 + (significand - 0x800000);
}

function goesAway(mode: ExactMode, dropped: Rational, kept: bigint, negative: boolean): boolean {
  if (dropped.n === 0n) return false;
  const half = compare(dropped, HALF);
  switch (mode) {
    case 'nearest-even':
      return half > 0 || (half === 0 && (kept & 1n) === 1n);
    case 'nearest-away':
      return half >= 0;
    case 'toward-zero':
      return false;
    case 'up':
      return !negative;
    case 'down':
      return negative;
  }
}

/** What a finite number beyond the largest one becomes. */
function overflowed(format: NumberFormat, mode: ExactMode, negative: boolean): number {
  const sign = negative ? SIGN : 0;
  const largest = format.maxFiniteBits;
  // Where the format ends before f32 does, round.ts decides.
  if (largest >>> 23 < LARGEST_F32 >>> 23) {
    return roundBitsWith((sign | LARGEST_F32) >>> 0, roundingDescriptor(format, mode));
  }
  const stops = mode === 'toward-zero' || mode === (negative ? 'up' : 'down');
  const beyond = format.overflow === 'infinity' && !stops ? INFINITY_BITS : largest;
  return (sign | beyond) >>> 0;
}

/** @param negativeZero whether a zero is -0, which a rational number cannot tell */
export function roundExact(
  x: Rational,
  format: NumberFormat,
  mode: ExactMode,
  negativeZero = false,
): ExactRounding {
  const { significandBits, bias } = format;
  const negative = x.n < 0n || (x.n === 0n && negativeZero);
  const sign = negative ? SIGN : 0;
  const lowest = 1 - bias - significandBits;
  if (x.n === 0n) {
    const nothing = { kept: 0n, dropped: ZERO, away: false, overflow: false, underflow: false };
    return { bits: sign, quantum: lowest, ...nothing };
  }
  const size = magnitude(x);
  const flush = format.subnormals === 'flush';
  const exponent = floorLog2(size);
  // A format that flushes detects tininess after rounding with an unbounded exponent.
  const quantum = flush ? exponent - significandBits : Math.max(exponent - significandBits, lowest);
  const scaled = multiply(size, powerOfTwo(-quantum));
  const kept = scaled.n / scaled.d;
  const dropped = subtract(scaled, { n: kept, d: 1n });
  const away = goesAway(mode, dropped, kept, negative);
  const units = away ? kept + 1n : kept;
  const result = multiply({ n: units, d: 1n }, powerOfTwo(quantum));
  const steps = { quantum, kept, dropped, away };
  const overflow = compare(result, valueOf(format.maxFiniteBits)) > 0;
  if (overflow) return { bits: overflowed(format, mode, negative), ...steps, overflow, underflow: false };
  const vanishes = units === 0n || (flush && compare(result, valueOf(format.minNormalBits)) < 0);
  const bits = vanishes ? 0 : bitsOf(units, quantum);
  return { bits: (sign | bits) >>> 0, ...steps, overflow, underflow: vanishes };
}

export const isTie = ({ dropped }: ExactRounding): boolean => compare(dropped, HALF) === 0;
export const isExact = ({ dropped, overflow, underflow }: ExactRounding): boolean =>
  dropped.n === 0n && !overflow && !underflow;

/** The first bits of what was dropped, and whether all of them are there. */
export function droppedBits({ dropped }: ExactRounding, most: number): { text: string; complete: boolean } {
  let text = '';
  let rest = dropped;
  while (rest.n !== 0n && text.length < most) {
    rest = multiply(rest, { n: 2n, d: 1n });
    const one = compare(rest, ONE) >= 0;
    text += one ? '1' : '0';
    if (one) rest = subtract(rest, ONE);
  }
  return { text, complete: rest.n === 0n };
}
