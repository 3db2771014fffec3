import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dotOnDevice } from '../examination/dot-device';
import { requestNodeDevice } from '../backends/webgpu/node';
import { DOT_MODES, dotVectors, tensorCoreVectors, type DotMode, type DotVectors } from '../testing/vectors';
import { accumulationName, parseAccumulation } from './accumulation';
import { dot } from './accumulators';
import { ACCUMULATION_WORDS, accumulationWords, createAccumulator } from './accumulation-procedures';
import { decode, encode } from './codes';
import { dotRecords, recordWords, type DotTask } from '../examination/dot-records';
import { FORMATS, parseFormat, type NumberFormat } from './formats';
import { randomWord } from './philox';
import { roundBits } from './round';
import { refusal } from '../testing/said';
import { MessageError } from './message';

type Run = (records: Uint32Array<ArrayBuffer>, task: DotTask) => Promise<Uint32Array>;

let device: GPUDevice;
beforeAll(async () => {
  device = await requestNodeDevice();
});
afterAll(() => {
  device.destroy();
});

const BACKENDS: Readonly<Record<string, Run>> = {
  cpu: (records, task) => Promise.resolve(dotRecords(records, task)),
  webgpu: (records, task) => dotOnDevice(device, records, task),
};

const ACCUMULATION_OF: Readonly<Record<DotMode, string>> = {
  f32_seq: 'fp32',
  fmt_seq: 'format',
  fmt_fma: 'format-fma',
};

const hex = (u: number): string => `0x${u.toString(16).padStart(8, '0')}`;

function mismatches(actual: Uint32Array, expected: ArrayLike<number>): string[] {
  return Array.from(expected).flatMap((u, i) =>
    u === actual[i] ? [] : [`${i}: ${hex(actual[i])} instead of ${hex(u)}`],
  );
}

describe.each(Object.entries(BACKENDS))('%s', (_, run) => {
  describe('as measured on tensor cores', () => {
    const cases = tensorCoreVectors().map((vectors) => [vectors.gpu, vectors.format.name, vectors] as const);
    test.each(cases)('%s %s', async (gpu, _format, { format, k, records, expected }) => {
      expect(expected.length).toBe(1000);
      const accumulation = parseAccumulation(`tensor-core:${gpu}`);
      expect(mismatches(await run(records, { accumulation, format, k }), expected)).toEqual([]);
    });
  });

  describe.each(['fp16', 'bf16'] as const)('dot products in %s', (name) => {
    const format = FORMATS[name];
    /** The first `terms` terms of a case as a record. */
    const record = ({ a, b }: DotVectors, terms: number): Uint32Array<ArrayBuffer> =>
      Uint32Array.from(
        [...a.subarray(0, terms), ...b.subarray(0, terms)].map((code) => decode(code, format)).concat(0),
      );

    test.each(DOT_MODES)('%s, every checkpoint', async (mode) => {
      const cases = dotVectors(name);
      const checkpoints = cases.flatMap((one) => one.checkpoints[mode].map(([k, sum]) => ({ one, k, sum })));
      expect(checkpoints.length).toBeGreaterThan(200);
      for (const k of new Set(checkpoints.map((each) => each.k))) {
        const same = checkpoints.filter((each) => each.k === k);
        const records = Uint32Array.from(same.flatMap(({ one }) => [...record(one, k)]));
        const sums = await run(records, {
          accumulation: parseAccumulation(ACCUMULATION_OF[mode]),
          format,
          k,
        });
        const actual = mode === 'f32_seq' ? sums : sums.map((u) => encode(u, format));
        expect(
          mismatches(
            actual,
            same.map(({ sum }) => sum),
          ),
        ).toEqual([]);
      }
    });
  });
});

/** Values of the format from all its codes, or of every magnitude where it has too many; `ordinary` ones are near 1. */
function randomRecords(
  format: NumberFormat,
  k: number,
  count: number,
  ordinary: boolean,
): Uint32Array<ArrayBuffer> {
  return Uint32Array.from({ length: count * recordWords(k) }, (_, i) => {
    const word = randomWord(11, k, i);
    const near = ((word & 0x83ffffff) | 0x3c000000) >>> 0;
    return roundBits(ordinary ? near : word, format);
  });
}

