import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import f64Shader from '../../shaders/numerics/f64.wgsl';
import { requestNodeDevice } from '../backends/webgpu/node';
import { runPerItem } from '../testing/shader-runner';
import { fromBits, toBits } from './f32';
import { doubleWords, fromDoubleWords, scaleTimes } from './f64';
import { randomWord } from './philox';

let device: GPUDevice;
beforeAll(async () => {
  device = await requestNodeDevice();
});
afterAll(() => {
  device.destroy();
});

type Pair = readonly [x: number, y: number];

/** Everything the shader can do with two doubles, as words: NaN is the one pattern that it makes. */
const BODY = `
  let x = vec2<u32>(take(0u), take(1u));
  let y = vec2<u32>(take(2u), take(3u));
  let results = array<vec2<u32>, 4>(f64_multiply(x, y), f64_divide(x, y), f64_from_f32(take(1u)), f64_from_u32(take(3u)));
  for (var i = 0u; i < 4u; i++) {
    give(2u * i, results[i].x);
    give(2u * i + 1u, results[i].y);
  }
  give(8u, f64_to_f32(x));
  let facts = vec4<bool>(f64_less(x, y), f64_equal(x, y), f64_is_nan(x), f64_is_finite(x));
  give(9u, dot(select(vec4<u32>(0u), vec4<u32>(1u, 2u, 4u, 8u), facts), vec4<u32>(1u)));
`;
const NAMES = ['multiply', 'divide', 'from_f32', 'from_u32', 'to_f32', 'facts'] as const;

/** The same of JavaScript's numbers; `words` are those of the operands. */
function expected([x, y]: Pair, words: Uint32Array): number[] {
  const facts = [x < y, x === y, Number.isNaN(x), Number.isFinite(x)];
  return [
    ...doubleWords(x * y),
    ...doubleWords(x / y),
    ...doubleWords(fromBits(words[1])),
    ...doubleWords(words[3]),
    toBits(Math.fround(x)),
    facts.reduce((sum, fact, bit) => sum + (fact ? 2 ** bit : 0), 0),
  ];
}

const text = (words: readonly number[]): string =>
  words.map((u) => `0x${u.toString(16).padStart(8, '0')}`).join(' ');

async function mismatches(pairs: readonly Pair[]): Promise<string[]> {
  const input = Uint32Array.from(pairs.flatMap(([x, y]) => [...doubleWords(x), ...doubleWords(y)]));
  const shader = f64Shader.text({ native_ftz: false, counting: false });
  const results = await runPerItem(device, shader, { body: BODY, input, wordsIn: 4, wordsOut: 10 });
  const wrong: string[] = [];
  pairs.forEach((pair, item) => {
    const actual = [...results.subarray(10 * item, 10 * (item + 1))];
    const right = expected(pair, input.subarray(4 * item, 4 * (item + 1)));
    NAMES.forEach((name, i) => {
      const [from, to] = i < 4 ? [2 * i, 2 * i + 2] : [4 + i, 5 + i];
      const [a, b] = [text(actual.slice(from, to)), text(right.slice(from, to))];
      if (a !== b) wrong.push(`${name} of ${pair.join(' and ')}: ${a} instead of ${b}`);
    });
  });
  return wrong.slice(0, 5);
}

const MAGNITUDES = [
  0, 5e-324, 1e-323, 2 ** -1074 * 3, 2 ** -1023, 2 ** -1022 - 2 ** -1074, 2 ** -1022, 1e-310, 1e-308, 2 ** -538, 2 ** -537,
  2 ** -150, 2 ** -150 * (1 + 2 ** -52), 2 ** -149, 2 ** -149 * 1.5, 2 ** -127, 2 ** -126 * (1 - 2 ** -25), 2 ** -126,
  1e-40, 2 ** -20, 1 / 3, 0.3, 0.5, 0.9, 1 - 2 ** -53, 1, 1 + 2 ** -52, 1 + 2 ** -24, 1 + 2 ** -24 + 2 ** -52, 1 + 3 * 2 ** -24,
  1.1, 1.5, 2, 3, 4, 10, 65536, 2 ** 24 + 1, 2 ** 53 - 1, 2 ** 100, 3.4028234663852886e38, 3.4028235677973366e38,
  3.4028235677973362e38, 2 ** 128, 2 ** 511, 2 ** 512, 1e308, 2 ** 1023, Number.MAX_VALUE, Infinity, NaN,
]; // prettier-ignore
const SPECIAL = MAGNITUDES.flatMap((x) => [x, -x]);

