import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { log } from './logarithm';
import { normal } from './normal';

describe('log', () => {
  test('differs from the library by a few units in the last place at most', () => {
    fc.assert(
      fc.property(fc.double({ min: 2 ** -1022, noNaN: true, noDefaultInfinity: true }), (x) => {
        expect(Math.abs(log(x) - Math.log(x))).toBeLessThanOrEqual(2 ** -51 * Math.abs(Math.log(x)));
      }),
      { numRuns: 20_000 },
    );
  });

  test('is as good around 1, where it has a zero', () => {
    for (let k = -1000; k <= 1000; k++) {
      const x = 1 + k * 2 ** -46;
      expect(Math.abs(log(x) - Math.log(x))).toBeLessThanOrEqual(2 ** -51 * Math.abs(Math.log(x)));
    }
    expect(log(1)).toBe(0);
  });

  test.each([0, -1, 2 ** -1030, Infinity, NaN])('refuses %s', (x) => {
    expect(() => log(x)).toThrow(RangeError);
  });
});

describe('normal', () => {
  /** What a program in Python with the same formulas gives. */
  test('is what the documentation says, so that others can reproduce it', () => {
    expect(Array.from({ length: 6 }, (_, i) => normal(42, 7, i))).toEqual([
      1.0651508805673733, -0.6584503715051443, -0.3286256698510031, 0.4932545158974904, 1.8181289758631018,
      0.6604123881074108,
    ]);
  });

  test('has the moments of the normal distribution', () => {
    const n = 100_000;
    const values = Array.from({ length: n }, (_, i) => normal(1, 2, i));
    const moment = (power: number): number => values.reduce((sum, x) => sum + x ** power, 0) / n;
    // Within four standard errors: the variances of x, x², x³ and x⁴ are 1, 2, 15 and 96.
    [0, 1, 0, 3].forEach((expected, i) => {
      const error = Math.sqrt([1, 2, 15, 96][i] / n);
      expect(Math.abs(moment(i + 1) - expected)).toBeLessThan(4 * error);
    });
  });

  test('lies as often below every tenth as it should', () => {
    // Deciles of the standard normal distribution.
    const deciles = [-1.2815515655, -0.8416212336, -0.5244005127, -0.2533471031, 0];
    const n = 50_000;
    const values = Array.from({ length: n }, (_, i) => normal(3, 1, i));
    deciles.forEach((decile, i) => {
      const share = values.filter((x) => x < decile).length / n;
      const expected = (i + 1) / 10;
      expect(Math.abs(share - expected)).toBeLessThan(4 * Math.sqrt((expected * (1 - expected)) / n));
    });
  });
});