describe('CPU and device agree', () => {
  const accumulations = [
    'fp32', 'format', 'format-fma', 'chunked:5', 'chunked:8:format', 'pairwise', 'pairwise:format', 'kahan', 'kahan:format',
  ]; // prettier-ignore
  const formats = ['fp32', 'tf32', 'fp16', 'bf16', 'e4m3fn', 'e5m2_sat', 'e5m7'];
  const cases = accumulations.flatMap((name) => formats.map((format) => [name, format] as const));
  const tensorCores: readonly (readonly [string, readonly string[]])[] = [
    ['v100', ['fp16']],
    ['t4', ['fp16']],
    ['a100', ['fp16', 'bf16', 'tf32']],
    ['ada', ['fp16', 'bf16', 'tf32', 'e4m3fn', 'e5m2']],
    ['h100', ['fp16', 'bf16', 'tf32', 'e4m3fn', 'e5m2']],
    ['b200', ['fp16', 'bf16', 'tf32', 'e4m3fn', 'e5m2']],
  ];
  for (const [gpu, inputs] of tensorCores) {
    for (const format of inputs)
      cases.push([`tensor-core:${gpu}`, format], [`tensor-core:${gpu}/32`, format]);
  }

  test.each(cases)('%s in %s', async (name, formatName) => {
    const format = parseFormat(formatName);
    const accumulation = parseAccumulation(name);
    for (const ordinary of [true, false]) {
      for (const k of [5, 64]) {
        const task = { accumulation, format, k };
        const records = randomRecords(format, k, 96, ordinary);
        expect(mismatches(await dotOnDevice(device, records, task), dotRecords(records, task))).toEqual([]);
      }
    }
  });
});

describe('adding 1 to an FP16 sum, 4096 times', () => {
  const ones = new Float32Array(4096).fill(1);
  test.each([
    ['format', 2048],
    ['chunked:32:format', 4096],
    ['pairwise:format', 4096],
    ['kahan:format', 4096],
    ['tensor-core:v100', 4096],
  ])('%s', (name, expected) => {
    const { fp16 } = FORMATS;
    expect(dot(createAccumulator(parseAccumulation(name), fp16, fp16, fp16), ones, ones)).toBe(expected);
  });
});

describe('names', () => {
  test.each([
    'fp32', 'format', 'format-fma', 'chunked:32', 'chunked:7:format', 'pairwise', 'pairwise:format', 'kahan',
    'kahan:format', 'tensor-core:v100', 'tensor-core:h100', 'tensor-core:h100/128',
  ])('%s', (name) => {
    expect(accumulationName(parseAccumulation(name))).toBe(name);
  }); // prettier-ignore

  test.each([
    ['Tensor-Core:H200', 'tensor-core:h100'],
    ['tensor-core:A30', 'tensor-core:a100'],
    ['tensor-core:RTX 2080 Ti', 'tensor-core:t4'],
    ['tensor-core:rtx-3090', 'tensor-core:a100'],
    ['tensor-core:rtx4090', 'tensor-core:ada'],
    ['tensor-core:A40', 'tensor-core:a100'],
    ['tensor-core:gh200', 'tensor-core:h100'],
    ['tensor-core:a2', 'tensor-core:a100'],
    ['tensor-core:L40S/256', 'tensor-core:ada/256'],
    ['tensor-core:RTX-1000', 'tensor-core:ada'],
    ['tensor-core:rtx_1000_ada', 'tensor-core:ada'],
    ['tensor-core:RTX PRO 6000', 'tensor-core:b200'],
    ['FP32', 'fp32'],
  ])('%s means %s', (name, meaning) => {
    expect(accumulationName(parseAccumulation(name))).toBe(meaning);
  });

  test.each([
    '', 'sum', 'chunked', 'chunked:0', 'chunked:-1', 'chunked:1.5', 'chunked:x', 'pairwise:2', 'kahan:format:2',
    'fp32:format', 'tensor-core', 'tensor-core:k80', 'tensor-core:h100/', 'tensor-core:h100/100', 'tensor-core:h100/0',
    'tensor-core:gtx-1660-ti', 'tensor-core:mi300x',
  ])('"%s" is refused with a sentence', (name) => {
    expect(refusal(() => parseAccumulation(name))).toMatch(/^[A-Z].*\.$/);
  }); // prettier-ignore
});

describe('what is not possible', () => {
  test.each([
    ['tensor-core:v100', 'bf16'],
    ['tensor-core:t4', 'bf16'],
    ['tensor-core:a100', 'e4m3fn'],
    ['tensor-core:h100', 'e5m7'],
    ['format', 'e5m22'],
  ])('%s with %s is refused with a sentence', (name, formatName) => {
    const format = parseFormat(formatName);
    const create = (): unknown => createAccumulator(parseAccumulation(name), format, format, format);
    expect(refusal(create)).toMatch(/^[A-Z].*\.$/);
  });

  test('8-bit formats may be mixed', () => {
    const accumulation = parseAccumulation('tensor-core:h100');
    const words = accumulationWords(accumulation, FORMATS.e4m3fn, FORMATS.e5m2, FORMATS.fp16);
    expect(words.length).toBe(ACCUMULATION_WORDS);
    expect(() => accumulationWords(accumulation, FORMATS.e4m3fn, FORMATS.fp16, FORMATS.fp16)).toThrow(
      MessageError,
    );
  });
});
