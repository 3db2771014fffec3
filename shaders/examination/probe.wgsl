// The numerics probe: runs the cases of src/examination/probe.ts through the same functions as the training kernels,
// so that what the device really does with floats is known before the first step. It is run once with native_ftz
// and once without. Values travel in f32 buffers, as tensors do.

import package::layout::Format;
import package::numerics::exact::{begin_exact, add, sub, mul, div, square_root, add4, mul4};
import package::numerics::elementary::{exp_f32, log_f32, tanh_f32};
import package::numerics::round::round_bits;

struct Parameters {
  // What the rounding cases round to.
  format: Format,
  zero: u32,
  count: u32,
}

struct Case {
  a: f32,
  b: f32,
  c: f32,
  operation: u32,
}

@group(0) @binding(0) var<uniform> parameters: Parameters;
@group(0) @binding(1) var<storage, read> cases: array<Case>;
@group(0) @binding(2) var<storage, read_write> results: array<f32>;

// Indices into PROBE_OPERATIONS.
const ADD: u32 = 0u;
const MULTIPLY: u32 = 1u;
const TWO_SUM: u32 = 2u;
const MULTIPLY_ADD: u32 = 3u;
const DIVIDE: u32 = 4u;
const SQUARE_ROOT: u32 = 5u;
const EXP: u32 = 6u;
const LOG: u32 = 7u;
const TANH: u32 = 8u;

// The rounding error of a + b (Knuth). A compiler that may reassociate makes it zero.
fn two_sum(a: f32, b: f32) -> f32 {
  let sum = add(a, b);
  let b_seen = sub(sum, a);
  return add(sub(a, sub(sum, b_seen)), sub(b, b_seen));
}

// a * b + c with two roundings, in vectors as the matrix products do it.
fn multiply_add(a: f32, b: f32, c: f32) -> f32 {
  return add4(mul4(vec4<f32>(a, 1.0, b, a), vec4<f32>(b, 1.0, a, b)), vec4<f32>(0.0, 1.0, 2.0, c)).w;
}

fn evaluate(operation: u32, a: f32, b: f32, c: f32) -> f32 {
  switch (operation) {
    case ADD: {
      return add(a, b);
    }
    case MULTIPLY: {
      return mul(a, b);
    }
    case TWO_SUM: {
      return two_sum(a, b);
    }
    case MULTIPLY_ADD: {
      return multiply_add(a, b, c);
    }
    case DIVIDE: {
      return div(a, b);
    }
    case SQUARE_ROOT: {
      return square_root(a);
    }
    case EXP: {
      return exp_f32(a);
    }
    case LOG: {
      return log_f32(a);
    }
    case TANH: {
      return tanh_f32(a);
    }
    default: {
      return bitcast<f32>(round_bits(bitcast<u32>(a), parameters.format, 0u));
    }
  }
}

@compute @workgroup_size(64)
fn probe(@builtin(global_invocation_id) id: vec3<u32>) {
  if (id.x >= parameters.count) {
    return;
  }
  begin_exact(parameters.zero);
  let one = cases[id.x];
  results[id.x] = evaluate(one.operation, one.a, one.b, one.c);
}
