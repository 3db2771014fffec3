/**
 * Tensor cores beyond the measured records (accumulation.test.ts): the rule in exact arithmetic on difficult operands,
 * and what distinguishes the models, on the CPU and on a device.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dotOnDevice } from '../examination/dot-device';
import { requestNodeDevice } from '../backends/webgpu/node';
import { exactBlock } from '../testing/exact-tensor-core';
import { parseAccumulation } from './accumulation';
import { dot } from './accumulators';
import { createAccumulator } from './accumulation-procedures';
import { dotRecords, recordWords, type DotTask } from '../examination/dot-records';
import { fromBits, toBits } from './f32';
import { FORMATS, type NumberFormat } from './formats';
import { randomWord } from './philox';
import { roundBits } from './round';
import { TENSOR_CORES, tensorCoreRule, type TensorCoreModel, type TensorCoreRule } from './tensor-core';

let device: GPUDevice;
beforeAll(async () => {
  device = await requestNodeDevice();
});
afterAll(() => {
  device.destroy();
});

type Run = (records: Uint32Array<ArrayBuffer>, task: DotTask) => Promise<Uint32Array>;
const BACKENDS: Readonly<Record<string, Run>> = {
  cpu: (records, task) => Promise.resolve(dotRecords(records, task)),
  webgpu: (records, task) => dotOnDevice(device, records, task),
};

const INPUTS = ['fp16', 'bf16', 'tf32', 'e4m3fn', 'e5m2'] as const;
type Input = (typeof INPUTS)[number];

/** Whether the hardware multiplies matrices of this format. */
function multiplies(model: TensorCoreModel, name: Input): boolean {
  try {
    tensorCoreRule(model, FORMATS[name], FORMATS[name]);
    return true;
  } catch {
    return false;
  }
}

const CASES = TENSOR_CORES.flatMap((model) =>
  INPUTS.filter((name) => multiplies(model, name)).map((name) => [model, name] as const),
);

const repeated = (count: number, item: readonly [number, number]) =>
  Array.from({ length: count }, () => item);

const hex = (u: number): string => `0x${u.toString(16).padStart(8, '0')}`;

/**
 * Finite values of the format, of a size that changes from record to record: everything, everything tiny, near one,
 * or the negatives of what came before, so that nearly all of it cancels.
 */
function difficult(name: Input, k: number, count: number): Uint32Array<ArrayBuffer> {
  const format = FORMATS[name];
  const width = recordWords(k);
  const records = new Uint32Array(count * width);
  for (let i = 0; i < records.length; i++) {
    const [record, column] = [Math.floor(i / width), i % width];
    const word = randomWord(12, k, i);
    const kind = record % 4;
    let u = word;
    if (kind === 1) u = (word & 0x80ffffff) >>> 0;
    if (kind >= 2) u = ((word & 0x83ffffff) | 0x3c000000) >>> 0;
    // The accumulator is any binary32 number; operands are of the format.
    const value = column === width - 1 ? u : roundBits(u, format);
    records[i] = (value & 0x7f800000) === 0x7f800000 ? format.minNormalBits : value;
    // Every other pair of terms cancels but for the last bit of a factor.
    if (kind === 3 && column < k && column % 2 === 1) records[i] = (records[i - 1] ^ 0x80000000) >>> 0;
    if (kind === 3 && column >= k && column < 2 * k && (column - k) % 2 === 1 && column % 4 !== 0) {
      records[i] = records[i - 1];
    }
  }
  return records;
}

/** One block on top of `c`; terms 0 and 1 of an interleaved instruction are one block from zero, and c comes last. */
function expectedSum(
  a: Uint32Array,
  b: Uint32Array,
  c: number,
  rule: TensorCoreRule,
  format: NumberFormat,
): number {
  if (!rule.interleaved) return exactBlock(a, b, c, rule, [format, format]);
  const block = exactBlock(a, b, 0, rule, [format, format]);
  if (block !== 0) return toBits(Math.fround(fromBits(block) + fromBits(c)));
  return (c & 0x7fffffff) === 0 ? 0 : c;
}

