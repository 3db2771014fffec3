import { describe, expect, test } from 'vitest';
import { FORMATS, parseFormat } from '../../../numerics/formats';
import { atPixel, ticksOf, viewAround, wholeView, withinReach, zoomed } from './geometry';

const WIDTH = 1000;
const { fp32, fp16, e4m3fn } = FORMATS;

describe('the number line', () => {
  test.each([...Object.values(FORMATS), parseFormat('e2m1')].map((format) => [format.name, format] as const))(
    '%s never has more ticks than can be told apart',
    (_, format) => {
      for (const axis of ['linear', 'log2'] as const) {
        for (const view of [
          wholeView(format, axis),
          viewAround(format, axis, 1),
          viewAround(format, axis, 0),
        ]) {
          for (const negative of [false, true]) {
            const { values, marks } = ticksOf(format, axis, view, WIDTH, negative);
            expect(values.length).toBeLessThanOrEqual(WIDTH / 4 + 4);
            expect(marks.length).toBeLessThanOrEqual(WIDTH / 3 + 4);
            expect([...values, ...marks].every(({ x }) => x >= -1 && x <= WIDTH + 1)).toBe(true);
          }
        }
      }
    },
  );

  test('around 1 the spacing doubles', () => {
    const { values, marks } = ticksOf(fp16, 'linear', { low: 1 - 2 ** -8, high: 1 + 2 ** -8 }, WIDTH, false);
    expect(marks).toEqual([{ x: 500, exponent: 0, negative: false }]);
    expect(values.filter(({ x }) => x < 500)).toHaveLength(8);
    expect(values.filter(({ x }) => x > 500)).toHaveLength(4);
  });

  test('all values of a small format between 1 and 2', () => {
    const { values, marks } = ticksOf(e4m3fn, 'log2', { low: 0, high: 1 }, WIDTH, false);
    expect(values.map(({ x }) => Math.round(2 ** (x / WIDTH) * 8))).toEqual([9, 10, 11, 12, 13, 14, 15]);
    expect(marks.map(({ exponent }) => exponent)).toEqual([1, 0]);
  });

  test('negative numbers mirror the positive ones', () => {
    const { values, marks } = ticksOf(e4m3fn, 'linear', { low: -2, high: 2 }, WIDTH, false);
    const places = values.map(({ x }) => x);
    const mirrored = places.map((x) => WIDTH - x).sort((a, b) => a - b);
    expect(mirrored).toEqual(places.toSorted((a, b) => a - b));
    expect(marks.some(({ exponent }) => exponent === null)).toBe(true);
  });

  test('a whole FP32 line is told to be dense', () => {
    const { dense } = ticksOf(fp32, 'linear', wholeView(fp32, 'linear'), WIDTH, false);
    expect(Math.max(...dense.map(({ perPixel }) => perPixel))).toBeGreaterThan(1000);
  });

  test('views stay where the format is', () => {
    const far = withinReach(fp16, 'linear', { low: 1e9, high: 2e9 });
    expect(far.low).toBeLessThanOrEqual(fp16.maxFinite * 1.08);
    const close = withinReach(fp16, 'linear', zoomed({ low: 0, high: 1 }, 1e-30));
    expect(close.high - close.low).toBeGreaterThan(fp16.minSubnormal);
  });

  test('a pixel is worth its digits', () => {
    expect(atPixel('linear', { low: 0, high: 1 }, WIDTH, 333.3333, false)).toBe(0.3333);
    expect(atPixel('log2', { low: 0, high: 1 }, WIDTH, 0, true)).toBe(-1);
  });
});
