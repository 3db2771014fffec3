/**
 * Reading and writing the numbers people type and see: powers of two first, since loss scales and loss weights are
 * powers of two. Powers are never localised.
 */
import { exponentOfTwo } from '../experiment/bounds';
import { MAX_LENGTH, parseTyped, type Typed } from './exact/parse';
import { compare, toNumber } from './exact/rational';
import { settle } from './exact/separators';

const SUPERSCRIPTS = '⁰¹²³⁴⁵⁶⁷⁸⁹';

/** What a typed text means. */
export type Reading =
  /** The text is in the grammar of links, without decimal commas and groups. */
  | { readonly kind: 'typed'; readonly typed: Typed; readonly text: string }
  /** One of these texts, whose numbers differ: a comma may be either. */
  | { readonly kind: 'ask'; readonly texts: readonly string[] }
  | { readonly kind: 'unreadable' };

const sameNumber = (a: Typed, b: Typed): boolean =>
  a.kind === 'real' && b.kind === 'real' && compare(a.value, b.value) === 0;

/** Reads what a person typed, whatever their decimal sign. Never throws. */
export function readTyped(typed: string): Reading {
  // Nothing of any length is looked at.
  const candidates = typed.length > MAX_LENGTH ? [] : settle(typed);
  const readings = candidates.flatMap((text) => {
    const meaning = parseTyped(text);
    return meaning ? [{ kind: 'typed' as const, typed: meaning, text }] : [];
  });
  const [first, second] = readings;
  if (!first) return { kind: 'unreadable' };
  if (candidates.length === 1 || (second && sameNumber(first.typed, second.typed))) return first;
  return { kind: 'ask', texts: readings.map(({ text }) => text) };
}

export type NumberReading =
  /** The nearest double; infinite where the number is beyond all doubles. */
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'ask'; readonly texts: readonly string[] }
  /** Bits such as `0x3c00` have a meaning in a format only; a number so small has none among doubles. */
  | { readonly kind: 'unreadable' | 'bits' | 'tiny' };

/** Reads a number for a field that holds a double. */
export function readDouble(text: string): NumberReading {
  const reading = readTyped(text);
  if (reading.kind !== 'typed') return reading;
  const { typed } = reading;
  if (typed.kind === 'code') return { kind: 'bits' };
  if (typed.kind !== 'real') return { kind: 'unreadable' };
  if (typed.negativeZero) return { kind: 'number', value: -0 };
  const value = toNumber(typed.value);
  return value === 0 && typed.value.n !== 0n ? { kind: 'tiny' } : { kind: 'number', value };
}

/** `2^16`, or up to four significant digits for a value that is no power of two. */
export function powerText(value: number): string {
  const exponent = exponentOfTwo(value);
  return exponent === null ? shortNumber(value) : `2^${exponent}`;
}

/** The shortest decimal that is exactly this number, for fields: what was typed is not shown as something else. */
export const fieldText = (value: number): string => String(value).replace('e+', 'e');

/** The same with powers of two as such. */
export const fieldPower = (value: number): string =>
  exponentOfTwo(value) === null ? fieldText(value) : powerText(value);

/** `16` as `¹⁶`. */
export function superscript(exponent: number): string {
  const digits = String(Math.abs(exponent))
    .split('')
    .map((digit) => SUPERSCRIPTS[Number(digit)]);
  return (exponent < 0 ? '⁻' : '') + digits.join('');
}

/** `2⁻¹⁴`, for axes. */
export const powerLabel = (exponent: number): string => `2${superscript(exponent)}`;

/** Up to four significant digits: `0.02512`, `1.2e-7`, `65536`. */
export function shortNumber(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '∞' : '-∞';
  if (value === 0) return '0';
  if (Number.isInteger(value) && Math.abs(value) < 1e7) return String(value);
  const magnitude = Math.abs(value);
  if (magnitude >= 1e-3 && magnitude < 1e7) return String(Number(value.toPrecision(4)));
  return value
    .toExponential(2)
    .replace(/\.?0+e/, 'e')
    .replace('e+', 'e');
}

/** A share in per cent, with as many digits as it needs to be told from 0 and 100: `0 %`, `0.03 %`, `38.2 %`. */
export function shareText(share: number): string {
  if (!Number.isFinite(share)) return '–';
  const percent = share * 100;
  if (percent === 0 || percent === 100) return `${percent} %`;
  if (percent < 0.01) return '<0.01 %';
  if (percent > 99.9) return '>99.9 %';
  return `${percent < 1 ? percent.toFixed(2) : percent.toFixed(1)} %`;
}
