import { describe, expect, test } from 'vitest';
import { toBits } from '../numerics/f32';
import { FORMATS, parseFormat, type NumberFormat } from '../numerics/formats';
import { roundToFormat } from '../numerics/round';
import { centreOf, distributionOf, lossIn, lostShare, shifted, zonesOf, type Distribution } from './ruler';

/** Quantiles of lesson 1's gradients, log2|g| ~ Normal(-26, 4), by Box-Muller on a golden-ratio sequence. */
const gradients = Array.from({ length: 50000 }, (_, index) => {
  const radius = Math.sqrt(-2 * Math.log((index + 0.5) / 50000));
  return Math.fround(2 ** (-26 + 4 * radius * Math.cos(2 * Math.PI * index * 0.6180339887498949)));
});

function histogram(values: readonly number[]): Distribution {
  const counts = new Uint32Array(3 * 2 * 256);
  // Site 7 is second in the list, lane 1 the second lane.
  for (const value of values) counts[(1 * 2 + 1) * 256 + (toBits(Math.abs(value)) >>> 23)]++;
  return distributionOf({ step: 1, scale: [1, 1], sites: [4, 7, 9], counts }, 1, (site) => site === 7);
}

/** Shares counted by rounding every value. */
function counted(
  format: NumberFormat,
  scale: number,
): { flushed: number; subnormal: number; overflow: number } {
  const rounded = gradients.map((value) => roundToFormat(value * scale, format));
  const share = (test: (value: number) => boolean): number => rounded.filter(test).length / gradients.length;
  return {
    flushed: share((value) => value === 0),
    subnormal: share((value) => value !== 0 && Math.abs(value) < format.minNormal),
    overflow: share((value) => !Number.isFinite(value)),
  };
}

describe('distribution', () => {
  test('sums the wanted sites of one lane and keeps zeros and non-finite values apart', () => {
    const distribution = histogram([0, 1, 1.5, 2, -0.25, Infinity, NaN, 0]);
    expect(distribution).toEqual({ first: -2, counts: [1, 0, 2, 1], zero: 2, nonFinite: 2, nonzero: 4 });
    expect(centreOf(distribution)).toBe(0.5);
    expect(shifted(distribution, 10).first).toBe(8);
  });

  test('of nothing is empty', () => {
    const distribution = histogram([]);
    expect(distribution).toEqual({ first: 0, counts: [], zero: 0, nonFinite: 0, nonzero: 0 });
    expect(centreOf(distribution)).toBeNull();
    expect(lostShare(FORMATS.fp16, distribution)).toBe(0);
  });
});

describe('zones', () => {
  test.each([
    ['fp16', -25, -14, Math.log2(65520)],
    ['bf16', -134, -126, Math.log2(2 ** 128 - 2 ** 119)],
    ['e4m3fn', -10, -6, Math.log2(464)],
    ['e5m2', -17, -14, Math.log2(61440)],
  ])('%s', (name, zero, normal, overflow) => {
    expect(zonesOf(parseFormat(name))).toEqual({ zero, normal, overflow });
  });
});

describe('predicted loss', () => {
  test.each(
    ['fp16', 'bf16', 'e5m2', 'e4m3fn'].flatMap((name) =>
      [0, 8, 16, 24, 32].map((shift) => [name, shift] as const),
    ),
  )('%s at 2^%i is what rounding every value gives', (name, shift) => {
    const format = parseFormat(name);
    const predicted = lossIn(format, shifted(histogram(gradients), shift));
    const truth = counted(format, 2 ** shift);
    expect(predicted.flushed).toBeCloseTo(truth.flushed, 10);
    expect(predicted.subnormal).toBeCloseTo(truth.subnormal, 2);
    expect(predicted.overflow).toBeCloseTo(truth.overflow, 2);
  });

  test('agrees with lesson 1', () => {
    const distribution = histogram(gradients);
    expect(lossIn(FORMATS.fp16, distribution).flushed).toBeCloseTo(0.596, 2);
    expect(lostShare(FORMATS.fp16, shifted(distribution, 8))).toBeCloseTo(0.04, 2);
    expect(lossIn(FORMATS.e4m3fn, distribution).flushed).toBeCloseTo(1, 3);
    expect(lostShare(FORMATS.bf16, distribution)).toBe(0);
  });
});
