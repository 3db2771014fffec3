// What the rules of the loss scalers compute with: numbers of binary32 as bits, those of binary64 as two words. WGSL floats
// cannot be trusted with a scale, which can become subnormal, infinite or NaN.

import package::numerics::f64::{f64_divide, f64_from_f32, f64_less, f64_multiply, f64_to_f32};
import package::numerics::round::{SIGN, MAGNITUDE, INFINITY_BITS, CANONICAL_NAN};

const F64_HALF = vec2<u32>(0x3fe00000u, 0u);
const F64_TWO = vec2<u32>(0x40000000u, 0u);

// f32(f64(scale) * factor), as PyTorch forms it: the product in double precision, rounded once more.
fn scale_times(scale: u32, factor: vec2<u32>) -> u32 {
  return f64_to_f32(f64_multiply(f64_from_f32(scale), factor));
}

// Products of two binary32 numbers are exact in binary64, and quotients are not hurt by a second rounding.
fn f32_times(a: u32, b: u32) -> u32 {
  return scale_times(a, f64_from_f32(b));
}

fn f32_over(a: u32, b: u32) -> u32 {
  return f64_to_f32(f64_divide(f64_from_f32(a), f64_from_f32(b)));
}

fn f32_is_finite(x: u32) -> bool {
  return (x & MAGNITUDE) < INFINITY_BITS;
}

// The larger one; NaN where there is one, as the frameworks' maximum and Math.max have it.
fn f32_max(a: u32, b: u32) -> u32 {
  return select(select(a, b, f32_order(b) > f32_order(a)), CANONICAL_NAN, f32_is_nan(a) || f32_is_nan(b));
}

fn f32_min(a: u32, b: u32) -> u32 {
  return select(select(a, b, f32_order(b) < f32_order(a)), CANONICAL_NAN, f32_is_nan(a) || f32_is_nan(b));
}

fn f32_is_nan(x: u32) -> bool {
  return (x & MAGNITUDE) > INFINITY_BITS;
}

// An integer that is in the order of the numbers.
fn f32_order(x: u32) -> u32 {
  return select(x | SIGN, ~x, (x >> 31u) == 1u);
}

// Python's max and min: the first unless the second is larger or smaller, so that NaN counts as it does there.
fn python_max(a: vec2<u32>, b: vec2<u32>) -> vec2<u32> {
  return select(a, b, f64_less(a, b));
}

fn python_min(a: vec2<u32>, b: vec2<u32>) -> vec2<u32> {
  return select(a, b, f64_less(b, a));
}