/** Random doubles of several kinds, from one stream. */
function generator(stream: number): Record<'any' | 'nearOne' | 'sparse' | 'tiny' | 'like32', () => number> {
  let next = 0;
  const word = (): number => randomWord(stream, 0, next++);
  const few = (): number => (word() & word() & word()) >>> 0;
  const field = (around: number, spread: number): number => (around - spread + (word() % (2 * spread))) << 20;
  const sign = (): number => word() & 0x80000000;
  return {
    any: () => fromDoubleWords(word(), word()),
    nearOne: () => fromDoubleWords(sign() | field(1023, 40) | (word() & 0xfffff), word()),
    /** Few bits set: products and quotients are exact, or ties. */
    sparse: () => fromDoubleWords(sign() | field(1023, 200) | (few() & 0xfffff), few()),
    tiny: () => fromDoubleWords(sign() | field(60, 60) | (word() & 0xfffff), few()),
    /** Numbers about which binary32 has to decide, ties among them. */
    like32: () =>
      fromDoubleWords(sign() | field(1023, 155) | (word() & 0xfffff), (word() & 0xe0000000) | (few() & 1)),
  };
}

describe('f64.wgsl', () => {
  test('special numbers with special numbers', async () => {
    expect(await mismatches(SPECIAL.flatMap((x) => SPECIAL.map((y): Pair => [x, y])))).toEqual([]);
  });

  test('random numbers of all kinds with one another', async () => {
    const { any, nearOne, sparse, tiny, like32 } = generator(4);
    const kinds = [any, nearOne, sparse, tiny, like32];
    const pairs = Array.from({ length: 1500 }, () =>
      kinds.flatMap((a) => kinds.map((b): Pair => [a(), b()])),
    ).flat();
    expect(await mismatches(pairs)).toEqual([]);
  });

  test('products that are subnormal, and quotients of them', async () => {
    const { nearOne, sparse, tiny } = generator(5);
    const pairs = Array.from({ length: 5000 }, (): Pair[] => [
      [tiny(), nearOne()],
      [tiny(), 2 ** Math.round(nearOne() % 60)],
      [sparse() * 2 ** -600, sparse() * 2 ** -440],
      [sparse() * 2 ** -800, sparse() * 2 ** 240],
    ]).flat();
    expect(await mismatches(pairs)).toEqual([]);
  });

  test('quotients next to a number that a double holds, or half-way between two', async () => {
    const { sparse, nearOne } = generator(6);
    const pairs = Array.from({ length: 10_000 }, (): Pair => {
      const [y, q] = [sparse(), nearOne()];
      return [y * q, y];
    });
    expect(await mismatches(pairs)).toEqual([]);
  });
});

describe('the loss scale in double precision', () => {
  test('is not a product of two binary32 numbers', () => {
    // The case that tells PyTorch's arithmetic from f32 arithmetic with an f32 factor.
    const differs = Array.from({ length: 1000 }, (_, i) => Math.fround(65536 + i)).some(
      (scale) => scaleTimes(scale, 1.1) !== Math.fround(scale * Math.fround(1.1)),
    );
    expect(differs).toBe(true);
  });

  test('falls from 65536 by halves to the smallest subnormal and to zero, in binary32 and in binary64', async () => {
    const fall = (next: (scale: number) => number): number[] => {
      const scales = [65536];
      while (scales[0] > 0) scales.unshift(next(scales[0]));
      return scales;
    };
    const single = fall((scale) => scaleTimes(scale, 0.5));
    const double = fall((scale) => scale / 2);
    expect(single.slice(0, 2)).toEqual([0, 2 ** -149]);
    expect(double.slice(0, 2)).toEqual([0, 5e-324]);
    expect(single.length).toBe(167);
    expect(await mismatches([...single, ...double].flatMap((x): Pair[] => [[x, 0.5], [x, 2], [1, x]]))).toEqual([]); // prettier-ignore
  });
});

describe('doubleWords', () => {
  test('is the pattern of the double', () => {
    expect(doubleWords(1)).toEqual([0x3ff00000, 0]);
    expect(doubleWords(-0.1)).toEqual([0xbfb99999, 0x9999999a]);
    expect(doubleWords(5e-324)).toEqual([0, 1]);
    expect(fromDoubleWords(0xbfb99999, 0x9999999a)).toBe(-0.1);
  });
});
