/** Exact rational numbers: what a number is before a format has to hold it. Pure, and as slow as BigInt. */

/** `n / d` with `d > 0`, not necessarily in lowest terms. */
export interface Rational {
  readonly n: bigint;
  readonly d: bigint;
}

export const ZERO: Rational = { n: 0n, d: 1n };

const absolute = (n: bigint): bigint => (n < 0n ? -n : n);

function greatestCommonDivisor(a: bigint, b: bigint): bigint {
  while (b !== 0n) [a, b] = [b, a % b];
  return a;
}

export function reduced({ n, d }: Rational): Rational {
  const divisor = greatestCommonDivisor(absolute(n), d);
  return { n: n / divisor, d: d / divisor };
}

/** 2^exponent. */
export const powerOfTwo = (exponent: number): Rational =>
  exponent >= 0 ? { n: 1n << BigInt(exponent), d: 1n } : { n: 1n, d: 1n << BigInt(-exponent) };

export const add = (a: Rational, b: Rational): Rational =>
  reduced({ n: a.n * b.d + b.n * a.d, d: a.d * b.d });
export const negate = ({ n, d }: Rational): Rational => ({ n: -n, d });
export const subtract = (a: Rational, b: Rational): Rational => add(a, negate(b));
export const multiply = (a: Rational, b: Rational): Rational => reduced({ n: a.n * b.n, d: a.d * b.d });

/** @throws {RangeError} for a divisor of zero */
export function divide(a: Rational, b: Rational): Rational {
  if (b.n === 0n) throw new RangeError('There is no exact quotient by zero.');
  return reduced(b.n < 0n ? { n: -a.n * b.d, d: -a.d * b.n } : { n: a.n * b.d, d: a.d * b.n });
}

/** Negative, zero or positive as a is less than, equal to or greater than b. */
export function compare(a: Rational, b: Rational): number {
  const difference = a.n * b.d - b.n * a.d;
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

export const equal = (a: Rational, b: Rational): boolean => compare(a, b) === 0;
export const magnitude = ({ n, d }: Rational): Rational => ({ n: absolute(n), d });
export const midpoint = (a: Rational, b: Rational): Rational => multiply(add(a, b), { n: 1n, d: 2n });

const bitLength = (n: bigint): number => n.toString(2).length;

/** floor(log2(x)) of a positive number. */
export function floorLog2(x: Rational): number {
  const estimate = bitLength(x.n) - bitLength(x.d);
  return compare(x, powerOfTwo(estimate)) < 0 ? estimate - 1 : estimate;
}

/** The exact value of a double. */
export function fromNumber(x: number): Rational {
  if (!Number.isFinite(x)) throw new RangeError(`${x} is not a real number.`);
  if (x === 0) return ZERO;
  const exponent = Math.max(Math.floor(Math.log2(Math.abs(x))) - 53, -1074);
  // Both steps are exact: a power of two within the range, and an integer below 2^55.
  const scaled = exponent < -1000 ? x * 2 ** 1000 * 2 ** (-exponent - 1000) : x * 2 ** -exponent;
  return reduced(multiply({ n: BigInt(scaled), d: 1n }, powerOfTwo(exponent)));
}

/** The nearest double, of two equally near the even one; infinity from half a unit above the largest. */
export function toNumber(x: Rational): number {
  if (x.n === 0n) return 0;
  const { n, d } = magnitude(x);
  // The last bit that the double has.
  const ulp = Math.max(floorLog2({ n, d }) - 52, -1074);
  const dividend = ulp < 0 ? n << BigInt(-ulp) : n;
  const divisor = ulp < 0 ? d : d << BigInt(ulp);
  const kept = dividend / divisor;
  const rest = 2n * (dividend % divisor);
  const up = rest > divisor || (rest === divisor && (kept & 1n) === 1n);
  // Exact: at most 2^53, times a power of two that is a double, or infinity.
  return (x.n < 0n ? -1 : 1) * Number(up ? kept + 1n : kept) * 2 ** ulp;
}
