import { describe, expect, test } from 'vitest';
import { cos, sin } from './trigonometry';

describe('sin and cos', () => {
  test.each([
    ['in the first turns', 20 / 100_003],
    ['up to 2^20', 2 ** 21 / 100_003],
  ])('within 2^-52 of the engine, %s', (_, step) => {
    let worst = 0;
    for (let i = -50_000; i <= 50_000; i++) {
      const x = i * step;
      worst = Math.max(worst, Math.abs(sin(x) - Math.sin(x)), Math.abs(cos(x) - Math.cos(x)));
    }
    expect(worst).toBeLessThanOrEqual(2 ** -52);
  });

  test('exact values', () => {
    expect(sin(0)).toBe(0);
    expect(cos(0)).toBe(1);
    expect(sin(1e-10)).toBe(1e-10);
    expect(cos(Math.PI)).toBe(-1);
    expect(sin(Math.PI / 2)).toBe(1);
  });

  test('what they do not cover is refused', () => {
    for (const x of [2 ** 21, -Infinity, NaN]) expect(() => sin(x)).toThrow('angles up to 1048576');
  });
});
