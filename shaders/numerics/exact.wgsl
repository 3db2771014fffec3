// Isolated IEEE binary32 arithmetic: round to nearest even, subnormal operands count as zeros of their sign, and
// a result that is tiny after rounding (its 24-bit rounding with unbounded exponent is below 2^-126) becomes a
// zero of its sign. The counterpart of src/numerics/f32.ts, bit for bit.
//
// A WGSL compiler may fuse a product into a following sum and may reorder sums. Between any two operations here
// stands an XOR of the bits with a zero that the compiler cannot know, so no float expression has two operations.
// Every kernel calls begin_exact() first, with a zero that it reads from a buffer.
//
// Whether the device flushes in exactly this way by itself is found out by the probe (probe.wgsl). If it does
// (native_ftz), the isolation is all there is to do; otherwise the few results near 2^-126 are decided here.
// A device whose sums and products are not rounded to nearest even, or that does not carry infinities and NaN
// through an operation, fails the probe and does not run kernels.

var<private> isolation_zero: u32;

// Once per invocation, before the first operation. `zero` has to be 0 and read from a buffer.
fn begin_exact(zero: u32) {
  isolation_zero = zero;
}

const SIGN: u32 = 0x80000000u;
const MAGNITUDE: u32 = 0x7fffffffu;
const INFINITY_BITS: u32 = 0x7f800000u;
const QUIET_NAN: u32 = 0x7fc00000u;
const MIN_NORMAL: u32 = 0x00800000u;

fn isolate(x: f32) -> f32 {
  return bitcast<f32>(bitcast<u32>(x) ^ isolation_zero);
}

fn isolate4(x: vec4<f32>) -> vec4<f32> {
  return bitcast<vec4<f32>>(bitcast<vec4<u32>>(x) ^ vec4<u32>(isolation_zero));
}

// The pattern u, or a zero of its sign if it is a subnormal.
fn flush_bits(u: u32) -> u32 {
  return select(u, u & SIGN, (u & MAGNITUDE) < MIN_NORMAL);
}

fn flush_bits4(u: vec4<u32>) -> vec4<u32> {
  return select(u, u & vec4<u32>(SIGN), (u & vec4<u32>(MAGNITUDE)) < vec4<u32>(MIN_NORMAL));
}

@if(native_ftz)
fn add(a: f32, b: f32) -> f32 {
  return isolate(a + b);
}

@if(native_ftz)
fn sub(a: f32, b: f32) -> f32 {
  return isolate(a - b);
}

@if(native_ftz)
fn mul(a: f32, b: f32) -> f32 {
  return isolate(a * b);
}

@if(native_ftz)
fn add4(a: vec4<f32>, b: vec4<f32>) -> vec4<f32> {
  return isolate4(a + b);
}

@if(native_ftz)
fn sub4(a: vec4<f32>, b: vec4<f32>) -> vec4<f32> {
  return isolate4(a - b);
}

@if(native_ftz)
fn mul4(a: vec4<f32>, b: vec4<f32>) -> vec4<f32> {
  return isolate4(a * b);
}

// Sums below 2^-126 are exact in binary32, whether the device flushes them or not, so there is nothing to round.
@if(!native_ftz)
fn add(a: f32, b: f32) -> f32 {
  let x = flush_bits(bitcast<u32>(a) ^ isolation_zero);
  let y = flush_bits(bitcast<u32>(b) ^ isolation_zero);
  return bitcast<f32>(flush_bits(bitcast<u32>(bitcast<f32>(x) + bitcast<f32>(y)) ^ isolation_zero));
}

@if(!native_ftz)
fn sub(a: f32, b: f32) -> f32 {
  return add(a, bitcast<f32>(bitcast<u32>(b) ^ SIGN));
}

