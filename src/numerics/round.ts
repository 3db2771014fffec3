/**
 * Rounding of binary32 bit patterns to a number format, in integer arithmetic on the pattern.
 *
 * `shaders/numerics/round.wgsl` is the same algorithm line by line; the tests hold the two to equal bits. The
 * functions here are pure integer functions: f32 subnormals are values like any other wherever the format keeps
 * them. (The engine's *arithmetic* flushes results below 2^-126, see `f32.ts`; rounding does not.)
 */

import { FLAG, type NumberFormat, type RoundingDescriptor } from './formats';

const SIGN = 0x80000000;
const MAGNITUDE = 0x7fffffff;
const INFINITY_BITS = 0x7f800000;
/** The one NaN pattern that rounding produces, whatever the payload and sign of its input. */
export const CANONICAL_NAN = 0x7fc00000;
const F32_MIN_NORMAL = 0x00800000;

const MODE_NEAREST_EVEN = 0;
const MODE_NEAREST_AWAY = 1;
const MODE_UP = 3;
const MODE_DOWN = 4;

const OVERFLOW_NAN = 1;
const OVERFLOW_SATURATE = 2;

/**
 * Rounds an f32 bit pattern.
 *
 * @param u f32 bits; interpreted modulo 2^32
 * @param d descriptor of format and direction (`format.nearestEven`, or `roundingDescriptor(format, mode)`)
 * @returns f32 bits of the rounded value, 0 to 2^32-1; a NaN result is `CANONICAL_NAN`
 */
export function roundBitsWith(u: number, d: RoundingDescriptor): number {
  // One unsigned comparison: the magnitude lies on the add-and-mask grid and cannot round past the maximum.
  if (((u & MAGNITUDE) - d.low) >>> 0 <= d.span) {
    return ((u + d.increment + ((u >>> d.shift) & d.tieToEven)) & d.mask) >>> 0;
  }
  return roundSpecial(u, d);
}

/** `roundBitsWith` to nearest, ties to even. */
export function roundBits(u: number, format: NumberFormat): number {
  return roundBitsWith(u, format.nearestEven);
}

const scratchFloat = new Float32Array(1);
/** Signed, because engines keep every int32 in a register but not every uint32. */
const scratchBits = new Int32Array(scratchFloat.buffer);

/**
 * The value of `format` nearest to `x`, ties to even. `x` is first rounded to binary32 if it is not one already:
 * the engine only ever rounds binary32 results, and so does this function.
 */
export function roundToFormat(x: number, format: NumberFormat): number {
  scratchFloat[0] = x;
  const u = scratchBits[0];
  const d = format.nearestEven;
  scratchBits[0] =
    ((u & MAGNITUDE) - d.low) >>> 0 <= d.span
      ? (u + d.increment + ((u >>> d.shift) & d.tieToEven)) & d.mask
      : roundSpecial(u, d);
  return scratchFloat[0];
}

/** Rounds `input[begin..end)` into `output` at the same positions; the two may be the same array. */
export function roundArray(
  input: Uint32Array,
  output: Uint32Array,
  d: RoundingDescriptor,
  begin = 0,
  end = input.length,
): void {
  const { low, span, increment, shift, mask, tieToEven } = d;
  for (let i = begin; i < end; i++) {
    const u = input[i] | 0;
    output[i] =
      ((u & MAGNITUDE) - low) >>> 0 <= span
        ? (u + increment + ((u >>> shift) & tieToEven)) & mask
        : roundSpecial(u, d);
  }
}

/** What has to be added before dropping `shift` bits: `kept` is the lowest bit that stays. */
function incrementFor(mode: number, negative: boolean, shift: number, kept: number): number {
  if (shift === 0) return 0;
  if (mode === MODE_NEAREST_EVEN) return (1 << (shift - 1)) - 1 + kept;
  if (mode === MODE_NEAREST_AWAY) return 1 << (shift - 1);
  return awayFromZero(mode, negative) ? (1 << shift) - 1 : 0;
}

function awayFromZero(mode: number, negative: boolean): boolean {
  return negative ? mode === MODE_DOWN : mode === MODE_UP;
}

