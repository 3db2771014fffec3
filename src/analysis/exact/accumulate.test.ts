import { describe, expect, test } from 'vitest';
import { toBits } from '../../numerics/f32';
import { FORMATS } from '../../numerics/formats';
import { accumulate, accumulateStochastically } from './accumulate';

const COUNT = 20_000;

describe.each([FORMATS.fp16, FORMATS.bf16, FORMATS.e5m2])('1 added up in $label', (format) => {
  const one = toBits(1);

  test('stalls when rounded to nearest, and goes on when rounded stochastically', () => {
    const nearest = accumulate(one, COUNT, format, 'nearest-even');
    const stochastic = accumulateStochastically(one, COUNT, format);
    expect(nearest.stall).not.toBeNull();
    expect(stochastic).toHaveLength(nearest.points.length);
    const end = stochastic?.at(-1) ?? NaN;
    expect(end).toBeGreaterThan(4 * (nearest.stall?.sum ?? NaN));
    // The expected value is the exact sum; this far off it would be more than six standard deviations away.
    expect(Math.abs(end / COUNT - 1)).toBeLessThan(format === FORMATS.e5m2 ? 0.6 : 0.2);
  });

  test('is the same whenever it is asked for, and whatever is drawn of it', () => {
    const all = accumulateStochastically(one, COUNT, format);
    expect(accumulateStochastically(one, COUNT, format)).toEqual(all);
    expect(accumulateStochastically(one, COUNT, format, 2)?.at(-1)).toBe(all?.at(-1));
  });
});

test('as long as nothing is dropped, stochastic rounding is exact', () => {
  const sums = accumulateStochastically(toBits(0.5), 300, FORMATS.fp16, 1000);
  expect(sums).toEqual(Array.from({ length: 301 }, (_, step) => step / 2));
});

test('a sum of negative terms is the negative of the sum of positive ones', () => {
  const up = accumulateStochastically(toBits(3), 5000, FORMATS.bf16) ?? [];
  const down = accumulateStochastically(toBits(-3), 5000, FORMATS.bf16) ?? [];
  expect(down.map((sum) => 0 - sum)).toEqual(up);
});

test('FP32 has no room for the random bits', () => {
  expect(accumulateStochastically(toBits(1), 10, FORMATS.fp32)).toBeNull();
});