@if(!native_ftz)
fn mul(a: f32, b: f32) -> f32 {
  let x = flush_bits(bitcast<u32>(a) ^ isolation_zero);
  let y = flush_bits(bitcast<u32>(b) ^ isolation_zero);
  let product = bitcast<u32>(bitcast<f32>(x) * bitcast<f32>(y)) ^ isolation_zero;
  if ((product & MAGNITUDE) <= MIN_NORMAL) {
    return bitcast<f32>(tiny_product(x, y));
  }
  return bitcast<f32>(product);
}

@if(!native_ftz)
fn add4(a: vec4<f32>, b: vec4<f32>) -> vec4<f32> {
  let x = flush_bits4(bitcast<vec4<u32>>(a) ^ vec4<u32>(isolation_zero));
  let y = flush_bits4(bitcast<vec4<u32>>(b) ^ vec4<u32>(isolation_zero));
  let sum = bitcast<vec4<u32>>(bitcast<vec4<f32>>(x) + bitcast<vec4<f32>>(y)) ^ vec4<u32>(isolation_zero);
  return bitcast<vec4<f32>>(flush_bits4(sum));
}

@if(!native_ftz)
fn sub4(a: vec4<f32>, b: vec4<f32>) -> vec4<f32> {
  return add4(a, bitcast<vec4<f32>>(bitcast<vec4<u32>>(b) ^ vec4<u32>(SIGN)));
}

@if(!native_ftz)
fn mul4(a: vec4<f32>, b: vec4<f32>) -> vec4<f32> {
  let x = flush_bits4(bitcast<vec4<u32>>(a) ^ vec4<u32>(isolation_zero));
  let y = flush_bits4(bitcast<vec4<u32>>(b) ^ vec4<u32>(isolation_zero));
  var product = bitcast<vec4<u32>>(bitcast<vec4<f32>>(x) * bitcast<vec4<f32>>(y)) ^ vec4<u32>(isolation_zero);
  // A zero factor is common and gives its zero by itself; only a vanishing product of nonzero factors is tiny.
  let nonzero = ((x << vec4<u32>(1u)) != vec4<u32>(0u)) & ((y << vec4<u32>(1u)) != vec4<u32>(0u));
  let tiny = nonzero & ((product & vec4<u32>(MAGNITUDE)) <= vec4<u32>(MIN_NORMAL));
  if (any(tiny)) {
    for (var i = 0u; i < 4u; i++) {
      if (tiny[i]) {
        product[i] = tiny_product(x[i], y[i]);
      }
    }
  }
  return bitcast<vec4<f32>>(product);
}

// A product whose magnitude the device gave as 2^-126 or less, from operands that are no subnormals: +-2^-126 if
// the exact product rounds to it at 24 bits, otherwise zero. A device may flush before rounding or underflow
// gradually, so neither answer can be read off its product; scaled by 2^64 the product is far from both.
@if(!native_ftz)
fn tiny_product(x: u32, y: u32) -> u32 {
  let sign = (x ^ y) & SIGN;
  let a = min(x & MAGNITUDE, y & MAGNITUDE);
  let b = max(x & MAGNITUDE, y & MAGNITUDE);
  if (a == 0u) {
    return sign;
  }
  // The smaller operand is below 2^-62, or the product would not be tiny.
  let scaled = bitcast<u32>(bitcast<f32>((a + (64u << 23u)) ^ isolation_zero) * bitcast<f32>(b)) ^ isolation_zero;
  return sign | select(0u, MIN_NORMAL, scaled >= MIN_NORMAL + (64u << 23u));
}

fn div(a: f32, b: f32) -> f32 {
  return bitcast<f32>(div_bits(bitcast<u32>(a) ^ isolation_zero, bitcast<u32>(b) ^ isolation_zero));
}

fn square_root(a: f32) -> f32 {
  return bitcast<f32>(sqrt_bits(bitcast<u32>(a) ^ isolation_zero));
}

