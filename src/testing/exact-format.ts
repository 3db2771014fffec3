/**
 * Arithmetic in a number format in exact rational arithmetic (BigInt), rounded once to nearest even: what
 * `format-arithmetic.ts` has to agree with. It shares no code with it and knows nothing of binary32 but its bits.
 */
import type { ArithmeticOperation } from '../numerics/format-arithmetic';
import type { NumberFormat } from '../numerics/formats';

const NAN_BITS = 0x7fc00000;
const INFINITY_BITS = 0x7f800000;
const SIGN = 0x80000000;

/** numerator / denominator, the denominator positive. */
interface Rational {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

const power = (exponent: number): Rational =>
  exponent >= 0
    ? { numerator: 1n << BigInt(exponent), denominator: 1n }
    : { numerator: 1n, denominator: 1n << BigInt(-exponent) };

const times = (a: Rational, b: Rational): Rational => ({
  numerator: a.numerator * b.numerator,
  denominator: a.denominator * b.denominator,
});

const plus = (a: Rational, b: Rational): Rational => ({
  numerator: a.numerator * b.denominator + b.numerator * a.denominator,
  denominator: a.denominator * b.denominator,
});

const over = (a: Rational, b: Rational): Rational => ({
  numerator: a.numerator * b.denominator * (b.numerator < 0n ? -1n : 1n),
  denominator: a.denominator * (b.numerator < 0n ? -b.numerator : b.numerator),
});

const magnitudeOf = (u: number): number => u & 0x7fffffff;
const isNegative = (u: number): boolean => u >= SIGN;
const isNaNBits = (u: number): boolean => magnitudeOf(u) > INFINITY_BITS;
const isInfinite = (u: number): boolean => magnitudeOf(u) === INFINITY_BITS;
const isZero = (u: number): boolean => magnitudeOf(u) === 0;
const signed = (negative: boolean, magnitude: number): number => (negative ? SIGN + magnitude : magnitude);

/** The value of finite f32 bits. */
function rational(u: number): Rational {
  const m = magnitudeOf(u);
  const field = m >>> 23;
  const significand = BigInt(field === 0 ? m : (m & 0x7fffff) | 0x800000);
  const value = times({ numerator: significand, denominator: 1n }, power(Math.max(field, 1) - 150));
  return isNegative(u) ? { ...value, numerator: -value.numerator } : value;
}

const bitLength = (n: bigint): number => n.toString(2).length;

/** floor(log2(x)) of a positive number. */
function exponentOf(x: Rational): number {
  const guess = bitLength(x.numerator) - bitLength(x.denominator);
  const { numerator, denominator } = over(x, power(guess));
  return numerator < denominator ? guess - 1 : guess;
}

/** n / d to the nearest integer, ties to even. */
function nearest({ numerator, denominator }: Rational): bigint {
  const floor = numerator / denominator;
  const twice = 2n * (numerator % denominator);
  return twice > denominator || (twice === denominator && floor % 2n === 1n) ? floor + 1n : floor;
}

/** f32 bits of integer * 2^exponent, which binary32 has. */
function exactBits(integer: bigint, exponent: number): number {
  if (integer === 0n) return 0;
  return new Uint32Array(new Float32Array([Number(integer) * 2 ** exponent]).buffer)[0];
}

function overflow(negative: boolean, format: NumberFormat): number {
  if (format.overflow === 'nan') return NAN_BITS;
  return signed(negative, format.overflow === 'saturate' ? format.maxFiniteBits : INFINITY_BITS);
}

/** The rounded value of |x|, with a sign. */
function rounded(x: Rational, negative: boolean, format: NumberFormat): number {
  if (x.numerator === 0n) return signed(negative, 0);
  const magnitude = { ...x, numerator: x.numerator < 0n ? -x.numerator : x.numerator };
  const minExponent = 1 - format.bias;
  const unit = Math.max(exponentOf(magnitude), minExponent) - format.significandBits;
  const steps = nearest(over(magnitude, power(unit)));
  const limit = rational(format.maxFiniteBits);
  const result = times({ numerator: steps, denominator: 1n }, power(unit));
  const tooLarge = result.numerator * limit.denominator > limit.numerator * result.denominator;
  return tooLarge ? overflow(negative, format) : signed(negative, exactBits(steps, unit));
}

function fma(a: number, b: number, c: number, format: NumberFormat): number {
  const negative = isNegative(a) !== isNegative(b);
  if (isInfinite(a) || isInfinite(b)) {
    if (isZero(a) || isZero(b) || (isInfinite(c) && isNegative(c) !== negative)) return NAN_BITS;
    return overflow(negative, format);
  }
  if (isInfinite(c)) return overflow(isNegative(c), format);
  const sum = plus(times(rational(a), rational(b)), rational(c));
  // An exact zero is -0 only as the sum of two negative zeros.
  const productZero = isZero(a) || isZero(b);
  const negativeZero = productZero && negative && isZero(c) && isNegative(c);
  return rounded(sum, sum.numerator < 0n || (sum.numerator === 0n && negativeZero), format);
}

function mul(a: number, b: number, format: NumberFormat): number {
  const negative = isNegative(a) !== isNegative(b);
  if (isInfinite(a) || isInfinite(b)) {
    return isZero(a) || isZero(b) ? NAN_BITS : overflow(negative, format);
  }
  return rounded(times(rational(a), rational(b)), negative, format);
}

function div(a: number, b: number, format: NumberFormat): number {
  const negative = isNegative(a) !== isNegative(b);
  if ((isInfinite(a) && isInfinite(b)) || (isZero(a) && isZero(b))) return NAN_BITS;
  if (isInfinite(a) || isZero(b)) return overflow(negative, format);
  if (isInfinite(b)) return signed(negative, 0);
  return rounded(over(rational(a), rational(b)), negative, format);
}

/** floor(sqrt(n)), by bisection. */
function integerRoot(n: bigint): bigint {
  let root = 0n;
  for (let bit = 1n << BigInt(bitLength(n) >> 1); bit > 0n; bit >>= 1n) {
    if ((root + bit) * (root + bit) <= n) root += bit;
  }
  return root;
}

function sqrt(a: number, format: NumberFormat): number {
  if (isZero(a)) return a;
  if (isNegative(a)) return NAN_BITS;
  if (isInfinite(a)) return overflow(false, format);
  // 2^400 times the square: an integer, whose root has far more bits than any tie.
  const scaled = times(rational(a), power(400));
  const radicand = scaled.numerator / scaled.denominator;
  const root = integerRoot(radicand);
  const sticky = root * root === radicand ? 0n : 1n;
  return rounded(times({ numerator: 2n * root + sticky, denominator: 1n }, power(-201)), false, format);
}

/** The result as f32 bits; NaN is 0x7fc00000. Operands are f32 bits of values of the format. */
export function exactInFormat(
  operation: ArithmeticOperation,
  operands: readonly number[],
  format: NumberFormat,
): number {
  if (operands.some(isNaNBits)) return NAN_BITS;
  const [a, b, c] = operands;
  switch (operation) {
    case 'add':
      return fma(a, 0x3f800000, b, format);
    case 'mul':
      return mul(a, b, format);
    case 'div':
      return div(a, b, format);
    case 'sqrt':
      return sqrt(a, format);
    case 'fma':
      return fma(a, b, c, format);
  }
}
