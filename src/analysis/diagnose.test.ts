import { describe, expect, test } from 'vitest';
import { diagnose, type LaneCondition } from './diagnose';
import type { ScaleEvent } from './events';
import type { SiteRecord } from './records';

const sites: SiteRecord[] = [
  { id: 0, name: 'fc1.output', layer: 'fc1', role: 'output', count: 8 },
  { id: 1, name: 'fc1.weight.grad', layer: 'fc1', role: 'parameter gradient', count: 8 },
];

const healthy: LaneCondition = {
  scaler: 'dynamic',
  steps: 400,
  scale: 2 ** 13,
  initialScale: 2 ** 16,
  firstBadLoss: null,
  loss: 0.2,
  heldOutLoss: 0.2,
  baselineLoss: 0.2,
  skippedInARow: 0,
  lastSkip: null,
  underflow: 0.1,
  zero: 0.2,
};

const skipAt = (site: number | null): ScaleEvent => ({
  step: 1,
  kind: 'backoff',
  before: 2,
  after: 1,
  site,
  cause: 'overflow',
  count: 1,
});

const diagnosis = (change: Partial<LaneCondition>) => diagnose({ ...healthy, ...change }, sites);

describe('diagnosis', () => {
  test('a healthy lane has none, nor has a search for the right scale', () => {
    expect(diagnosis({})).toBeNull();
    expect(diagnosis({ skippedInARow: 7, lastSkip: skipAt(1) })).toBeNull();
    expect(diagnosis({ skippedInARow: 16, lastSkip: skipAt(1), scale: 2 ** 8 })).toBeNull();
  });

  test.each<[string, Partial<LaneCondition>]>([
    ['scale-zero', { scale: 0, skippedInARow: 200 }],
    ['forward-overflow', { skippedInARow: 9, lastSkip: skipAt(0) }],
    ['nan-below-one', { skippedInARow: 20, scale: 2 ** -4, lastSkip: skipAt(1) }],
    ['scale-collapsing', { skippedInARow: 30, scale: 2 ** 2, lastSkip: skipAt(1) }],
    ['static-too-high', { scaler: 'static', skippedInARow: 8, lastSkip: skipAt(1) }],
    ['weights-destroyed', { scaler: 'none', scale: 1, loss: NaN, firstBadLoss: 12 }],
    ['loss-not-finite', { loss: NaN, firstBadLoss: 12 }],
    ['underflow', { scaler: 'none', scale: 1, underflow: 0.95, zero: 0.97 }],
    ['underflow', { scaler: 'static', scale: 1, underflow: NaN, zero: 1 }],
    ['behind-baseline', { heldOutLoss: 0.9 }],
  ])('%s', (kind, change) => {
    expect(diagnosis(change)?.kind).toBe(kind);
  });

  test('names the site that overflows', () => {
    expect(diagnosis({ scaler: 'static', skippedInARow: 8, lastSkip: skipAt(1) })).toMatchObject({
      site: 'fc1.weight.grad',
      skips: 8,
    });
  });

  test('one bad batch is no verdict', () => {
    expect(diagnosis({ loss: 5 })).toBeNull();
  });

  test('compares with the baseline only once the run has settled', () => {
    expect(diagnosis({ heldOutLoss: 0.9, steps: 100 })).toBeNull();
    expect(diagnosis({ heldOutLoss: 0.9, baselineLoss: NaN })).toBeNull();
  });
});
