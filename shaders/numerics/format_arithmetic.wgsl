// Arithmetic in a number format, each operation rounded once; the counterpart of src/numerics/format-arithmetic.ts. All in
// integers on f32 bit patterns: an exact result is first rounded to odd on binary32's grid (cut off, and the last bit
// set if anything was lost), which decides every later rounding to a format of up to 21 significand bits.

import package::layout::Format;
import package::numerics::exact::{compose, flush_bits};
import package::numerics::integer::multiply_high;
import package::numerics::round::{round_bits, SIGN, MAGNITUDE, INFINITY_BITS, CANONICAL_NAN, F32_MIN_NORMAL};

const ONE: u32 = 0x3f800000u;
// The largest finite number has an odd significand: it stands for everything from 2^128 on.
const LARGEST: u32 = 0x7f7fffffu;

// A finite number other than zero: significand * 2^(exponent - 23) with the significand in [2^23, 2^24).
struct Unpacked {
  exponent: i32,
  significand: u32,
}

fn unpack(magnitude: u32) -> Unpacked {
  let shift = 23u - min(firstLeadingBit(magnitude), 23u);
  if (shift > 0u) {
    return Unpacked(-126 - i32(shift), magnitude << shift);
  }
  let subnormal = magnitude < F32_MIN_NORMAL;
  let significand = select((magnitude & 0x7fffffu) | F32_MIN_NORMAL, magnitude, subnormal);
  return Unpacked(i32(max(magnitude >> 23u, 1u)) - 127, significand);
}

// An exact result: either the pattern `settled`, or significand * 2^(exponent - 31) with bit 31 of the significand
// set and bit 0 set if anything lies below it.
struct Exact {
  done: bool,
  settled: u32,
  sign: u32,
  exponent: i32,
  significand: u32,
}

fn settle(u: u32) -> Exact {
  return Exact(true, u, 0u, 0, 0u);
}

// The result on binary32's grid, subnormals included, rounded to odd.
fn odd_bits(x: Exact) -> u32 {
  if (x.done) {
    return x.settled;
  }
  if (x.exponent > 127) {
    return x.sign | LARGEST;
  }
  // Eight bits of a normal number are dropped, and one more for each binade below 2^-126.
  let dropped = min(8u + u32(max(-126 - x.exponent, 0)), 31u);
  let lost = (x.significand & ((1u << dropped) - 1u)) != 0u;
  // A significand has 32 bits; where all of them are dropped, 31 leave its leading one, which is odd as well.
  let kept = (x.significand >> dropped) | select(0u, 1u, lost);
  let field = u32(max(x.exponent + 126, 0));
  return x.sign | ((field << 23u) + kept);
}

// The two words of 64 bits, shifted right; what falls out at the end sets the last bit. The upper bit is clear.
fn shift_right_odd(high: u32, low: u32, count: u32) -> vec2<u32> {
  let n = min(count, 63u);
  if (n == 0u) {
    return vec2<u32>(high, low);
  }
  if (n < 32u) {
    let lost = select(0u, 1u, (low << (32u - n)) != 0u);
    return vec2<u32>(high >> n, (high << (32u - n)) | (low >> n) | lost);
  }
  let rest = select((high << (64u - n)) | low, low, n == 32u);
  return vec2<u32>(0u, (high >> (n - 32u)) | select(0u, 1u, rest != 0u));
}

// a*b + c, exactly.
fn exact_fma(a: u32, b: u32, c: u32) -> Exact {
  let sign = (a ^ b) & SIGN;
  let x = a & MAGNITUDE;
  let y = b & MAGNITUDE;
  let z = c & MAGNITUDE;
  if (max(max(x, y), z) >= INFINITY_BITS) {
    return settle(fma_of_infinities(a, b, c));
  }
  if (x == 0u || y == 0u) {
    // A zero plus a zero of the other sign is +0.
    return settle(select(c, c & sign, z == 0u));
  }
  let p = unpack(x);
  let q = unpack(y);
  // 48 bits of product, moved up by 15: the leading one is bit 61 or 62 of the pair.
  let low = p.significand * q.significand;
  var product = vec2<u32>((multiply_high(p.significand, q.significand) << 15u) | (low >> 17u), low << 15u);
  var exponent = p.exponent + q.exponent;
  // The leading one of c is bit 61.
  var addend = vec2<u32>(0u, 0u);
  if (z != 0u) {
    let r = unpack(z);
    addend.x = r.significand << 6u;
    let distance = exponent - r.exponent;
    if (distance >= 0) {
      addend = shift_right_odd(addend.x, 0u, u32(distance));
    } else {
      product = shift_right_odd(product.x, product.y, u32(-distance));
      exponent = r.exponent;
    }
  }
  return signed_sum(sign, product, c & SIGN, addend, exponent);
}

fn fma_of_infinities(a: u32, b: u32, c: u32) -> u32 {
  let x = a & MAGNITUDE;
  let y = b & MAGNITUDE;
  let z = c & MAGNITUDE;
  let product_infinite = x == INFINITY_BITS || y == INFINITY_BITS;
  let sign = (a ^ b) & SIGN;
  if (max(max(x, y), z) > INFINITY_BITS || (product_infinite && (x == 0u || y == 0u))) {
    return CANONICAL_NAN;
  }
  if (!product_infinite) {
    return c;
  }
  return select(sign | INFINITY_BITS, CANONICAL_NAN, z == INFINITY_BITS && (c & SIGN) != sign);
}

