/**
 * IEEE binary32 arithmetic as the engine defines it on every backend: round to nearest, ties to even, and no
 * subnormals. Operands that are subnormal count as zeros of their sign, and a result becomes a zero of its sign
 * when it is tiny *after* rounding, that is, when its 24-bit rounding with unbounded exponent is below 2^-126.
 * These are the semantics of x86 SSE with FTZ and DAZ (Intel SDM vol. 1, 10.2.3) and of NVIDIA's `.ftz`.
 *
 * `shaders/numerics/exact.wgsl` is the counterpart. Operands must be binary32 values.
 *
 * Why double arithmetic gives the right bits: for + - * / and sqrt, rounding to p' digits and then to p digits
 * equals rounding once if p' >= 2p + 2 (Figueroa, "When is double rounding innocuous?", 1995), and 53 >= 50.
 */

/** 2^-126, the smallest normal binary32 value. */
export const MIN_NORMAL = 2 ** -126;

/**
 * 2^-126 - 2^-151: half-way between 2^-126 and its lower neighbour on the 24-bit grid with unbounded exponent.
 * From here on results round up to 2^-126 (the tie goes to the even significand) and are not tiny.
 */
export const TINY_LIMIT = 2 ** -126 - 2 ** -151;

/** Sums at or above this cannot be changed by a subnormal operand: it is less than a quarter of their ulp. */
const SUBNORMAL_BLIND = 2 ** -100;

/** Multiplying by it keeps the sign: the zero that a flushed value becomes. */
const ZERO = 0;

const float = new Float32Array(1);
const bits = new Uint32Array(float.buffer);

/** The value of an f32 bit pattern. */
export function fromBits(u: number): number {
  bits[0] = u;
  return float[0];
}

/** Whether f32 bits are a NaN, of either sign and any payload. */
export const isNaNBits = (u: number): boolean => (u & 0x7fffffff) > 0x7f800000;

/** A bit pattern for people: 0x and eight digits. */
export const hexadecimal = (u: number): string => `0x${u.toString(16).padStart(8, '0')}`;

/** The f32 bit pattern of `x`, rounded to binary32 first if need be. NaN is always 0x7fc00000. */
export function toBits(x: number): number {
  float[0] = x;
  return x !== x ? 0x7fc00000 : bits[0];
}

/** `x`, or a zero of its sign if `x` is a subnormal binary32. */
export function flush(x: number): number {
  return x > -MIN_NORMAL && x < MIN_NORMAL ? ZERO * x : x;
}

export function add(a: number, b: number): number {
  const s = a + b;
  if (s >= SUBNORMAL_BLIND || s <= -SUBNORMAL_BLIND) return Math.fround(s);
  // Sums this small are exact, and flushing them needs no rounding.
  return Math.fround(flush(flush(a) + flush(b)));
}

export function sub(a: number, b: number): number {
  return add(a, -b);
}

export function mul(a: number, b: number): number {
  const p = flush(a) * flush(b);
  return p > -TINY_LIMIT && p < TINY_LIMIT ? ZERO * p : Math.fround(p);
}

/**
 * Quotients cannot come so close to `TINY_LIMIT` that the double rounding would move them across: a nonzero
 * difference of a/b from a 25-bit number is at least 2^-49 relative, the error of a double 2^-53.
 */
export function div(a: number, b: number): number {
  const q = flush(a) / flush(b);
  return q > -TINY_LIMIT && q < TINY_LIMIT ? ZERO * q : Math.fround(q);
}

/** ECMAScript does not require a correctly rounded `Math.sqrt`, but every engine compiles it to the hardware's. */
export function sqrt(a: number): number {
  return Math.fround(Math.sqrt(flush(a)));
}
