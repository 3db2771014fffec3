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
