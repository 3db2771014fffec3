import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { emptyDigest, type Digest } from './digest';
import { History } from './history';

function digest(firstStep: number, losses: readonly number[], underflow: readonly number[] = []): Digest {
  const steps = losses.length;
  const columns = {
    firstStep,
    steps,
    loss: Float32Array.from(losses),
    scale: new Float32Array(steps).fill(8),
    scaleAfter: new Float32Array(steps).fill(8),
    foundInf: new Uint8Array(steps),
  };
  return {
    ...emptyDigest(columns, 1, 1),
    nonzero: new Uint32Array(steps).fill(100),
    underflow: Uint32Array.from({ length: steps }, (_, step) => underflow[step] ?? 0),
  };
}

describe('history', () => {
  test('keeps every step until it is full', () => {
    const history = new History(1, 1, 8);
    history.append(digest(0, [1, 2, 3]));
    history.append(digest(3, [4]));
    expect(history.steps).toBe(4);
    expect(history.stride).toBe(1);
    expect([...history.lanes[0].loss.last.subarray(0, history.buckets)]).toEqual([1, 2, 3, 4]);
    expect(history.lanes[0].scale.low[0]).toBe(3);
  });

  test('memory does not grow, and extremes and the newest value survive every merge', () => {
    // Of two zeros neither is the smaller one, but Math.min says -0: the zeros here are all positive.
    const value = fc.float({ noNaN: true, noDefaultInfinity: true }).map((loss) => loss + 0);
    const values = fc.array(value, { minLength: 1, maxLength: 300 });
    fc.assert(
      fc.property(values, (losses) => {
        const history = new History(1, 1, 8);
        history.append(digest(0, losses));
        const { low, high, last } = history.lanes[0].loss;
        const used = history.buckets;
        expect(used).toBeLessThanOrEqual(8);
        expect(history.stepOf(used)).toBeGreaterThanOrEqual(losses.length);
        expect(Math.min(...low.subarray(0, used))).toBe(Math.min(...losses));
        expect(Math.max(...high.subarray(0, used))).toBe(Math.max(...losses));
        expect(last[used - 1]).toBe(losses.at(-1));
      }),
    );
  });

  test('each bucket holds the extremes of its own steps', () => {
    const losses = Array.from({ length: 20 }, (_, step) => (step * 7) % 11);
    const history = new History(1, 1, 8);
    history.append(digest(0, losses));
    expect(history.stride).toBe(4);
    for (let bucket = 0; bucket < history.buckets; bucket++) {
      const own = losses.slice(bucket * 4, bucket * 4 + 4);
      expect(history.lanes[0].loss.low[bucket]).toBe(Math.min(...own));
      expect(history.lanes[0].loss.high[bucket]).toBe(Math.max(...own));
    }
  });

  test('nothing is left in a bucket of what was there before a merge', () => {
    const history = new History(1, 1, 4);
    history.append(digest(0, [1, 9, 1, 9, 5, 6, NaN, NaN]));
    const { low, high } = history.lanes[0].loss;
    expect(history.stride).toBe(2);
    expect([...low]).toEqual([1, 1, 5, NaN]);
    expect([...high]).toEqual([9, 9, 6, NaN]);
  });

  test('a loss that is not finite is remembered but no extreme', () => {
    const history = new History(1, 1, 4);
    history.append(digest(0, [5, NaN, Infinity, 2, 3]));
    const { low, high } = history.lanes[0].loss;
    expect(history.lanes[0].badLoss).toEqual({ count: 2, first: 1, since: null });
    history.append(digest(5, [NaN, NaN]));
    expect(history.lanes[0].badLoss).toEqual({ count: 4, first: 1, since: 5 });
    expect([low[0], high[0]]).toEqual([5, 5]);
    expect([low[1], high[1]]).toEqual([2, 2]);
  });

  test('the peak of underflow survives merging', () => {
    const history = new History(1, 1, 4);
    history.append(
      digest(
        0,
        Array.from({ length: 16 }, () => 1),
        [0, 0, 0, 0, 0, 60, 0, 0],
      ),
    );
    const { high, low } = history.lanes[0].underflow;
    expect(history.stride).toBe(4);
    expect(high[1]).toBeCloseTo(0.6);
    expect(low[1]).toBe(0);
  });
});
