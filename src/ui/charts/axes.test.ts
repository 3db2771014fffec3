import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { powerLabel } from '../../analysis/numbers';
import { exponentAxis, LONGEST_LABEL, logAxis, stepTicks, tickText, type YAxis } from './axes';

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

  test('an exploding loss has a label at every few decades only', () => {
    const { ticks } = logAxis(rows(1e-3, 2.9e29));
    expect(ticks.map(tickText)).toEqual(['1', '1e5', '1e10', '1e15', '1e20', '1e25']);
  });

  test('between 0.3007 and 0.32 labels are round', () => {
    expect(logAxis(rows(0.3007, 0.32)).ticks.map(tickText)).toEqual(['0.28', '0.3', '0.32', '0.34', '0.36']);
  });
});

describe('labels of any axis', () => {
  /** What must hold for an axis whose labels are read at all. */
  function expectReadable({ domain, ticks }: YAxis, text: (tick: number) => string): void {
    const texts = ticks.map(text);
    expect(ticks.length).toBeGreaterThanOrEqual(2);
    expect(ticks.length).toBeLessThanOrEqual(7);
    expect(ticks.every((tick) => tick >= domain[0] && tick <= domain[1])).toBe(true);
    expect(ticks.every((tick, index) => index === 0 || tick > ticks[index - 1])).toBe(true);
    expect(new Set(texts).size).toBe(texts.length);
    expect(Math.max(...texts.map((label) => label.length))).toBeLessThanOrEqual(LONGEST_LABEL);
  }
  const losses = fc.oneof(
    fc.float({ noDefaultInfinity: true, noNaN: true }),
    // Ranges of every width around every magnitude.
    fc
      .tuple(fc.double({ min: -45, max: 38, noNaN: true }), fc.double({ min: 0, max: 3, noNaN: true }))
      .map(([exponent, width]) => Math.fround(10 ** (exponent + width) || 1e-45)),
  );

  test('of losses: few, distinct, inside the domain, short, true and with room between them', () => {
    fc.assert(
      fc.property(fc.array(losses, { maxLength: 5 }), (values) => {
        const axis = logAxis(rows(...values.filter(Number.isFinite)));
        expectReadable(axis, tickText);
        for (const tick of axis.ticks) expect(Number(tickText(tick))).toBe(tick);
        // 11.5 pixels of text on 146 pixels of axis.
        const length = Math.log(axis.domain[1] / axis.domain[0]);
        const gaps = axis.ticks.slice(1).map((tick, index) => Math.log(tick / axis.ticks[index]) / length);
        expect(Math.min(...gaps) * 146).toBeGreaterThan(13);
      }),
      { numRuns: 500 },
    );
  });

  test('of scales', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -149, max: 128 }), { maxLength: 5 }), (exponents) => {
        expectReadable(exponentAxis(rows(...exponents)), powerLabel);
      }),
      { numRuns: 500 },
    );
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
