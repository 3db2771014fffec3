/**
 * The natural logarithm in double precision from + - * / alone: `Math.log` is not the same function in every JavaScript
 * engine, and initial weights must not depend on the browser. There is no WGSL counterpart.
 *
 * Relative error below 2^-51 (logarithm.test.ts measures it).
 */

/** ln 2 in two parts, the first with 33 significant bits, so that its product with an exponent is exact. */
const LN2_HIGH = 0.6931471803691238;
const LN2_LOW = 1.9082149292705877e-10;

/**
 * With x = m · 2^e and m in [2^-1/2, 2^1/2): ln x = e · ln 2 + 2 · atanh(s), s = (m - 1) / (m + 1), |s| < 0.1716. Taylor
 * series; the first term left out is below 2^-65 of the result.
 *
 * @param x positive and normal
 */
export function log(x: number): number {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, x);
  const high = view.getUint32(0);
  if (high < 0x00100000 || high >= 0x7ff00000) {
    throw new RangeError(`log takes positive normal numbers, not ${x}.`);
  }
  view.setUint32(0, (high & 0xfffff) | 0x3ff00000);
  let m = view.getFloat64(0);
  let e = (high >>> 20) - 1023;
  if (m >= Math.SQRT2) {
    m /= 2;
    e += 1;
  }
  const s = (m - 1) / (m + 1);
  const z = s * s;
  let p = 0;
  for (let k = 25; k >= 3; k -= 2) p = (p + 1 / k) * z;
  return e * LN2_HIGH + (e * LN2_LOW + (2 * s + 2 * s * p));
}
