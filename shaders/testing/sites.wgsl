// Does nothing but write values at a cast site, so that tests can hold engine/sites.wgsl to its reference. One
// invocation per row: `vectors` takes a row four values at a time, `scalars` one at a time.

import package::engine::call::row_base;
import package::engine::sites::{site_begin, site_round, site_round4, site_end};
import package::layout::View;

struct Call {
  x: View,
  y: View,
  rows: u32,
  site: u32,
  parameter_gradient: u32,
}

@group(0) @binding(0) var<uniform> call: Call;
@group(0) @binding(5) var<storage, read> x: array<vec4<f32>>;
@group(0) @binding(6) var<storage, read_write> y: array<vec4<f32>>;

@compute @workgroup_size(64)
fn vectors(@builtin(global_invocation_id) id: vec3<u32>) {
  let row = id.x;
  let lane = id.z;
  if (row >= call.rows) {
    return;
  }
  site_begin(call.site, lane);
  for (var column = 0u; column < call.x.columns; column += 4u) {
    let value = x[row_base(call.x, lane, row) + column / 4u];
    let index = row * call.y.row_stride + column;
    y[row_base(call.y, lane, row) + column / 4u] = site_round4(value, min(call.x.columns - column, 4u), index);
  }
  site_end(call.parameter_gradient != 0u);
}

@compute @workgroup_size(64)
fn scalars(@builtin(global_invocation_id) id: vec3<u32>) {
  let row = id.x;
  let lane = id.z;
  if (row >= call.rows) {
    return;
  }
  site_begin(call.site, lane);
  for (var column = 0u; column < call.x.columns; column++) {
    let value = x[row_base(call.x, lane, row) + column / 4u][column % 4u];
    y[row_base(call.y, lane, row) + column / 4u][column % 4u] = site_round(value, row * call.y.row_stride + column);
  }
  site_end(call.parameter_gradient != 0u);
}
