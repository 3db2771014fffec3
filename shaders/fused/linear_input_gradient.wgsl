// The gradient of a fully connected layer's input and that of the activation before the layer in one dispatch:
// ops/linear.wgsl's `input_gradient` and ops/relu.wgsl's or ops/tanh.wgsl's. An activation looks at one element at a time, so
// each invocation treats those it has computed.

import package::engine::call::row_base;
import package::engine::control::control;
import package::engine::sites::{site_begin, site_round4, site_end};
import package::layout::View;
import package::numerics::exact::begin_exact;
import package::ops::block::{row_of, round_block};
import package::ops::linear::input_product;
import package::ops::relu::gated;
import package::ops::tanh::times_slope;
import package::ops::tile::{PARTS, tile_of, part_of, part_row, remaining};

struct Call {
  dy: View,
  weight: View,
  // What the activation gave, and its two gradients: all of the same shape.
  activated: View,
  dx: View,
  before: View,
  batch: u32,
  inputs: u32,
  outputs: u32,
  site: u32,
  // Of the activation; relu has none.
  activation_site: u32,
}

@group(0) @binding(0) var<uniform> call: Call;
// dy and weight are the operands of ops/operands.wgsl.
@group(0) @binding(7) var<storage, read> activated: array<vec4<f32>>;
@group(0) @binding(8) var<storage, read_write> dx: array<vec4<f32>>;
@group(0) @binding(9) var<storage, read_write> before: array<vec4<f32>>;

@compute @workgroup_size(64)
fn relu(@builtin(global_invocation_id) id: vec3<u32>) {
  let tile = tile_of(id.x, call.batch, call.inputs);
  if (!tile.exists) {
    return;
  }
  begin_exact(control.zero);
  let sizes = vec3<u32>(call.batch, call.inputs, call.outputs);
  let sums = input_product(call.dy, call.weight, sizes, tile, id.z, call.site);
  let columns = remaining(tile.column * 4u, call.inputs);
  let stride = call.dx.row_stride;
  site_begin(call.site, id.z);
  for (var part = 0u; part < PARTS; part++) {
    let row = part_row(tile, part);
    let rows = remaining(row, call.batch);
    let rounded = round_block(part_of(sums, tile, part), rows, columns, row * stride + tile.column * 4u, stride);
    let dx_at = row_base(call.dx, id.z, row) + tile.column;
    let activated_at = row_base(call.activated, id.z, row) + tile.column;
    let before_at = row_base(call.before, id.z, row) + tile.column;
    for (var i = 0u; i < select(0u, rows, columns > 0u); i++) {
      let value = row_of(rounded, i);
      let down = i * (stride / 4u);
      dx[dx_at + down] = value;
      before[before_at + down] = gated(value, activated[activated_at + down]);
    }
  }
  site_end(false);
}

// The activation has a site of its own, so it begins when that of the layer has ended, and reads what has been written.
@compute @workgroup_size(64)
fn tanh_rounded(@builtin(global_invocation_id) id: vec3<u32>) {
  let tile = tile_of(id.x, call.batch, call.inputs);
  if (!tile.exists) {
    return;
  }
  begin_exact(control.zero);
  let sizes = vec3<u32>(call.batch, call.inputs, call.outputs);
  let sums = input_product(call.dy, call.weight, sizes, tile, id.z, call.site);
  let columns = remaining(tile.column * 4u, call.inputs);
  let stride = call.dx.row_stride;
  site_begin(call.site, id.z);
  for (var part = 0u; part < PARTS; part++) {
    let row = part_row(tile, part);
    let rows = remaining(row, call.batch);
    let rounded = round_block(part_of(sums, tile, part), rows, columns, row * stride + tile.column * 4u, stride);
    let dx_at = row_base(call.dx, id.z, row) + tile.column;
    for (var i = 0u; i < select(0u, rows, columns > 0u); i++) {
      dx[dx_at + i * (stride / 4u)] = row_of(rounded, i);
    }
  }
  site_end(false);
  site_begin(call.activation_site, id.z);
  for (var part = 0u; part < PARTS; part++) {
    let row = part_row(tile, part);
    let dx_at = row_base(call.dx, id.z, row) + tile.column;
    let activated_at = row_base(call.activated, id.z, row) + tile.column;
    let before_at = row_base(call.before, id.z, row) + tile.column;
    for (var i = 0u; i < select(0u, remaining(row, call.batch), columns > 0u); i++) {
      let down = i * (stride / 4u);
      let value = times_slope(dx[dx_at + down], activated[activated_at + down]);
      before[before_at + down] = site_round4(value, columns, (row + i) * stride + tile.column * 4u);
    }
  }
  site_end(false);
}
