/**
 * The elementary functions in double precision, with error bounds that follow from a few lines of analysis: the
 * yardstick for `elementary.ts`. `Math.exp` and its kin would not do, because ECMAScript promises nothing about
 * their accuracy. Only `+ - * /` and `Math.sqrt` are used, each with a relative error of u = 2^-53 at most.
 *
 * All of them take binary32 numbers that are no subnormals. The relative error is below the `*_ERROR` beside each, which is a
 * few millionths of a binary32 ulp at most; the tests compare them with integer arithmetic of 400 bits as well.
 */

/** ln 2 in two parts; the product of the first, which has 20 bits, with a binary32 exponent is exact. */
const LN2_HIGH = 0.6931467056274414;
const LN2_LOW = 4.7493250390316726e-7;
const LOG2_E = 1.4426950408889634;

/** 2^n for n from -200 to 200. */
const POWERS = new Float64Array(401);
POWERS[200] = 1;
for (let n = 1; n <= 200; n++) {
  POWERS[200 + n] = 2 * POWERS[199 + n];
  POWERS[200 - n] = 0.5 * POWERS[201 - n];
}

/** 1/2!, 1/3!, ..., 1/14! */
const [F2, F3, F4, F5, F6, F7, F8, F9, F10, F11, F12, F13, F14] = Array.from({ length: 13 }, (_, i) => {
  let factorial = 1;
  for (let k = 2; k <= i + 2; k++) factorial *= k;
  return 1 / factorial;
});

/** (e^r - 1 - r) / r^2 for |r| <= 0.35; the terms that are left out are below 2^-61. */
function exponentialTail(r: number): number {
  let p = F14 * r + F13;
  p = p * r + F12;
  p = p * r + F11;
  p = p * r + F10;
  p = p * r + F9;
  p = p * r + F8;
  p = p * r + F7;
  p = p * r + F6;
  p = p * r + F5;
  p = p * r + F4;
  p = p * r + F3;
  return p * r + F2;
}

/**
 * Relative error 1.5 u from the last sum, u/2 from r, u/2 from the tail: below 2^-51 in all. Takes any argument
 * of at most 48 significant bits: x - n LN2_HIGH then fits 53 bits, so that r is rounded once.
 */
export const EXP_ERROR = 2 ** -50;
export function expReference(x: number): number {
  if (x > 130) return Infinity;
  if (x < -130) return 0;
  const n = Math.round(x * LOG2_E);
  const r = x - n * LN2_HIGH - n * LN2_LOW;
  return (1 + (r + r * r * exponentialTail(r))) * POWERS[200 + n];
}

const binary32 = new Float32Array(1);
const pattern = new Uint32Array(binary32.buffer);

/**
 * x = 2^k m with m from 0.7 to 1.42 and s = (m-1)/(m+1), |s| < 0.172: log m = 2 (s + s^3/3 + ... + s^21/21), the rest
 * being below 2^-60. s has 2 u, the series 4 u, and the two sums with multiples of ln 2, which do not cancel,
 * another 4 u.
 */
export const LOG_ERROR = 2 ** -49;
export function logReference(x: number): number {
  if (x === 0) return -Infinity;
  if (!(x > 0)) return NaN;
  if (x === Infinity) return Infinity;
  binary32[0] = x;
  let k = (pattern[0] >>> 23) - 127;
  let m = x * POWERS[200 - k];
  if (m > 1.4142135) {
    m *= 0.5;
    k += 1;
  }
  const s = (m - 1) / (m + 1);
  const z = s * s;
  let p = z / 21 + 1 / 19;
  p = p * z + 1 / 17;
  p = p * z + 1 / 15;
  p = p * z + 1 / 13;
  p = p * z + 1 / 11;
  p = p * z + 1 / 9;
  p = p * z + 1 / 7;
  p = p * z + 1 / 5;
  p = p * z + 1 / 3;
  return k * LN2_HIGH + (k * LN2_LOW + (2 * s + 2 * s * z * p));
}

/**
 * (e^2x - 1) / (e^2x + 1). Below 0.17 the numerator is summed without its 1, so that all of it has a relative error of
 * 4 u. Above, 2/(e^2x + 1) is at most 0.84 and has 6 u, which is 32 u of the result where that is smallest.
 * From 20 on the result is 1 but for 2^-56, and below 2^-28 it is x but for x 2^-57.
 */
export const TANH_ERROR = 2 ** -47;
export function tanhReference(x: number): number {
  const a = Math.abs(x);
  if (a > 20) return x > 0 ? 1 : -1;
  if (a < 2 ** -28) return x;
  let result: number;
  if (a < 0.17) {
    const r = 2 * a;
    const numerator = r + r * r * exponentialTail(r);
    result = numerator / (2 + numerator);
  } else {
    result = 1 - 2 / (expReference(2 * a) + 1);
  }
  return x < 0 || Object.is(x, -0) ? -result : result;
}

const TWO_OVER_ROOT_PI = 1.1283791670955126;

/** 2/(2n+1) */
const ERF_RATIOS = Float64Array.from({ length: 200 }, (_, n) => 2 / (2 * n + 1));

/**
 * erf(x) = 2/sqrt(pi) x e^-z (1 + 2z/3 + (2z)^2/(3 5) + ...) with z = x^2, which is exact (Abramowitz and Stegun
 * 7.1.6). All terms are positive. The n-th has a relative error of 3 n u and adding it up costs another u; at most
 * 130 terms are needed, so the sum is good to 520 u. From 6 on the result is 1 but for 2^-55.
 */
export const ERF_ERROR = 2 ** -43;
export function erfReference(x: number): number {
  if (x >= 6) return 1;
  if (x <= -6) return -1;
  const z = x * x;
  if (z < 2 ** -60) return TWO_OVER_ROOT_PI * x;
  let term = 1;
  let sum = 1;
  // Terms fall by more than half each where they are this small, so what is left out is below 2^-56 as well.
  for (let n = 1; term > sum * 2 ** -57; n++) {
    term *= z * ERF_RATIOS[n];
    sum += term;
  }
  return TWO_OVER_ROOT_PI * x * (expReference(-z) * sum);
}

/** Both are correctly rounded; the next larger bound is one that 1 + bound can show. */
export const SQRT_ERROR = 2 ** -52;
export const sqrtReference = (x: number): number => Math.sqrt(x);

export const RECIPROCAL_ERROR = 2 ** -52;
export const reciprocalReference = (x: number): number => 1 / x;

/** u from the root and u from the quotient. */
export const RSQRT_ERROR = 2 ** -51;
export const rsqrtReference = (x: number): number => 1 / Math.sqrt(x);
