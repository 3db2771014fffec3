import { describe, expect, test } from 'vitest';
import { toBits } from '../numerics/f32';
import { FORMATS, parseFormat, type NumberFormat } from '../numerics/formats';
import { roundToFormat } from '../numerics/round';
import {
  centreOf,
  distributionOf,
  estimated,
  measured,
  shifted,
  zonesOf,
  type Distribution,
  type FormatPart,
} from './ruler';

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

/** What a lane would show that stored every value times the scale in the format. */
const stored = (values: readonly number[], format: NumberFormat, scale: number): Distribution =>
  histogram(values.map((value) => roundToFormat(value * scale, format)));

const partsOf = (format: NumberFormat, values: readonly number[] = gradients): FormatPart[] => [
  { format, distribution: histogram(values) },
];

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
    expect(measured(distribution)).toBeNull();
    expect(estimated([{ format: FORMATS.fp16, distribution }], 1)).toBeNull();
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

describe('shares', () => {
  test('are of all values, whatever became of them', () => {
    expect(measured(histogram([0, 0, 1, Infinity, NaN, NaN, NaN, 2]))).toEqual({
      zero: 0.25,
      nonFinite: 0.5,
    });
    expect(measured(histogram([NaN, NaN]))).toEqual({ zero: 0, nonFinite: 1 });
  });

  test.each(
    ['fp16', 'bf16', 'e5m2', 'e4m3fn'].flatMap((name) =>
      [-8, 0, 8, 16, 24, 32].map((exponent) => [name, exponent] as const),
    ),
  )('estimated for %s at 2^%i are what rounding every value gives', (name, exponent) => {
    const format = parseFormat(name);
    const estimate = estimated(partsOf(format), 2 ** exponent);
    const truth = measured(stored(gradients, format, 2 ** exponent));
    // The border of zero cuts no binade, the one of overflow does.
    expect(estimate?.zero).toBeCloseTo(truth?.zero ?? NaN, 10);
    expect(estimate?.nonFinite).toBeCloseTo(truth?.nonFinite ?? NaN, 2);
    expect(estimate?.saturated).toBe(0);
  });

  test('estimated count what FP32 itself has as zero, infinite or NaN', () => {
    const values = [...gradients.slice(0, 100), ...Array.from({ length: 50 }, () => 0), Infinity, NaN];
    const estimate = estimated(partsOf(FORMATS.fp16, values), 2 ** 10);
    const truth = measured(stored(values, FORMATS.fp16, 2 ** 10));
    expect(truth?.nonFinite).toBe(2 / 152);
    expect(truth?.zero).toBeGreaterThan(50 / 152);
    expect(estimate).toEqual({ ...truth, saturated: 0 });
  });

  test('a format that saturates makes nothing infinite', () => {
    const values = [1, 2, 4, 1024];
    const estimate = estimated(partsOf(parseFormat('e4m3fn_sat'), values), 1);
    expect(estimate).toEqual({ zero: 0, nonFinite: 0, saturated: 0.25 });
  });

  test('every tensor is estimated in its own format', () => {
    const tiny = [2 ** -30, 2 ** -30, 1, 1];
    const parts = [...partsOf(FORMATS.fp16, tiny), ...partsOf(FORMATS.fp32, tiny)];
    expect(estimated(parts, 1)?.zero).toBe(0.25);
    expect(estimated(parts, 2 ** 10)?.zero).toBe(0);
  });

  test('what the FP32 of the engine flushes is zero in every format', () => {
    expect(estimated(partsOf(FORMATS.bf16, [2 ** -120, 1]), 2 ** -10)?.zero).toBe(0.5);
  });

  test('agree with lesson 1', () => {
    expect(estimated(partsOf(FORMATS.fp16), 1)?.zero).toBeCloseTo(0.596, 2);
    expect(estimated(partsOf(FORMATS.fp16), 2 ** 8)?.zero).toBeCloseTo(0.04, 2);
    expect(estimated(partsOf(FORMATS.e4m3fn), 1)?.zero).toBeCloseTo(1, 3);
    expect(estimated(partsOf(FORMATS.bf16), 1)).toEqual({ zero: 0, nonFinite: 0, saturated: 0 });
  });
});
