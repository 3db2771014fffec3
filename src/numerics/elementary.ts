/**
 * exp, log, tanh, erf and 1/sqrt in binary32, the first four from additions, multiplications and divisions only.
 *
 * Neither `Math.exp` nor WGSL's `exp` gives the same bits on every machine, and WGSL's may be thousands of ulp
 * off. Here `shaders/numerics/elementary.wgsl` performs the same operations in the same order, each rounded by
 * the rules of `f32.ts`, so both give the same bits everywhere.
 *
 * The largest errors over all binary32 numbers are in testdata/elementary.json; `npm run verify:elementary` measures
 * them again.
 *
 * The polynomial coefficients are minimax fits (Remez exchange at 160 bits, relative error, each coefficient
 * rounded to binary32 in turn and the rest refitted). The reductions are those of Cody and Waite, "Software
 * Manual for the Elementary Functions", 1980.
 */

import { add, div, flush, fromBits, mul, sub, toBits } from './f32';

/** ln 2 in two parts; the first has 15 significant bits, so that its product with an exponent is exact. */
const LN2_HIGH = fromBits(0x3f317200);
const LN2_LOW = fromBits(0x35bfbe8e);
const LOG2_E = fromBits(0x3fb8aa3b);

/** 1.5 * 2^23: adding it to a number of magnitude below 2^22 rounds that number to an integer. */
const INTEGER_SHIFT = 12582912;
const INTEGER_SHIFT_BITS = 0x4b400000;

/** exp(r) = 1 + r + r^2 (E0 + E1 r + ...) for |r| <= ln(2)/2, relative error 3.2e-9. */
const E0 = fromBits(0x3efffffe);
const E1 = fromBits(0x3e2aaa46);
const E2 = fromBits(0x3d2aac2d);
const E3 = fromBits(0x3c091eb8);
const E4 = fromBits(0x3ab55c4f);

/**
 * e^x. Gives 1 for zeros and subnormals, infinity from 88.72284 upwards, and 0 below -87.33655, where the
 * result would be below 2^-126.
 */
export function exp(x: number): number {
  const u = toBits(x);
  const m = u & 0x7fffffff;
  if (m > 0x7f800000) return NaN;
  // From 104 on the result is infinity or zero by a wide margin, and below the exponent fits the arithmetic.
  if (m >= 0x42d00000) return u >>> 31 === 0 ? Infinity : 0;
  const shifted = add(mul(x, LOG2_E), INTEGER_SHIFT);
  const n = toBits(shifted) - INTEGER_SHIFT_BITS;
  const multiple = sub(shifted, INTEGER_SHIFT);
  // x - n ln 2 = high - low; `high` is exact.
  const high = sub(x, mul(multiple, LN2_HIGH));
  const low = mul(multiple, LN2_LOW);
  const r = sub(high, low);
  let q = add(mul(E4, r), E3);
  q = add(mul(q, r), E2);
  q = add(mul(q, r), E1);
  q = add(mul(q, r), E0);
  const y = toBits(add(1, add(high, sub(mul(mul(r, r), q), low))));
  const exponent = (y >>> 23) + n;
  if (exponent >= 255) return Infinity;
  if (exponent <= 0) return 0;
  return fromBits((y & 0x7fffff) | (exponent << 23));
}

/** log(1+f) = f - f^2/2 + f^3 (L0 + L1 f + ...) for 1+f in [sqrt(1/2), sqrt(2)], relative error 5.1e-9. */
const L0 = fromBits(0x3eaaaaa4);
const L1 = fromBits(0xbe800038);
const L2 = fromBits(0x3e4cd2a1);
const L3 = fromBits(0xbe2a9782);
const L4 = fromBits(0x3e118157);
const L5 = fromBits(0xbe0082aa);
const L6 = fromBits(0x3df81d70);
const L7 = fromBits(0xbddf6ba9);
const L8 = fromBits(0x3d5892a7);

/** sqrt(1/2), the lower end of the reduced range. */
const SQRT_HALF_BITS = 0x3f3504f3;

/** Natural logarithm. Gives -infinity for zeros and subnormals of either sign, NaN for other negative numbers. */
export function log(x: number): number {
  const u = toBits(x);
  const m = u & 0x7fffffff;
  if (m > 0x7f800000) return NaN;
  if (m < 0x00800000) return -Infinity;
  if (u >>> 31 !== 0) return NaN;
  if (m === 0x7f800000) return Infinity;
  // x = 2^k (1 + f)
  const k = (u - SQRT_HALF_BITS) >> 23;
  const f = sub(fromBits(u - (k << 23)), 1);
  const z = mul(f, f);
  let p = add(mul(L8, f), L7);
  p = add(mul(p, f), L6);
  p = add(mul(p, f), L5);
  p = add(mul(p, f), L4);
  p = add(mul(p, f), L3);
  p = add(mul(p, f), L2);
  p = add(mul(p, f), L1);
  p = add(mul(p, f), L0);
  const tail = sub(mul(mul(f, z), p), mul(0.5, z));
  const s = add(f, add(tail, mul(k, LN2_LOW)));
  return add(mul(k, LN2_HIGH), s);
}