describe.each(Object.entries(BACKENDS))('%s', (_, run) => {
  test.each(CASES)('%s %s follows the rule in exact arithmetic', async (model, name) => {
    const format = FORMATS[name];
    const rule = tensorCoreRule(model, format, format);
    // One block from a file's accumulator; an interleaved instruction is tested below.
    const k = rule.interleaved ? 2 : rule.block;
    const records = difficult(name, k, 400);
    const task = { accumulation: parseAccumulation(`tensor-core:${model}`), format, k };
    const sums = await run(records, task);
    const width = recordWords(k);
    let nonzero = 0;
    for (const [i, sum] of sums.entries()) {
      const record = records.subarray(i * width, (i + 1) * width);
      const [a, b] = [record.subarray(0, k), record.subarray(k, 2 * k)];
      const expected = expectedSum(a, b, record[2 * k], rule, format);
      expect({ i, sum: hex(sum) }).toEqual({ i, sum: hex(expected) });
      if (sum !== 0) nonzero++;
    }
    expect(nonzero).toBeGreaterThan(200);
  });

  /** The sum of a few terms, all others zero. */
  async function sum(
    model: TensorCoreModel,
    name: Input,
    terms: readonly (readonly [number, number])[],
    c: number,
  ): Promise<number> {
    const k = terms.length;
    const record = Uint32Array.from([...terms.map(([a]) => a), ...terms.map(([, b]) => b), c].map(toBits));
    const task = { accumulation: parseAccumulation(`tensor-core:${model}`), format: FORMATS[name], k };
    return fromBits((await run(record, task))[0]);
  }

  test.each([
    // To 2^24 one adds 2 in two, four or eight parts; the bits below 2 are kept by newer generations only.
    ['v100', 2, 1, 2 ** 24],
    ['t4', 2, 1, 2 ** 24 + 2],
    ['t4', 4, 0.5, 2 ** 24],
    ['a100', 2, 1, 2 ** 24 + 2],
    ['a100', 4, 0.5, 2 ** 24],
    ['ada', 2, 1, 2 ** 24 + 2],
    ['ada', 4, 0.5, 2 ** 24],
    ['h100', 4, 0.5, 2 ** 24 + 2],
    ['h100', 8, 0.25, 2 ** 24],
    ['b200', 4, 0.5, 2 ** 24 + 2],
    ['b200', 8, 0.25, 2 ** 24],
    // The result is cut off, not rounded.
    ['v100', 1, 3, 2 ** 24 + 2],
    ['h100', 1, 3, 2 ** 24 + 2],
    ['h100', 1, -1, 2 ** 24 - 1],
    ['h100', 1, -0.5, 2 ** 24 - 1],
  ] as const)('%s: 2^24 and %d times %d', async (model, count, part, expected) => {
    const terms = Array.from({ length: count }, () => [part, 1] as const);
    expect(await sum(model, 'fp16', terms, 2 ** 24)).toBe(expected);
  });

  type Terms = readonly (readonly [number, number])[];
  // What the test programs of Fasi et al. (2021) find on a V100, and on T4 and A100.
  test.each<[feature: string, terms: Terms, c: number, v100: number, t4: number]>([
    ['extra bits when significands are aligned', [[1, 1]], 2 ** -24 - 1, 2 ** -23, 2 ** -24],
    ['no normalisation in additions', repeated(4, [1, 2 ** -24]), 1 - 2 ** -24, 1 + 2 ** -23, 1 + 2 ** -23],
    ['no normalisation in subtractions', [[1, 1], [1, -(2 ** -24)]], 2 ** -24 - 1, 2 ** -23, 0],
    ['subnormal operands', [[2 ** -24, 4]], 0, 2 ** -22, 2 ** -22],
    ['a subnormal accumulator', [[0, 1]], 2 ** -149, 2 ** -149, 2 ** -149],
  ])('published tests: %s', async (_, terms, c, v100, t4) => {
    expect(await sum('v100', 'fp16', terms, c)).toBe(v100);
    expect(await sum('t4', 'fp16', terms, c)).toBe(t4);
    expect(await sum('a100', 'fp16', terms, c)).toBe(t4);
  }); // prettier-ignore

  test.each([
    // FP8 on Ada and Hopper keeps 13 bits, of the accumulator too; on Blackwell the accumulator is added last.
    ['ada', 1 + 2 ** -14, 1],
    ['h100', 1 + 2 ** -13, 1 + 2 ** -13],
    ['h100', 1 + 2 ** -14, 1],
    ['b200', 1 + 2 ** -23, 1 + 2 ** -23],
  ] as const)('%s: an accumulator without FP8 products', async (model, c, expected) => {
    expect(await sum(model, 'e4m3fn', [[0, 1]], c)).toBe(expected);
  });

  test.each([
    ['nothing but negative zeros is +0', 'h100', 'fp16', [[-0, 1]], -0, 0],
    [
      'what cancels is +0',
      'h100',
      'fp16',
      [
        [1, 1],
        [-1, 1],
      ],
      -0,
      0,
    ],
    ['NaN', 'h100', 'fp16', [[NaN, 0]], 1, NaN],
    ['zero times infinity', 'a100', 'bf16', [[0, Infinity]], 1, NaN],
    [
      'infinities of both signs',
      'a100',
      'bf16',
      [
        [1, Infinity],
        [-1, Infinity],
      ],
      1,
      NaN,
    ],
    ['an infinite accumulator of the other sign', 'b200', 'e5m2', [[1, Infinity]], -Infinity, NaN],
    ['infinity', 'b200', 'e5m2', [[1, -Infinity]], 1, -Infinity],
    ['an infinite accumulator', 'v100', 'fp16', [[1, 1]], -Infinity, -Infinity],
    ['a NaN accumulator', 'ada', 'e4m3fn', [[1, 1]], NaN, NaN],
    ['overflow', 'h100', 'bf16', [[2 ** 127, 2]], 0, Infinity],
    ['negative overflow', 'h100', 'tf32', [[-(2 ** 127), 1]], -(2 ** 127), -Infinity],
    [
      'products beyond the range cancel',
      'h100',
      'bf16',
      [
        [2 ** 127, 2 ** 9],
        [-(2 ** 127), 2 ** 9],
      ],
      1,
      0,
    ],
    ['subnormal FP16 operands', 'v100', 'fp16', [[2 ** -24, 2 ** -24]], 0, 2 ** -48],
    ['subnormal bf16 operands', 'a100', 'bf16', [[2 ** -133, 4]], 0, 2 ** -131],
    ['a subnormal result', 'h100', 'bf16', [[2 ** -126, 2 ** -10]], 0, 2 ** -136],
    ['a subnormal result is cut off', 'h100', 'bf16', [[-3 * 2 ** -75, 2 ** -75]], 0, -(2 ** -149)],
    ['a subnormal accumulator', 'h100', 'fp16', [[0, 0]], 2 ** -149, 2 ** -149],
    ['and with a product it is lost', 'h100', 'fp16', [[2 ** -24, 2 ** -24]], 2 ** -149, 2 ** -48],
    ['a subnormal FP8 accumulator without products', 'b200', 'e5m2', [[0, 0]], 2 ** -149, 2 ** -149],
  ] as const)('%s', async (_case, model, name, terms, c, expected) => {
    expect(await sum(model, name, terms, c)).toBe(expected);
  });

  test('the B200 adds FP8 terms 0, 1, 4, 5, ... before the others, and the accumulator last, rounded', async () => {
    // 2^15, and 2^-10 in some places: one unit in the last place of 2^15 is 2^-8.
    const terms = (places: readonly number[]): (readonly [number, number])[] =>
      Array.from({ length: 32 }, (__, i) =>
        i === 0 ? [2 ** 14, 2] : places.includes(i) ? [2 ** -9, 2 ** -1] : [0, 0],
      );
    // Four of them make such a unit if they are in one block, but each block is cut off by itself.
    expect(await sum('b200', 'e5m2', terms([1, 4, 5, 8]), 0)).toBe(2 ** 15 + 2 ** -8);
    expect(await sum('b200', 'e5m2', terms([2, 3, 6, 7]), 0)).toBe(2 ** 15 + 2 ** -8);
    expect(await sum('b200', 'e5m2', terms([1, 4, 2, 3]), 0)).toBe(2 ** 15);
    expect(await sum('b200', 'e5m2', terms([1]), 0)).toBe(2 ** 15);
    // The accumulator: a tie to even, and one that is not.
    expect(await sum('b200', 'e5m2', [[1, 1]], 2 ** 24)).toBe(2 ** 24);
    expect(await sum('b200', 'e5m2', [[1, 1]], 2 ** 24 + 2)).toBe(2 ** 24 + 4);
  });

  test('blocks follow each other, and promotion starts them from zero', async () => {
    const task = (name: string): DotTask => ({
      accumulation: parseAccumulation(`tensor-core:h100${name}`),
      format: FORMATS.e4m3fn,
      k: 1024,
    });
    // 1 + 1 + ...: with 13 fraction bits each sum is exact. 1/16 at a time is lost from 1024 on, but not promoted.
    const record = Uint32Array.from({ length: 2049 }, (__, i) =>
      toBits(i < 1024 ? 2 ** -6 : i < 2048 ? 1 : 1024),
    );
    expect((await run(record, task(''))).map(fromBits)[0]).toBe(1024);
    expect((await run(record, task('/128'))).map(fromBits)[0]).toBe(1040);
  });
});

test('operands of two 8-bit formats', () => {
  const { e4m3fn, e5m2, fp16 } = FORMATS;
  const rule = tensorCoreRule('h100', e4m3fn, e5m2);
  const accumulator = createAccumulator(parseAccumulation('tensor-core:h100'), e4m3fn, e5m2, fp16);
  for (let i = 0; i < 200; i++) {
    const a = Float32Array.from({ length: 32 }, (_, j) =>
      fromBits(roundBits(randomWord(13, i, j) & 0xc0ffffff, e4m3fn)),
    );
    const b = Float32Array.from({ length: 32 }, (_, j) =>
      fromBits(roundBits(randomWord(14, i, j) & 0xbfffffff, e5m2)),
    );
    const bits = (x: Float32Array): Uint32Array => new Uint32Array(x.buffer);
    if ([...a, ...b].some((x) => !Number.isFinite(x))) continue;
    expect(toBits(dot(accumulator, a, b, 1))).toBe(
      exactBlock(bits(a), bits(b), toBits(1), rule, [e4m3fn, e5m2]),
    );
  }
});
