// Storage codes of a format and f32 bit patterns; the counterpart of src/numerics/codes.ts.

import package::numerics::round::{MAGNITUDE, INFINITY_BITS, CANONICAL_NAN, SIGN};

struct CodeFormat {
  exponent_bits: u32,
  significand_bits: u32,
  // 1 if the all-ones exponent is infinity or NaN, 0 if only the all-ones code is NaN.
  has_infinity: u32,
  reserved: u32,
}

fn code_bias(f: CodeFormat) -> u32 {
  return (1u << (f.exponent_bits - 1u)) - 1u;
}

// The f32 pattern of a code; every NaN code gives the canonical NaN.
fn decode_code(code: u32, f: CodeFormat) -> u32 {
  let width = f.exponent_bits + f.significand_bits;
  let magnitude = code & ((1u << width) - 1u);
  let sign = ((code >> width) & 1u) << 31u;
  let field = magnitude >> f.significand_bits;
  let significand = magnitude & ((1u << f.significand_bits) - 1u);
  let shift = 23u - f.significand_bits;
  if (f.has_infinity == 1u && field == (1u << f.exponent_bits) - 1u) {
    return select(CANONICAL_NAN, sign | INFINITY_BITS, significand == 0u);
  }
  if (magnitude == (1u << width) - 1u) {
    return CANONICAL_NAN;
  }
  let bias = code_bias(f);
  if (field > 0u || bias == 127u) {
    return sign | ((field + 127u - bias) << 23u) | (significand << shift);
  }
  if (significand == 0u) {
    return sign;
  }
  let leading = firstLeadingBit(significand);
  let exponent = leading + 128u - f.significand_bits - bias;
  return sign | (exponent << 23u) | ((significand << (23u - leading)) & 0x7fffffu);
}

// The code of an f32 pattern that is a value of the format, or any NaN, which has one code.
fn encode_bits(u: u32, f: CodeFormat) -> u32 {
  let width = f.exponent_bits + f.significand_bits;
  let m = u & MAGNITUDE;
  let all_ones = (1u << width) - 1u;
  if (m > INFINITY_BITS) {
    return select(all_ones, all_ones + 1u - (1u << (f.significand_bits - 1u)), f.has_infinity == 1u);
  }
  let sign = (u >> 31u) << width;
  if (m == INFINITY_BITS) {
    return sign | (((1u << f.exponent_bits) - 1u) << f.significand_bits);
  }
  let shift = 23u - f.significand_bits;
  let bias = code_bias(f);
  let min_normal = (128u - bias) << 23u;
  if (m >= min_normal || bias == 127u) {
    return sign | ((m >> shift) - ((127u - bias) << f.significand_bits));
  }
  if (m == 0u) {
    return sign;
  }
  let significand = (m & 0x7fffffu) | 0x800000u;
  return sign | (significand >> (128u - bias + shift - (m >> 23u)));
}
