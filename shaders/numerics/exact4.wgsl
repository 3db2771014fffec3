// Division and square root of exact.wgsl for four numbers at once: the same bits without branches, loops or shifts,
// all of which a software adapter is slow at.

import package::numerics::exact::isolate4;

const SIGN: u32 = 0x80000000u;
const MAGNITUDE: u32 = 0x7fffffffu;
const FRACTION: u32 = 0x7fffffu;
const EXPONENT: u32 = 0x7f800000u;
const QUIET_NAN: u32 = 0x7fc00000u;
const ONE: u32 = 0x3f800000u;
const TWO_23: u32 = 0x800000u;
const INFINITY: i32 = 0x7f800000;
const MIN_NORMAL: i32 = 0x00800000;

// A number where the condition holds, else 0.
fn where4(condition: vec4<bool>, number: u32) -> vec4<u32> {
  return select(vec4<u32>(0u), vec4<u32>(number), condition);
}

fn magnitude4(u: vec4<u32>) -> vec4<i32> {
  return bitcast<vec4<i32>>(u & vec4<u32>(MAGNITUDE));
}

// a / b
fn div4(a: vec4<f32>, b: vec4<f32>) -> vec4<f32> {
  let x = bitcast<vec4<u32>>(isolate4(a));
  let y = bitcast<vec4<u32>>(isolate4(b));
  // Significands as numbers from 1 to 2, the numerator doubled where it is the smaller one, and as integers.
  let fraction = x & vec4<u32>(FRACTION);
  let divisor = y & vec4<u32>(FRACTION);
  let smaller = fraction < divisor;
  let estimate = bitcast<vec4<f32>>((fraction | vec4<u32>(ONE)) + where4(smaller, TWO_23)) /
    bitcast<vec4<f32>>(divisor | vec4<u32>(ONE));
  let significand = fraction | vec4<u32>(TWO_23);
  let numerator = significand + select(vec4<u32>(0u), significand, smaller);
  let denominator = divisor | vec4<u32>(TWO_23);
  // The bits of a number from 1 to 2 count in units of 2^-23. WGSL promises 2.5 ulp: start four below, and go up.
  let low = bitcast<vec4<u32>>(isolate4(estimate)) - vec4<u32>(ONE - TWO_23 + 4u);
  // The remainder is at most eight times the denominator, so its low 32 bits are the whole of it.
  let unit = bitcast<vec4<i32>>(denominator);
  let rest8 = bitcast<vec4<i32>>(numerator * TWO_23 - low * denominator);
  let up4 = rest8 >= unit * 4;
  let rest4 = rest8 - select(vec4<i32>(0), unit * 4, up4);
  let up2 = rest4 >= unit + unit;
  let rest2 = rest4 - select(vec4<i32>(0), unit + unit, up2);
  let up1 = rest2 >= unit;
  let rest = rest2 - select(vec4<i32>(0), unit, up1);
  // There are no ties: a quotient of two 24-bit numbers is never half-way between two 24-bit numbers.
  let quotient = low + where4(up4, 4u) + where4(up2, 2u) + where4(up1, 1u) + where4(rest + rest > unit, 1u);
  // The pattern of the result is this plus the difference of the exponents; a quotient of 2^24 carries into it.
  let base = bitcast<vec4<i32>>(quotient - where4(smaller, TWO_23) + vec4<u32>(ONE - TWO_23));
  let difference = bitcast<vec4<i32>>((x & vec4<u32>(EXPONENT)) - (y & vec4<u32>(EXPONENT)));
  return bitcast<vec4<f32>>(quotient_bits(x, y, base, difference));
}

// What division gives for all kinds of operands, the pattern of an ordinary quotient being base + difference.
fn quotient_bits(x: vec4<u32>, y: vec4<u32>, base: vec4<i32>, difference: vec4<i32>) -> vec4<u32> {
  let a = magnitude4(x);
  let b = magnitude4(y);
  let a_zero = a < vec4<i32>(MIN_NORMAL);
  let b_zero = b < vec4<i32>(MIN_NORMAL);
  let a_infinite = a == vec4<i32>(INFINITY);
  let b_infinite = b == vec4<i32>(INFINITY);
  let zero = a_zero | b_infinite | (difference < vec4<i32>(MIN_NORMAL) - base);
  let infinite = a_infinite | b_zero | (!zero & (difference >= vec4<i32>(INFINITY) - base));
  let nan = (a > vec4<i32>(INFINITY)) | (b > vec4<i32>(INFINITY)) | (a_zero & b_zero) | (a_infinite & b_infinite);
  let ordinary = select(bitcast<vec4<u32>>(base + difference), vec4<u32>(0u), zero);
  let signed = ((x ^ y) & vec4<u32>(SIGN)) | select(ordinary, vec4<u32>(EXPONENT), infinite);
  return select(signed, vec4<u32>(QUIET_NAN), nan);
}

fn square_root4(a: vec4<f32>) -> vec4<f32> {
  let x = bitcast<vec4<u32>>(isolate4(a));
  // An even exponent field stands for an odd exponent: the radicand, a number from 1 to 2, is doubled.
  let odd = (x & vec4<u32>(TWO_23)) == vec4<u32>(0u);
  let fraction = x & vec4<u32>(FRACTION);
  let estimate = sqrt(bitcast<vec4<f32>>((fraction | vec4<u32>(ONE)) + where4(odd, TWO_23)));
  let significand = fraction | vec4<u32>(TWO_23);
  let radicand = significand + select(vec4<u32>(0u), significand, odd);
  // WGSL derives the accuracy of sqrt from 1 / inverseSqrt, about 5 ulp: start eight below, and go up. What is left is
  // radicand · 2^23 - root², at most 32 times the root.
  let root8 = bitcast<vec4<u32>>(isolate4(estimate)) - vec4<u32>(ONE - TWO_23 + 8u);
  let start = Root(root8, bitcast<vec4<i32>>(radicand * TWO_23 - root8 * root8));
  let found = raise(raise(raise(raise(start, 8u), 4u), 2u), 1u);
  // The root exceeds root + 1/2 exactly when the rest exceeds root; it is never equal to it.
  let root = found.root + where4(found.rest > bitcast<vec4<i32>>(found.root), 1u);
  // Half the exponent of what was left of the radicand's doubling, with the bias.
  let doubled_exponent = (x & vec4<u32>(EXPONENT)) + vec4<u32>(ONE) - where4(odd, TWO_23);
  let ordinary = doubled_exponent / 2u + root - vec4<u32>(TWO_23);
  let m = magnitude4(x);
  let zero = m < vec4<i32>(MIN_NORMAL);
  // Zeros keep their sign, and infinity is its own root.
  let positive = select(select(ordinary, x, m == vec4<i32>(INFINITY)), x & vec4<u32>(SIGN), zero);
  let nan = (m > vec4<i32>(INFINITY)) | (!zero & (bitcast<vec4<i32>>(x) < vec4<i32>(0)));
  return bitcast<vec4<f32>>(select(positive, vec4<u32>(QUIET_NAN), nan));
}

struct Root {
  root: vec4<u32>,
  // Radicand minus root².
  rest: vec4<i32>,
}

// Adds `step` to the root where its square then still is not beyond the radicand.
fn raise(before: Root, step: u32) -> Root {
  let change = bitcast<vec4<i32>>((before.root + before.root + vec4<u32>(step)) * step);
  let higher = before.rest >= change;
  return Root(before.root + where4(higher, step), before.rest - select(vec4<i32>(0), change, higher));
}
