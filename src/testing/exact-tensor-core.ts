/**
 * One block of a tensor core in exact integer arithmetic (BigInt), straight from the rule in words: what
 * `tensor-core.ts` has to agree with. Everything is an integer times a power of two, and "cut off" is a division.
 */
import type { NumberFormat } from '../numerics/formats';

/** integer * 2^exponent. */
interface Scaled {
  readonly integer: bigint;
  readonly exponent: number;
}

export interface BlockRule {
  readonly fractionBits: number;
  readonly outputBits: number;
}

/** A finite f32 pattern whose exponent is not taken to be below `minExponent`. */
function operand(u: number, minExponent: number): { readonly value: Scaled; readonly exponent: number } {
  const field = (u >>> 23) & 0xff;
  const significand = BigInt(u & 0x7fffff) + (field === 0 ? 0n : 0x800000n);
  const exponent = Math.max(field, 1) - 127;
  return {
    value: { integer: u >= 0x80000000 ? -significand : significand, exponent: exponent - 23 },
    exponent: Math.max(exponent, minExponent),
  };
}

/** The integer part of x / 2^exponent, towards zero, as BigInt division is. */
function inUnits({ integer, exponent: own }: Scaled, exponent: number): bigint {
  const up = own - exponent;
  return up >= 0 ? integer << BigInt(up) : integer / (1n << BigInt(-up));
}

/** f32 bits of x cut off to `outputBits` fraction bits. */
function cutOffBits(x: Scaled, outputBits: number): number {
  const magnitude = x.integer < 0n ? -x.integer : x.integer;
  const exponent = Math.max(x.exponent + magnitude.toString(2).length - 1, -126);
  const sign = x.integer < 0n ? 0x80000000 : 0;
  if (exponent > 127) return sign + 0x7f800000;
  const kept = inUnits({ integer: magnitude, exponent: x.exponent }, exponent - outputBits);
  if (kept === 0n) return 0;
  // The leading one of a normal number counts one more exponent; a subnormal number has none.
  return sign + (exponent + 126) * 0x800000 + Number(kept) * 2 ** (23 - outputBits);
}

/** f32 bits of c + sum of a[i] b[i] after one block, all operands finite f32 patterns. */
export function exactBlock(
  a: ArrayLike<number>,
  b: ArrayLike<number>,
  c: number,
  rule: BlockRule,
  formats: readonly [NumberFormat, NumberFormat],
): number {
  const terms: { readonly value: Scaled; readonly exponent: number }[] = [];
  for (let i = 0; i < a.length; i++) {
    const x = operand(a[i], 1 - formats[0].bias);
    const y = operand(b[i], 1 - formats[1].bias);
    terms.push({
      value: { integer: x.value.integer * y.value.integer, exponent: x.value.exponent + y.value.exponent },
      exponent: x.exponent + y.exponent,
    });
  }
  terms.push(operand(c, -126));
  const nonzero = terms.filter(({ value }) => value.integer !== 0n);
  const largest = Math.max(-133, ...nonzero.map(({ exponent }) => exponent));
  const unit = largest - rule.fractionBits;
  const integer = nonzero.reduce((sum, { value }) => sum + inUnits(value, unit), 0n);
  return integer === 0n ? 0 : cutOffBits({ integer, exponent: unit }, rule.outputBits);
}
