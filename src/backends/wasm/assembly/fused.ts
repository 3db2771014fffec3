/**
 * Fused multiply-add, rounded once to binary32 or to a format: the product is exact, the sum is rounded to the bits of the
 * vector and then to those of the result. That goes wrong in one case only: the rounded sum lies half-way between two
 * neighbours, and the exact one does not. Where it does, it is looked at what the sum has lost (Knuth's two-sum), and
 * sums that have lost something are formed once more (exact.ts).
 *
 * In binary32 and for formats of more than 11 bits, or with other operands than those, two columns are in an f64x2, as
 * in steps.ts; otherwise four are in an f32x4.
 */
import { fusedInFormat, oddSum } from './exact';
import { NARROW, NARROW_FLUSHING, Steps, WIDE, WIDE_FLUSHING } from './steps';
import { LARGEST, sums, tile } from './sums';

/** Results in binary32 that cannot be below 2^-126, and that can; modes in a format are those of steps.ts. */
export const FUSED: i32 = 0;
export const FUSED_AND_FLUSHED: i32 = 1;

/** Two vectors, to reach each number. */
const numbers = memory.data(32);

/** 2^-126 - 2^-151: below it a result is tiny after rounding to 24 bits. */
const TINY_LIMIT: f64 = 1.1754943157898259e-38;

function fusedInBinary32(p: f64, c: f64): f64 {
  const exact = oddSum(p, c);
  return abs(exact) < TINY_LIMIT ? exact * 0 : <f64>(<f32>exact);
}

/**
 * The sums of products `p` and `c` whose exact value may lie beside the tie that `sum` is on, those of `ties`; the others
 * are `rounded`.
 */
function decideWide(inFormat: bool, p: v128, c: v128, sum: v128, ties: v128, rounded: v128): v128 {
  const z = f64x2.sub(sum, p);
  const lost = f64x2.add(f64x2.sub(p, f64x2.sub(sum, z)), f64x2.sub(c, z));
  if (!v128.any_true(v128.and(ties, f64x2.ne(lost, f64x2.splat(0))))) return rounded;
  v128.store(numbers, p);
  v128.store(numbers, c, 16);
  for (let i: usize = 0; i < 16; i += 8) {
    const x = load<f64>(numbers + i);
    const y = load<f64>(numbers + i, 16);
    store<f64>(numbers + i, inFormat ? <f64>fusedInFormat(x, y) : fusedInBinary32(x, y));
  }
  return v128.load(numbers);
}

/** The same in a format of four columns. */
function decideNarrow(p: v128, c: v128, sum: v128, ties: v128, rounded: v128): v128 {
  const z = f32x4.sub(sum, p);
  const lost = f32x4.add(f32x4.sub(p, f32x4.sub(sum, z)), f32x4.sub(c, z));
  if (!v128.any_true(v128.and(ties, f32x4.ne(lost, f32x4.splat(0))))) return rounded;
  v128.store(numbers, p);
  v128.store(numbers, c, 16);
  for (let i: usize = 0; i < 16; i += 4) {
    store<f32>(numbers + i, fusedInFormat(load<f32>(numbers + i), load<f32>(numbers + i, 16)));
  }
  return v128.load(numbers);
}

class Fused {
  @inline
  static isNarrow(mode: i32): bool {
    return mode == NARROW || mode == NARROW_FLUSHING;
  }

  @inline
  static inFormat(mode: i32): bool {
    return mode >= NARROW;
  }

  @inline
  static product(mode: i32, a: v128, b: v128): v128 {
    return Fused.isNarrow(mode) ? f32x4.mul(a, b) : f64x2.mul(a, b);
  }

  @inline
  static plus(mode: i32, p: v128, c: v128): v128 {
    return Fused.isNarrow(mode) ? f32x4.add(p, c) : f64x2.add(p, c);
  }

