import { describe, expect, test } from 'vitest';
import { exponentAxis, logAxis, stepTicks } from './axes';

const rows = (...values: (number | null)[]) => values.map((value) => ({ values: [value] }));

describe('axis of exponents', () => {
  test('has whole ticks inside its domain, and not too many', () => {
    for (const [low, high] of [
      [16, 16],
      [4, 40],
      [-24, 40],
      [2.3, 17.5],
      [-140, 16],
    ]) {
      const { domain, ticks } = exponentAxis(rows(low, high));
      expect(domain[0]).toBeLessThan(low);
      expect(domain[1]).toBeGreaterThan(high);
      expect(ticks.every((tick) => Number.isInteger(tick) && tick >= domain[0] && tick <= domain[1])).toBe(
        true,
      );
      expect(ticks.length).toBeLessThanOrEqual(7);
      expect(ticks.length).toBeGreaterThanOrEqual(2);
    }
  });

  test('exists without values', () => {
    expect(exponentAxis([]).ticks.length).toBeGreaterThan(1);
  });
});

describe('logarithmic axis', () => {
  test('leaves out what is not positive', () => {
    const { domain } = logAxis(rows(0, null, 0.5, 2));
    expect(domain[0]).toBeGreaterThan(0);
    expect(domain[0]).toBeLessThan(0.5);
    expect(domain[1]).toBeGreaterThan(2);
  });

  test('has at least two ticks, however narrow or wide', () => {
    for (const [low, high] of [
      [0.31, 0.32],
      [1e-6, 1e3],
      [1, 10],
    ]) {
      const { domain, ticks } = logAxis(rows(low, high));
      expect(ticks.length).toBeGreaterThanOrEqual(2);
      expect(ticks.length).toBeLessThanOrEqual(10);
      expect(ticks.every((tick) => tick >= domain[0] && tick <= domain[1])).toBe(true);
    }
  });
});

test.each([
  [10, [0, 2, 4, 6, 8, 10]],
  [379, [0, 100, 200, 300]],
  [1000, [0, 200, 400, 600, 800, 1000]],
  [123456, [0, 50000, 100000]],
])('steps up to %i are marked at round numbers', (steps, ticks) => {
  expect(stepTicks(steps)).toEqual(ticks);
});
