// Tensor cores of NVIDIA GPUs; the counterpart of src/numerics/tensor-core.ts, where the rule and its sources are. One sum
// per invocation: tensor_begin, tensor_term for each pair of operands, tensor_end. All in integers on f32 bit patterns.

import package::numerics::exact::add;
import package::numerics::round::{SIGN, MAGNITUDE, INFINITY_BITS, CANONICAL_NAN};

struct TensorRule {
  // Terms that are added in one go, 4 to 32.
  block: u32,
  // Kept by the alignment, 13 or 23 to 25, and by the result, 13 or 23.
  fraction_bits: u32,
  output_bits: u32,
  // Two blocks of 16 terms from zero, the accumulator last.
  interleaved: bool,
  // Exponent fields of the operands' smallest normal numbers.
  min_field_a: u32,
  min_field_b: u32,
}

// E is at least -133; fields are sums of two exponent fields, 254 more than the exponent.
const MIN_ALIGNMENT_FIELD: u32 = 121u;

const SEEN_NAN: u32 = 1u;
const SEEN_POSITIVE_INFINITY: u32 = 2u;
const SEEN_NEGATIVE_INFINITY: u32 = 4u;

const BOTH_HALVES: u32 = 2u;

var<private> tensor_rule: TensorRule;
// The terms of the block that is being filled: sign, 9 bits of exponent field, 22 bits of significand of which 20 are
// fraction; 0 for a zero product. Operands have at most 11 significant bits.
var<private> tensor_terms: array<u32, 32>;
var<private> tensor_length: u32;
var<private> tensor_seen: u32;
var<private> tensor_sum: u32;

fn tensor_begin(rule: TensorRule, c: u32) {
  tensor_rule = rule;
  tensor_restart(c);
}

fn tensor_restart(c: u32) {
  tensor_length = 0u;
  tensor_seen = 0u;
  tensor_sum = c;
}

fn tensor_term(a: u32, b: u32) {
  let sign = (a ^ b) & SIGN;
  let x = a & MAGNITUDE;
  let y = b & MAGNITUDE;
  var word = 0u;
  if (max(x, y) >= INFINITY_BITS) {
    let invalid = max(x, y) > INFINITY_BITS || x == 0u || y == 0u;
    tensor_seen |= select(infinity_seen(sign), SEEN_NAN, invalid);
  } else if (x != 0u && y != 0u) {
    let field_a = max(x >> 23u, tensor_rule.min_field_a);
    let field_b = max(y >> 23u, tensor_rule.min_field_b);
    let significand = operand_significand(x, field_a) * operand_significand(y, field_b);
    word = sign | ((field_a + field_b) << 22u) | significand;
  }
  tensor_terms[tensor_length] = word;
  tensor_length += 1u;
  if (tensor_length == tensor_rule.block) {
    finish_block();
  }
}

// The sum of all full blocks. A tensor core has no negative zero.
fn tensor_value() -> u32 {
  return select(tensor_sum, 0u, (tensor_sum & MAGNITUDE) == 0u);
}

// The sum of all terms so far; a block that is not full is filled up with zeros.
fn tensor_end() -> u32 {
  if (tensor_length > 0u) {
    finish_block();
  }
  return tensor_value();
}

fn infinity_seen(sign: u32) -> u32 {
  return select(SEEN_POSITIVE_INFINITY, SEEN_NEGATIVE_INFINITY, sign != 0u);
}

// 11 bits, 10 of them fraction, in units of the exponent with this field.
fn operand_significand(magnitude: u32, field: u32) -> u32 {
  let own = max(magnitude >> 23u, 1u);
  let significand = (magnitude & 0x7fffffu) | select(0x800000u, 0u, magnitude < 0x800000u);
  return significand >> (13u + min(field - own, 18u));
}

fn finish_block() {
  let c = tensor_sum & MAGNITUDE;
  if (c > INFINITY_BITS) {
    tensor_seen |= SEEN_NAN;
  } else if (c == INFINITY_BITS) {
    tensor_seen |= infinity_seen(tensor_sum & SIGN);
  }
  if (tensor_seen != 0u) {
    let negative = select(INFINITY_BITS, SIGN | INFINITY_BITS, tensor_seen == SEEN_NEGATIVE_INFINITY);
    let one_sign = tensor_seen == SEEN_POSITIVE_INFINITY || tensor_seen == SEEN_NEGATIVE_INFINITY;
    tensor_sum = select(CANONICAL_NAN, negative, one_sign);
  } else {
    sum_block();
  }
  tensor_length = 0u;
  tensor_seen = 0u;
}

