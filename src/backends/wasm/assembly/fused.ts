/**
 * Fused multiply-add, rounded once to binary32 or to a format, of two columns in each f64x2: a product of two f32 is exact
 * there, the sum may not be. It is rounded to 53 bits and then to 24 or less, which goes wrong in one case only: the sum
 * in double precision lies half-way between two neighbours, and the exact one does not. Such sums are formed once more,
 * rounded to odd (src/numerics/format-arithmetic.ts), after which a second rounding decides right.
 */
import { oddSum } from './exact';
import { Steps, WIDE } from './steps';
import { sums, tile } from './sums';

/** Results in binary32 that cannot be below 2^-126, and that can. */
export const FUSED: i32 = 0;
export const FUSED_AND_FLUSHED: i32 = 1;
/** In a format, which keeps its subnormals or not. */
export const FUSED_IN_FORMAT: i32 = 4;
export const FUSED_FLUSHING: i32 = 5;

const LARGEST: usize = 64;

/** Two pairs of doubles, to reach each by its number. */
const pairs = memory.data(32);

/** Both sums of `p` and `c` rounded to odd. */
function oddSums(p: v128, c: v128): v128 {
  v128.store(pairs, p);
  v128.store(pairs, c, 16);
  const first = oddSum(load<f64>(pairs), load<f64>(pairs, 16));
  const second = oddSum(load<f64>(pairs, 8), load<f64>(pairs, 24));
  return f64x2.replace_lane(f64x2.splat(first), 1, second);
}

/** 2^-126 - 2^-151: below it a result is tiny after rounding to 24 bits. */
const TINY_LIMIT: f64 = 1.1754943157898259e-38;

class Fused {
  /** The bits that binary32 drops are those of a tie. */
  @inline
  static halfWay(sum: v128): v128 {
    return i64x2.eq(v128.and(sum, i64x2.splat(0x1fffffff)), i64x2.splat(0x10000000));
  }

  @inline
  static toBinary32(mode: i32, p: v128, c: v128): v128 {
    let sum = f64x2.add(p, c);
    if (v128.any_true(Fused.halfWay(sum))) sum = oddSums(p, c);
    const rounded = f64x2.promote_low_f32x4(f32x4.demote_f64x2_zero(sum));
    if (mode == FUSED) return rounded;
    const tiny = f64x2.lt(f64x2.abs(sum), f64x2.splat(TINY_LIMIT));
    return v128.andnot(rounded, v128.and(tiny, i64x2.splat(i64.MAX_VALUE)));
  }

  @inline
  static toFormat(mode: i32, p: v128, c: v128): v128 {
    let sum = f64x2.add(p, c);
    const power = Steps.wideExponent(sum);
    let rounded = Steps.onWideGrid(sum, power);
    if (v128.any_true(f64x2.eq(f64x2.abs(f64x2.sub(sum, rounded)), Steps.halfUnit(power)))) {
      sum = oddSums(p, c);
      rounded = Steps.onWideGrid(sum, Steps.wideExponent(sum));
    }
    if (mode == FUSED_FLUSHING) return Steps.flushWide(sum, rounded);
    return v128.or(rounded, v128.and(sum, i64x2.splat(i64.MIN_VALUE)));
  }

  @inline
  static add(mode: i32, a: v128, b: v128, c: v128): v128 {
    const p = f64x2.mul(a, b);
    return mode >= FUSED_IN_FORMAT ? Fused.toFormat(mode, p, c) : Fused.toBinary32(mode, p, c);
  }

  @inline
  static watch(mode: i32, largest: v128, x: v128): v128 {
    return mode >= FUSED_IN_FORMAT ? Steps.watch(WIDE, largest, x) : largest;
  }

  @inline
  static sum(mode: i32): void {
    let a = tile.a;
    let b = tile.b;
    const second = tile.secondRow;
    const aStep = tile.aStep;
    const bStep = tile.bStep;
    const terms = tile.terms;
    const zero = i32x4.splat(0);
    let s00 = zero;
    let s01 = zero;
    let s10 = zero;
    let s11 = zero;
    let large0 = zero;
    let large1 = zero;
    for (let k: u32 = 0; k < terms; k++) {
      const b0 = v128.load(b);
      const b1 = v128.load(b, 16);
      const x0 = v128.load64_splat(a);
      const x1 = v128.load64_splat(a + second);
      s00 = Fused.add(mode, x0, b0, s00);
      s01 = Fused.add(mode, x0, b1, s01);
      s10 = Fused.add(mode, x1, b0, s10);
      s11 = Fused.add(mode, x1, b1, s11);
      large0 = Fused.watch(mode, Fused.watch(mode, large0, s00), s01);
      large1 = Fused.watch(mode, Fused.watch(mode, large1, s10), s11);
      a += aStep;
      b += bStep;
    }
    v128.store(sums, s00);
    v128.store(sums, s01, 16);
    v128.store(sums, s10, 32);
    v128.store(sums, s11, 48);
    v128.store(sums, Fused.watch(mode, large0, large1), LARGEST);
  }
}

// One function for each, as in sums.ts.

function fused(): void {
  Fused.sum(FUSED);
}

function fusedAndFlushed(): void {
  Fused.sum(FUSED_AND_FLUSHED);
}

function fusedInFormat(): void {
  Fused.sum(FUSED_IN_FORMAT);
}

function fusedFlushing(): void {
  Fused.sum(FUSED_FLUSHING);
}

export function sumFused(mode: i32): void {
  if (mode == FUSED) fused();
  else if (mode == FUSED_AND_FLUSHED) fusedAndFlushed();
  else if (mode == FUSED_IN_FORMAT) fusedInFormat();
  else fusedFlushing();
}
