/**
 * The steps of a sum, several columns at once: a product, a sum, a difference, each rounded. In binary32 (f32.ts), or in
 * a format of at most 22 significant bits (src/numerics/format-arithmetic.ts), in one of two ways:
 *
 *   NARROW  Four columns in f32x4, for formats of p <= 11 significant bits. f32 holds every product (extents.ts), and
 *           a sum of two numbers of p bits may be rounded to 24 bits and then to p, since 24 >= 2p + 2 (Figueroa 1995);
 *           where f32 has subnormals its sums are exact.
 *   WIDE    Two columns in f64x2: products of two f32 are exact, and 53 >= 2 · 22 + 2.
 *
 * x is rounded to a grid of powers of two as (x + M) - M with M = 1.5 · 2^(e + d), where 2^e <= |x| < 2^(e + 1) and d are
 * the bits that the format has fewer than the vector: the last bit of M counts 2^(e - m), m being the significand bits of
 * the format, and M is a multiple of twice that, so ties go to even. Below the smallest normal number e is its exponent,
 * which gives the grid of the subnormals. A sum of two numbers of the format is on that grid already and needs no such
 * limit. Like this a zero loses its sign, which is not seen in the result: sums begin with +0, a sum of two numbers
 * cancels to +0, and only where a format flushes can a sum become -0.
 *
 * Overflow is not dealt with here: products are known to be too small for it before the loop, sums are watched, and what
 * was found to exceed the limit is computed again (exact.ts). So are operands that are not finite.
 */
import { Vector } from './f32';
import { FORMAT_FLAGS, FORMAT_LOW } from './layout';
import { flushes, maxFiniteBits, minNormalBits, shiftOf } from './round';

/** Steps in binary32: nothing can be flushed, or everything is. */
export const PLAIN: i32 = 0;
export const FLUSHED: i32 = 1;
/** Steps in a format, which keeps its subnormals or not. */
export const NARROW: i32 = 2;
export const NARROW_FLUSHING: i32 = 3;
export const WIDE: i32 = 4;
export const WIDE_FLUSHING: i32 = 5;

/** The format in force as vectors, first for NARROW, then the same for WIDE. */
const grid = memory.data(2 * 48);
const MIN_NORMAL: usize = 0;
/** Added to the bits of 2^e to get those of M. */
const TO_ANCHOR: usize = 16;
/** Subtracted from the bits of 2^e to get those of half the unit there. */
const TO_HALF: usize = 32;
const DOUBLE: usize = 48;

/** @param format its words */
export function setFormat(format: usize): void {
  const flags = load<u32>(format + FORMAT_FLAGS);
  const shift = shiftOf(flags);
  const normal = minNormalBits(load<u32>(format + FORMAT_LOW));
  v128.store(grid, i32x4.splat(normal), MIN_NORMAL);
  v128.store(grid, i32x4.splat((shift << 23) | 0x400000), TO_ANCHOR);
  v128.store(grid, i32x4.splat((24 - shift) << 23), TO_HALF);
  v128.store(grid, f64x2.splat(<f64>reinterpret<f32>(normal)), DOUBLE + MIN_NORMAL);
  v128.store(grid, i64x2.splat(((<i64>(shift + 29)) << 52) | ((<i64>1) << 51)), DOUBLE + TO_ANCHOR);
  v128.store(grid, i64x2.splat((<i64>(24 - shift)) << 52), DOUBLE + TO_HALF);
}

/** Sums up to this need no other treatment in a format: its largest number, or where M would overflow f32. */
export function limitOf(format: usize): f64 {
  const flags = load<u32>(format + FORMAT_FLAGS);
  const most = reinterpret<f32>(maxFiniteBits(flags));
  return min<f64>(most, reinterpret<f32>((126 + 127 - shiftOf(flags)) << 23));
}

export function stepsFlush(format: usize): bool {
  return flushes(load<u32>(format + FORMAT_FLAGS));
}

/** Static methods are inlined, so that nothing is left of `mode`, which is always a constant. */
export class Steps {
  @inline
  static isWide(mode: i32): bool {
    return mode >= WIDE;
  }

  /** An element of a row of the left operand, for all columns. */
  @inline
  static splat(mode: i32, at: usize): v128 {
    if (Steps.isWide(mode)) return v128.load64_splat(at);
    return mode == FLUSHED ? Vector.flush(v128.load32_splat(at)) : v128.load32_splat(at);
  }

  /** Elements of the right operand. */
  @inline
  static load(mode: i32, at: usize): v128 {
    return mode == FLUSHED ? Vector.flush(v128.load(at)) : v128.load(at);
  }

  @inline
  static mul(mode: i32, a: v128, b: v128): v128 {
    if (mode == PLAIN) return f32x4.mul(a, b);
    if (mode == FLUSHED) return Vector.mul(a, b);
    return Steps.isWide(mode)
      ? Steps.round(mode, f64x2.mul(a, b), true)
      : Steps.round(mode, f32x4.mul(a, b), true);
  }

