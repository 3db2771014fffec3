/**
 * Arithmetic in a format, on the CPU and on a device: every row of the reference vectors, all values of small formats
 * against exact rational arithmetic, and the rules for zeros, infinities and NaN.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { calculateCodesOnDevice } from '../examination/arithmetic-device';
import { requestNodeDevice } from '../backends/webgpu/node';
import { exactInFormat } from '../testing/exact-format';
import { arithmeticVectors } from '../testing/vectors';
import { decode, encode } from './codes';
import { fromBits, toBits } from './f32';
import {
  ARITHMETIC_OPERATIONS,
  calculateCodes,
  fmaFlushed,
  OPERAND_COUNT,
  type ArithmeticOperation,
} from './format-arithmetic';
import { FORMATS, parseFormat, type NumberFormat } from './formats';
import { randomWord } from './philox';

type Run = (operation: ArithmeticOperation, codes: Uint16Array, format: NumberFormat) => Promise<Uint16Array>;

let device: GPUDevice;
beforeAll(async () => {
  device = await requestNodeDevice();
});
afterAll(() => {
  device.destroy();
});

const BACKENDS: Readonly<Record<string, Run>> = {
  cpu: (operation, codes, format) => Promise.resolve(calculateCodes(operation, codes, format)),
  webgpu: (operation, codes, format) => calculateCodesOnDevice(device, operation, codes, format),
};

const hex = (code: number): string => `0x${code.toString(16)}`;

/** Rows whose result is not the expected one, as text; at most five. */
function mismatches(
  codes: Uint16Array,
  operands: number,
  actual: Uint16Array,
  expected: Uint16Array,
): string[] {
  const wrong: string[] = [];
  expected.forEach((code, row) => {
    if (actual[row] === code || wrong.length === 5) return;
    const given = [...codes.subarray(row * operands, (row + 1) * operands)].map(hex).join(' ');
    wrong.push(`${given}: ${hex(actual[row])} instead of ${hex(code)}`);
  });
  return wrong;
}

function exactCodes(operation: ArithmeticOperation, codes: Uint16Array, format: NumberFormat): Uint16Array {
  const operands = OPERAND_COUNT[operation];
  return Uint16Array.from({ length: codes.length / operands }, (_, row) => {
    const values = [...codes.subarray(row * operands, (row + 1) * operands)].map((code) =>
      decode(code, format),
    );
    return encode(exactInFormat(operation, values, format), format);
  });
}

/** Finite and other codes, many of them close to a limit of the format or to each other. */
function randomCodes(format: NumberFormat, length: number, stream: number): Uint16Array {
  const count = 2 ** format.storageBits;
  const infinity = encode(0x7f800000, FORMATS.fp32) % count;
  let previous = infinity;
  return Uint16Array.from({ length }, (_, i) => {
    const word = randomWord(9, stream, 2 * i);
    const choice = randomWord(9, stream, 2 * i + 1) % 8;
    // The same exponent and nearly the same significand as before: sums that cancel, quotients near one.
    if (choice === 0) previous = (previous ^ (word % 8) ^ (word % 2 === 0 ? 0 : count / 2)) % count;
    else if (choice === 1)
      previous = (word % 2) * (count / 2) + ((word >>> 8) % 2 ** (format.significandBits + 1));
    else previous = word % count;
    return previous;
  });
}

