// exp, log, tanh, erf and 1/sqrt in binary32. The first four perform the operations of src/numerics/elementary.ts in
// the same order, each rounded by the rules of exact.wgsl; 1/sqrt is correctly rounded on either side. Error bounds
// and the origin of the coefficients are stated there.
//
// The names carry the type because WGSL's own exp, log and tanh stay in scope. An invocation that calls one of the
// first four has to call begin_exact() first.

import package::numerics::exact::{
  add, sub, mul, div, compose, SIGN, MAGNITUDE, INFINITY_BITS, QUIET_NAN, MIN_NORMAL
};
import package::numerics::integer::multiply_high;

// ln 2 in two parts; the first has 15 significant bits, so that its product with an exponent is exact.
const LN2_HIGH: f32 = bitcast<f32>(0x3f317200u);
const LN2_LOW: f32 = bitcast<f32>(0x35bfbe8eu);
const LOG2_E: f32 = bitcast<f32>(0x3fb8aa3bu);

// 1.5 * 2^23: adding it to a number of magnitude below 2^22 rounds that number to an integer.
const INTEGER_SHIFT: f32 = 12582912.0;
const INTEGER_SHIFT_BITS: u32 = 0x4b400000u;

// exp(r) = 1 + r + r^2 (E0 + E1 r + ...) for |r| <= ln(2)/2.
const E0: f32 = bitcast<f32>(0x3efffffeu);
const E1: f32 = bitcast<f32>(0x3e2aaa46u);
const E2: f32 = bitcast<f32>(0x3d2aac2du);
const E3: f32 = bitcast<f32>(0x3c091eb8u);
const E4: f32 = bitcast<f32>(0x3ab55c4fu);

// e^x: 1 for zeros and subnormals, infinity from 88.72284 upwards, 0 below -87.33655.
fn exp_f32(x: f32) -> f32 {
  return bitcast<f32>(exp_bits(bitcast<u32>(x)));
}

fn exp_bits(u: u32) -> u32 {
  let m = u & MAGNITUDE;
  if (m > INFINITY_BITS) {
    return QUIET_NAN;
  }
  // From 104 on the result is infinity or zero by a wide margin, and below the exponent fits the arithmetic.
  if (m >= 0x42d00000u) {
    return select(0u, INFINITY_BITS, (u & SIGN) == 0u);
  }
  let x = bitcast<f32>(u);
  let shifted = add(mul(x, LOG2_E), INTEGER_SHIFT);
  let n = bitcast<i32>(bitcast<u32>(shifted) - INTEGER_SHIFT_BITS);
  let multiple = sub(shifted, INTEGER_SHIFT);
  // x - n ln 2 = high - low; `high` is exact.
  let high = sub(x, mul(multiple, LN2_HIGH));
  let low = mul(multiple, LN2_LOW);
  let r = sub(high, low);
  var q = add(mul(E4, r), E3);
  q = add(mul(q, r), E2);
  q = add(mul(q, r), E1);
  q = add(mul(q, r), E0);
  let y = bitcast<u32>(add(1.0, add(high, sub(mul(mul(r, r), q), low))));
  let exponent = i32(y >> 23u) + n;
  if (exponent >= 255) {
    return INFINITY_BITS;
  }
  if (exponent <= 0) {
    return 0u;
  }
  return (y & 0x7fffffu) | (u32(exponent) << 23u);
}

// log(1+f) = f - f^2/2 + f^3 (L0 + L1 f + ...) for 1+f in [sqrt(1/2), sqrt(2)].
const L0: f32 = bitcast<f32>(0x3eaaaaa4u);
const L1: f32 = bitcast<f32>(0xbe800038u);
const L2: f32 = bitcast<f32>(0x3e4cd2a1u);
const L3: f32 = bitcast<f32>(0xbe2a9782u);
const L4: f32 = bitcast<f32>(0x3e118157u);
const L5: f32 = bitcast<f32>(0xbe0082aau);
const L6: f32 = bitcast<f32>(0x3df81d70u);
const L7: f32 = bitcast<f32>(0xbddf6ba9u);
const L8: f32 = bitcast<f32>(0x3d5892a7u);

// sqrt(1/2), the lower end of the reduced range.
const SQRT_HALF_BITS: u32 = 0x3f3504f3u;

