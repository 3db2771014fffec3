/**
 * Arithmetic of FP16 and bf16 as the engine does it (one binary32 operation, one rounding) against independent
 * vectors of correctly rounded results.
 */
import { describe, expect, test } from 'vitest';
import { arithmeticVectors } from '../testing/vectors';
import { decode, encode } from './codes';
import { add, div, fromBits, MIN_NORMAL, mul, sqrt, toBits } from './f32';
import { FORMATS } from './formats';
import { roundBits } from './round';

const OPERATIONS = { add, mul, div, sqrt };
type Operation = keyof typeof OPERATIONS;

const CASES = Object.keys(OPERATIONS).flatMap((operation) =>
  ['fp16', 'bf16'].map((format) => [format as 'fp16' | 'bf16', operation as Operation] as const),
);

const IN_DOUBLE: Record<Operation, (a: number, b: number) => number> = {
  add: (a, b) => a + b,
  mul: (a, b) => a * b,
  div: (a, b) => a / b,
  sqrt: (a) => Math.sqrt(a),
};

/** The engine has no numbers between 0 and 2^-126, where bf16 has its subnormals and FP16 has nothing. */
const isTiny = (x: number): boolean => x !== 0 && Math.abs(x) < MIN_NORMAL;

describe.each(CASES)('%s %s', (name, operation) => {
  test('is correctly rounded in every row', () => {
    const format = FORMATS[name];
    const words = arithmeticVectors(name, operation);
    const columns = operation === 'sqrt' ? 2 : 3;
    const wrong: string[] = [];
    let compared = 0;
    for (let i = 0; i < words.length; i += columns) {
      const codes = Array.from(words.subarray(i, i + columns));
      const [a, b] = codes.map((code) => fromBits(decode(code, format)));
      if (isTiny(a) || isTiny(b) || isTiny(IN_DOUBLE[operation](a, b))) continue;
      compared++;
      const result = encode(roundBits(toBits(OPERATIONS[operation](a, b)), format), format);
      const expected = encode(decode(codes[columns - 1], format), format);
      if (result !== expected) wrong.push(codes.map((code) => code.toString(16)).join(' '));
    }
    expect(wrong.slice(0, 5)).toEqual([]);
    const rows = words.length / columns;
    expect(compared).toBeGreaterThanOrEqual(name === 'fp16' ? rows : rows / 2);
  });
});
