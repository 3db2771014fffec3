/**
 * The engine's binary32 arithmetic (src/numerics/f32.ts): to nearest even; subnormal operands count as zeros of their
 * sign, and so does a result whose rounding with unbounded exponent is below 2^-126.
 *
 * WebAssembly's own operations round the same, but keep subnormals. What is flushed afterwards differs in one case
 * only: a product or quotient just below 2^-126 rounds up to 2^-126 on the subnormals' grid though it would not on a
 * grid of 24 bits. A result of exactly 2^-126 is therefore computed once more, in double precision. Sums of two normal
 * numbers below 2^-126 are exact, so they have no such case.
 *
 * `Vector` works on four numbers, `Scalar` on one. Unless a name says otherwise, operands must be flushed already, as all
 * results here are.
 */

const MAGNITUDE: u32 = 0x7fffffff;
const MIN_NORMAL: f32 = reinterpret<f32>(0x00800000);
/** 2^-126 - 2^-151: below it a result is tiny after rounding to 24 bits. */
const TINY_LIMIT: f64 = 1.1754943157898259e-38;

/** A result of a product or quotient that is exactly ±2^-126, from its double. */
function settle(exact: f64): f32 {
  return abs(exact) < TINY_LIMIT ? <f32>(exact * 0.0) : <f32>exact;
}

export class Vector {
  /** Subnormals become zeros of their sign. NaN stays. */
  @inline
  static flush(x: v128): v128 {
    const magnitude = i32x4.splat(MAGNITUDE);
    const tiny = f32x4.lt(v128.and(x, magnitude), f32x4.splat(MIN_NORMAL));
    return v128.andnot(x, v128.and(tiny, magnitude));
  }

  @inline
  static add(a: v128, b: v128): v128 {
    return Vector.flush(f32x4.add(a, b));
  }

  @inline
  static sub(a: v128, b: v128): v128 {
    return Vector.flush(f32x4.sub(a, b));
  }

  @inline
  static mul(a: v128, b: v128): v128 {
    const p = f32x4.mul(a, b);
    return isTiny(p) ? tinyProducts(a, b, p) : p;
  }

  @inline
  static div(a: v128, b: v128): v128 {
    const q = f32x4.div(a, b);
    return isTiny(q) ? tinyQuotients(a, b, q) : q;
  }
}

/** Whether some number is not zero and at most 2^-126: less one, the bits of no other magnitude are below 2^23. */
function isTiny(x: v128): bool {
  const lessOne = i32x4.sub(v128.and(x, i32x4.splat(MAGNITUDE)), i32x4.splat(1));
  return v128.any_true(i32x4.eq(i32x4.shr_u(lessOne, 23), i32x4.splat(0)));
}

function atMinNormal(x: v128): bool {
  return v128.any_true(f32x4.eq(f32x4.abs(x), f32x4.splat(MIN_NORMAL)));
}

/** Four numbers, to reach each by its number. */
const numbers = memory.data(48);

function tinyProducts(a: v128, b: v128, p: v128): v128 {
  if (!atMinNormal(p)) return Vector.flush(p);
  v128.store(numbers, a, 0);
  v128.store(numbers, b, 16);
  v128.store(numbers, Vector.flush(p), 32);
  for (let i: usize = 0; i < 16; i += 4) {
    const exact = <f64>load<f32>(numbers + i) * <f64>load<f32>(numbers + i, 16);
    if (abs(<f32>exact) == MIN_NORMAL) store<f32>(numbers + i, settle(exact), 32);
  }
  return v128.load(numbers, 32);
}

function tinyQuotients(a: v128, b: v128, q: v128): v128 {
  if (!atMinNormal(q)) return Vector.flush(q);
  v128.store(numbers, a, 0);
  v128.store(numbers, b, 16);
  v128.store(numbers, Vector.flush(q), 32);
  for (let i: usize = 0; i < 16; i += 4) {
    const exact = <f64>load<f32>(numbers + i) / <f64>load<f32>(numbers + i, 16);
    if (abs(<f32>exact) == MIN_NORMAL) store<f32>(numbers + i, settle(exact), 32);
  }
  return v128.load(numbers, 32);
}

export class Scalar {
  @inline
  static flush(x: f32): f32 {
    return abs(x) < MIN_NORMAL ? x * 0 : x;
  }

  @inline
  static add(a: f32, b: f32): f32 {
    return Scalar.flush(a + b);
  }

  @inline
  static sub(a: f32, b: f32): f32 {
    return Scalar.flush(a - b);
  }

  @inline
  static mul(a: f32, b: f32): f32 {
    const p = a * b;
    return abs(p) > MIN_NORMAL ? p : settle(<f64>a * <f64>b);
  }

  @inline
  static div(a: f32, b: f32): f32 {
    const q = a / b;
    return abs(q) > MIN_NORMAL ? q : settle(<f64>a / <f64>b);
  }
}