// Natural logarithm: -infinity for zeros and subnormals of either sign, NaN for other negative numbers.
fn log_f32(x: f32) -> f32 {
  return bitcast<f32>(log_bits(bitcast<u32>(x)));
}

fn log_bits(u: u32) -> u32 {
  let m = u & MAGNITUDE;
  if (m < MIN_NORMAL) {
    return SIGN | INFINITY_BITS;
  }
  if (m > INFINITY_BITS || (u & SIGN) != 0u) {
    return QUIET_NAN;
  }
  if (m == INFINITY_BITS) {
    return INFINITY_BITS;
  }
  // x = 2^k (1 + f)
  let k = bitcast<i32>(u - SQRT_HALF_BITS) >> 23u;
  let f = sub(bitcast<f32>(u - (bitcast<u32>(k) << 23u)), 1.0);
  let z = mul(f, f);
  var p = add(mul(L8, f), L7);
  p = add(mul(p, f), L6);
  p = add(mul(p, f), L5);
  p = add(mul(p, f), L4);
  p = add(mul(p, f), L3);
  p = add(mul(p, f), L2);
  p = add(mul(p, f), L1);
  p = add(mul(p, f), L0);
  let tail = sub(mul(mul(f, z), p), mul(0.5, z));
  let s = add(f, add(tail, mul(f32(k), LN2_LOW)));
  return bitcast<u32>(add(mul(f32(k), LN2_HIGH), s));
}

// tanh(x) = x + x^3 (T0 + T1 x^2 + ...) for |x| <= 0.625.
const T0: f32 = bitcast<f32>(0xbeaaaa99u);
const T1: f32 = bitcast<f32>(0x3e08837bu);
const T2: f32 = bitcast<f32>(0xbd5c1ad2u);
const T3: f32 = bitcast<f32>(0x3ca8fc67u);
const T4: f32 = bitcast<f32>(0xbbba8672u);

// 0.625, where the polynomial ends.
const TANH_SPLIT_BITS: u32 = 0x3f200000u;

// Hyperbolic tangent: keeps the sign of zeros (and of subnormals, which become zeros); +-1 from 9.011 on.
fn tanh_f32(x: f32) -> f32 {
  return bitcast<f32>(tanh_bits(bitcast<u32>(x)));
}

fn tanh_bits(u: u32) -> u32 {
  let m = u & MAGNITUDE;
  if (m > INFINITY_BITS) {
    return QUIET_NAN;
  }
  let x = bitcast<f32>(m);
  if (m < TANH_SPLIT_BITS) {
    return (u & SIGN) | bitcast<u32>(tanh_near_zero(x));
  }
  return (u & SIGN) | bitcast<u32>(tanh_away_from_zero(x));
}

fn tanh_near_zero(x: f32) -> f32 {
  let z = mul(x, x);
  var p = add(mul(T4, z), T3);
  p = add(mul(p, z), T2);
  p = add(mul(p, z), T1);
  p = add(mul(p, z), T0);
  return add(x, mul(mul(x, z), p));
}

fn tanh_away_from_zero(x: f32) -> f32 {
  return sub(1.0, div(2.0, add(exp_f32(mul(2.0, x)), 1.0)));
}

// erf(x) = x + x (A0 + A1 x^2 + ...) for |x| < 1.
const A0: f32 = bitcast<f32>(0x3e0375d4u);
const A1: f32 = bitcast<f32>(0xbec0939fu);
const A2: f32 = bitcast<f32>(0x3de71673u);
const A3: f32 = bitcast<f32>(0xbcdbfb8du);
const A4: f32 = bitcast<f32>(0x3ba9f912u);
const A5: f32 = bitcast<f32>(0xba51a8afu);
const A6: f32 = bitcast<f32>(0x38a3b8feu);

// erf(x) = 1 - e^-(B0 + B1 x + ...) for 1 <= x <= 3.95.
const B0: f32 = bitcast<f32>(0x39b30d65u);
const B1: f32 = bitcast<f32>(0x3f904476u);
const B2: f32 = bitcast<f32>(0x3f235d73u);
const B3: f32 = bitcast<f32>(0x3dd329b7u);
const B4: f32 = bitcast<f32>(0xbcb2e5e7u);
const B5: f32 = bitcast<f32>(0x3b412ddau);
const B6: f32 = bitcast<f32>(0xb9436f68u);

