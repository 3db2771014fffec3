// Binary64 in integers, for the few numbers that frameworks hold as doubles: loss scales, and what they are multiplied
// with. Bit for bit what IEEE 754 asks for in rounding to nearest even, with subnormals and infinities; every NaN is the
// same one. A double is vec2<u32>(upper word, lower word). It runs once a step and lane, so what counts is how long it
// takes to compile: every call is expanded, and a branch costs most, hence selections and no short-circuit operators.
// src/numerics/f64.test.ts compares it with JavaScript's numbers.

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
  let a = magnitude_of(x);
  let b = magnitude_of(y);
  // Both significands are at least half of 2^64, so bit 127 or bit 126 of the product is its first.
  let product = multiply64(a.significand, b.significand);
  let first = product.x >> 31u;
  let shift = 1u - first;
  let significand = (product.xy << vec2<u32>(shift)) | ((product.yz >> vec2<u32>(31u)) & vec2<u32>(shift));
  let inexact = ((product.z << shift) | product.w) != 0u;
  let finite = joined(Magnitude(a.exponent + b.exponent + i32(first), significand, inexact));
  let zero = f64_is_zero(x) | f64_is_zero(y);
  let infinite = !f64_is_finite(x) | !f64_is_finite(y);
  let invalid = f64_is_nan(x) | f64_is_nan(y) | (zero & infinite);
  return special((x.x ^ y.x) & SIGN, finite, zero, infinite, invalid);
}

fn f64_divide(x: vec2<u32>, y: vec2<u32>) -> vec2<u32> {
  let a = magnitude_of(x);
  let b = magnitude_of(y);
  // Halves, so that the rest has room to be doubled: their last eleven bits are zero.
  let divisor = halved(b.significand);
  var rest = halved(a.significand);
  let smaller = less(rest, divisor);
  rest = select(rest, doubled(rest), smaller);
  // Division as it is done by hand; the first digit is a one.
  var significand = vec2<u32>(0u);
  for (var digit = 0; digit < 64; digit++) {
    let fits = !less(rest, divisor);
    rest = doubled(select(rest, subtract(rest, divisor), fits));
    significand = doubled(significand) | vec2<u32>(0u, select(0u, 1u, fits));
  }
  let exponent = a.exponent - b.exponent - select(0, 1, smaller);
  let finite = joined(Magnitude(exponent, significand, any(rest != vec2<u32>(0u))));
  let zero = f64_is_zero(x) | !f64_is_finite(y);
  let infinite = !f64_is_finite(x) | f64_is_zero(y);
  let invalid = f64_is_nan(x) | f64_is_nan(y) | (zero & infinite);
  return special((x.x ^ y.x) & SIGN, finite, zero, infinite, invalid);
}

fn f64_from_u32(number: u32) -> vec2<u32> {
  return select(joined(normalized(63, vec2<u32>(0u, number))), vec2<u32>(0u), number == 0u);
}

fn f64_from_f32(bits: u32) -> vec2<u32> {
  let magnitude = bits & MAGNITUDE;
  let field = magnitude >> 23u;
  let fraction = magnitude & 0x7fffffu;
  let significand = select(fraction | 0x800000u, fraction, field == 0u);
  // A significand of 2^23 with field 127 is 1. Every binary32 number is a normal number here.
  let m = normalized(i32(max(field, 1u)) - 127 + 40, vec2<u32>(0u, significand));
  let high = (u32(m.exponent + 1023) << 20u) | ((m.significand.x >> 11u) & 0xfffffu);
  let finite = vec2<u32>(high, (m.significand.y >> 11u) | (m.significand.x << 21u));
  let infinite = magnitude >= INFINITY_BITS;
  return special(bits & SIGN, finite, magnitude == 0u, infinite, magnitude > INFINITY_BITS);
}

// The nearest binary32 number, subnormals included.
fn f64_to_f32(x: vec2<u32>) -> u32 {
  let m = magnitude_of(x);
  let significand = rounded(m, 40 + max(-126 - m.exponent, 0)).y;
  // The pattern of a subnormal is its significand. The first bit of any other adds one to the exponent field, and a
  // significand of 2^24 one more, up to infinity.
  let finite = (u32(max(m.exponent + 126, 0)) << 23u) + significand;
  let infinite = (m.exponent >= 128) | !f64_is_finite(x);
  let magnitude = select(select(finite, 0u, f64_is_zero(x)), INFINITY_BITS, infinite);
  return select((x.x & SIGN) | magnitude, CANONICAL_NAN, f64_is_nan(x));
}

fn f64_is_nan(x: vec2<u32>) -> bool {
  let high = x.x & MAGNITUDE;
  return (high > F64_INFINITY) | ((high == F64_INFINITY) & (x.y != 0u));
}