describe.each(Object.entries(BACKENDS))('%s', (_, run) => {
  const cases = ['fp16', 'bf16'].flatMap((name) =>
    ARITHMETIC_OPERATIONS.map((operation) => [name as 'fp16' | 'bf16', operation] as const),
  );
  test.each(cases)('%s %s is right in every row of the vectors', async (name, operation) => {
    const format = FORMATS[name];
    const words = arithmeticVectors(name, operation);
    const width = OPERAND_COUNT[operation] + 1;
    const codes = words.filter((__, i) => i % width !== width - 1);
    // Any NaN code means NaN; results have one.
    const expected = words
      .filter((__, i) => i % width === width - 1)
      .map((code) => encode(decode(code, format), format));
    expect(expected.length).toBe(2000);
    const actual = await run(operation, codes, format);
    expect(mismatches(codes, width - 1, actual, expected)).toEqual([]);
  });

  const small = ['e4m3fn', 'e5m2', 'e4m3fn_sat', 'e3m2', 'e2m1'];
  test.each(small)('all pairs of %s agree with exact arithmetic', async (name) => {
    const format = parseFormat(name);
    const count = 2 ** format.storageBits;
    const pairs = Uint16Array.from({ length: 2 * count * count }, (__, i) =>
      i % 2 === 0 ? Math.floor(i / 2 / count) : (i >> 1) % count,
    );
    for (const operation of ['add', 'mul', 'div'] as const) {
      const actual = await run(operation, pairs, format);
      expect(mismatches(pairs, 2, actual, exactCodes(operation, pairs, format))).toEqual([]);
    }
    const singles = Uint16Array.from({ length: count }, (__, i) => i);
    const roots = await run('sqrt', singles, format);
    expect(mismatches(singles, 1, roots, exactCodes('sqrt', singles, format))).toEqual([]);
  });

  const others = ['fp16', 'bf16', 'e4m3fn', 'e5m2_sat', 'e5m7', 'e8m3', 'e3m12'];
  test.each(others)('random and difficult operands in %s agree with exact arithmetic', async (name) => {
    const format = parseFormat(name);
    for (const [stream, operation] of ARITHMETIC_OPERATIONS.entries()) {
      const operands = OPERAND_COUNT[operation];
      const codes = randomCodes(format, 3000 * operands, stream);
      const actual = await run(operation, codes, format);
      expect(mismatches(codes, operands, actual, exactCodes(operation, codes, format))).toEqual([]);
    }
  });

  test.each([
    // Sums of zeros are +0 unless both are -0.
    ['add', [0x0000, 0x8000], 0x0000],
    ['add', [0x8000, 0x8000], 0x8000],
    ['add', [0x3c00, 0xbc00], 0x0000],
    ['fma', [0x8000, 0x3c00, 0x8000], 0x8000],
    ['fma', [0x8000, 0x3c00, 0x0000], 0x0000],
    ['fma', [0xbc00, 0x3c00, 0x3c00], 0x0000],
    ['mul', [0x8000, 0x3c00], 0x8000],
    ['mul', [0x0001, 0x8001], 0x8000],
    ['div', [0x8000, 0x3c00], 0x8000],
    ['div', [0x3c00, 0xfc00], 0x8000],
    ['sqrt', [0x8000], 0x8000],
    // Infinities.
    ['add', [0x7c00, 0xfc00], 0x7e00],
    ['add', [0x7c00, 0x7c00], 0x7c00],
    ['add', [0x7bff, 0x7bff], 0x7c00],
    ['mul', [0x0000, 0xfc00], 0x7e00],
    ['fma', [0x0000, 0xfc00, 0x3c00], 0x7e00],
    ['fma', [0x7c00, 0x3c00, 0xfc00], 0x7e00],
    ['fma', [0x7bff, 0x7bff, 0xfc00], 0xfc00],
    ['div', [0x3c00, 0x8000], 0xfc00],
    ['div', [0x0000, 0x0000], 0x7e00],
    ['div', [0x7c00, 0x7c00], 0x7e00],
    ['sqrt', [0x7c00], 0x7c00],
    ['sqrt', [0xbc00], 0x7e00],
    // Any NaN gives the NaN, whatever else there is.
    ['add', [0xfc01, 0x3c00], 0x7e00],
    ['fma', [0x7c00, 0x0000, 0xffff], 0x7e00],
    ['sqrt', [0xfe00], 0x7e00],
  ] as const)('fp16 %s of %j', async (operation, operands, expected) => {
    const [actual] = await run(operation, Uint16Array.from(operands), FORMATS.fp16);
    expect(hex(actual)).toBe(hex(expected));
  });
});

describe('fmaFlushed', () => {
  test('is a*b + c rounded once to binary32', () => {
    const bits = (i: number): number => ((randomWord(9, 20, i) & 0x80ffffff) | 0x3f000000) >>> 0;
    for (let i = 0; i < 3000; i += 3) {
      const [a, b] = [bits(i), bits(i + 1)];
      // Every other sum cancels nearly everything.
      const c = i % 2 === 0 ? bits(i + 2) : toBits(-fromBits(a) * fromBits(b));
      const expected = exactInFormat('fma', [a, b, c], FORMATS.fp32);
      expect(hex(toBits(fmaFlushed(fromBits(a), fromBits(b), fromBits(c))))).toBe(hex(expected));
    }
  });

  test.each([
    // Half-way between 2^-126 and the number below it with unbounded exponent: up; anything less is a zero.
    [2 - 2 ** -23, 2 ** -127 * (1 + 2 ** -23), 0, 0],
    [1 - 2 ** -24, 2 ** -126, 0, 0],
    [2 ** -64, -(2 ** -64), 0, -0],
    [(1 - 2 ** -12) * 2 ** -63, (1 + 2 ** -12) * 2 ** -63, 2 ** -150, 0],
    [(1 - 2 ** -13) * 2 ** -63, (1 + 2 ** -13) * 2 ** -63, 0, 2 ** -126],
    [-(1 - 2 ** -13) * 2 ** -63, (1 + 2 ** -13) * 2 ** -63, 0, -(2 ** -126)],
    [Infinity, 0, 1, NaN],
    [3e38, 2, -Infinity, -Infinity],
  ])('%d * %d + %d', (a, b, c, expected) => {
    expect(fmaFlushed(a, b, c)).toBe(expected);
  });
});
