// Loss scale times factor, formed in double precision and rounded to binary32 as PyTorch does it; the counterpart
// of scaleTimes() in src/numerics/f64.ts, in integers.

import package::numerics::integer::multiply_high;
import package::numerics::round::{SIGN, MAGNITUDE, INFINITY_BITS, CANONICAL_NAN};

// Bits of f32(f64(scale) * f64(factor)): two roundings to nearest even, first to 53 bits, then to binary32 with
// its subnormals. `factor_high` and `factor_low` are the words of a double.
fn scale_times(scale_bits: u32, factor_high: u32, factor_low: u32) -> u32 {
  let sign = (scale_bits ^ factor_high) & SIGN;
  let scale = scale_bits & MAGNITUDE;
  let factor_field = (factor_high >> 20u) & 0x7ffu;
  let factor_fraction = factor_high & 0xfffffu;
  let factor_zero = (factor_high << 1u) == 0u && factor_low == 0u;
  let factor_infinite = factor_field == 0x7ffu && factor_fraction == 0u && factor_low == 0u;
  if (scale > INFINITY_BITS || (factor_field == 0x7ffu && !factor_infinite)) {
    return CANONICAL_NAN;
  }
  if (scale == INFINITY_BITS || factor_infinite) {
    return select(sign | INFINITY_BITS, CANONICAL_NAN, scale == 0u || factor_zero);
  }
  // A subnormal double is below 2^-1022 and its product with any binary32 number far below 2^-150.
  if (scale == 0u || factor_field == 0u) {
    return sign;
  }

  // scale = a * 2^(exponent_a - 23) with a in [2^23, 2^24).
  let shift_a = 23u - min(firstLeadingBit(scale), 23u);
  let a = select((scale & 0x7fffffu) | 0x800000u, scale << shift_a, scale < 0x800000u);
  let exponent_a = select(i32(scale >> 23u) - 127, -126 - i32(shift_a), scale < 0x800000u);

  // The product of the significands, 76 or 77 bits in p2, p1, p0.
  let b_high = factor_fraction | 0x100000u;
  var p0 = a * factor_low;
  let carry_from_low = multiply_high(a, factor_low);
  var p1 = a * b_high + carry_from_low;
  var p2 = multiply_high(a, b_high) + select(0u, 1u, p1 < carry_from_low);
  // The value is (p / 2^76) * 2^exponent once its leading one is bit 76.
  var exponent = exponent_a + i32(factor_field) - 1022;
  if ((p2 >> 12u) == 0u) {
    p2 = (p2 << 1u) | (p1 >> 31u);
    p1 = (p1 << 1u) | (p0 >> 31u);
    p0 = p0 << 1u;
    exponent -= 1;
  }

  // First rounding, to a double: the 53 bits from bit 76 down.
  var d_low = (p0 >> 24u) | (p1 << 8u);
  var d_high = (p1 >> 24u) | (p2 << 8u);
  let rest = p0 & 0xffffffu;
  if (rest > 0x800000u || (rest == 0x800000u && (d_low & 1u) == 1u)) {
    d_low += 1u;
    d_high += select(0u, 1u, d_low == 0u);
    if (d_high == 0x200000u) {
      d_high = 0x100000u;
      exponent += 1;
    }
  }

  // Second rounding, to binary32: 24 bits, fewer below 2^-126.
  if (exponent >= 128) {
    return sign | INFINITY_BITS;
  }
  if (exponent < -150) {
    return sign;
  }
  let dropped = 29u + u32(max(-126 - exponent, 0));
  let significand = round_shift(d_high, d_low, dropped);
  if (exponent < -126) {
    // The pattern of a subnormal is its significand; 2^23 is the smallest normal number.
    return sign | significand;
  }
  // A significand of 2^24 carries into the exponent, up to infinity.
  return sign | ((u32(exponent + 126) << 23u) + significand);
}

// The 64-bit number (high, low) divided by 2^dropped, to nearest even; dropped is 29 to 53.
fn round_shift(high: u32, low: u32, dropped: u32) -> u32 {
  var quotient: u32;
  var half: bool;
  var below_half: bool;
  if (dropped < 32u) {
    quotient = (high << (32u - dropped)) | (low >> dropped);
    half = ((low >> (dropped - 1u)) & 1u) == 1u;
    below_half = (low & ((1u << (dropped - 1u)) - 1u)) != 0u;
  } else if (dropped == 32u) {
    quotient = high;
    half = (low >> 31u) == 1u;
    below_half = (low << 1u) != 0u;
  } else {
    quotient = high >> (dropped - 32u);
    half = ((high >> (dropped - 33u)) & 1u) == 1u;
    below_half = ((high & ((1u << (dropped - 33u)) - 1u)) | low) != 0u;
  }
  return quotient + select(0u, 1u, half && (below_half || (quotient & 1u) == 1u));
}
