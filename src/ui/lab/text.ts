/** Values of the lab in words and digits. */
import { exactDecimal, roughDecimal, shortestDecimal } from '../../analysis/exact/decimal';
import type { End, Interval } from '../../analysis/exact/neighbours';
import type { Rational } from '../../analysis/exact/rational';
import { isFinite, valueOf } from '../../analysis/exact/round';
import { encode } from '../../numerics/codes';
import type { NumberFormat } from '../../numerics/formats';
import { hasCode } from './state';

const NAN = 'NaN';

const special = (bits: number): string => ((bits & 0x7fffff) !== 0 ? NAN : bits >>> 31 ? '−∞' : '∞');

/** A value with its digits: `0.0999755859375`, `0.100000001…`, `∞`, `NaN`. */
export function valueText(bits: number): string {
  if (!isFinite(bits)) return special(bits);
  return bits === 0x80000000 ? '−0' : realText(valueOf(bits));
}

/** The shortest decimal that means a value. */
export const shortText = (bits: number, format: NumberFormat): string =>
  isFinite(bits) ? shortestDecimal(bits, format) : special(bits);

export const hexText = (code: number, { storageBits }: NumberFormat): string =>
  `0x${code.toString(16).padStart(Math.ceil(storageBits / 4), '0')}`;

/** The bits of a value, `–` where the format has none for it. */
export const codeText = (bits: number, format: NumberFormat): string =>
  hasCode(bits, format) ? hexText(encode(bits, format), format) : '–';

export const binaryText = (code: number, bits: number): string => code.toString(2).padStart(bits, '0');

const LONGEST = 14;

/** All digits where they are few, else the first ones and `…`. */
export function realText(x: Rational): string {
  const { text, complete } = exactDecimal(x, LONGEST);
  return complete && text.length <= LONGEST + 4 ? text : `${roughDecimal(x, 9)}…`;
}

const endText = ({ at }: End, infinite: string): string => (at === null ? infinite : realText(at));

/** `[0.5, 1)` for people who know the signs. */
export const intervalText = ({ low, high }: Interval): string =>
  `${low.closed ? '[' : '('}${endText(low, '−∞')}, ${endText(high, '∞')}${high.closed ? ']' : ')'}`;