  @inline
  static add(mode: i32, x: v128, y: v128): v128 {
    if (mode == PLAIN) return f32x4.add(x, y);
    if (mode == FLUSHED) return Vector.add(x, y);
    return Steps.isWide(mode)
      ? Steps.round(mode, f64x2.add(x, y), false)
      : Steps.round(mode, f32x4.add(x, y), false);
  }

  @inline
  static sub(mode: i32, x: v128, y: v128): v128 {
    if (mode == PLAIN) return f32x4.sub(x, y);
    if (mode == FLUSHED) return Vector.sub(x, y);
    return Steps.isWide(mode)
      ? Steps.round(mode, f64x2.sub(x, y), false)
      : Steps.round(mode, f32x4.sub(x, y), false);
  }

  /**
   * The last step of Kahan's correction, (n - s) - i where n = s + i: what was lost in n, or in n - s. It is a multiple of
   * the smallest unit of a number close to i and no larger than a few of them, so only a format that flushes can change
   * it. (|s| >= |i|: n - s is exact, and so is the error of a sum, Dekker 1971. |s| < |i|: n - s and thus its rounding
   * differ from i by one unit of i at most.)
   */
  @inline
  static excess(mode: i32, difference: v128, increment: v128): v128 {
    if (mode == NARROW) return f32x4.sub(difference, increment);
    if (mode == WIDE) return f64x2.sub(difference, increment);
    return Steps.sub(mode, difference, increment);
  }

  /** The largest magnitudes so far, where sums have to be watched. */
  @inline
  static watch(mode: i32, largest: v128, x: v128): v128 {
    if (mode < NARROW) return largest;
    return Steps.isWide(mode) ? f64x2.pmax(largest, f64x2.abs(x)) : f32x4.pmax(largest, f32x4.abs(x));
  }

  /** 2^e of x, not below the format's smallest normal number if x may have more bits than the grid there. */
  @inline
  static power(mode: i32, x: v128, fine: bool): v128 {
    if (Steps.isWide(mode)) {
      const own = v128.and(x, i64x2.splat(0x7ff0000000000000));
      return fine ? f64x2.pmax(own, v128.load(grid, DOUBLE + MIN_NORMAL)) : own;
    }
    const own = v128.and(x, i32x4.splat(0x7f800000));
    return fine ? i32x4.max_s(own, v128.load(grid, MIN_NORMAL)) : own;
  }

  @inline
  static onGrid(mode: i32, x: v128, power: v128): v128 {
    if (Steps.isWide(mode)) {
      const anchor = i64x2.add(power, v128.load(grid, DOUBLE + TO_ANCHOR));
      return f64x2.sub(f64x2.add(x, anchor), anchor);
    }
    const anchor = i32x4.add(power, v128.load(grid, TO_ANCHOR));
    return f32x4.sub(f32x4.add(x, anchor), anchor);
  }

  /** Which of x lie half-way between two neighbours of the format. */
  @inline
  static ties(mode: i32, x: v128): v128 {
    const power = Steps.power(mode, x, true);
    const rounded = Steps.onGrid(mode, x, power);
    return Steps.isWide(mode)
      ? f64x2.eq(f64x2.abs(f64x2.sub(x, rounded)), i64x2.sub(power, v128.load(grid, DOUBLE + TO_HALF)))
      : f32x4.eq(f32x4.abs(f32x4.sub(x, rounded)), i32x4.sub(power, v128.load(grid, TO_HALF)));
  }

  /** All ones where what x was rounded to is flushed to zero. */
  @inline
  static tiny(mode: i32, rounded: v128): v128 {
    return Steps.isWide(mode)
      ? f64x2.lt(f64x2.abs(rounded), v128.load(grid, DOUBLE + MIN_NORMAL))
      : f32x4.lt(f32x4.abs(rounded), v128.load(grid, MIN_NORMAL));
  }

  @inline
  static signOf(mode: i32, x: v128): v128 {
    return v128.and(x, Steps.isWide(mode) ? i64x2.splat(i64.MIN_VALUE) : i32x4.splat(0x80000000));
  }

  /** x, which may have more bits than the grid of the subnormals, rounded to a number of its sign. */
  @inline
  static roundSigned(mode: i32, x: v128): v128 {
    const rounded = Steps.onGrid(mode, x, Steps.power(mode, x, true));
    const kept = Steps.flushes(mode) ? v128.andnot(rounded, Steps.tiny(mode, rounded)) : rounded;
    return v128.or(kept, Steps.signOf(mode, x));
  }

  @inline
  static flushes(mode: i32): bool {
    return mode == NARROW_FLUSHING || mode == WIDE_FLUSHING;
  }

  /** @param fine whether x may have more bits than the grid of the subnormals */
  @inline
  static round(mode: i32, x: v128, fine: bool): v128 {
    const rounded = Steps.onGrid(mode, x, Steps.power(mode, x, fine));
    if (!Steps.flushes(mode)) return rounded;
    return v128.or(v128.andnot(rounded, Steps.tiny(mode, rounded)), Steps.signOf(mode, x));
  }
}
