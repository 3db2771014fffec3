/**
 * Binary32 arithmetic in exact rational arithmetic (BigInt), rounded once: what `f32.ts` and `exact.wgsl` have to
 * agree with. Slow, and without a thought for how a machine would do it.
 */

const INFINITY_BITS = 0x7f800000;
const NAN_BITS = 0x7fc00000;
const SIGN = 0x80000000;

/** A finite number: (-1)^negative * numerator / denominator * 2^exponent. */
interface Exact {
  readonly negative: boolean;
  readonly numerator: bigint;
  readonly denominator: bigint;
  readonly exponent: number;
}

const magnitudeOf = (u: number): number => u & 0x7fffffff;
const isNegative = (u: number): boolean => u >= SIGN;
const isNaNBits = (u: number): boolean => magnitudeOf(u) > INFINITY_BITS;
const isInfinite = (u: number): boolean => magnitudeOf(u) === INFINITY_BITS;
/** Subnormal operands count as zeros. */
const isZero = (u: number): boolean => magnitudeOf(u) < 0x00800000;
const signed = (negative: boolean, magnitude: number): number => (negative ? SIGN + magnitude : magnitude);

function exact(u: number): Exact {
  const m = magnitudeOf(u);
  const numerator = isZero(u) ? 0n : BigInt((m & 0x7fffff) | 0x800000);
  return { negative: isNegative(u), numerator, denominator: 1n, exponent: (m >>> 23) - 150 };
}

const bitLength = (n: bigint): number => n.toString(2).length;

/** Rounds to 24 bits with unbounded exponent, to nearest even, and only then looks at the range. */
function round({ negative, numerator, denominator, exponent }: Exact): number {
  if (numerator === 0n) return signed(negative, 0);
  // A quotient of at least 26 bits, its last bit standing for everything below it.
  const shift = Math.max(0, 27 + bitLength(denominator) - bitLength(numerator));
  const scaled = numerator << BigInt(shift);
  let significand = ((scaled / denominator) << 1n) | (scaled % denominator === 0n ? 0n : 1n);
  let scale = exponent - shift - 1;
  const dropped = bitLength(significand) - 24;
  const unit = 1n << BigInt(dropped);
  const rest = significand % unit;
  significand >>= BigInt(dropped);
  scale += dropped;
  if (2n * rest > unit || (2n * rest === unit && (significand & 1n) === 1n)) significand += 1n;
  if (significand === 1n << 24n) {
    significand >>= 1n;
    scale += 1;
  }
  const field = scale + 150;
  if (field >= 255) return signed(negative, INFINITY_BITS);
  if (field <= 0) return signed(negative, 0);
  return signed(negative, field * 0x800000 + Number(significand - 0x800000n));
}

export function exactAdd(a: number, b: number): number {
  if (isNaNBits(a) || isNaNBits(b) || (isInfinite(a) && isInfinite(b) && a !== b)) return NAN_BITS;
  if (isInfinite(a)) return a;
  if (isInfinite(b)) return b;
  const [x, y] = [exact(a), exact(b)];
  const exponent = Math.min(x.exponent, y.exponent);
  const aligned = ({ negative, numerator, exponent: own }: Exact): bigint =>
    (negative ? -numerator : numerator) << BigInt(own - exponent);
  const sum = aligned(x) + aligned(y);
  // A sum that vanishes is +0 unless both are negative zeros.
  const negative = sum < 0n || (sum === 0n && x.negative && y.negative);
  return round({ negative, numerator: sum < 0n ? -sum : sum, denominator: 1n, exponent });
}

export function exactSub(a: number, b: number): number {
  return exactAdd(a, b >= SIGN ? b - SIGN : b + SIGN);
}

export function exactMul(a: number, b: number): number {
  const negative = isNegative(a) !== isNegative(b);
  if (isNaNBits(a) || isNaNBits(b)) return NAN_BITS;
  if (isInfinite(a) || isInfinite(b)) {
    return isZero(a) || isZero(b) ? NAN_BITS : signed(negative, INFINITY_BITS);
  }
  const [x, y] = [exact(a), exact(b)];
  const numerator = x.numerator * y.numerator;
  return round({ negative, numerator, denominator: 1n, exponent: x.exponent + y.exponent });
}

export function exactDiv(a: number, b: number): number {
  const negative = isNegative(a) !== isNegative(b);
  if (isNaNBits(a) || isNaNBits(b) || (isInfinite(a) && isInfinite(b)) || (isZero(a) && isZero(b))) {
    return NAN_BITS;
  }
  if (isInfinite(a) || isZero(b)) return signed(negative, INFINITY_BITS);
  if (isInfinite(b)) return signed(negative, 0);
  const [x, y] = [exact(a), exact(b)];
  return round({
    negative,
    numerator: x.numerator,
    denominator: y.numerator,
    exponent: x.exponent - y.exponent,
  });
}

/** floor(sqrt(n)), by Newton's iteration from above. */
export function integerRoot(n: bigint): bigint {
  let root = 1n << BigInt((bitLength(n) + 1) >> 1);
  for (;;) {
    const next = (root + n / root) >> 1n;
    if (next >= root) return root;
    root = next;
  }
}

export function exactSqrt(a: number): number {
  if (isZero(a)) return signed(isNegative(a), 0);
  if (isNaNBits(a) || isNegative(a)) return NAN_BITS;
  if (isInfinite(a)) return a;
  const { numerator, exponent } = exact(a);
  const odd = Math.abs(exponent) % 2;
  const radicand = numerator << BigInt(60 + odd);
  const root = integerRoot(radicand);
  const sticky = root * root === radicand ? 0n : 1n;
  return round({
    negative: false,
    numerator: (root << 1n) | sticky,
    denominator: 1n,
    exponent: (exponent - odd - 60) / 2 - 1,
  });
}
