// Sum of two tensors of one shape; src/ops/add.ts is the reference.

import package::engine::call::lane_base;
import package::engine::control::control;
import package::engine::sites::{site_begin, site_round4, site_end};
import package::layout::View;
import package::numerics::exact::{begin_exact, add4};
import package::ops::elementwise::{vectors_of, invocations_of, valid_of};

struct Call {
  a: View,
  b: View,
  y: View,
  rows: u32,
  columns: u32,
  site: u32,
  is_parameter_gradient: u32,
}

struct InPlaceCall {
  x: View,
  sum: View,
  rows: u32,
  columns: u32,
  site: u32,
  is_parameter_gradient: u32,
}

@group(0) @binding(0) var<uniform> call: Call;
@group(0) @binding(0) var<uniform> in_place_call: InPlaceCall;
@group(0) @binding(5) var<storage, read> a: array<vec4<f32>>;
@group(0) @binding(6) var<storage, read> b: array<vec4<f32>>;
@group(0) @binding(7) var<storage, read_write> y: array<vec4<f32>>;
@group(0) @binding(5) var<storage, read> x: array<vec4<f32>>;
@group(0) @binding(6) var<storage, read_write> sum: array<vec4<f32>>;

@compute @workgroup_size(64)
fn add_elements(@builtin(global_invocation_id) id: vec3<u32>) {
  let vectors = vectors_of(call.rows, call.columns);
  let stride = invocations_of(vectors);
  if (id.x >= stride) {
    return;
  }
  begin_exact(control.zero);
  let a_at = lane_base(call.a, id.z);
  let b_at = lane_base(call.b, id.z);
  let y_at = lane_base(call.y, id.z);
  site_begin(call.site, id.z);
  for (var i = id.x; i < vectors; i += stride) {
    y[y_at + i] = site_round4(add4(a[a_at + i], b[b_at + i]), valid_of(i, call.columns), i * 4u);
  }
  site_end(call.is_parameter_gradient == 1u);
}

@compute @workgroup_size(64)
fn add_in_place(@builtin(global_invocation_id) id: vec3<u32>) {
  let vectors = vectors_of(in_place_call.rows, in_place_call.columns);
  let stride = invocations_of(vectors);
  if (id.x >= stride) {
    return;
  }
  begin_exact(control.zero);
  let x_at = lane_base(in_place_call.x, id.z);
  let sum_at = lane_base(in_place_call.sum, id.z);
  site_begin(in_place_call.site, id.z);
  for (var i = id.x; i < vectors; i += stride) {
    let value = add4(sum[sum_at + i], x[x_at + i]);
    sum[sum_at + i] = site_round4(value, valid_of(i, in_place_call.columns), i * 4u);
  }
  site_end(in_place_call.is_parameter_gradient == 1u);
}
