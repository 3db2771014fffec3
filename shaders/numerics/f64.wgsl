// Binary64 in integers, for the few numbers that frameworks hold as doubles: loss scales, and what they are multiplied
// with. Bit for bit what IEEE 754 asks for in rounding to nearest even, with subnormals and infinities; every NaN is the
// same one. A double is vec2<u32>(upper word, lower word). It runs once a step and lane, so the clear way is taken where
// a fast one would differ. src/numerics/f64.test.ts compares it with JavaScript's numbers.

import package::numerics::integer::multiply64;
import package::numerics::round::{SIGN, MAGNITUDE, INFINITY_BITS, CANONICAL_NAN};

const F64_ONE = vec2<u32>(0x3ff00000u, 0u);
const F64_NAN = vec2<u32>(0x7ff80000u, 0u);
// The upper word of +infinity, whose lower word is 0.
const F64_INFINITY: u32 = 0x7ff00000u;

// Magnitude of a finite number other than zero: significand / 2^63 * 2^exponent, where bit 63 of the significand is set.
struct Magnitude {
  exponent: i32,
  significand: vec2<u32>,
  // Whether it is more than that, by less than one of the significand's last place.
  inexact: bool,
}

fn f64_multiply(x: vec2<u32>, y: vec2<u32>) -> vec2<u32> {
  let sign = (x.x ^ y.x) & SIGN;
  if (f64_is_nan(x) || f64_is_nan(y)) {
    return F64_NAN;
  }
  if (!f64_is_finite(x) || !f64_is_finite(y)) {
    return select(vec2<u32>(sign | F64_INFINITY, 0u), F64_NAN, f64_is_zero(x) || f64_is_zero(y));
  }
  if (f64_is_zero(x) || f64_is_zero(y)) {
    return vec2<u32>(sign, 0u);
  }
  let a = magnitude_of(x);
  let b = magnitude_of(y);
  // Both significands are at least half of 2^64, so bit 127 or bit 126 of the product is its first.
  let product = multiply64(a.significand, b.significand);
  let exponent = a.exponent + b.exponent;
  if ((product.x >> 31u) == 1u) {
    return joined(sign, Magnitude(exponent + 1, product.xy, (product.z | product.w) != 0u));
  }
  let significand = shift_left(product.xy, 1u) | vec2<u32>(0u, product.z >> 31u);
  return joined(sign, Magnitude(exponent, significand, ((product.z << 1u) | product.w) != 0u));
}

fn f64_divide(x: vec2<u32>, y: vec2<u32>) -> vec2<u32> {
  let sign = (x.x ^ y.x) & SIGN;
  let endless = !f64_is_finite(x) || f64_is_zero(y);
  if (f64_is_nan(x) || f64_is_nan(y) || (!f64_is_finite(x) && !f64_is_finite(y)) || (f64_is_zero(x) && f64_is_zero(y))) {
    return F64_NAN;
  }
  if (endless || f64_is_zero(x) || !f64_is_finite(y)) {
    return vec2<u32>(select(sign, sign | F64_INFINITY, endless), 0u);
  }
  let a = magnitude_of(x);
  let b = magnitude_of(y);
  // Halves, so that the rest has room to be doubled: their last eleven bits are zero.
  let divisor = shift_right(b.significand, 1u);
  var rest = shift_right(a.significand, 1u);
  var exponent = a.exponent - b.exponent;
  if (less(rest, divisor)) {
    rest = shift_left(rest, 1u);
    exponent -= 1;
  }
  // Division as it is done by hand; the first digit is a one.
  var significand = vec2<u32>(0u);
  for (var digit = 0; digit < 64; digit++) {
    significand = shift_left(significand, 1u);
    if (!less(rest, divisor)) {
      rest = subtract(rest, divisor);
      significand.y |= 1u;
    }
    rest = shift_left(rest, 1u);
  }
  return joined(sign, Magnitude(exponent, significand, any(rest != vec2<u32>(0u))));
}

fn f64_from_u32(number: u32) -> vec2<u32> {
  return joined(0u, normalized(63, vec2<u32>(0u, number)));
}

fn f64_from_f32(bits: u32) -> vec2<u32> {
  let sign = bits & SIGN;
  let magnitude = bits & MAGNITUDE;
  if (magnitude >= INFINITY_BITS) {
    return select(F64_NAN, vec2<u32>(sign | F64_INFINITY, 0u), magnitude == INFINITY_BITS);
  }
  let field = magnitude >> 23u;
  let fraction = magnitude & 0x7fffffu;
  let significand = select(fraction | 0x800000u, fraction, field == 0u);
  // A significand of 2^23 with field 127 is 1.
  return joined(sign, normalized(i32(max(field, 1u)) - 127 + 40, vec2<u32>(0u, significand)));
}

