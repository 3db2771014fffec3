/** The yardstick of the elementary functions against integer arithmetic, and that against published digits. */
import { describe, expect, test } from 'vitest';
import { uniform } from '../testing/inputs';
import {
  decimals,
  fixedErf,
  fixedExp,
  fixedLog,
  fixedTanh,
  relativeError,
  toFixed,
} from '../testing/high-precision';
import * as reference from './elementary-reference';
import { rsqrt } from '../numerics/elementary';
import { MIN_NORMAL } from '../numerics/f32';

/** Fifty decimals; the first ten of erf are those of Abramowitz and Stegun, table 7.1. */
test.each([
  ['e', fixedExp(toFixed(1)), '2.71828182845904523536028747135266249775724709369995'],
  ['1/e', fixedExp(toFixed(-1)), '0.36787944117144232159552377016146086744581113103176'],
  ['ln 2', fixedLog(toFixed(2)), '0.69314718055994530941723212145817656807550013436025'],
  ['ln 10', fixedLog(toFixed(10)), '2.30258509299404568401799145468436420760110148862877'],
  ['tanh 1', fixedTanh(toFixed(1)), '0.76159415595576488811945828260479359041276859725793'],
  ['erf 1/2', fixedErf(toFixed(0.5)), '0.52049987781304653768274665389196452873645157575796'],
  ['erf 1', fixedErf(toFixed(1)), '0.84270079294971486934122063508260925929606699796630'],
  ['erf 2', fixedErf(toFixed(2)), '0.99532226501895273416206925636725292861089179704006'],
  ['erf 3', fixedErf(toFixed(3)), '0.99997790950300141455862722387041767962015229291260'],
])('%s to fifty decimals in integer arithmetic', (_, value, digits) => {
  expect(decimals(value, 50)).toBe(digits);
});

/** Magnitudes from `low` to `high`, all exponents equally often; some very close to 1. */
function arguments32(low: number, high: number, count: number): number[] {
  const random = uniform(7);
  return Array.from({ length: count }, (_, i) => {
    const magnitude =
      i % 8 === 0 ? 1 + (random() - 0.5) * 2 ** -(23 * random()) : low * (high / low) ** random();
    return Math.fround(i % 2 === 0 ? magnitude : -magnitude);
  });
}

describe('the error in double precision is below its bound', () => {
  test.each([
    ['exp', reference.expReference, fixedExp, reference.EXP_ERROR, arguments32(2 ** -40, 87, 800)],
    [
      'log',
      reference.logReference,
      fixedLog,
      reference.LOG_ERROR,
      arguments32(MIN_NORMAL, 3e38, 400).map(Math.abs),
    ],
    ['tanh', reference.tanhReference, fixedTanh, reference.TANH_ERROR, arguments32(MIN_NORMAL, 25, 800)],
    ['erf', reference.erfReference, fixedErf, reference.ERF_ERROR, arguments32(MIN_NORMAL, 7, 800)],
  ] as const)('%s', (_, approximate, exact, bound, inputs) => {
    const errors = inputs
      .filter((x) => x !== 1 || exact !== fixedLog)
      .map((x) => relativeError(approximate(x), exact(toFixed(x))));
    expect(errors.length).toBeGreaterThan(390);
    expect(Math.max(...errors)).toBeLessThan(bound);
  });
});

test('1/sqrt is correctly rounded for every significand and both parities of the exponent', () => {
  const wrong: number[] = [];
  let close = 0;
  for (let significand = 2 ** 23; significand < 2 ** 24; significand++) {
    for (const radicand of [2 * significand, 4 * significand]) {
      const double = 1 / Math.sqrt(radicand);
      const rounded = rsqrt(radicand);
      const far =
        Math.fround(double * (1 - reference.RSQRT_ERROR)) === rounded &&
        Math.fround(double * (1 + reference.RSQRT_ERROR)) === rounded;
      if (far) continue;
      close++;
      // root - 1/2 < 2^36 / sqrt(radicand) < root + 1/2 in integers; see half_below in elementary.wgsl.
      const root = BigInt(rounded * 2 ** 36);
      const square = (n: bigint): bigint => n * n * BigInt(radicand);
      if (!(square(2n * root - 1n) < 2n ** 74n && 2n ** 74n < square(2n * root + 1n))) wrong.push(radicand);
    }
  }
  expect(wrong).toEqual([]);
  expect(close).toBeLessThan(100);
});