/** The largest finite magnitude of the format (f32 bits). */
function maxFiniteBits(flags: number): number {
  const shift = flags & FLAG.shiftMask;
  const steps = (0x7fffff >>> shift) - (flags & FLAG.reservedTop ? 1 : 0);
  return (((flags >>> FLAG.maxExponentShift) & 0xff) << 23) | (steps << shift);
}

/** Zeros, subnormals, overflow, infinities, NaN, and every value in a direction that depends on the sign. */
function roundSpecial(u: number, d: RoundingDescriptor): number {
  const m = u & MAGNITUDE;
  if (m === 0) return u >>> 0;
  if (m > INFINITY_BITS) return CANONICAL_NAN;
  const sign = u & SIGN;
  const negative = sign !== 0;
  const flags = d.flags;
  const shift = flags & FLAG.shiftMask;
  const mode = (flags >>> FLAG.modeShift) & 7;
  if (m < d.low) {
    if (flags & FLAG.flush) return (sign | flushed(m, negative, d)) >>> 0;
    return (sign | subnormal(m, negative, d)) >>> 0;
  }
  const max = maxFiniteBits(flags);
  if (m === INFINITY_BITS) return overflowed(sign, max, flags);
  const rounded = ((m + incrementFor(mode, negative, shift, (m >>> shift) & 1)) >>> shift) << shift;
  if (rounded <= max) return (sign | rounded) >>> 0;
  // IEEE 754 7.4: a direction that points towards zero stops at the largest finite value.
  if (mode > MODE_NEAREST_AWAY && !awayFromZero(mode, negative)) return (sign | max) >>> 0;
  return overflowed(sign, max, flags);
}

function overflowed(sign: number, max: number, flags: number): number {
  const rule = (flags >>> FLAG.overflowShift) & 3;
  if (rule === OVERFLOW_NAN) return CANONICAL_NAN;
  return (sign | (rule === OVERFLOW_SATURATE ? max : INFINITY_BITS)) >>> 0;
}

/**
 * A magnitude below the smallest normal of a format that keeps subnormals. Only formats with fewer exponent
 * bits than f32 come here, so every value of the format, its subnormals included, is a normal f32.
 */
function subnormal(m: number, negative: boolean, d: RoundingDescriptor): number {
  const shift = d.flags & FLAG.shiftMask;
  const mode = (d.flags >>> FLAG.modeShift) & 7;
  const exponent = Math.max(m >>> 23, 1);
  const significand = m < F32_MIN_NORMAL ? m : (m & 0x7fffff) | F32_MIN_NORMAL;
  // In units of 2^-149: the significand counts 2^(exponent-1), the format's smallest subnormal 2^(scale-1).
  const scale = (d.low >>> 23) + shift;
  // From 25 on every significand is below half a unit, so a larger distance changes nothing.
  const distance = Math.min(scale - exponent, 25);
  const units =
    (significand + incrementFor(mode, negative, distance, (significand >>> distance) & 1)) >>> distance;
  if (units === 0) return 0;
  const leading = 31 - Math.clz32(units);
  return ((leading + scale - 23) << 23) | ((units << (23 - leading)) & 0x7fffff);
}

/**
 * A magnitude below the smallest normal of a format that flushes. Tininess is detected after rounding: what
 * reaches the smallest normal when rounded with an unbounded exponent stays, everything else becomes zero.
 */
function flushed(m: number, negative: boolean, d: RoundingDescriptor): number {
  const shift = d.flags & FLAG.shiftMask;
  const mode = (d.flags >>> FLAG.modeShift) & 7;
  // One binade below 2^-126 the f32 pattern has a leading zero bit; doubled, it has the grid of a normal.
  const doubled = m < F32_MIN_NORMAL ? 1 : 0;
  const p = m << doubled;
  const rounded = p + incrementFor(mode, negative, shift, (p >>> shift) & 1);
  return rounded >>> 0 >= d.low << doubled ? d.low : 0;
}

/** What an f32 bit pattern is as a value of `format`. */
export type ValueClass = 'zero' | 'subnormal' | 'normal' | 'infinity' | 'nan';

export function classify(u: number, format: NumberFormat): ValueClass {
  const m = u & MAGNITUDE;
  if (m === 0) return 'zero';
  if (m > INFINITY_BITS) return 'nan';
  if (m === INFINITY_BITS) return 'infinity';
  return m < format.minNormalBits ? 'subnormal' : 'normal';
}
