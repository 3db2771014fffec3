import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import scaleShader from '../../shaders/numerics/scale_product.wgsl';
import { requestNodeDevice } from '../backends/webgpu/node';
import { runPerItem } from '../testing/shader-runner';
import { fromBits, toBits } from './f32';
import { doubleWords, scaleTimes } from './f64';
import { randomWord } from './philox';

let device: GPUDevice;
beforeAll(async () => {
  device = await requestNodeDevice();
});
afterAll(() => {
  device.destroy();
});

const hex = (u: number): string => `0x${u.toString(16).padStart(8, '0')}`;

/** Rows of scale bits and the two words of a factor, on the GPU and in JavaScript's doubles. */
async function mismatches(rows: Uint32Array<ArrayBuffer>): Promise<string[]> {
  const results = await runPerItem(device, scaleShader.text({ native_ftz: false, counting: false }), {
    body: 'give(0u, scale_times(take(0u), take(1u), take(2u)));',
    input: rows,
    wordsIn: 3,
    wordsOut: 1,
  });
  const view = new DataView(new ArrayBuffer(8));
  const wrong: string[] = [];
  results.forEach((actual, i) => {
    const [scale, high, low] = rows.subarray(3 * i, 3 * i + 3);
    view.setUint32(0, high);
    view.setUint32(4, low);
    const factor = view.getFloat64(0);
    const expected = toBits(scaleTimes(fromBits(scale), factor));
    if (actual !== expected)
      wrong.push(`${hex(scale)} * ${factor}: ${hex(actual)} instead of ${hex(expected)}`);
  });
  return wrong.slice(0, 5);
}

const FACTORS = [
  2, 0.5, 1.1, 0.3, 1, 1.5, 3, 1 / 3, 4, 0.25, 0.9, 10, 1.001, 1 + 2 ** -52, 1 - 2 ** -53, 2 ** -20, 2 ** 100, 0, -0,
  -1, -0.7, Infinity, -Infinity, NaN, 1e-310, 5e-324, 1e308, 1e-40, 2 ** -149, 2 ** -150, 2 ** -151,
]; // prettier-ignore

const SCALES = [
  0, 1, 2, 3, 0x00400000, 0x007fffff, 0x00800000, 0x00800001, 0x3f800000, 0x47800000, 0x47800001, 0x4b7fffff,
  0x7effffff, 0x7f000000, 0x7f7fffff, 0x7f800000, 0x7fc00000,
].flatMap((u) => [u, u + 0x80000000]); // prettier-ignore

describe('scale times factor in double precision', () => {
  test('is not the product of two binary32 numbers', () => {
    // The case that tells PyTorch's arithmetic from f32 arithmetic with an f32 factor.
    const differs = Array.from({ length: 1000 }, (_, i) => Math.fround(65536 + i)).some(
      (scale) => scaleTimes(scale, 1.1) !== Math.fround(scale * Math.fround(1.1)),
    );
    expect(differs).toBe(true);
  });

  test('special scales times special factors', async () => {
    const rows = SCALES.flatMap((scale) => FACTORS.flatMap((factor) => [scale, ...doubleWords(factor)]));
    expect(await mismatches(Uint32Array.from(rows))).toEqual([]);
  });

  test('the fall from 65536 by halves to the smallest subnormal and to zero', async () => {
    let scale = 65536;
    const rows: number[] = [];
    const fall: number[] = [];
    while (scale > 0) {
      rows.push(toBits(scale), ...doubleWords(0.5));
      scale = scaleTimes(scale, 0.5);
      fall.push(scale);
    }
    expect(fall.slice(-2)).toEqual([2 ** -149, 0]);
    expect(fall.length).toBe(166);
    expect(await mismatches(Uint32Array.from(rows))).toEqual([]);
  });

  test('random scales and factors', async () => {
    const rows: number[] = [];
    let next = 0;
    const word = (): number => randomWord(4, 0, next++);
    /** Few bits set: such significands make exact ties, in either rounding. */
    const sparse = (): number => (word() & word() & word()) >>> 0;
    for (let i = 0; i < 20_000; i++) {
      const anyScale = word();
      const nearOne = ((1023 - 40 + (word() % 80)) << 20) >>> 0;
      const far = ((1023 - 290 + (word() % 580)) << 20) >>> 0;
      const factor = FACTORS[word() % FACTORS.length];
      rows.push(anyScale, ...doubleWords(factor));
      rows.push((anyScale & 0x80ffffff) >>> 0, nearOne | (word() & 0xfffff), word());
      rows.push((anyScale & 0x7f800000) | (sparse() & 0x7fffff), nearOne | (sparse() & 0xfffff), sparse());
      rows.push(anyScale, far | (word() & 0xfffff), sparse());
    }
    expect(await mismatches(Uint32Array.from(rows))).toEqual([]);
  });

  test('products half-way between two binary32 numbers before the first rounding', async () => {
    // With scale * factor = a tie of 24 bits plus less than half a unit of 53 bits, two roundings differ from one.
    const rows: number[] = [];
    let next = 0;
    for (let i = 0; i < 5000; i++) {
      const scale = 0x3f800000 | (randomWord(5, 0, next++) & 0x7fffff);
      const tie = (1 + ((randomWord(5, 0, next++) >>> 9) + 0.5) * 2 ** -23) / fromBits(scale);
      for (const nudge of [-1, 0, 1]) {
        const [high, low] = doubleWords(tie);
        rows.push(scale, high, (low + nudge) >>> 0);
      }
    }
    expect(await mismatches(Uint32Array.from(rows))).toEqual([]);
  });
});

describe('doubleWords', () => {
  test('is the pattern of the double', () => {
    expect(doubleWords(1)).toEqual([0x3ff00000, 0]);
    expect(doubleWords(-0.1)).toEqual([0xbfb99999, 0x9999999a]);
    expect(doubleWords(5e-324)).toEqual([0, 1]);
  });
});
