// A fully connected layer and the activation after it in one dispatch: ops/linear.wgsl's `forward` and ops/relu.wgsl's or
// ops/tanh.wgsl's. An activation looks at one element at a time, so each invocation treats those it has computed.

import package::engine::call::row_base;
import package::engine::control::control;
import package::engine::sites::{site_begin, site_round4, site_end};
import package::layout::View;
import package::numerics::exact::begin_exact;
import package::ops::block::{add_to_rows, row_of, round_block};
import package::ops::linear::product;
import package::ops::relu::gated;
import package::ops::tanh::tanh4;
import package::ops::tile::{PARTS, tile_of, part_of, part_row, remaining};

struct Call {
  x: View,
  weight: View,
  bias: View,
  y: View,
  // What the activation gives; of the same shape as y.
  activated: View,
  batch: u32,
  inputs: u32,
  outputs: u32,
  site: u32,
  // Of the activation; relu has none.
  activation_site: u32,
}

@group(0) @binding(0) var<uniform> call: Call;
// x and weight are the operands of ops/operands.wgsl.
@group(0) @binding(7) var<storage, read> bias: array<vec4<f32>>;
@group(0) @binding(8) var<storage, read_write> y: array<vec4<f32>>;
@group(0) @binding(9) var<storage, read_write> activated: array<vec4<f32>>;

@compute @workgroup_size(64)
fn relu(@builtin(global_invocation_id) id: vec3<u32>) {
  let tile = tile_of(id.x, call.batch, call.outputs);
  if (!tile.exists) {
    return;
  }
  begin_exact(control.zero);
  let sizes = vec3<u32>(call.batch, call.inputs, call.outputs);
  let sums = product(call.x, call.weight, sizes, tile, id.z, call.site);
  let b = bias[row_base(call.bias, id.z, 0u) + tile.column];
  let columns = remaining(tile.column * 4u, call.outputs);
  let stride = call.y.row_stride;
  site_begin(call.site, id.z);
  for (var part = 0u; part < PARTS; part++) {
    let row = part_row(tile, part);
    let rows = remaining(row, call.batch);
    let biased = add_to_rows(part_of(sums, tile, part), b);
    let rounded = round_block(biased, rows, columns, row * stride + tile.column * 4u, stride);
    let at = row_base(call.y, id.z, row) + tile.column;
    let activated_at = row_base(call.activated, id.z, row) + tile.column;
    for (var i = 0u; i < select(0u, rows, columns > 0u); i++) {
      let value = row_of(rounded, i);
      y[at + i * (stride / 4u)] = value;
      activated[activated_at + i * (stride / 4u)] = gated(value, value);
    }
  }
  site_end(false);
}

// The activation has a site of its own, so it begins when that of the layer has ended, and reads what has been written.
@compute @workgroup_size(64)
fn tanh_rounded(@builtin(global_invocation_id) id: vec3<u32>) {
  let tile = tile_of(id.x, call.batch, call.outputs);
  if (!tile.exists) {
    return;
  }
  begin_exact(control.zero);
  let sizes = vec3<u32>(call.batch, call.inputs, call.outputs);
  let sums = product(call.x, call.weight, sizes, tile, id.z, call.site);
  let b = bias[row_base(call.bias, id.z, 0u) + tile.column];
  let columns = remaining(tile.column * 4u, call.outputs);
  let stride = call.y.row_stride;
  site_begin(call.site, id.z);
  for (var part = 0u; part < PARTS; part++) {
    let row = part_row(tile, part);
    let rows = remaining(row, call.batch);
    let biased = add_to_rows(part_of(sums, tile, part), b);
    let rounded = round_block(biased, rows, columns, row * stride + tile.column * 4u, stride);
    let at = row_base(call.y, id.z, row) + tile.column;
    for (var i = 0u; i < select(0u, rows, columns > 0u); i++) {
      y[at + i * (stride / 4u)] = row_of(rounded, i);
    }
  }
  site_end(false);
  site_begin(call.activation_site, id.z);
  for (var part = 0u; part < PARTS; part++) {
    let row = part_row(tile, part);
    let at = row_base(call.y, id.z, row) + tile.column;
    let activated_at = row_base(call.activated, id.z, row) + tile.column;
    for (var i = 0u; i < select(0u, remaining(row, call.batch), columns > 0u); i++) {
      let value = tanh4(y[at + i * (stride / 4u)]);
      let index = (row + i) * stride + tile.column * 4u;
      activated[activated_at + i * (stride / 4u)] = site_round4(value, columns, index);
    }
  }
  site_end(false);
}
