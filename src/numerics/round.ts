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
const MODE_STOCHASTIC = 5;

const OVERFLOW_NAN = 1;
const OVERFLOW_SATURATE = 2;

/**
 * Rounds an f32 bit pattern.
 *
 * @param u f32 bits; interpreted modulo 2^32
 * @param d descriptor of format and direction (`format.nearestEven`, or `roundingDescriptor(format, mode)`)
 * @param random 32 random bits, of which stochastic rounding uses the upper ones
 * @returns f32 bits of the rounded value, 0 to 2^32-1; a NaN result is `CANONICAL_NAN`
 */
export function roundBitsWith(u: number, d: RoundingDescriptor, random = 0): number {
  // One unsigned comparison: the magnitude lies on the add-and-mask grid and cannot round past the maximum.
  if (((u & MAGNITUDE) - d.low) >>> 0 <= d.span) {
    return ((u + d.increment + ((u >>> d.shift) & d.tieToEven)) & d.mask) >>> 0;
  }
  return roundSpecial(u, d, random);
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
      : roundSpecial(u, d, 0);
  return scratchFloat[0];
}

/**
 * Rounds `input[begin..end)` into `output` at the same positions; the two may be the same array. Not for stochastic
 * rounding, which wants a random number for each element.
 */
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
        : roundSpecial(u, d, 0);
  }
}

/** What has to be added before dropping `shift` bits, at most 24; `kept` is the lowest bit that stays. */
function incrementFor(flags: number, negative: boolean, shift: number, kept: number, random: number): number {
  const mode = (flags >>> FLAG.modeShift) & 7;
  if (shift === 0) return 0;
  if (mode === MODE_NEAREST_EVEN) return (1 << (shift - 1)) - 1 + kept;
  if (mode === MODE_NEAREST_AWAY) return 1 << (shift - 1);
  if (mode === MODE_STOCHASTIC) {
    // The random number is compared with the upper dropped bits, as many as there are random ones.
    const compared = Math.min(randomBitsOf(flags), shift);
    return (random >>> (32 - compared)) << (shift - compared);
  }
  return awayFromZero(mode, negative) ? (1 << shift) - 1 : 0;
}

const randomBitsOf = (flags: number): number => flags >>> FLAG.randomBitsShift;

function awayFromZero(mode: number, negative: boolean): boolean {
  return negative ? mode === MODE_DOWN : mode === MODE_UP;
}

/** The largest finite magnitude of the format (f32 bits). */
function maxFiniteBits(flags: number): number {
  const shift = flags & FLAG.shiftMask;
  const steps = (0x7fffff >>> shift) - (flags & FLAG.reservedTop ? 1 : 0);
  return (((flags >>> FLAG.maxExponentShift) & 0xff) << 23) | (steps << shift);
}

/** Zeros, subnormals, overflow, infinities, NaN, and every value where the direction depends on sign or chance. */
function roundSpecial(u: number, d: RoundingDescriptor, random: number): number {
  const m = u & MAGNITUDE;
  if (m === 0) return u >>> 0;
  if (m > INFINITY_BITS) return CANONICAL_NAN;
  const sign = u & SIGN;
  const negative = sign !== 0;
  const flags = d.flags;
  if (m < d.low) return (sign | belowNormal(m, negative, d, random)) >>> 0;
  const shift = flags & FLAG.shiftMask;
  const max = maxFiniteBits(flags);
  if (m === INFINITY_BITS) return overflowed(sign, max, flags);
  // Where no significand bit is kept, the lowest digit is the leading one.
  const kept = shift === 23 ? 1 : (m >>> shift) & 1;
  const increment = incrementFor(flags, negative, shift, kept, random);
  const rounded = ((m + increment) >>> shift) << shift;
  if (rounded <= max) return (sign | rounded) >>> 0;
  return stopsAtMax(flags, negative) ? (sign | max) >>> 0 : overflowed(sign, max, flags);
}

/** IEEE 754 7.4: a direction that points towards zero stops at the largest finite value. */
function stopsAtMax(flags: number, negative: boolean): boolean {
  const mode = (flags >>> FLAG.modeShift) & 7;
  const directed = mode > MODE_NEAREST_AWAY && mode < MODE_STOCHASTIC;
  return directed && !awayFromZero(mode, negative);
}

function overflowed(sign: number, max: number, flags: number): number {
  const rule = (flags >>> FLAG.overflowShift) & 3;
  if (rule === OVERFLOW_NAN) return CANONICAL_NAN;
  return (sign | (rule === OVERFLOW_SATURATE ? max : INFINITY_BITS)) >>> 0;
}

/**
 * A magnitude below the smallest normal, on the grid of the subnormals. What rounds to a subnormal becomes zero where
 * the format flushes; what rounds up to the smallest normal stays. (Only formats with another exponent range than f32
 * come here, or formats that flush, so every value that stays is a normal f32.)
 */
function belowNormal(m: number, negative: boolean, d: RoundingDescriptor, random: number): number {
  const flags = d.flags;
  const shift = flags & FLAG.shiftMask;
  const exponent = Math.max(m >>> 23, 1);
  const significand = m < F32_MIN_NORMAL ? m : (m & 0x7fffff) | F32_MIN_NORMAL;
  // In units of 2^-149: the significand counts 2^(exponent-1), the format's smallest subnormal 2^(scale-1).
  const scale = (d.low >>> 23) + shift;
  const distance = scale - exponent;
  const units =
    distance > 24
      ? farBelow(significand, distance, flags, negative, random)
      : (significand + incrementFor(flags, negative, distance, (significand >>> distance) & 1, random)) >>>
        distance;
  if (flags & FLAG.flush) return units >>> (23 - shift) === 0 ? 0 : d.low;
  if (units === 0) return 0;
  const leading = 31 - Math.clz32(units);
  return ((leading + scale - 23) << 23) | ((units << (23 - leading)) & 0x7fffff);
}

/** Units, 0 or 1, of a significand that lies more than 24 places below the unit: less than half of it. */
function farBelow(
  significand: number,
  distance: number,
  flags: number,
  negative: boolean,
  random: number,
): number {
  const mode = (flags >>> FLAG.modeShift) & 7;
  if (mode !== MODE_STOCHASTIC) return mode > MODE_NEAREST_AWAY && awayFromZero(mode, negative) ? 1 : 0;
  const bits = randomBitsOf(flags);
  const largest = 0xffffffff >>> (32 - bits);
  // The significand is below 2^24, so with more than 55 places nothing is left of it even if all 32 are compared.
  const places = Math.min(distance - bits, 31);
  const compared = places >= 0 ? significand >>> places : significand << -places;
  return largest - (random >>> (32 - bits)) < compared ? 1 : 0;
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
