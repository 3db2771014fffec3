// Blocks of 4x4 sums that an invocation keeps in registers: the heart of every matrix product and convolution
// (ops/tile.wgsl). Each step adds one outer product; every sum gets its terms one after the other, each product and
// each sum rounded.

import package::engine::sites::site_round4;
import package::numerics::exact::{add4, mul4, isolate, MAGNITUDE};

// 4x4 numbers, one vec4 per row.
struct Block {
  row0: vec4<f32>,
  row1: vec4<f32>,
  row2: vec4<f32>,
  row3: vec4<f32>,
}

fn add_ordinary(sum: Block, a: vec4<f32>, b: vec4<f32>) -> Block {
  return Block(
    add_products(sum.row0, a.x, b),
    add_products(sum.row1, a.y, b),
    add_products(sum.row2, a.z, b),
    add_products(sum.row3, a.w, b),
  );
}

// sum + a · b. One component after the other: a software adapter computes component by component anyway, and has fewer
// values to keep than with four products followed by four sums. It is a fifth faster there.
fn add_products(sum: vec4<f32>, a: f32, b: vec4<f32>) -> vec4<f32> {
  return vec4<f32>(
    isolate(sum.x + isolate(a * b.x)),
    isolate(sum.y + isolate(a * b.y)),
    isolate(sum.z + isolate(a * b.z)),
    isolate(sum.w + isolate(a * b.w)),
  );
}

@if(!native_ftz)
fn add_carefully(sum: Block, a: vec4<f32>, b: vec4<f32>) -> Block {
  var rows = array<vec4<f32>, 4>(sum.row0, sum.row1, sum.row2, sum.row3);
  for (var i = 0u; i < 4u; i++) {
    rows[i] = add4(rows[i], mul4(vec4<f32>(a[i]), b));
  }
  return Block(rows[0], rows[1], rows[2], rows[3]);
}

// Whether a product may be below 2^-100 without being zero, or a factor is subnormal, from the smallest factors.
@if(!native_ftz)
fn may_vanish(a: u32, b: u32) -> bool {
  let exponent_a = a >> 23u;
  let exponent_b = b >> 23u;
  return min(exponent_a, exponent_b) == 0u || exponent_a + exponent_b < 154u;
}

// Magnitude of the smallest element that is not zero, as bits, minus 1. Zeros wrap around to the largest number.
@if(!native_ftz)
fn smallest(v: vec4<f32>) -> u32 {
  let m = (bitcast<vec4<u32>>(v) & vec4<u32>(MAGNITUDE)) - vec4<u32>(1u);
  return min(min(m.x, m.y), min(m.z, m.w));
}

@if(!native_ftz)
fn smallest_of(b: Block) -> u32 {
  return min(min(smallest(b.row0), smallest(b.row1)), min(smallest(b.row2), smallest(b.row3)));
}

fn transposed(b: Block) -> Block {
  return Block(
    vec4<f32>(b.row0.x, b.row1.x, b.row2.x, b.row3.x),
    vec4<f32>(b.row0.y, b.row1.y, b.row2.y, b.row3.y),
    vec4<f32>(b.row0.z, b.row1.z, b.row2.z, b.row3.z),
    vec4<f32>(b.row0.w, b.row1.w, b.row2.w, b.row3.w),
  );
}

// The same four numbers added to each row.
fn add_to_rows(b: Block, v: vec4<f32>) -> Block {
  return Block(add4(b.row0, v), add4(b.row1, v), add4(b.row2, v), add4(b.row3, v));
}

// Row `i` of a block, where i is not known before.
fn row_of(b: Block, i: u32) -> vec4<f32> {
  return select(select(b.row2, b.row3, i == 3u), select(b.row0, b.row1, i == 1u), i < 2u);
}

// Rounds the first `rows` rows and `columns` columns of a block at the site begun. The others become +0. The block's
// first element has this index in its tensor, those below it are `stride` apart.
@if(!general_rounding)
fn round_block(b: Block, rows: u32, columns: u32, index: u32, stride: u32) -> Block {
  return Block(
    site_round4(b.row0, select(0u, columns, rows > 0u), index),
    site_round4(b.row1, select(0u, columns, rows > 1u), index + stride),
    site_round4(b.row2, select(0u, columns, rows > 2u), index + 2u * stride),
    site_round4(b.row3, select(0u, columns, rows > 3u), index + 3u * stride),
  );
}

// In a loop, because a software adapter inlines every call, and this one is long.
@if(general_rounding)
fn round_block(b: Block, rows: u32, columns: u32, index: u32, stride: u32) -> Block {
  var at = array<vec4<f32>, 4>(b.row0, b.row1, b.row2, b.row3);
  for (var i = 0u; i < 4u; i++) {
    at[i] = site_round4(at[i], select(0u, columns, i < rows), index + i * stride);
  }
  return Block(at[0], at[1], at[2], at[3]);
}