/** tanh(x) = x + x^3 (T0 + T1 x^2 + ...) for |x| <= 0.625, relative error 4.5e-9. */
const T0 = fromBits(0xbeaaaa99);
const T1 = fromBits(0x3e08837b);
const T2 = fromBits(0xbd5c1ad2);
const T3 = fromBits(0x3ca8fc67);
const T4 = fromBits(0xbbba8672);

/** Hyperbolic tangent. Keeps the sign of zeros (and of subnormals, which become zeros); +-1 from 9.011 on. */
export function tanh(x: number): number {
  const magnitude = flush(Math.abs(x));
  const result = magnitude < 0.625 ? tanhNearZero(magnitude) : tanhAwayFromZero(magnitude);
  // 1/-0 is negative as well: zeros have a sign.
  return x < 0 || 1 / x < 0 ? -result : result;
}

/** Below it x^3/3 is less than a quarter of an ulp of x; from the other one on 1 - tanh(x) is below 2^-27. */
const TANH_IDENTITY_BELOW = 2 ** -13;
const TANH_ONE_FROM = 10;

function tanhNearZero(x: number): number {
  if (x < TANH_IDENTITY_BELOW) return x;
  const z = mul(x, x);
  let p = add(mul(T4, z), T3);
  p = add(mul(p, z), T2);
  p = add(mul(p, z), T1);
  p = add(mul(p, z), T0);
  return add(x, mul(mul(x, z), p));
}

function tanhAwayFromZero(x: number): number {
  if (x >= TANH_ONE_FROM) return 1;
  return sub(1, div(2, add(exp(mul(2, x)), 1)));
}

/** erf(x) = x + x (A0 + A1 x^2 + ...) for |x| < 1, relative error 1.5e-9. */
const A0 = fromBits(0x3e0375d4);
const A1 = fromBits(0xbec0939f);
const A2 = fromBits(0x3de71673);
const A3 = fromBits(0xbcdbfb8d);
const A4 = fromBits(0x3ba9f912);
const A5 = fromBits(0xba51a8af);
const A6 = fromBits(0x38a3b8fe);

/** erf(x) = 1 - e^-(B0 + B1 x + ...) for 1 <= x <= 3.95, relative error 1.5e-9. */
const B0 = fromBits(0x39b30d65);
const B1 = fromBits(0x3f904476);
const B2 = fromBits(0x3f235d73);
const B3 = fromBits(0x3dd329b7);
const B4 = fromBits(0xbcb2e5e7);
const B5 = fromBits(0x3b412dda);
const B6 = fromBits(0xb9436f68);

/** Below this x^2 changes nothing; and the product of x and a coefficient may be flushed, so x is scaled. */
const ERF_SCALED_BELOW = 2 ** -20;

/** Gauss error function. Keeps the sign of zeros (and of subnormals, which become zeros); +-1 from 3.833 on. */
export function erf(x: number): number {
  const magnitude = flush(Math.abs(x));
  const result = magnitude < 1 ? erfNearZero(magnitude) : erfAwayFromZero(magnitude);
  return x < 0 || 1 / x < 0 ? -result : result;
}

function erfNearZero(x: number): number {
  if (x < ERF_SCALED_BELOW) {
    const scaled = mul(x, 2 ** 64);
    return mul(add(scaled, mul(scaled, A0)), 2 ** -64);
  }
  const z = mul(x, x);
  let p = add(mul(A6, z), A5);
  p = add(mul(p, z), A4);
  p = add(mul(p, z), A3);
  p = add(mul(p, z), A2);
  p = add(mul(p, z), A1);
  p = add(mul(p, z), A0);
  return add(x, mul(x, p));
}

function erfAwayFromZero(x: number): number {
  if (x >= 4) return 1;
  let p = add(mul(B6, x), B5);
  p = add(mul(p, x), B4);
  p = add(mul(p, x), B3);
  p = add(mul(p, x), B2);
  p = add(mul(p, x), B1);
  p = add(mul(p, x), B0);
  return sub(1, exp(-p));
}

/**
 * 1/sqrt(x), correctly rounded. Gives an infinity of their sign for zeros and subnormals, NaN for other negative
 * numbers.
 *
 * Two roundings to double precision and one to binary32 are one rounding here because 1/sqrt(x) never comes close
 * to the middle between two binary32 numbers: `verify:elementary` looks at every significand.
 */
export function rsqrt(x: number): number {
  return Math.fround(1 / Math.sqrt(flush(x)));
}
