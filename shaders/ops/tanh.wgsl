// Hyperbolic tangent; src/ops/tanh.ts is the reference.

import package::engine::call::lane_base;
import package::engine::control::control;
import package::engine::sites::{site_begin, site_round4, site_end};
import package::layout::View;
import package::numerics::elementary::tanh_f32;
import package::numerics::exact::{begin_exact, mul4, sub4};
import package::ops::elementwise::{vectors_of, invocations_of, valid_of};

struct ForwardCall {
  x: View,
  y: View,
  rows: u32,
  columns: u32,
  site: u32,
}

struct GradientCall {
  dy: View,
  y: View,
  dx: View,
  rows: u32,
  columns: u32,
  site: u32,
}

@group(0) @binding(0) var<uniform> forward_call: ForwardCall;
@group(0) @binding(0) var<uniform> gradient_call: GradientCall;
@group(0) @binding(5) var<storage, read> x: array<vec4<f32>>;
@group(0) @binding(6) var<storage, read_write> y: array<vec4<f32>>;
@group(0) @binding(5) var<storage, read> dy: array<vec4<f32>>;
@group(0) @binding(6) var<storage, read> y_before: array<vec4<f32>>;
@group(0) @binding(7) var<storage, read_write> dx: array<vec4<f32>>;

fn tanh4(v: vec4<f32>) -> vec4<f32> {
  return vec4<f32>(tanh_f32(v.x), tanh_f32(v.y), tanh_f32(v.z), tanh_f32(v.w));
}

// dy · (1 - y·y)
fn times_slope(dy: vec4<f32>, y: vec4<f32>) -> vec4<f32> {
  return mul4(dy, sub4(vec4<f32>(1.0), mul4(y, y)));
}

@compute @workgroup_size(64)
fn forward(@builtin(global_invocation_id) id: vec3<u32>) {
  let vectors = vectors_of(forward_call.rows, forward_call.columns);
  let stride = invocations_of(vectors);
  if (id.x >= stride) {
    return;
  }
  begin_exact(control.zero);
  let x_at = lane_base(forward_call.x, id.z);
  let y_at = lane_base(forward_call.y, id.z);
  site_begin(forward_call.site, id.z);
  for (var i = id.x; i < vectors; i += stride) {
    y[y_at + i] = site_round4(tanh4(x[x_at + i]), valid_of(i, forward_call.columns), i * 4u);
  }
  site_end(false);
}

// dx = round(dy · (1 - y·y))
@compute @workgroup_size(64)
fn input_gradient(@builtin(global_invocation_id) id: vec3<u32>) {
  let vectors = vectors_of(gradient_call.rows, gradient_call.columns);
  let stride = invocations_of(vectors);
  if (id.x >= stride) {
    return;
  }
  begin_exact(control.zero);
  let dy_at = lane_base(gradient_call.dy, id.z);
  let y_at = lane_base(gradient_call.y, id.z);
  let dx_at = lane_base(gradient_call.dx, id.z);
  site_begin(gradient_call.site, id.z);
  for (var i = id.x; i < vectors; i += stride) {
    let value = times_slope(dy[dy_at + i], y_before[y_at + i]);
    dx[dx_at + i] = site_round4(value, valid_of(i, gradient_call.columns), i * 4u);
  }
  site_end(false);
}