fn sum_block() {
  // Both blocks of an interleaved instruction start from zero.
  var sum = select(tensor_sum, 0u, tensor_rule.interleaved);
  let halves = select(1u, 2u, tensor_rule.interleaved);
  for (var half = 0u; half < halves; half++) {
    sum = block_sum(sum, select(BOTH_HALVES, half, tensor_rule.interleaved));
  }
  if (!tensor_rule.interleaved) {
    tensor_sum = sum;
  } else if ((sum & MAGNITUDE) != 0u) {
    // FP8 products are multiples of 2^-32, so that a sum with one of them never is a subnormal number.
    tensor_sum = bitcast<u32>(add(bitcast<f32>(tensor_sum), bitcast<f32>(sum)));
  }
}

fn in_half(i: u32, half: u32) -> bool {
  return half == BOTH_HALVES || ((i >> 1u) & 1u) == half;
}

// A significand with `own` fraction bits, with those that the alignment keeps.
fn aligned(significand: u32, own: u32, distance: u32) -> u32 {
  let kept = tensor_rule.fraction_bits;
  let scaled = (significand << (max(kept, own) - own)) >> (own - min(kept, own));
  return scaled >> min(distance, 31u);
}

// The sum of c and one block: all terms, or one half of an interleaved instruction. Everything is finite.
fn block_sum(c: u32, half: u32) -> u32 {
  let c_magnitude = c & MAGNITUDE;
  let c_field = max(c_magnitude >> 23u, 1u) + 127u;
  var field = select(MIN_ALIGNMENT_FIELD, c_field, c_magnitude != 0u);
  for (var i = 0u; i < tensor_length; i++) {
    if (in_half(i, half)) {
      field = max(field, (tensor_terms[i] >> 22u) & 0x1ffu);
    }
  }
  // Up to 32 terms below 2^27 of which one half is below 2^31 in any case, so each sum fits into 32 bits.
  var positive = 0u;
  var negative = 0u;
  let c_significand = (c & 0x7fffffu) | select(0u, 0x800000u, c_magnitude >= 0x800000u);
  let c_aligned = aligned(c_significand, 23u, field - c_field);
  if ((c & SIGN) == 0u) {
    positive = c_aligned;
  } else {
    negative = c_aligned;
  }
  for (var i = 0u; i < tensor_length; i++) {
    let term = tensor_terms[i];
    if (in_half(i, half) && term != 0u) {
      let value = aligned(term & 0x3fffffu, 20u, field - ((term >> 22u) & 0x1ffu));
      positive += select(value, 0u, (term & SIGN) != 0u);
      negative += select(0u, value, (term & SIGN) != 0u);
    }
  }
  let sign = select(0u, SIGN, negative > positive);
  return cut_off(sign, max(positive, negative) - min(positive, negative), field);
}

// sum * 2^(field - 254 - fraction_bits), cut off to the fraction bits of the result.
fn cut_off(sign: u32, sum: u32, field: u32) -> u32 {
  if (sum == 0u) {
    return 0u;
  }
  let unit = i32(field) - 254 - i32(tensor_rule.fraction_bits);
  let leading = firstLeadingBit(sum);
  let exponent = i32(leading) + unit;
  if (exponent > 127) {
    return sign | INFINITY_BITS;
  }
  let mask = 0xffffffffu << (23u - tensor_rule.output_bits);
  if (exponent >= -126) {
    let significand = (sum << (23u - min(leading, 23u))) >> (max(leading, 23u) - 23u);
    return sign | (((u32(exponent + 127) << 23u) | (significand & 0x7fffffu)) & mask);
  }
  // A subnormal result, in units of 2^-149.
  let shift = unit + 149;
  let units = (sum << u32(max(shift, 0))) >> u32(min(max(-shift, 0), 31));
  return sign | (units & mask);
}
