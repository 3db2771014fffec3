import { describe, expect, test } from 'vitest';
import { DOT_MODES, dotVectors, tensorCoreVectors, type DotMode, type DotVectors } from '../testing/vectors';
import {
  ACCUMULATION_WORDS,
  accumulationName,
  accumulationWords,
  createAccumulator,
  parseAccumulation,
} from './accumulation';
import { decode, encode } from './codes';
import { dotRecords, type DotTask } from './dot-records';
import { FORMATS, parseFormat } from './formats';

type Run = (records: Uint32Array<ArrayBuffer>, task: DotTask) => Promise<Uint32Array>;

const BACKENDS: Readonly<Record<string, Run>> = {
  cpu: (records, task) => Promise.resolve(dotRecords(records, task)),
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
      let compared = 0;
      for (const one of dotVectors(name)) {
        for (const [k, accumulator] of one.checkpoints[mode]) {
          const task = { accumulation: parseAccumulation(ACCUMULATION_OF[mode]), format, k };
          const [result] = await run(record(one, k), task);
          const actual = mode === 'f32_seq' ? result : encode(result, format);
          expect({ id: one.id, k, actual: hex(actual) }).toEqual({ id: one.id, k, actual: hex(accumulator) });
          compared++;
        }
      }
      expect(compared).toBeGreaterThan(200);
    });
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
    ['tensor-core:a2', 'tensor-core:a100'],
    ['tensor-core:L40S/256', 'tensor-core:ada/256'],
    ['tensor-core:RTX-1000', 'tensor-core:ada'],
    ['tensor-core:RTX PRO 6000', 'tensor-core:b200'],
    ['FP32', 'fp32'],
  ])('%s means %s', (name, meaning) => {
    expect(accumulationName(parseAccumulation(name))).toBe(meaning);
  });

  test.each([
    '', 'sum', 'chunked', 'chunked:0', 'chunked:-1', 'chunked:1.5', 'chunked:x', 'pairwise:2', 'kahan:format:2',
    'fp32:format', 'tensor-core', 'tensor-core:k80', 'tensor-core:h100/', 'tensor-core:h100/100', 'tensor-core:h100/0',
  ])('"%s" is refused with a sentence', (name) => {
    expect(() => parseAccumulation(name)).toThrow(RangeError);
    expect(() => parseAccumulation(name)).toThrow(/^[A-Z].*\.$/);
  }); // prettier-ignore
});

describe('what is not possible', () => {
  test.each([
    ['tensor-core:v100', 'bf16'],
    ['tensor-core:a100', 'e4m3fn'],
    ['tensor-core:h100', 'e5m7'],
    ['format', 'e5m22'],
  ])('%s with %s is refused with a sentence', (name, formatName) => {
    const format = parseFormat(formatName);
    const create = (): unknown => createAccumulator(parseAccumulation(name), format, format, format);
    expect(create).toThrow(RangeError);
    expect(create).toThrow(/^[A-Z].*\.$/);
  });

  test('8-bit formats may be mixed', () => {
    const accumulation = parseAccumulation('tensor-core:h100');
    const words = accumulationWords(accumulation, FORMATS.e4m3fn, FORMATS.e5m2, FORMATS.fp16);
    expect(words.length).toBe(ACCUMULATION_WORDS);
    expect(() => accumulationWords(accumulation, FORMATS.e4m3fn, FORMATS.fp16, FORMATS.fp16)).toThrow(
      RangeError,
    );
  });
});
