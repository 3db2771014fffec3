import { describe, expect, test } from 'vitest';
import type { Distribution } from '../../analysis/ruler';
import { FORMATS, parseFormat } from '../../numerics/formats';
import type { RulerView } from '../store/state';
import { readingOf } from './reading';

/** 100 values: so many zeros, infinities or NaN, and the rest in one binade. */
const distribution = (first: number, zero = 0, nonFinite = 0): Distribution => ({
  first,
  counts: [100 - zero - nonFinite],
  zero,
  nonFinite,
  nonzero: 100 - zero - nonFinite,
});

/** A lane of which 66 % were infinite at 2^16, beside an FP32 lane that has 10 % zeros. */
const view: RulerView = {
  lane: 1,
  step: 7,
  scale: 2 ** 16,
  seen: distribution(-4, 12, 66),
  reference: distribution(-30, 10),
  referenceLane: 0,
  parts: [{ format: FORMATS.fp16, distribution: distribution(-30, 10) }],
};

describe('read-out', () => {
  test('the numbers of the bars do not change with the scale in force', () => {
    for (const handle of [1, 2 ** 15, 2 ** 16, 2 ** 40]) {
      const { seen, reference } = readingOf(view, handle);
      expect(seen).toEqual({ zero: 0.12, nonFinite: 0.66 });
      expect(reference).toEqual({ zero: 0.1, nonFinite: 0 });
    }
  });

  test('nothing is estimated for the scale of the bars', () => {
    expect(readingOf(view, 2 ** 16).estimate).toEqual({
      scale: 1,
      shares: { zero: 1, nonFinite: 0, saturated: 0 },
    });
    expect(readingOf({ ...view, scale: 1 }, 1).estimate).toBeNull();
  });

  test('another scale is estimated from what FP32 has', () => {
    expect(readingOf(view, 2 ** 15).estimate).toEqual({
      scale: 2 ** 15,
      shares: { zero: 0.1, nonFinite: 0, saturated: 0 },
    });
    expect(readingOf(view, 2 ** 50).estimate?.shares.nonFinite).toBe(0.9);
    const saturating = { ...view.parts[0], format: parseFormat('fp16_sat') };
    const { shares } = readingOf({ ...view, parts: [saturating] }, 2 ** 50).estimate!;
    expect(shares).toEqual({ zero: 0.1, nonFinite: 0, saturated: 0.9 });
  });

  test('without an FP32 lane, and of that lane itself, nothing is estimated', () => {
    expect(readingOf({ ...view, reference: null, referenceLane: null, parts: [] }, 1)).toEqual({
      seen: { zero: 0.12, nonFinite: 0.66 },
      reference: null,
      estimate: null,
    });
    expect(readingOf({ ...view, lane: 0 }, 2 ** 3).estimate).toBeNull();
  });
});
