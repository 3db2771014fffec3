/** The operations of a format: the exact result of its values, rounded once (IEEE 754, 5.4.1). */
import { roundingDescriptor, type NumberFormat } from '../../numerics/formats';
import { roundBitsWith } from '../../numerics/round';
import { add, divide, multiply, subtract, type Rational } from './rational';
import { isFinite, roundExact, valueOf, type ExactMode, type ExactRounding } from './round';

export type Operation = 'add' | 'sub' | 'mul' | 'div' | 'fma';

export interface Result {
  /** f32 bits of the rounded result. */
  readonly bits: number;
  /** The result before rounding and how it was rounded; null where infinity or NaN takes part. */
  readonly exact: Rational | null;
  readonly rounding: ExactRounding | null;
}

const words = new Uint32Array(1);
const floats = new Float32Array(words.buffer);

function toFloat(bits: number): number {
  words[0] = bits;
  return floats[0];
}

function toBits(x: number): number {
  floats[0] = x;
  return words[0];
}

function exactly(operation: Operation, [a, b, c]: readonly Rational[]): Rational {
  switch (operation) {
    case 'add':
      return add(a, b);
    case 'sub':
      return subtract(a, b);
    case 'mul':
      return multiply(a, b);
    case 'div':
      return divide(a, b);
    case 'fma':
      return add(multiply(a, b), c);
  }
}

/** In binary64, whose rules for infinities, NaN and zeros are those of every IEEE format. */
function inDoubles(operation: Operation, a: number, b: number, c: number): number {
  switch (operation) {
    case 'add':
      return a + b;
    case 'sub':
      return a - b;
    case 'mul':
      return a * b;
    case 'div':
      return a / b;
    case 'fma':
      return a * b + c;
  }
}

/** Whether an exact zero is -0: equal signs keep theirs, and what cancels is -0 only when rounding down. */
function isNegativeZero(operation: Operation, mode: ExactMode, operands: readonly number[]): boolean {
  const [a, b, c] = operands.map(toFloat);
  if (operation === 'mul' || operation === 'div') return Object.is(inDoubles(operation, a, b, c), -0);
  const terms = operation === 'fma' ? [a * b, c] : [a, operation === 'sub' ? -b : b];
  const zeros = terms.every((term) => term === 0);
  const negatives = terms.filter((term) => Object.is(term, -0)).length;
  if (zeros && negatives !== 1) return negatives === 2;
  return mode === 'down';
}

/** @param operands f32 bits of values of the format: a, b, and c for fma */
export function operate(
  operation: Operation,
  operands: readonly number[],
  format: NumberFormat,
  mode: ExactMode,
): Result {
  const [a, b, c] = operands;
  const used = operation === 'fma' ? [a, b, c] : [a, b];
  if (!used.every(isFinite) || (operation === 'div' && toFloat(b) === 0)) {
    const special = inDoubles(operation, toFloat(a), toFloat(b), toFloat(c));
    const bits = roundBitsWith(toBits(special), roundingDescriptor(format, mode));
    return { bits, exact: null, rounding: null };
  }
  const exact = exactly(operation, used.map(valueOf));
  const rounding = roundExact(
    exact,
    format,
    mode,
    exact.n === 0n && isNegativeZero(operation, mode, operands),
  );
  return { bits: rounding.bits, exact, rounding };
}