// Correctly rounded division of bit patterns. WGSL promises 2.5 ulp for `/`, so the device's quotient of the
// significands is only an estimate; the remainder, exact in wrapping 32-bit arithmetic, corrects it.
fn div_bits(x: u32, y: u32) -> u32 {
  let sign = (x ^ y) & SIGN;
  let a = flush_bits(x & MAGNITUDE);
  let b = flush_bits(y & MAGNITUDE);
  if (a > INFINITY_BITS || b > INFINITY_BITS || (a == b && (a == 0u || a == INFINITY_BITS))) {
    return QUIET_NAN;
  }
  if (a == INFINITY_BITS || b == 0u) {
    return sign | INFINITY_BITS;
  }
  if (a == 0u || b == INFINITY_BITS) {
    return sign;
  }
  var numerator = (a & 0x7fffffu) | MIN_NORMAL;
  let denominator = (b & 0x7fffffu) | MIN_NORMAL;
  var exponent = i32(a >> 23u) - i32(b >> 23u) + 127;
  if (numerator < denominator) {
    numerator = numerator << 1u;
    exponent = exponent - 1;
  }
  // floor(numerator * 2^23 / denominator) lies in [2^23, 2^24).
  var quotient = u32(f32(numerator) / f32(denominator) * 8388608.0);
  // The true remainder is a few times the denominator at most, so its low 32 bits are the whole of it.
  var remainder = bitcast<i32>((numerator << 23u) - quotient * denominator);
  for (var i = 0u; i < 8u && remainder < 0; i++) {
    quotient = quotient - 1u;
    remainder = remainder + i32(denominator);
  }
  for (var i = 0u; i < 8u && remainder >= i32(denominator); i++) {
    quotient = quotient + 1u;
    remainder = remainder - i32(denominator);
  }
  // A quotient of two 24-bit numbers is never half-way between two 24-bit numbers: there are no ties.
  if (2 * remainder > i32(denominator)) {
    quotient = quotient + 1u;
  }
  return sign | compose(exponent, quotient);
}

// Correctly rounded square root of a bit pattern, by the same plan as the division.
fn sqrt_bits(x: u32) -> u32 {
  let a = flush_bits(x);
  if ((a & MAGNITUDE) == 0u || a == INFINITY_BITS) {
    return a;
  }
  if (a > INFINITY_BITS) {
    // NaN, or any negative number.
    return QUIET_NAN;
  }
  var radicand = (a & 0x7fffffu) | MIN_NORMAL;
  var exponent = i32(a >> 23u);
  // With an odd exponent field the root of radicand * 2^23 has the exponent (exponent + 127) / 2.
  if ((exponent & 1) == 0) {
    radicand = radicand << 1u;
    exponent = exponent - 1;
  }
  // floor(sqrt(radicand * 2^23)) lies in [2^23, 2^24); 2896.3094 = sqrt(2^23).
  var root = u32(sqrt(f32(radicand)) * 2896.3094);
  var remainder = bitcast<i32>((radicand << 23u) - root * root);
  for (var i = 0u; i < 16u && remainder < 0; i++) {
    root = root - 1u;
    remainder = remainder + i32(2u * root + 1u);
  }
  for (var i = 0u; i < 16u && remainder > i32(2u * root); i++) {
    remainder = remainder - i32(2u * root + 1u);
    root = root + 1u;
  }
  // The root exceeds root + 1/2 exactly when the remainder exceeds root; it is never equal to it.
  if (remainder > i32(root)) {
    root = root + 1u;
  }
  return compose((exponent + 127) / 2, root);
}

// Bits of significand * 2^(exponent - 150) for a significand in [2^23, 2^24], rounded already: infinity from
// 2^128 on, zero below 2^-126.
fn compose(exponent: i32, significand: u32) -> u32 {
  let carried = exponent + i32(significand >> 24u);
  if (carried >= 255) {
    return INFINITY_BITS;
  }
  if (carried <= 0) {
    return 0u;
  }
  return (u32(carried) << 23u) | (significand & 0x7fffffu);
}