// The nearest binary32 number, subnormals included.
fn f64_to_f32(x: vec2<u32>) -> u32 {
  let sign = x.x & SIGN;
  if (f64_is_nan(x)) {
    return CANONICAL_NAN;
  }
  if (f64_is_zero(x)) {
    return sign;
  }
  let m = magnitude_of(x);
  if (!f64_is_finite(x) || m.exponent >= 128) {
    return sign | INFINITY_BITS;
  }
  if (m.exponent < -126) {
    // The pattern of a subnormal is its significand; 2^23 is the smallest normal number.
    return sign | rounded(m, 40 - 126 - m.exponent).y;
  }
  // The significand's first bit adds one to the exponent field, and a significand of 2^24 one more, up to infinity.
  return sign | ((u32(m.exponent + 126) << 23u) + rounded(m, 40).y);
}

fn f64_is_nan(x: vec2<u32>) -> bool {
  let high = x.x & MAGNITUDE;
  return high > F64_INFINITY || (high == F64_INFINITY && x.y != 0u);
}

fn f64_is_finite(x: vec2<u32>) -> bool {
  return (x.x & F64_INFINITY) != F64_INFINITY;
}

fn f64_is_zero(x: vec2<u32>) -> bool {
  return ((x.x & MAGNITUDE) | x.y) == 0u;
}

// False with a NaN, as all comparisons are; the two zeros are equal.
fn f64_equal(x: vec2<u32>, y: vec2<u32>) -> bool {
  return !f64_is_nan(x) && !f64_is_nan(y) && all(order_of(x) == order_of(y));
}

fn f64_less(x: vec2<u32>, y: vec2<u32>) -> bool {
  return !f64_is_nan(x) && !f64_is_nan(y) && less(order_of(x), order_of(y));
}

// An integer of 64 bits that is in the order of the numbers.
fn order_of(x: vec2<u32>) -> vec2<u32> {
  let positive = vec2<u32>(x.x | SIGN, x.y);
  return select(positive, ~x, (x.x >> 31u) == 1u && !f64_is_zero(x));
}

fn magnitude_of(x: vec2<u32>) -> Magnitude {
  let field = (x.x >> 20u) & 0x7ffu;
  let fraction = vec2<u32>(x.x & 0xfffffu, x.y);
  let significand = select(fraction | vec2<u32>(0x100000u, 0u), fraction, field == 0u);
  // A significand of 2^52 with field 1023 is 1.
  return normalized(i32(max(field, 1u)) - 1023 + 11, significand);
}

// significand / 2^63 * 2^exponent with the significand's first bit moved up to bit 63. Zero stays zero.
fn normalized(exponent: i32, significand: vec2<u32>) -> Magnitude {
  let high = countLeadingZeros(significand.x);
  let zeros = select(high, 32u + countLeadingZeros(significand.y), high == 32u);
  return Magnitude(exponent - i32(zeros), shift_left(significand, zeros), false);
}

// The double nearest to a magnitude.
fn joined(sign: u32, m: Magnitude) -> vec2<u32> {
  if (all(m.significand == vec2<u32>(0u))) {
    return vec2<u32>(sign, 0u);
  }
  if (m.exponent >= 1024) {
    return vec2<u32>(sign | F64_INFINITY, 0u);
  }
  if (m.exponent < -1022) {
    return rounded(m, 11 - 1022 - m.exponent) | vec2<u32>(sign, 0u);
  }
  return (rounded(m, 11) + vec2<u32>(u32(m.exponent + 1022) << 20u, 0u)) | vec2<u32>(sign, 0u);
}

// A significand without its last bits, of which `dropped` are cut off, at least one; to nearest even.
fn rounded(m: Magnitude, dropped: i32) -> vec2<u32> {
  if (dropped > 64) {
    return vec2<u32>(0u);
  }
  let kept = shift_right(m.significand, u32(dropped));
  // What is cut off, moved up to bit 63.
  let rest = shift_left(m.significand, u32(64 - dropped));
  let half = (rest.x >> 31u) == 1u;
  let more = ((rest.x << 1u) | rest.y) != 0u || m.inexact;
  let carry = select(0u, 1u, half && (more || (kept.y & 1u) == 1u));
  return vec2<u32>(kept.x + select(0u, 1u, carry == 1u && kept.y == 0xffffffffu), kept.y + carry);
}

fn less(x: vec2<u32>, y: vec2<u32>) -> bool {
  return x.x < y.x || (x.x == y.x && x.y < y.y);
}

fn subtract(x: vec2<u32>, y: vec2<u32>) -> vec2<u32> {
  return vec2<u32>(x.x - y.x - select(0u, 1u, x.y < y.y), x.y - y.y);
}

// Integers of 64 bits, moved by up to 64.
fn shift_left(x: vec2<u32>, by: u32) -> vec2<u32> {
  if (by >= 32u) {
    return vec2<u32>(select(0u, x.y << (by - 32u), by < 64u), 0u);
  }
  return vec2<u32>((x.x << by) | select(x.y >> (32u - by), 0u, by == 0u), x.y << by);
}

fn shift_right(x: vec2<u32>, by: u32) -> vec2<u32> {
  if (by >= 32u) {
    return vec2<u32>(0u, select(0u, x.x >> (by - 32u), by < 64u));
  }
  return vec2<u32>(x.x >> by, (x.y >> by) | select(x.x << (32u - by), 0u, by == 0u));
}
