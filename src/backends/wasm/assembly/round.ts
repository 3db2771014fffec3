/**
 * Rounding of one f32 bit pattern to any format in any direction: src/numerics/round.ts, line by line. A format is four
 * words: low, span, increment, flags (`formatWords` in src/numerics/formats.ts, which explains the flags).
 */
import { FORMAT_FLAGS, FORMAT_INCREMENT, FORMAT_LOW, FORMAT_SPAN } from './layout';

export const SIGN: u32 = 0x80000000;
export const MAGNITUDE: u32 = 0x7fffffff;
export const INFINITY_BITS: u32 = 0x7f800000;
export const CANONICAL_NAN: u32 = 0x7fc00000;
export const F32_MIN_NORMAL: u32 = 0x00800000;

export const MODE_NEAREST_EVEN: u32 = 0;
export const MODE_NEAREST_AWAY: u32 = 1;
export const MODE_TOWARD_ZERO: u32 = 2;
export const MODE_UP: u32 = 3;
export const MODE_DOWN: u32 = 4;
export const MODE_STOCHASTIC: u32 = 5;

export const OVERFLOW_NAN: u32 = 1;
export const OVERFLOW_SATURATE: u32 = 2;

const FLAG_FLUSH: u32 = 1 << 10;
const FLAG_RESERVED_TOP: u32 = 1 << 11;

/** Dropped significand bits. */
export function shiftOf(flags: u32): u32 {
  return flags & 31;
}

export function modeOf(flags: u32): u32 {
  return (flags >>> 5) & 7;
}

export function overflowOf(flags: u32): u32 {
  return (flags >>> 8) & 3;
}

export function flushes(flags: u32): bool {
  return (flags & FLAG_FLUSH) != 0;
}

export function tiesToEven(flags: u32): u32 {
  return (flags >>> 12) & 1;
}

export function randomBitsOf(flags: u32): u32 {
  return flags >>> 24;
}

/** The largest finite magnitude of a format. */
export function maxFiniteBits(flags: u32): u32 {
  const shift = shiftOf(flags);
  const steps = (0x7fffff >>> shift) - ((flags & FLAG_RESERVED_TOP) != 0 ? 1 : 0);
  return (((flags >>> 16) & 0xff) << 23) | (steps << shift);
}

/** The smallest normal magnitude: `low`, or f32's where the format has f32's exponents. */
export function minNormalBits(low: u32): u32 {
  return low == 0 ? F32_MIN_NORMAL : low;
}

export function pointsAway(mode: u32, negative: bool): bool {
  return negative ? mode == MODE_DOWN : mode == MODE_UP;
}

/** A direction that points towards zero stops at the largest finite number. */
export function stopsAtMax(mode: u32, negative: bool): bool {
  return mode > MODE_NEAREST_AWAY && mode < MODE_STOCHASTIC && !pointsAway(mode, negative);
}

/** `u` rounded to the format at `format`; `random` is read by stochastic rounding alone. */
export function roundBits(u: u32, format: usize, random: u32): u32 {
  const low = load<u32>(format + FORMAT_LOW);
  const flags = load<u32>(format + FORMAT_FLAGS);
  if ((u & MAGNITUDE) - low <= load<u32>(format + FORMAT_SPAN)) {
    const shift = shiftOf(flags);
    const mask = ~((1 << shift) - 1);
    return (u + load<u32>(format + FORMAT_INCREMENT) + ((u >>> shift) & tiesToEven(flags))) & mask;
  }
  return roundSpecial(u, low, flags, random);
}

/** What has to be added before dropping `shift` bits, at most 24; `kept` is the lowest bit that stays. */
function incrementFor(flags: u32, negative: bool, shift: u32, kept: u32, random: u32): u32 {
  const mode = modeOf(flags);
  if (shift == 0) return 0;
  if (mode == MODE_NEAREST_EVEN) return (1 << (shift - 1)) - 1 + kept;
  if (mode == MODE_NEAREST_AWAY) return 1 << (shift - 1);
  if (mode == MODE_STOCHASTIC) return stochasticIncrement(flags, shift, random);
  return pointsAway(mode, negative) ? (1 << shift) - 1 : 0;
}

/** The random number is compared with the upper dropped bits, as many as there are random ones. */
export function stochasticIncrement(flags: u32, shift: u32, random: u32): u32 {
  if (shift == 0) return 0;
  const compared = min(randomBitsOf(flags), shift);
  return (random >>> (32 - compared)) << (shift - compared);
}

function roundSpecial(u: u32, low: u32, flags: u32, random: u32): u32 {
  const m = u & MAGNITUDE;
  if (m == 0) return u;
  if (m > INFINITY_BITS) return CANONICAL_NAN;
  const sign = u & SIGN;
  const negative = sign != 0;
  if (m < low) return sign | belowNormal(m, negative, low, flags, random);
  const shift = shiftOf(flags);
  const most = maxFiniteBits(flags);
  if (m == INFINITY_BITS) return overflowed(sign, most, flags);
  // Where no significand bit is kept, the lowest digit is the leading one.
  const kept: u32 = shift == 23 ? 1 : (m >>> shift) & 1;
  const rounded = ((m + incrementFor(flags, negative, shift, kept, random)) >>> shift) << shift;
  if (rounded <= most) return sign | rounded;
  return stopsAtMax(modeOf(flags), negative) ? sign | most : overflowed(sign, most, flags);
}

function overflowed(sign: u32, most: u32, flags: u32): u32 {
  const rule = overflowOf(flags);
  if (rule == OVERFLOW_NAN) return CANONICAL_NAN;
  return sign | (rule == OVERFLOW_SATURATE ? most : INFINITY_BITS);
}

/** A magnitude below the smallest normal, on the grid of the subnormals. */
function belowNormal(m: u32, negative: bool, low: u32, flags: u32, random: u32): u32 {
  const shift = shiftOf(flags);
  const exponent = max(m >>> 23, 1);
  const significand = m < F32_MIN_NORMAL ? m : (m & 0x7fffff) | F32_MIN_NORMAL;
  // In units of 2^-149: the significand counts 2^(exponent-1), the format's smallest subnormal 2^(scale-1).
  const scale = (low >>> 23) + shift;
  const distance = scale - exponent;
  const units =
    distance > 24
      ? farBelow(significand, distance, flags, negative, random)
      : (significand + incrementFor(flags, negative, distance, (significand >>> distance) & 1, random)) >>>
        distance;
  if (flushes(flags)) return units >>> (23 - shift) == 0 ? 0 : low;
  if (units == 0) return 0;
  const leading = 31 - clz<u32>(units);
  return ((leading + scale - 23) << 23) | ((units << (23 - leading)) & 0x7fffff);
}

/** Units, 0 or 1, of a significand that lies more than 24 places below the unit: less than half of it. */
function farBelow(significand: u32, distance: u32, flags: u32, negative: bool, random: u32): u32 {
  const mode = modeOf(flags);
  if (mode != MODE_STOCHASTIC) return mode > MODE_NEAREST_AWAY && pointsAway(mode, negative) ? 1 : 0;
  const bits = randomBitsOf(flags);
  const largest = 0xffffffff >>> (32 - bits);
  // The significand is below 2^24, so with more than 55 places nothing is left of it even if all 32 are compared.
  const places = min(<i32>distance - <i32>bits, 31);
  const compared = places >= 0 ? significand >>> places : significand << -places;
  return largest - (random >>> (32 - bits)) < compared ? 1 : 0;
}
