/** What the format lab shows, as plain data, and how it changes. */
import { neighbour, valueBits } from '../../analysis/exact/neighbours';
import { parseTyped } from '../../analysis/exact/parse';
import { exactDecimal } from '../../analysis/exact/decimal';
import { reduced, type Rational } from '../../analysis/exact/rational';
import {
  isExact,
  isFinite,
  roundExact,
  valueOf,
  type ExactMode,
  type ExactRounding,
} from '../../analysis/exact/round';
import { encode } from '../../numerics/codes';
import { parseFormat, roundingDescriptor, type NumberFormat } from '../../numerics/formats';
import { CANONICAL_NAN, roundBitsWith } from '../../numerics/round';
import type { Axis, View } from './line/geometry';

/** A value of the format, as its bits; or a real number that lies between two values, as it was typed. */
export type LabNumber =
  { readonly kind: 'code'; readonly code: number } | { readonly kind: 'real'; readonly text: string };

export const OPERATIONS = ['add', 'sub', 'mul', 'div', 'fma'] as const;
export type Operation = (typeof OPERATIONS)[number];

export interface LabState {
  readonly format: string;
  readonly mode: ExactMode;
  readonly number: LabNumber;
  readonly operation: Operation;
  /** Operands of the operation as typed; `c` is the addend of fma. */
  readonly a: string;
  readonly b: string;
  readonly c: string;
  /** What is added up, and how many times. */
  readonly term: string;
  readonly count: number;
  /** Numbers that share a scale, as typed. */
  readonly block: string;
  readonly axis: Axis;
  /** What the number line shows; null for the surroundings of the number. */
  readonly view: View | null;
}

export const MAX_COUNT = 100_000;

export const DEFAULT_LAB: LabState = {
  format: 'fp16',
  mode: 'nearest-even',
  number: { kind: 'real', text: '0.1' },
  operation: 'add',
  a: '2048',
  b: '1',
  c: '1',
  term: '1',
  count: 4096,
  block: '6, -3.1, 1.2, 0.4, -0.11, 0.03, 0.004, -0.0005',
  axis: 'linear',
  view: null,
};

/** The number of the lab, in all its forms. */
export interface LabValue {
  readonly format: NumberFormat;
  readonly mode: ExactMode;
  /** The value as f32 bits, and as a code of the format. */
  readonly bits: number;
  readonly code: number;
  /** The exact number that was rounded; null for infinity and NaN. */
  readonly real: Rational | null;
  /** How it was rounded; null where it is a value of the format. */
  readonly rounding: ExactRounding | null;
}

const INFINITY_BITS = 0x7f800000;
const NEGATIVE_INFINITY_BITS = 0xff800000;

/** Rounds f32 bits, whatever they hold. */
export const roundBitsTo = (bits: number, format: NumberFormat, mode: ExactMode): number =>
  roundBitsWith(bits, roundingDescriptor(format, mode));

export interface Operand {
  readonly bits: number;
  readonly real: Rational | null;
  readonly rounding: ExactRounding | null;
}

/** A typed number as a value of the format; null where the text is no number, or no code of the format. */
export function readOperand(text: string, format: NumberFormat, mode: ExactMode): Operand | null {
  const typed = parseTyped(text);
  switch (typed?.kind) {
    case 'real': {
      const rounding = roundExact(typed.value, format, mode, typed.negativeZero);
      const exact = isExact(rounding);
      return { bits: rounding.bits, real: typed.value, rounding: exact ? null : rounding };
    }
    case 'infinity': {
      const bits = roundBitsTo(typed.negative ? NEGATIVE_INFINITY_BITS : INFINITY_BITS, format, mode);
      return { bits, real: isFinite(bits) ? valueOf(bits) : null, rounding: null };
    }
    case 'nan': {
      if (!format.hasNaN) return null;
      const bits = roundBitsTo(CANONICAL_NAN, format, mode);
      return { bits, real: isFinite(bits) ? valueOf(bits) : null, rounding: null };
    }
    case 'code': {
      if (typed.code >= 2 ** format.storageBits) return null;
      const bits = valueBits(typed.code, format);
      return { bits, real: isFinite(bits) ? valueOf(bits) : null, rounding: null };
    }
    case undefined:
      return null;
  }
}

/** Whether the format has a code for these f32 bits, which are the result of a rounding to it. */
export const hasCode = (bits: number, { hasNaN }: NumberFormat): boolean => hasNaN || bits !== CANONICAL_NAN;

/** @throws {RangeError} for a state that does not come from `labReading` or the link */
export function labValue({ format: name, mode, number }: LabState): LabValue {
  const format = parseFormat(name);
  if (number.kind === 'code') {
    const bits = valueBits(number.code, format);
    const real = isFinite(bits) ? valueOf(bits) : null;
    return { format, mode, bits, code: number.code, real, rounding: null };
  }
  const operand = readOperand(number.text, format, mode);
  if (!operand) throw new RangeError(`"${number.text}" is not a number.`);
  return { format, mode, ...operand, code: encode(operand.bits, format) };
}

/** What a typed text makes of the lab's number; null where it is none. Values of the format are kept as bits. */
export function typedNumber(text: string, format: NumberFormat, mode: ExactMode): LabNumber | null {
  const typed = parseTyped(text);
  const operand = readOperand(text, format, mode);
  if (!operand || !typed) return null;
  if (typed.kind === 'code') return typed;
  return operand.rounding
    ? { kind: 'real', text: text.trim() }
    : { kind: 'code', code: encode(operand.bits, format) };
}

/** A text that is read as exactly this number: digits where they are few, an integer times a power of two else. */
export function exactText(x: Rational): string {
  const decimal = exactDecimal(x, 24);
  if (decimal.complete && decimal.text.length <= 26) return decimal.text.replace('−', '-');
  const { n, d } = reduced(x);
  const shift = d.toString(2).length - 1;
  // Values of formats are dyadic; anything else came from a fraction.
  if (d === 1n << BigInt(shift) && shift > 0) return `${n}*2^-${shift}`;
  return d === 1n ? largeInteger(n) : `${n}/${d}`;
}

function largeInteger(n: bigint): string {
  const zeros = /0*$/.exec(n.toString(2))?.[0].length ?? 0;
  return `${n >> BigInt(zeros)}*2^${zeros}`;
}

/** The same number looked at in another format: a value stays what it is, and is rounded where it has to be. */
export function inFormat(state: LabState, name: string): LabState {
  const before = labValue(state);
  const format = parseFormat(name);
  const number = (): LabNumber => {
    if (state.number.kind === 'real')
      return typedNumber(state.number.text, format, state.mode) ?? state.number;
    if (before.bits === CANONICAL_NAN && !format.hasNaN) return DEFAULT_LAB.number;
    if (before.real === null) {
      return { kind: 'code', code: encode(roundBitsTo(before.bits, format, state.mode), format) };
    }
    const text = before.real.n === 0n && before.bits !== 0 ? '-0' : exactText(before.real);
    return typedNumber(text, format, state.mode) ?? DEFAULT_LAB.number;
  };
  return { ...state, format: name, number: number(), view: null };
}

/** One value further up or down; where the number is a real between two values, the nearest value first. */
export function stepped(state: LabState, direction: 1 | -1): LabState {
  const { bits, format } = labValue(state);
  const next = neighbour(bits, format, direction);
  return next === null ? state : { ...state, number: { kind: 'code', code: encode(next, format) } };
}

export const withCode = (state: LabState, code: number): LabState => ({
  ...state,
  number: { kind: 'code', code },
});