// The sum of two numbers in units of 2^(exponent - 61), each below 2^63.
fn signed_sum(sign_p: u32, p: vec2<u32>, sign_c: u32, c: vec2<u32>, exponent: i32) -> Exact {
  var sign = sign_p;
  var sum: vec2<u32>;
  if (sign_p == sign_c) {
    sum.y = p.y + c.y;
    sum.x = p.x + c.x + select(0u, 1u, sum.y < c.y);
  } else {
    let smaller = p.x < c.x || (p.x == c.x && p.y < c.y);
    let large = select(p, c, smaller);
    let small = select(c, p, smaller);
    sign = select(sign_p, sign_c, smaller);
    sum.y = large.y - small.y;
    sum.x = large.x - small.x - select(0u, 1u, large.y < small.y);
  }
  if (sum.x == 0u && sum.y == 0u) {
    return settle(0u);
  }
  // Up to the top. Bits were lost before only where the operands were far apart, and then little has cancelled.
  var top = exponent + 2;
  if (sum.x == 0u) {
    sum = vec2<u32>(sum.y, 0u);
    top -= 32;
  }
  let shift = 31u - firstLeadingBit(sum.x);
  if (shift > 0u) {
    sum = vec2<u32>((sum.x << shift) | (sum.y >> (32u - shift)), sum.y << shift);
  }
  return Exact(false, 0u, sign, top - i32(shift), sum.x | select(0u, 1u, sum.y != 0u));
}

// Operands and results below are f32 patterns of values of the format.
fn fma_in_format(a: u32, b: u32, c: u32, f: Format) -> u32 {
  return round_bits(odd_bits(exact_fma(a, b, c)), f, 0u);
}

fn add_in_format(a: u32, b: u32, f: Format) -> u32 {
  return fma_in_format(a, ONE, b, f);
}

// With a zero of the product's sign added, a product that is a zero keeps its sign.
fn mul_in_format(a: u32, b: u32, f: Format) -> u32 {
  return fma_in_format(a, b, (a ^ b) & SIGN, f);
}

// a*b + c in binary32 as the engine has it: no subnormal operands, and zero for what is tiny after rounding.
fn fma_flushed(a: u32, b: u32, c: u32) -> u32 {
  let x = exact_fma(flush_bits(a), flush_bits(b), flush_bits(c));
  if (x.done) {
    return x.settled;
  }
  let rest = x.significand & 0xffu;
  let kept = x.significand >> 8u;
  let up = rest > 0x80u || (rest == 0x80u && (kept & 1u) == 1u);
  return x.sign | compose(x.exponent + 127, kept + select(0u, 1u, up));
}

fn div_in_format(a: u32, b: u32, f: Format) -> u32 {
  let sign = (a ^ b) & SIGN;
  let x = a & MAGNITUDE;
  let y = b & MAGNITUDE;
  if (max(x, y) > INFINITY_BITS || (x == y && (x == 0u || x == INFINITY_BITS))) {
    return round_bits(CANONICAL_NAN, f, 0u);
  }
  // Infinity goes through the rounding, because not every format has one.
  if (x == INFINITY_BITS || y == 0u) {
    return round_bits(sign | INFINITY_BITS, f, 0u);
  }
  if (x == 0u || y == INFINITY_BITS) {
    return sign;
  }
  let p = unpack(x);
  let q = unpack(y);
  let smaller = p.significand < q.significand;
  var remainder = p.significand << select(0u, 1u, smaller);
  var quotient = 0u;
  for (var i = 0u; i < 27u; i++) {
    let fits = remainder >= q.significand;
    quotient = (quotient << 1u) | select(0u, 1u, fits);
    remainder = (remainder - select(0u, q.significand, fits)) << 1u;
  }
  let exponent = p.exponent - q.exponent - select(0, 1, smaller);
  let significand = (quotient << 5u) | select(0u, 1u, remainder != 0u);
  return round_bits(odd_bits(Exact(false, 0u, sign, exponent, significand)), f, 0u);
}

fn sqrt_in_format(a: u32, f: Format) -> u32 {
  let x = a & MAGNITUDE;
  if (x == 0u) {
    return a;
  }
  if (x > INFINITY_BITS || a >= SIGN) {
    return round_bits(CANONICAL_NAN, f, 0u);
  }
  if (x == INFINITY_BITS) {
    return round_bits(a, f, 0u);
  }
  let p = unpack(x);
  let odd = u32(p.exponent) & 1u;
  // In [1, 4) with 24 fraction bits. Each step takes two of its bits and gives one of the root.
  let radicand = p.significand << (1u + odd);
  var remainder = 0u;
  var root = 0u;
  for (var i = 0u; i < 26u; i++) {
    let pair = select(0u, (radicand >> (24u - min(2u * i, 24u))) & 3u, i <= 12u);
    remainder = (remainder << 2u) | pair;
    let trial = (root << 2u) | 1u;
    let fits = remainder >= trial;
    remainder -= select(0u, trial, fits);
    root = (root << 1u) | select(0u, 1u, fits);
  }
  let exponent = (p.exponent - i32(odd)) / 2;
  let significand = (root << 6u) | select(0u, 1u, remainder != 0u);
  return round_bits(odd_bits(Exact(false, 0u, 0u, exponent, significand)), f, 0u);
}
