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

  test('what is not finite becomes a gap', () => {
    expect(thin([exactly([1, NaN, 3])], 3, 10, true)[1].values).toEqual([null]);
    const gap = thin([{ low: [NaN], high: [NaN], last: [NaN] }], 1, 10, false);
    expect(gap.every((row) => row.values[0] === null)).toBe(true);
  });
});
