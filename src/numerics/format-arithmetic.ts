/**
 * Arithmetic in a number format, each operation rounded once: the exact result, and then the format's nearest value,
 * ties to even, subnormals, overflow and all as the format says. (The engine's own arithmetic, `f32.ts`, has no
 * numbers below 2^-126, where bf16 and TF32 have their subnormals; this one has them.)
 *
 * How an exact result reaches the format in one rounding although no machine format holds it: it is first rounded
 * *to odd* (cut off, and the last bit set if anything was lost) to double and to binary32. An odd last bit stands
 * for "something follows", so a later rounding to nearest that keeps at least two bits fewer decides as on the exact
 * result (S. Boldo, G. Melquiond, "Emulation of FMA and correctly rounded sums: proved algorithms using rounding to
 * odd", IEEE Transactions on Computers 57, 2008). Hence the limit of 21 significand bits.
 *
 * `shaders/numerics/format_arithmetic.wgsl` does the same in integers.
 */

import { decode, encode } from './codes';
import { flush, TINY_LIMIT } from './f32';
import type { NumberFormat } from './formats';
import { roundBits } from './round';
import { message, MessageError } from './message';

declare module './message' {
  interface Messages {
    'arithmetic-too-wide': { format: string; most: number; bits: number };
    'code-too-wide': { format: string };
    'no-nan-result': { format: string };
  }
}

export const ARITHMETIC_OPERATIONS = ['add', 'mul', 'div', 'sqrt', 'fma'] as const;
export type ArithmeticOperation = (typeof ARITHMETIC_OPERATIONS)[number];

/** How many operands an operation takes; `fma(a, b, c)` is a*b + c. */
export const OPERAND_COUNT: Readonly<Record<ArithmeticOperation, 1 | 2 | 3>> = {
  add: 2,
  mul: 2,
  div: 2,
  sqrt: 1,
  fma: 3,
};

/** Rounding to odd on 24 bits decides right for formats of up to 22 bits with the implicit one. */
export const MAX_SIGNIFICAND_BITS = 21;

/** @throws {RangeError} with a sentence for people if the functions here are not exact for `format`. */
export function requireArithmetic(format: NumberFormat): void {
  if (format.significandBits > MAX_SIGNIFICAND_BITS) {
    const { name, significandBits: bits } = format;
    throw new MessageError(
      message('arithmetic-too-wide', { format: name, most: MAX_SIGNIFICAND_BITS, bits }),
    );
  }
}

/** The same for arithmetic on codes in 16-bit words, where every result has to have one. */
export function requireCodeArithmetic(format: NumberFormat): void {
  requireArithmetic(format);
  if (format.storageBits > 16) throw new MessageError(message('code-too-wide', { format: format.name }));
  if (!format.hasNaN) throw new MessageError(message('no-nan-result', { format: format.name }));
}

const float = new Float32Array(1);
const bits = new Uint32Array(float.buffer);

const MAGNITUDE = 0x7fffffff;
const INFINITY_BITS = 0x7f800000;

/** f32 bits of `x` rounded to odd: one of its two binary32 neighbours, the one whose last bit is set. */
function oddBits(x: number): number {
  float[0] = x;
  const nearest = float[0];
  const u = bits[0];
  if (nearest === x || (u & 1) === 1 || x !== x) return u;
  // The other neighbour; beyond the largest finite number this is the largest one, which is odd.
  return Math.abs(nearest) > Math.abs(x) ? u - 1 : u + 1;
}

const double = new Float64Array(1);
const doubleWords = new Int32Array(double.buffer);
/** Typed arrays have the byte order of the machine. */
const LOW = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1 ? 0 : 1;

