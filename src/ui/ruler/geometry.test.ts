import { describe, expect, test } from 'vitest';
import type { Distribution } from '../../analysis/ruler';
import { FORMATS } from '../../numerics/formats';
import { clampedX, domainOf, geometryOf, ticksOf } from './geometry';

const distribution = (first: number, counts: readonly number[]): Distribution => ({
  first,
  counts,
  zero: 0,
  nonFinite: 0,
  nonzero: counts.reduce((sum, count) => sum + count, 0),
});

describe('axis of the ruler', () => {
  test.each(Object.values(FORMATS).map((format) => [format.name, format] as const))(
    'shows the distributions whatever the format: %s',
    (_, format) => {
      const { low, high } = domainOf(format, [distribution(-50, [5, 5, 5]), distribution(18, [1, 2]), null]);
      expect(low).toBeLessThanOrEqual(-51);
      expect(high).toBeGreaterThanOrEqual(21);
      expect([low % 4, high % 4].map(Math.abs)).toEqual([0, 0]);
    },
  );

  test('shows the borders of FP16, and is not made longer by a handful of values', () => {
    const tail = distribution(-90, [1, ...Array.from({ length: 60 }, () => 0), 10_000, 10_000]);
    const { low, high } = domainOf(FORMATS.fp16, [tail]);
    expect(low).toBe(-40);
    expect(high).toBeGreaterThan(16);
  });

  test.each([320, 700, 1400])('has numbers that do not touch at %i pixels', (width) => {
    const geometry = geometryOf(width, { low: -48, high: 20 });
    const ticks = ticksOf(geometry);
    expect(ticks.length).toBeGreaterThan(2);
    expect((ticks[1] - ticks[0]) * geometry.unit).toBeGreaterThanOrEqual(34);
    expect(ticks.at(-1)).toBeLessThan(20);
    expect(clampedX(geometry, -500)).toBe(geometry.left);
    expect(clampedX(geometry, 500)).toBe(geometry.right);
  });
});
