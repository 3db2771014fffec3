import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { thin } from './thin';

const exactly = (values: readonly number[]) => ({ low: values, high: values, last: values });

describe('thinning', () => {
  test('leaves a short line alone', () => {
    const rows = thin([exactly([3, 1, 2])], 3, 500, true);
    expect(rows.map(({ at, values }) => [at, values[0]])).toEqual([
      [0, 3],
      [1, 1],
      [2, 2],
    ]);
  });

  test('gives at most so many points, in order, and keeps the extremes of every line', () => {
    const line = fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), {
      minLength: 400,
      maxLength: 400,
    });
    fc.assert(
      fc.property(line, line, fc.integer({ min: 2, max: 60 }), (a, b, points) => {
        const rows = thin([exactly(a), exactly(b)], 400, points, true);
        expect(rows.length).toBeLessThanOrEqual(points);
        [a, b].forEach((values, index) => {
          const kept = rows.map((row) => row.values[index] ?? NaN);
          expect(Math.max(...kept)).toBe(Math.max(...values));
          expect(Math.min(...kept)).toBe(Math.min(...values));
        });
        const positions = rows.map(({ at }) => at);
        expect(positions).toEqual([...positions].sort((x, y) => x - y));
        expect(new Set(positions).size).toBe(positions.length);
      }),
    );
  });

  test('a spike of one step stands where it happened', () => {
    const values = Array.from({ length: 10000 }, () => 1);
    values[7777] = 50;
    const spike = thin([exactly(values)], 10000, 500, true).find((row) => row.values[0] === 50);
    expect(spike?.from).toBeLessThanOrEqual(7777);
    expect(spike?.to).toBeGreaterThan(7777);
  });

  test('a spike at the start of a group is not drawn in the group before it as well', () => {
    const rows = thin([exactly([2, 3, 50, 4])], 4, 4, false);
    expect(rows.map((row) => row.values[0])).toEqual([2, 3, 50, 4]);
    const dip = thin([exactly([3, 2, -50, 4])], 4, 4, false);
    expect(dip.map((row) => row.values[0])).toEqual([3, 2, -50, 4]);
  });

  test('of buckets that hold several steps both extremes are drawn, however few there are', () => {
    const merged = { low: [1, 2], high: [5, 2], last: [3, 2] };
    const rows = thin([merged], 2, 500, false);
    expect(rows.map(({ at, values }) => [at, values[0]])).toEqual([
      [0, 1],
      [0.5, 5],
      [1, 2],
      [1.5, 2],
    ]);
  });

  test('a line of exactly so many steps as there are points is drawn step by step', () => {
    const values = [4, 1, 3, 2, 5];
    expect(thin([exactly(values)], 5, 5, true).map((row) => row.values[0])).toEqual(values);
  });

  test('the extremes of a group are drawn in the order in which they occur', () => {
    const rising = thin([exactly([1, 2, 3, 4])], 4, 2, true);
    expect(rising.map((row) => row.values[0])).toEqual([1, 4]);
    const falling = thin([exactly([4, 3, 2, 1])], 4, 2, true);
    expect(falling.map((row) => row.values[0])).toEqual([4, 1]);
  });

  test('what is not finite hides nothing beside it', () => {
    const rows = thin([exactly([NaN, 7, NaN, 5, NaN, NaN])], 6, 2, true);
    expect(rows.map((row) => row.values[0])).toEqual([7, 5]);
  });

  test('what is not finite becomes a gap', () => {
    expect(thin([exactly([1, NaN, 3])], 3, 10, true)[1].values).toEqual([null]);
    const gap = thin([{ low: [NaN], high: [NaN], last: [NaN] }], 1, 10, false);
    expect(gap.every((row) => row.values[0] === null)).toBe(true);
  });
});
