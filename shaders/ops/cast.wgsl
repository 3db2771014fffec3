// Rounds every element at a cast site; src/ops/cast.ts is the reference.

import package::engine::call::lane_base;
import package::engine::sites::{site_begin, site_round4, site_end};
import package::layout::View;
import package::ops::elementwise::{vectors_of, invocations_of, valid_of};

struct Call {
  x: View,
  y: View,
  rows: u32,
  columns: u32,
  site: u32,
}

@group(0) @binding(0) var<uniform> call: Call;
@group(0) @binding(5) var<storage, read> x: array<vec4<f32>>;
@group(0) @binding(6) var<storage, read_write> y: array<vec4<f32>>;

@compute @workgroup_size(64)
fn cast_elements(@builtin(global_invocation_id) id: vec3<u32>) {
  let vectors = vectors_of(call.rows, call.columns);
  let stride = invocations_of(vectors);
  if (id.x >= stride) {
    return;
  }
  let lane = id.z;
  let x_at = lane_base(call.x, lane);
  let y_at = lane_base(call.y, lane);
  site_begin(call.site, lane);
  for (var i = id.x; i < vectors; i += stride) {
    y[y_at + i] = site_round4(x[x_at + i], valid_of(i, call.columns), i * 4u);
  }
  site_end(false);
}
