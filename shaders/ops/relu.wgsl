// Rectified linear unit; src/ops/relu.ts is the reference. Values are bit patterns, because float comparisons with
// NaN are not to be relied on.

import package::engine::call::lane_base;
import package::layout::View;
import package::ops::elementwise::{vectors_of, invocations_of};

struct ForwardCall {
  x: View,
  y: View,
  rows: u32,
  columns: u32,
}

struct GradientCall {
  dy: View,
  y: View,
  dx: View,
  rows: u32,
  columns: u32,
}

@group(0) @binding(0) var<uniform> forward_call: ForwardCall;
@group(0) @binding(0) var<uniform> gradient_call: GradientCall;
@group(0) @binding(5) var<storage, read> x: array<vec4<u32>>;
@group(0) @binding(6) var<storage, read_write> y: array<vec4<u32>>;
@group(0) @binding(5) var<storage, read> dy: array<vec4<u32>>;
@group(0) @binding(6) var<storage, read> y_before: array<vec4<u32>>;
@group(0) @binding(7) var<storage, read_write> dx: array<vec4<u32>>;

const INFINITY_BITS: u32 = 0x7f800000u;
const MAGNITUDE: u32 = 0x7fffffffu;

// Greater than zero, or NaN of either sign.
fn passes(u: vec4<u32>) -> vec4<bool> {
  let positive = (u - vec4<u32>(1u)) < vec4<u32>(INFINITY_BITS);
  return positive | ((u & vec4<u32>(MAGNITUDE)) > vec4<u32>(INFINITY_BITS));
}

// `value` where `gate` passes, else +0: both directions, for kernels that have floats.
fn gated(value: vec4<f32>, gate: vec4<f32>) -> vec4<f32> {
  return bitcast<vec4<f32>>(select(vec4<u32>(0u), bitcast<vec4<u32>>(value), passes(bitcast<vec4<u32>>(gate))));
}

@compute @workgroup_size(64)
fn forward(@builtin(global_invocation_id) id: vec3<u32>) {
  let vectors = vectors_of(forward_call.rows, forward_call.columns);
  let stride = invocations_of(vectors);
  if (id.x >= stride) {
    return;
  }
  let x_at = lane_base(forward_call.x, id.z);
  let y_at = lane_base(forward_call.y, id.z);
  for (var i = id.x; i < vectors; i += stride) {
    let value = x[x_at + i];
    y[y_at + i] = select(vec4<u32>(0u), value, passes(value));
  }
}

@compute @workgroup_size(64)
fn input_gradient(@builtin(global_invocation_id) id: vec3<u32>) {
  let vectors = vectors_of(gradient_call.rows, gradient_call.columns);
  let stride = invocations_of(vectors);
  if (id.x >= stride) {
    return;
  }
  let dy_at = lane_base(gradient_call.dy, id.z);
  let y_at = lane_base(gradient_call.y, id.z);
  let dx_at = lane_base(gradient_call.dx, id.z);
  for (var i = id.x; i < vectors; i += stride) {
    dx[dx_at + i] = select(vec4<u32>(0u), dy[dy_at + i], passes(y_before[y_at + i]));
  }
}