const ONE: u32 = 0x3f800000u;
const FOUR: u32 = 0x40800000u;
// 2^-20: below it x^2 changes nothing; and the product of x and a coefficient may be flushed, so x is scaled.
const ERF_SCALED_BELOW: u32 = 0x35800000u;
const TWO_64: f32 = bitcast<f32>(0x5f800000u);
const TWO_MINUS_64: f32 = bitcast<f32>(0x1f800000u);

// Gauss error function: keeps the sign of zeros (and of subnormals, which become zeros); +-1 from 3.833 on.
fn erf_f32(x: f32) -> f32 {
  return bitcast<f32>(erf_bits(bitcast<u32>(x)));
}

fn erf_bits(u: u32) -> u32 {
  let m = u & MAGNITUDE;
  if (m > INFINITY_BITS) {
    return QUIET_NAN;
  }
  if (m >= FOUR) {
    return (u & SIGN) | ONE;
  }
  if (m < MIN_NORMAL) {
    return u & SIGN;
  }
  if (m < ONE) {
    return (u & SIGN) | bitcast<u32>(erf_near_zero(m));
  }
  return (u & SIGN) | bitcast<u32>(erf_away_from_zero(bitcast<f32>(m)));
}

fn erf_near_zero(m: u32) -> f32 {
  let x = bitcast<f32>(m);
  if (m < ERF_SCALED_BELOW) {
    let scaled = mul(x, TWO_64);
    return mul(add(scaled, mul(scaled, A0)), TWO_MINUS_64);
  }
  let z = mul(x, x);
  var p = add(mul(A6, z), A5);
  p = add(mul(p, z), A4);
  p = add(mul(p, z), A3);
  p = add(mul(p, z), A2);
  p = add(mul(p, z), A1);
  p = add(mul(p, z), A0);
  return add(x, mul(x, p));
}

fn erf_away_from_zero(x: f32) -> f32 {
  var p = add(mul(B6, x), B5);
  p = add(mul(p, x), B4);
  p = add(mul(p, x), B3);
  p = add(mul(p, x), B2);
  p = add(mul(p, x), B1);
  p = add(mul(p, x), B0);
  return sub(1.0, exp_f32(bitcast<f32>(bitcast<u32>(p) ^ SIGN)));
}

// 1/sqrt(x), correctly rounded: an infinity of their sign for zeros and subnormals, NaN for other negative numbers.
fn rsqrt_f32(x: f32) -> f32 {
  return bitcast<f32>(rsqrt_bits(bitcast<u32>(x)));
}

fn rsqrt_bits(u: u32) -> u32 {
  let m = u & MAGNITUDE;
  if (m < MIN_NORMAL) {
    return (u & SIGN) | INFINITY_BITS;
  }
  if (m > INFINITY_BITS || (u & SIGN) != 0u) {
    return QUIET_NAN;
  }
  if (m == INFINITY_BITS) {
    return 0u;
  }
  // x = radicand * 2^exponent with an even exponent and a radicand from 2^24 to 2^26.
  let field = i32(m >> 23u);
  let even_field = (field & 1) == 0;
  let radicand = ((m & 0x7fffffu) | MIN_NORMAL) << select(1u, 2u, even_field);
  let exponent = select(field - 151, field - 152, even_field);
  // 2^36 / sqrt(radicand) lies between 2^23 and 2^24. WGSL promises 2 ulp: start eight below and go up to the largest
  // root that is less than half a unit too large.
  var root = u32(inverseSqrt(f32(radicand)) * 0x1p36f) - 8u;
  for (var step = 8u; step > 0u; step = step >> 1u) {
    if (half_below(root + step, radicand)) {
      root = root + step;
    }
  }
  return compose(114 - exponent / 2, root);
}

// Whether root - 1/2 < 2^36 / sqrt(radicand), that is, (2 root - 1)^2 radicand < 2^74, for a root so close that the
// difference of the two sides is below 2^63: its sign is then the top bit of the product modulo 2^64. There is
// no equality, because an odd number above 1 does not divide a power of two.
fn half_below(root: u32, radicand: u32) -> bool {
  let odd = 2u * root - 1u;
  let low = odd * odd;
  let high = multiply_high(odd, odd) * radicand + multiply_high(low, radicand);
  return (high & SIGN) != 0u;
}