  /** A sum as it is rounded to the result, of its sign even if zero. */
  @inline
  static round(mode: i32, sum: v128): v128 {
    if (Fused.inFormat(mode)) return Steps.roundSigned(mode, sum);
    const rounded = f64x2.promote_low_f32x4(f32x4.demote_f64x2_zero(sum));
    if (mode == FUSED) return rounded;
    const tiny = f64x2.lt(f64x2.abs(sum), f64x2.splat(TINY_LIMIT));
    return v128.andnot(rounded, v128.and(tiny, i64x2.splat(i64.MAX_VALUE)));
  }

  /** Which sums lie half-way between two neighbours; in binary32, those whose dropped bits say so. */
  @inline
  static ties(mode: i32, sum: v128): v128 {
    if (Fused.inFormat(mode)) return Steps.ties(mode, sum);
    return i64x2.eq(v128.and(sum, i64x2.splat(0x1fffffff)), i64x2.splat(0x10000000));
  }

  @inline
  static decide(mode: i32, p: v128, c: v128, sum: v128, ties: v128, rounded: v128): v128 {
    return Fused.isNarrow(mode)
      ? decideNarrow(p, c, sum, ties, rounded)
      : decideWide(Fused.inFormat(mode), p, c, sum, ties, rounded);
  }

  @inline
  static watch(mode: i32, largest: v128, x: v128): v128 {
    return Fused.inFormat(mode) ? Steps.watch(mode, largest, x) : largest;
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
      const x0 = Fused.isNarrow(mode) ? v128.load32_splat(a) : v128.load64_splat(a);
      const x1 = Fused.isNarrow(mode) ? v128.load32_splat(a + second) : v128.load64_splat(a + second);
      const p00 = Fused.product(mode, x0, b0);
      const p01 = Fused.product(mode, x0, b1);
      const p10 = Fused.product(mode, x1, b0);
      const p11 = Fused.product(mode, x1, b1);
      const n00 = Fused.plus(mode, p00, s00);
      const n01 = Fused.plus(mode, p01, s01);
      const n10 = Fused.plus(mode, p10, s10);
      const n11 = Fused.plus(mode, p11, s11);
      let r00 = Fused.round(mode, n00);
      let r01 = Fused.round(mode, n01);
      let r10 = Fused.round(mode, n10);
      let r11 = Fused.round(mode, n11);
      const t00 = Fused.ties(mode, n00);
      const t01 = Fused.ties(mode, n01);
      const t10 = Fused.ties(mode, n10);
      const t11 = Fused.ties(mode, n11);
      if (v128.any_true(v128.or(v128.or(t00, t01), v128.or(t10, t11)))) {
        r00 = Fused.decide(mode, p00, s00, n00, t00, r00);
        r01 = Fused.decide(mode, p01, s01, n01, t01, r01);
        r10 = Fused.decide(mode, p10, s10, n10, t10, r10);
        r11 = Fused.decide(mode, p11, s11, n11, t11, r11);
      }
      s00 = r00;
      s01 = r01;
      s10 = r10;
      s11 = r11;
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

// One function for each mode, as in sums.ts.

function fused(): void {
  Fused.sum(FUSED);
}

function fusedAndFlushed(): void {
  Fused.sum(FUSED_AND_FLUSHED);
}

function fusedNarrow(): void {
  Fused.sum(NARROW);
}

function fusedNarrowFlushing(): void {
  Fused.sum(NARROW_FLUSHING);
}

function fusedWide(): void {
  Fused.sum(WIDE);
}

function fusedWideFlushing(): void {
  Fused.sum(WIDE_FLUSHING);
}

export function sumFused(mode: i32): void {
  if (mode == FUSED) fused();
  else if (mode == FUSED_AND_FLUSHED) fusedAndFlushed();
  else if (mode == NARROW) fusedNarrow();
  else if (mode == NARROW_FLUSHING) fusedNarrowFlushing();
  else if (mode == WIDE) fusedWide();
  else fusedWideFlushing();
}
