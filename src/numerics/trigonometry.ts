/**
 * sin and cos in double precision from + - * alone, for generating data: `Math.sin` is not the same function in
 * every JavaScript engine, and a data set must not depend on the browser. There is no WGSL counterpart.
 *
 * Absolute error below 2^-52 for |x| <= 2^20 (trigonometry.test.ts measures it), the range accepted.
 */

/** pi/2 in two parts, the first with 33 significant bits, so that its product with n < 2^20 is exact. */
const HALF_PI_HIGH = 1.5707963267341256;
const HALF_PI_LOW = 6.077100506506192e-11;
const TWO_OVER_PI = 0.6366197723675814;

const LIMIT = 2 ** 20;

/** Taylor series on [-pi/4, pi/4]; the first term left out is below 2^-60 of the result. */
function sinKernel(r: number): number {
  const z = r * r;
  let p = 1 / 355687428096000; // 1/17!
  p = p * z - 1 / 1307674368000;
  p = p * z + 1 / 6227020800;
  p = p * z - 1 / 39916800;
  p = p * z + 1 / 362880;
  p = p * z - 1 / 5040;
  p = p * z + 1 / 120;
  p = p * z - 1 / 6;
  return r + r * z * p;
}

function cosKernel(r: number): number {
  const z = r * r;
  let p = 1 / 20922789888000; // 1/16!
  p = p * z - 1 / 87178291200;
  p = p * z + 1 / 479001600;
  p = p * z - 1 / 3628800;
  p = p * z + 1 / 40320;
  p = p * z - 1 / 720;
  p = p * z + 1 / 24;
  return 1 - (z / 2 - z * z * p);
}

/** sin(x + quarters * pi/2) */
function shiftedSin(x: number, quarters: number): number {
  if (!(Math.abs(x) <= LIMIT)) throw new RangeError(`sin and cos take angles up to ${LIMIT}, not ${x}.`);
  const n = Math.floor(x * TWO_OVER_PI + 0.5);
  const r = x - n * HALF_PI_HIGH - n * HALF_PI_LOW;
  const quadrant = (n + quarters) & 3;
  const value = (quadrant & 1) === 0 ? sinKernel(r) : cosKernel(r);
  return quadrant >= 2 ? -value : value;
}

/** Sine of an angle in radians, |x| <= 2^20. */
export function sin(x: number): number {
  return shiftedSin(x, 0);
}

/** Cosine of an angle in radians, |x| <= 2^20. */
export function cos(x: number): number {
  return shiftedSin(x, 1);
}
