/** Exact numbers as decimals: all their digits, or as few as tell a value of a format from its neighbours. */
import type { NumberFormat } from '../../numerics/formats';
import { compare, magnitude, multiply, reduced, subtract, type Rational } from './rational';
import { roundExact, valueOf } from './round';

const power10 = (exponent: number): Rational =>
  exponent >= 0 ? { n: 10n ** BigInt(exponent), d: 1n } : { n: 1n, d: 10n ** BigInt(-exponent) };

export interface DecimalText {
  readonly text: string;
  /** False where the digits go on. */
  readonly complete: boolean;
}

/** Plain digits, without an exponent; at most `most` of them behind the point. */
export function exactDecimal(x: Rational, most = 200): DecimalText {
  const { n, d } = reduced(magnitude(x));
  const sign = x.n < 0n ? '−' : '';
  let digits = '';
  let rest = n % d;
  while (rest !== 0n && digits.length < most) {
    rest *= 10n;
    digits += (rest / d).toString();
    rest %= d;
  }
  const whole = (n / d).toString();
  return { text: sign + (digits === '' ? whole : `${whole}.${digits}`), complete: rest === 0n };
}

/** floor(log10(x)) of a positive number. */
function floorLog10(x: Rational): number {
  let exponent = x.n.toString().length - x.d.toString().length;
  while (compare(x, power10(exponent)) < 0) exponent -= 1;
  while (compare(x, power10(exponent + 1)) >= 0) exponent += 1;
  return exponent;
}

/** Digits times a power of ten as people write it: `0.1`, `65504`, `6e-8`. */
function written(digits: bigint, exponent: number): string {
  const text = digits.toString().replace(/0+$/, '') || '0';
  const scale = exponent + digits.toString().length - text.length;
  const leading = text.length + scale - 1;
  if (leading < -5 || leading > 20) {
    return `${text[0]}${text.length > 1 ? `.${text.slice(1)}` : ''}e${leading}`;
  }
  if (scale >= 0) return text + '0'.repeat(scale);
  return leading >= 0
    ? `${text.slice(0, leading + 1)}.${text.slice(leading + 1)}`
    : `0.${'0'.repeat(-leading - 1)}${text}`;
}

/** The two decimals of so many digits around a positive number, the nearer one first. */
function around(x: Rational, digits: number): { digits: bigint; exponent: number; value: Rational }[] {
  const exponent = floorLog10(x) - digits + 1;
  const scaled = multiply(x, power10(-exponent));
  const below = scaled.n / scaled.d;
  const rest = subtract(scaled, { n: below, d: 1n });
  const both = compare(rest, { n: 1n, d: 2n }) > 0 ? [below + 1n, below] : [below, below + 1n];
  return both.map((units) => ({
    digits: units,
    exponent,
    value: multiply({ n: units, d: 1n }, power10(exponent)),
  }));
}

/** The shortest decimal that rounds (to nearest even) to this value and to no other of the format; f32 bits. */
export function shortestDecimal(bits: number, format: NumberFormat): string {
  const value = magnitude(valueOf(bits));
  const sign = bits >>> 31 ? '−' : '';
  if (value.n === 0n) return `${sign}0`;
  const size = bits & 0x7fffffff;
  for (let count = 1; ; count++) {
    const found = around(value, count).find((each) => {
      const rounding = roundExact(each.value, format, 'nearest-even');
      return rounding.bits === size && !rounding.overflow;
    });
    if (found) return sign + written(found.digits, found.exponent);
  }
}

/** A number to so many significant digits, for a first look at it. */
export function roughDecimal(x: Rational, digits = 5): string {
  if (x.n === 0n) return '0';
  const [{ digits: units, exponent }] = around(magnitude(x), digits);
  return (x.n < 0n ? '−' : '') + written(units, exponent);
}
