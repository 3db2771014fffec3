import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FORMATS, type NumberFormat } from '../../numerics/formats';
import { decode, encode } from '../../numerics/codes';
import { roundBits } from '../../numerics/round';
import { arithmeticVectors } from '../../testing/vectors';
import { accumulate } from './accumulate';
import { operate, type Operation } from './operate';
import { isFinite } from './round';

const floatBits = (x: number): number => new Uint32Array(Float32Array.of(x).buffer)[0];
const asFloat = (bits: number): number => new Float32Array(Uint32Array.of(bits).buffer)[0];

const calculate = (operation: Operation, format: NumberFormat, ...operands: number[]): number =>
  asFloat(operate(operation, operands.map(floatBits), format, 'nearest-even').bits);

describe('operations', () => {
  const { fp16, bf16, e4m3fn, fp32 } = FORMATS;
  test.each<[string, number, number]>([
    ['2048 + 1 in FP16', calculate('add', fp16, 2048, 1), 2048],
    ['2048 + 3 in FP16, a tie to the even neighbour', calculate('add', fp16, 2048, 3), 2052],
    ['65504 + 16 in FP16', calculate('add', fp16, 65504, 16), Infinity],
    ['256 · 256 in FP16', calculate('mul', fp16, 256, 256), Infinity],
    ['256 + 1 in bf16', calculate('add', bf16, 256, 1), 256],
    ['448 + 32 in E4M3', calculate('add', e4m3fn, 448, 32), NaN],
    ['448 + 16 in E4M3, a tie to the largest', calculate('add', e4m3fn, 448, 16), 448],
    ['1 / 0', calculate('div', fp16, 1, 0), Infinity],
    ['0 / 0', calculate('div', fp16, 0, 0), NaN],
    ['∞ - ∞', calculate('sub', fp16, Infinity, Infinity), NaN],
    ['-1 · 0', calculate('mul', fp16, -1, 0), -0],
    ['1 - 1', calculate('sub', fp16, 1, 1), 0],
    [
      'fma keeps what a product would lose',
      calculate('fma', fp16, 1 + 2 ** -10, 1 - 2 ** -10, -1),
      -(2 ** -20),
    ],
    ['fma that cancels', calculate('fma', fp32, 2, 3, -6), 0],
  ])('%s', (_, result, expected) => {
    expect(result).toBe(expected);
  });

  test('zeros that cancel are negative only when rounding down', () => {
    const one = floatBits(1);
    const zero = (mode: 'nearest-even' | 'down', operands: number[]): number =>
      operate('sub', operands, fp16, mode).bits;
    expect(zero('nearest-even', [one, one])).toBe(0);
    expect(zero('down', [one, one])).toBe(0x80000000);
    expect(zero('down', [0, 0x80000000])).toBe(0);
    expect(zero('nearest-even', [0x80000000, 0])).toBe(0x80000000);
  });

  const CASES = (['fp16', 'bf16'] as const).flatMap((format) =>
    (['add', 'mul', 'div', 'fma'] as const).map((operation) => [format, operation] as const),
  );
  test.each(CASES)('%s %s as the independent vectors have it, subnormals included', (name, operation) => {
    const format = FORMATS[name];
    const rows = arithmeticVectors(name, operation);
    const wrong: string[] = [];
    const columns = operation === 'fma' ? 4 : 3;
    for (let i = 0; i < rows.length; i += columns) {
      const codes = [...rows.subarray(i, i + columns)];
      const values = codes.map((code) => decode(code, format));
      const expected = values[columns - 1];
      const { bits } = operate(operation, values, format, 'nearest-even');
      if (encode(bits, format) !== encode(expected, format))
        wrong.push(codes.map((code) => code.toString(16)).join(' '));
    }
    expect(wrong).toEqual([]);
  });

  test('FP32 is what binary64 gives, rounded once more', () => {
    const bits = fc.integer({ min: 0, max: 0xffffffff });
    fc.assert(
      fc.property(fc.constantFrom('add', 'sub', 'mul', 'div'), bits, bits, (operation: Operation, a, b) => {
        const [x, y] = [asFloat(a), asFloat(b)];
        const double = { add: x + y, sub: x - y, mul: x * y, div: x / y, fma: NaN }[operation];
        const result = operate(operation, [a, b], fp32, 'nearest-even').bits;
        expect(asFloat(result)).toBe(Math.fround(double));
      }),
      { numRuns: 2000 },
    );
  });
});

describe('sums', () => {
  const ones = (format: NumberFormat, count = 4096) =>
    accumulate(floatBits(1), count, format, 'nearest-even');

  test.each([
    ['fp16', 2048],
    ['bf16', 256],
    ['e4m3fn', 16],
    ['e5m2', 8],
    ['tf32', 2048],
  ] as const)('ones in %s stall at %i', (name, sum) => {
    expect(ones(FORMATS[name]).stall).toEqual({ step: sum + 1, sum });
  });

  test('FP32 does not stall there', () => {
    const { stall, points, bits } = ones(FORMATS.fp32);
    expect(stall).toBeNull();
    expect(asFloat(bits)).toBe(4096);
    expect(points.length).toBeLessThanOrEqual(500);
    expect(points.at(-1)).toEqual({ step: 4096, sum: 4096, exact: 4096 });
  });

  test('each step is rounded once', () => {
    fc.assert(
      fc.property(
        fc.float({ noNaN: true, noDefaultInfinity: true }),
        fc.constantFrom(...Object.values(FORMATS)),
        (x, format) => {
          const term = roundBits(floatBits(x), format);
          if (!isFinite(term)) return;
          let sum = 0;
          for (let step = 0; step < 20; step++)
            sum = operate('add', [sum, term], format, 'nearest-even').bits;
          expect(accumulate(term, 20, format, 'nearest-even').bits).toBe(sum);
        },
      ),
    );
  });
});
