// Integer operations that WGSL lacks.

// The upper 32 bits of the 64-bit product.
fn multiply_high(a: u32, b: u32) -> u32 {
  let a_low = a & 0xffffu;
  let a_high = a >> 16u;
  let b_low = b & 0xffffu;
  let b_high = b >> 16u;
  let carried = a_high * b_low + ((a_low * b_low) >> 16u);
  let middle = a_low * b_high + (carried & 0xffffu);
  return a_high * b_high + (carried >> 16u) + (middle >> 16u);
}

// The 128 bits of a product, upper word first; so are the words of its factors.
fn multiply64(a: vec2<u32>, b: vec2<u32>) -> vec4<u32> {
  let low = a.y * b.y;
  let left = a.x * b.y;
  let right = a.y * b.x;
  let high = a.x * b.x;
  let low_carry = multiply_high(a.y, b.y);
  let left_sum = left + low_carry;
  let middle = left_sum + right;
  // None of these sums needs more than 64 bits: (2^32 - 1)^2 + 2 (2^32 - 1) < 2^64.
  let left_carry = multiply_high(a.x, b.y) + select(0u, 1u, left_sum < low_carry);
  let right_carry = multiply_high(a.y, b.x) + select(0u, 1u, middle < right);
  let first_sum = high + left_carry;
  let third = first_sum + right_carry;
  let carries = select(0u, 1u, first_sum < high) + select(0u, 1u, third < first_sum);
  return vec4<u32>(multiply_high(a.x, b.x) + carries, third, middle, low);
}
