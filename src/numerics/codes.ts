/**
 * Storage codes: the bit patterns in which a format itself stores its values (sign, exponent, significand from
 * the top down), as opposed to the f32 patterns in which the engine computes with them.
 */

import type { NumberFormat } from './formats';
import { CANONICAL_NAN } from './round';
import { message, MessageError } from './message';

declare module './message' {
  interface Messages {
    'no-nan-code': { format: string };
  }
}

const MAGNITUDE = 0x7fffffff;
const INFINITY_BITS = 0x7f800000;
const F32_BIAS = 127;

/**
 * The code of NaN, sign clear: IEEE 754's quiet NaN, or the all-ones code where there are no infinities.
 *
 * @throws {RangeError} where every code is a number
 */
function nanCode({ label, exponentBits, significandBits, hasInfinity, hasNaN }: NumberFormat): number {
  if (!hasNaN) throw new MessageError(message('no-nan-code', { format: label }));
  const allOnes = 2 ** (exponentBits + significandBits) - 1;
  return hasInfinity ? allOnes - 2 ** (significandBits - 1) + 1 : allOnes;
}

/**
 * The storage code of a value of the format.
 *
 * @param u f32 bits of a value that the format can represent (the result of a rounding to it), or of any NaN
 * @returns an unsigned integer of `format.storageBits` bits; NaN has one code, with the sign clear
 * @throws {RangeError} for NaN in a format that has none
 */
export function encode(u: number, format: NumberFormat): number {
  const { exponentBits, significandBits, bias } = format;
  const m = u & MAGNITUDE;
  if (m > INFINITY_BITS) return nanCode(format);
  const sign = u >>> 31 === 0 ? 0 : 2 ** (exponentBits + significandBits);
  if (m === INFINITY_BITS) return sign + (2 ** exponentBits - 1) * 2 ** significandBits;
  const shift = 23 - significandBits;
  if (m >= format.minNormalBits || bias === F32_BIAS) {
    // Exponent and significand move together: rebiasing is a subtraction at the place of the exponent.
    return sign + (m >>> shift) - (F32_BIAS - bias) * 2 ** significandBits;
  }
  if (m === 0) return sign;
  const exponent = m >>> 23;
  const significand = (m & 0x7fffff) | 0x800000;
  return sign + (significand >>> (1 - bias + F32_BIAS + shift - exponent));
}

/**
 * The value of a storage code, as f32 bits.
 *
 * @param code unsigned integer of `format.storageBits` bits
 * @returns f32 bits, 0 to 2^32-1; every NaN code gives 0x7fc00000
 */
export function decode(code: number, format: NumberFormat): number {
  const { exponentBits, significandBits, bias, hasInfinity, hasNaN } = format;
  const signWeight = 2 ** (exponentBits + significandBits);
  const sign = code >= signWeight ? 0x80000000 : 0;
  const magnitude = code >= signWeight ? code - signWeight : code;
  const topExponent = 2 ** exponentBits - 1;
  const field = Math.floor(magnitude / 2 ** significandBits);
  const significand = magnitude % 2 ** significandBits;
  const shift = 23 - significandBits;
  if (field === topExponent && hasInfinity) {
    return significand === 0 ? (sign | INFINITY_BITS) >>> 0 : CANONICAL_NAN;
  }
  if (magnitude === signWeight - 1 && hasNaN) return CANONICAL_NAN;
  if (field > 0 || bias === F32_BIAS) {
    return (sign | ((field - bias + F32_BIAS) << 23) | (significand << shift)) >>> 0;
  }
  if (significand === 0) return sign;
  const leading = 31 - Math.clz32(significand);
  const exponent = leading - significandBits + 1 - bias + F32_BIAS;
  return (sign | (exponent << 23) | ((significand << (23 - leading)) & 0x7fffff)) >>> 0;
}