/** x + y rounded to odd in double precision. Knuth's two-sum gives what the rounded sum has lost. */
function oddSum(x: number, y: number): number {
  const sum = x + y;
  const z = sum - x;
  const lost = x - (sum - z) + (y - z);
  if (lost === 0 || lost !== lost) return sum;
  double[0] = sum;
  const low = doubleWords[LOW];
  if ((low & 1) === 1) return sum;
  // `sum` is even and not exact: the odd neighbour lies on the side of what was lost.
  if (lost > 0 === sum > 0) {
    doubleWords[LOW] = low | 1;
  } else {
    doubleWords[LOW] = low - 1;
    if (low === 0) doubleWords[1 - LOW]--;
  }
  return double[0];
}

/** f32 bits of a + b rounded to odd: cut off, and the last bit set where anything was lost. */
export const oddSumBits = (a: number, b: number): number => oddBits(oddSum(a, b)) >>> 0;

/** The value of `format` nearest to `x`, where `x` is exact, rounded to odd, or a quotient or root in double. */
function toFormat(x: number, format: NumberFormat): number {
  bits[0] = roundBits(oddBits(x), format);
  return float[0];
}

/** a + b. Operands of all functions here are values of the format. */
export function addInFormat(a: number, b: number, format: NumberFormat): number {
  return toFormat(oddSum(a, b), format);
}

/** a * b; exact in double precision before it is rounded. */
export function mulInFormat(a: number, b: number, format: NumberFormat): number {
  return toFormat(a * b, format);
}

/**
 * a / b. The quotient of two numbers of at most 24 bits that is not itself a number of 25 bits differs from all such
 * numbers by a relative 2^-49 or more, so that the double next to it lies on the same side of every number and
 * every tie of the format. The same holds for roots.
 */
export function divInFormat(a: number, b: number, format: NumberFormat): number {
  return toFormat(a / b, format);
}

export function sqrtInFormat(a: number, format: NumberFormat): number {
  return toFormat(Math.sqrt(a), format);
}

/** a*b + c, rounded once. The product is exact in double precision; infinities and NaN come out by themselves. */
export function fmaInFormat(a: number, b: number, c: number, format: NumberFormat): number {
  return toFormat(oddSum(a * b, c), format);
}

/**
 * a*b + c in binary32, rounded once, with the rules of `f32.ts`: no subnormal operands, and a result that is tiny
 * after rounding is a zero.
 */
export function fmaFlushed(a: number, b: number, c: number): number {
  const exact = oddSum(flush(a) * flush(b), flush(c));
  return exact > -TINY_LIMIT && exact < TINY_LIMIT ? flush(exact) : Math.fround(exact);
}

/** `operation` on three values; it ignores those it does not take. */
function apply(
  operation: ArithmeticOperation,
  a: number,
  b: number,
  c: number,
  format: NumberFormat,
): number {
  switch (operation) {
    case 'add':
      return addInFormat(a, b, format);
    case 'mul':
      return mulInFormat(a, b, format);
    case 'div':
      return divInFormat(a, b, format);
    case 'sqrt':
      return sqrtInFormat(a, format);
    case 'fma':
      return fmaInFormat(a, b, c, format);
  }
}

/**
 * Rows of operand codes in, one result code per row out.
 *
 * @param codes `OPERAND_COUNT[operation]` codes of `format` per row; any NaN code is a NaN
 * @returns codes of the results; NaN has one code, that of `encode`
 * @throws {RangeError} with a sentence for people if the format is not one for that
 */
export function calculateCodes(
  operation: ArithmeticOperation,
  codes: Uint16Array,
  format: NumberFormat,
): Uint16Array<ArrayBuffer> {
  requireCodeArithmetic(format);
  const operands = OPERAND_COUNT[operation];
  const value = (code: number | undefined): number => {
    if (code === undefined) return 0;
    bits[0] = decode(code, format);
    return float[0];
  };
  return Uint16Array.from({ length: codes.length / operands }, (_, row) => {
    const [a, b, c] = codes.subarray(row * operands, (row + 1) * operands);
    float[0] = apply(operation, value(a), value(b), value(c), format);
    const u = bits[0];
    return encode((u & MAGNITUDE) > INFINITY_BITS ? MAGNITUDE : u, format);
  });
}