fn f64_is_finite(x: vec2<u32>) -> bool {
  return (x.x & F64_INFINITY) != F64_INFINITY;
}

fn f64_is_zero(x: vec2<u32>) -> bool {
  return ((x.x & MAGNITUDE) | x.y) == 0u;
}

// False with a NaN, as all comparisons are; the two zeros are equal.
fn f64_equal(x: vec2<u32>, y: vec2<u32>) -> bool {
  return !f64_is_nan(x) & !f64_is_nan(y) & all(order_of(x) == order_of(y));
}

fn f64_less(x: vec2<u32>, y: vec2<u32>) -> bool {
  return !f64_is_nan(x) & !f64_is_nan(y) & less(order_of(x), order_of(y));
}

// An integer of 64 bits that is in the order of the numbers.
fn order_of(x: vec2<u32>) -> vec2<u32> {
  let positive = vec2<u32>(x.x | SIGN, x.y);
  return select(positive, ~x, ((x.x >> 31u) == 1u) & !f64_is_zero(x));
}

// A result, of which `finite` is the magnitude unless it is something else.
fn special(sign: u32, finite: vec2<u32>, zero: bool, infinite: bool, invalid: bool) -> vec2<u32> {
  let magnitude = select(select(finite, vec2<u32>(0u), zero), vec2<u32>(F64_INFINITY, 0u), infinite);
  return select(magnitude | vec2<u32>(sign, 0u), F64_NAN, invalid);
}

fn magnitude_of(x: vec2<u32>) -> Magnitude {
  let field = (x.x >> 20u) & 0x7ffu;
  let fraction = vec2<u32>(x.x & 0xfffffu, x.y);
  let significand = select(fraction | vec2<u32>(0x100000u, 0u), fraction, field == 0u);
  // A significand of 2^52 with field 1023 is 1.
  return normalized(i32(max(field, 1u)) - 1023 + 11, significand);
}

// significand / 2^63 * 2^exponent with the significand's first bit moved up to bit 63.
fn normalized(exponent: i32, significand: vec2<u32>) -> Magnitude {
  let high = countLeadingZeros(significand.x);
  let zeros = high + select(0u, countLeadingZeros(significand.y), high == 32u);
  return Magnitude(exponent - i32(zeros), shift_left(significand, zeros), false);
}

// The double nearest to a magnitude, without sign.
fn joined(m: Magnitude) -> vec2<u32> {
  let significand = rounded(m, 11 + max(-1022 - m.exponent, 0));
  let high = (u32(max(m.exponent + 1022, 0)) << 20u) + significand.x;
  return select(vec2<u32>(high, significand.y), vec2<u32>(F64_INFINITY, 0u), m.exponent >= 1024);
}

// A significand without its last bits, of which `dropped` are cut off, at least one; to nearest even.
fn rounded(m: Magnitude, dropped: i32) -> vec2<u32> {
  // One bit more than is kept: the half.
  let places = u32(min(dropped - 1, 63));
  let with_half = shift_right(m.significand, places);
  let more = any(shift_left(with_half, places) != m.significand) | m.inexact;
  let kept = halved(with_half);
  let carry = with_half.y & 1u & (select(0u, 1u, more) | kept.y);
  let low = kept.y + carry;
  let high = kept.x + select(0u, 1u, carry > low);
  return select(vec2<u32>(high, low), vec2<u32>(0u), dropped > 64);
}

fn less(x: vec2<u32>, y: vec2<u32>) -> bool {
  let larger = y > x;
  return select(larger.x, larger.y, x.x == y.x);
}

fn subtract(x: vec2<u32>, y: vec2<u32>) -> vec2<u32> {
  return vec2<u32>(x.x - y.x - select(0u, 1u, y.y > x.y), x.y - y.y);
}

fn doubled(x: vec2<u32>) -> vec2<u32> {
  return (x << vec2<u32>(1u)) | vec2<u32>(x.y >> 31u, 0u);
}

fn halved(x: vec2<u32>) -> vec2<u32> {
  return (x >> vec2<u32>(1u)) | vec2<u32>(0u, x.x << 31u);
}

// Integers of 64 bits, moved by up to 63. Zero may be moved by 64.
fn shift_left(x: vec2<u32>, by: u32) -> vec2<u32> {
  let words = select(x, vec2<u32>(x.y, 0u), by >= 32u);
  let bits = by & 31u;
  return (words << vec2<u32>(bits)) | vec2<u32>((words.y >> 1u) >> (31u - bits), 0u);
}

fn shift_right(x: vec2<u32>, by: u32) -> vec2<u32> {
  let words = select(x, vec2<u32>(0u, x.x), by >= 32u);
  let bits = by & 31u;
  return (words >> vec2<u32>(bits)) | vec2<u32>(0u, (words.x << 1u) << (31u - bits));
}
