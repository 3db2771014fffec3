// Mean squared error; src/ops/mean-squared-error.ts is the reference.

import package::engine::call::{lane_base, row_base};
import package::engine::control::control;
import package::engine::lanes::lanes;
import package::engine::sites::{site_begin, site_round4, site_end};
import package::layout::View;
import package::numerics::exact::{begin_exact, add, mul, mul4, sub4};
import package::ops::elementwise::{vectors_of, invocations_of, valid_of};

struct ForwardCall {
  x: View,
  target_values: View,
  stats: View,
  rows: u32,
  columns: u32,
}

struct GradientCall {
  x: View,
  target_values: View,
  dx: View,
  rows: u32,
  columns: u32,
  site: u32,
  // f32(2/n), where n is the number of elements.
  norm: f32,
}

struct SeededCall {
  x: View,
  target_values: View,
  seed: View,
  dx: View,
  rows: u32,
  columns: u32,
  site: u32,
  norm: f32,
}

@group(0) @binding(0) var<uniform> seeded_call: SeededCall;
@group(0) @binding(0) var<uniform> forward_call: ForwardCall;
@group(0) @binding(0) var<uniform> gradient_call: GradientCall;
@group(0) @binding(5) var<storage, read> x: array<vec4<f32>>;
@group(0) @binding(6) var<storage, read> target_values: array<vec4<f32>>;
@group(0) @binding(7) var<storage, read_write> stats: array<vec4<f32>>;
@group(0) @binding(7) var<storage, read_write> dx: array<vec4<f32>>;
@group(0) @binding(7) var<storage, read> seed: array<vec4<f32>>;
@group(0) @binding(8) var<storage, read_write> seeded_dx: array<vec4<f32>>;

@compute @workgroup_size(64)
fn forward(@builtin(global_invocation_id) id: vec3<u32>) {
  if (id.x >= forward_call.rows) {
    return;
  }
  begin_exact(control.zero);
  let x_at = row_base(forward_call.x, id.z, id.x);
  let target_at = row_base(forward_call.target_values, id.z, id.x);
  stats[row_base(forward_call.stats, id.z, id.x)] = stats_of(x_at, target_at, forward_call.columns);
}

// What `stats` holds of a row, from its first vec4s.
fn stats_of(x_at: u32, target_at: u32, columns: u32) -> vec4<f32> {
  var sum = 0.0;
  // Pads are equal zeros, so what they add is +0, and a sum of squares is never -0.
  for (var i = 0u; i < (columns + 3u) / 4u; i++) {
    let difference = sub4(x[x_at + i], target_values[target_at + i]);
    let square = mul4(difference, difference);
    sum = add(add(add(add(sum, square.x), square.y), square.z), square.w);
  }
  return vec4<f32>(sum, 0.0, 0.0, 0.0);
}

// Four elements of dx before rounding.
fn gradient_of(value: vec4<f32>, wanted: vec4<f32>, norm: f32, seed: f32) -> vec4<f32> {
  return mul4(mul4(vec4<f32>(norm), sub4(value, wanted)), vec4<f32>(seed));
}

// dx = round((2/n · (x - t)) · seed)
@compute @workgroup_size(64)
fn gradient(@builtin(global_invocation_id) id: vec3<u32>) {
  let vectors = vectors_of(gradient_call.rows, gradient_call.columns);
  let stride = invocations_of(vectors);
  if (id.x >= stride) {
    return;
  }
  begin_exact(control.zero);
  let seed = mul(lanes[id.z].multiplier, lanes[id.z].scale);
  let x_at = lane_base(gradient_call.x, id.z);
  let target_at = lane_base(gradient_call.target_values, id.z);
  let dx_at = lane_base(gradient_call.dx, id.z);
  site_begin(gradient_call.site, id.z);
  for (var i = id.x; i < vectors; i += stride) {
    let value = gradient_of(x[x_at + i], target_values[target_at + i], gradient_call.norm, seed);
    dx[dx_at + i] = site_round4(value, valid_of(i, gradient_call.columns), i * 4u);
  }
  site_end(false);
}

// The same where the gradient of the loss is a tensor (src/ops/rounded-loss.ts).
@compute @workgroup_size(64)
fn seeded_gradient(@builtin(global_invocation_id) id: vec3<u32>) {
  let vectors = vectors_of(seeded_call.rows, seeded_call.columns);
  let stride = invocations_of(vectors);
  if (id.x >= stride) {
    return;
  }
  begin_exact(control.zero);
  let of_loss = seed[lane_base(seeded_call.seed, id.z)].x;
  let x_at = lane_base(seeded_call.x, id.z);
  let target_at = lane_base(seeded_call.target_values, id.z);
  let dx_at = lane_base(seeded_call.dx, id.z);
  site_begin(seeded_call.site, id.z);
  for (var i = id.x; i < vectors; i += stride) {
    let value = gradient_of(x[x_at + i], target_values[target_at + i], seeded_call.norm, of_loss);
    seeded_dx[dx_at + i] = site_round4(value, valid_of(i, seeded_call.columns), i * 4u);
  }
  site_end(false);
}
