// Fully connected layer; src/ops/linear.ts is the reference. The three products differ in what they load: each
// invocation keeps its tile of sums in registers (ops/tile.wgsl) and adds one outer product per step of the summed
// index, in ascending order. Rows past the end repeat the last row, columns past the end are whatever lies there;
// neither is stored.

import package::engine::call::{lane_base, row_base};
import package::engine::control::control;
import package::engine::sites::{site_begin, site_round4, site_end};
import package::layout::View;
import package::numerics::exact::{begin_exact, add4};
import package::ops::accumulated::{Walk, accumulate_block};
import package::ops::block::{add_to_rows, transposed, row_of, round_block};
import package::ops::operands::left;
import package::ops::tile::{
  PARTS, STEPS, Sums, Tile, tile_of, tile_count, part_of, part_row, remaining, row_bases, load_left, columns_at,
  columns_along, columns_down, term_of, add_four, add_outer, sums_of, tile_of_row, sums_of_row
};

struct ForwardCall {
  x: View,
  weight: View,
  bias: View,
  y: View,
  batch: u32,
  inputs: u32,
  outputs: u32,
  site: u32,
}

struct UnbiasedCall {
  x: View,
  weight: View,
  y: View,
  batch: u32,
  inputs: u32,
  outputs: u32,
  site: u32,
}

struct InputGradientCall {
  dy: View,
  weight: View,
  dx: View,
  batch: u32,
  inputs: u32,
  outputs: u32,
  site: u32,
}

struct ParameterGradientCall {
  dy: View,
  x: View,
  weight_gradient: View,
  bias_gradient: View,
  batch: u32,
  inputs: u32,
  outputs: u32,
  weight_site: u32,
  bias_site: u32,
}

struct WeightGradientCall {
  dy: View,
  x: View,
  weight_gradient: View,
  batch: u32,
  inputs: u32,
  outputs: u32,
  weight_site: u32,
}

struct BiasGradientCall {
  dy: View,
  bias_gradient: View,
  batch: u32,
  outputs: u32,
  bias_site: u32,
}

@group(0) @binding(0) var<uniform> bias_call: BiasGradientCall;
@group(0) @binding(6) var<storage, read_write> bias_result: array<vec4<f32>>;
@group(0) @binding(0) var<uniform> forward_call: ForwardCall;
@group(0) @binding(0) var<uniform> unbiased_call: UnbiasedCall;
@group(0) @binding(0) var<uniform> input_call: InputGradientCall;
@group(0) @binding(0) var<uniform> parameter_call: ParameterGradientCall;
@group(0) @binding(0) var<uniform> weight_call: WeightGradientCall;

// The first two operands are x and weight, dy and weight, or dy and x.
@group(0) @binding(7) var<storage, read> bias: array<vec4<f32>>;
@group(0) @binding(8) var<storage, read_write> y: array<vec4<f32>>;
// y without bias, dx, or the arena that holds the parameter gradients.
@group(0) @binding(7) var<storage, read_write> result: array<vec4<f32>>;

// Rows of x times rows of the weight. The last argument of this and the other products is the site at which they are
// written, which tells how they are added up.
@if(general_accumulation)
fn product(x: View, weight: View, sizes: vec3<u32>, tile: Tile, lane: u32, site: u32) -> Sums {
  let a = Walk(row_bases(x, lane, tile.row, sizes.x) * 4u, 1u, 0u);
  let b = Walk(row_bases(weight, lane, tile.column * 4u, sizes.z) * 4u, 1u, 0u);
  return sums_of(accumulate_block(a, b, 1u, sizes.y, site, lane));
}

@if(!general_accumulation)
fn product(x: View, weight: View, sizes: vec3<u32>, tile: Tile, lane: u32, site: u32) -> Sums {
  let x_at = row_bases(x, lane, tile.row, sizes.x);
  let w_at = row_bases(weight, lane, tile.column * 4u, sizes.z);
  var sums = Sums();
  let whole = sizes.y / 4u;
  for (var k = 0u; k < whole; k++) {
    sums = add_four(sums, transposed(load_left(x_at, k)), columns_along(tile, w_at, k));
  }
  let rest = sizes.y % 4u;
  if (rest > 0u) {
    let a = transposed(load_left(x_at, whole));
    let b = columns_along(tile, w_at, whole);
    for (var k = 0u; k < rest; k++) {
      sums = add_outer(sums, row_of(a, k), term_of(b, k));
    }
  }
  return sums;
}

// y = round(x · transpose(W) + b)
@compute @workgroup_size(64)
fn forward(@builtin(global_invocation_id) id: vec3<u32>) {
  let call = forward_call;
  let tile = tile_of(id.x, call.batch, call.outputs);
  if (!tile.exists) {
    return;
  }
  begin_exact(control.zero);
  let sizes = vec3<u32>(call.batch, call.inputs, call.outputs);
  let sums = product(call.x, call.weight, sizes, tile, id.z, call.site);
  let b = bias[row_base(call.bias, id.z, 0u) + tile.column];
  let columns = remaining(tile.column * 4u, call.outputs);
  site_begin(call.site, id.z);
  for (var part = 0u; part < PARTS; part++) {
    let row = part_row(tile, part);
    let rows = remaining(row, call.batch);
    let index = row * call.y.row_stride + tile.column * 4u;
    let biased = add_to_rows(part_of(sums, tile, part), b);
    let rounded = round_block(biased, rows, columns, index, call.y.row_stride);
    let at = row_base(call.y, id.z, row) + tile.column;
    let stride = call.y.row_stride / 4u;
    for (var i = 0u; i < select(0u, rows, columns > 0u); i++) {
      y[at + i * stride] = row_of(rounded, i);
    }
  }
  site_end(false);
}

// y = round(x · transpose(W))
@compute @workgroup_size(64)
fn forward_unbiased(@builtin(global_invocation_id) id: vec3<u32>) {
  let call = unbiased_call;
  let tile = tile_of(id.x, call.batch, call.outputs);
  if (!tile.exists) {
    return;
  }
  begin_exact(control.zero);
  let sizes = vec3<u32>(call.batch, call.inputs, call.outputs);
  let sums = product(call.x, call.weight, sizes, tile, id.z, call.site);
  site_begin(call.site, id.z);
  write(sums, tile, call.y, vec2<u32>(call.batch, call.outputs), id.z);
  site_end(false);
}

// Rounds the sums at the site begun and stores them. `sizes` are rows and columns of the result.
fn write(sums: Sums, tile: Tile, view: View, sizes: vec2<u32>, lane: u32) {
  let columns = remaining(tile.column * 4u, sizes.y);
  let stride = view.row_stride / 4u;
  for (var part = 0u; part < PARTS; part++) {
    let row = part_row(tile, part);
    let rows = remaining(row, sizes.x);
    let index = row * view.row_stride + tile.column * 4u;
    let rounded = round_block(part_of(sums, tile, part), rows, columns, index, view.row_stride);
    let at = row_base(view, lane, row) + tile.column;
    for (var i = 0u; i < select(0u, rows, columns > 0u); i++) {
      result[at + i * stride] = row_of(rounded, i);
    }
  }
}

// dx = round(dy · W)
@compute @workgroup_size(64)
fn input_gradient(@builtin(global_invocation_id) id: vec3<u32>) {
  let call = input_call;
  let tile = tile_of(id.x, call.batch, call.inputs);
  if (!tile.exists) {
    return;
  }
  begin_exact(control.zero);
  let sizes = vec3<u32>(call.batch, call.inputs, call.outputs);
  let sums = input_product(call.dy, call.weight, sizes, tile, id.z, call.site);
  site_begin(call.site, id.z);
  write(sums, tile, call.dx, vec2<u32>(call.batch, call.inputs), id.z);
  site_end(false);
}

// Rows of dy times columns of the weight.
@if(general_accumulation)
fn input_product(dy: View, weight: View, sizes: vec3<u32>, tile: Tile, lane: u32, site: u32) -> Sums {
  let a = Walk(row_bases(dy, lane, tile.row, sizes.x) * 4u, 1u, 0u);
  let b = Walk((row_base(weight, lane, 0u) + tile.column) * 4u + STEPS, weight.row_stride, 0u);
  return sums_of(accumulate_block(a, b, 1u, sizes.z, site, lane));
}

@if(!general_accumulation)
fn input_product(dy: View, weight: View, sizes: vec3<u32>, tile: Tile, lane: u32, site: u32) -> Sums {
  let dy_at = row_bases(dy, lane, tile.row, sizes.x);
  let stride = weight.row_stride / 4u;
  var w_at = row_base(weight, lane, 0u) + tile.column;
  var sums = Sums();
  let whole = sizes.z / 4u;
  for (var k = 0u; k < whole; k++) {
    sums = add_four(sums, transposed(load_left(dy_at, k)), columns_down(tile, w_at, stride));
    w_at += 4u * stride;
  }
  let rest = sizes.z % 4u;
  if (rest > 0u) {
    let last = transposed(load_left(dy_at, whole));
    for (var k = 0u; k < rest; k++) {
      sums = add_outer(sums, row_of(last, k), columns_at(tile, w_at + k * stride));
    }
  }
  return sums;
}

// dW = round(transpose(dy) · x), and db = round(sum of dy over the batch) in the invocations after those of dW. Both end
// in the same code, because a software adapter executes both sides of a branch.
@compute @workgroup_size(64)
fn parameter_gradient(@builtin(global_invocation_id) id: vec3<u32>) {
  let call = parameter_call;
  let tiles = tile_count(call.outputs, call.inputs);
  if (id.x >= tiles + (call.outputs + 3u) / 4u) {
    return;
  }
  begin_exact(control.zero);
  let of_weight = id.x < tiles;
  var tile = tile_of(id.x, call.outputs, call.inputs);
  var view = call.weight_gradient;
  var sums = Sums();
  if (of_weight) {
    let views = GradientViews(call.dy, call.x);
    sums = weight_product(views, call.batch, tile, id.z, call.weight_site);
  } else {
    tile = tile_of_row(id.x - tiles);
    view = call.bias_gradient;
    sums = sums_of_row(batch_sum(call.dy, call.batch, tile.column, id.z));
  }
  site_begin(select(call.bias_site, call.weight_site, of_weight), id.z);
  let sizes = select(vec2<u32>(1u, call.outputs), vec2<u32>(call.outputs, call.inputs), of_weight);
  write(sums, tile, view, sizes, id.z);
  site_end(true);
}

// Sum of four columns of dy.
fn batch_sum(dy: View, batch: u32, column: u32, lane: u32) -> vec4<f32> {
  let stride = dy.row_stride / 4u;
  var at = row_base(dy, lane, 0u) + column;
  var sum = vec4<f32>();
  for (var i = 0u; i < batch; i++) {
    sum = add4(sum, left[at]);
    at += stride;
  }
  return sum;
}

// dW = round(transpose(dy) · x), of a layer without bias
@compute @workgroup_size(64)
fn weight_gradient(@builtin(global_invocation_id) id: vec3<u32>) {
  let call = weight_call;
  let tile = tile_of(id.x, call.outputs, call.inputs);
  if (!tile.exists) {
    return;
  }
  begin_exact(control.zero);
  let sums = weight_product(GradientViews(call.dy, call.x), call.batch, tile, id.z, call.weight_site);
  site_begin(call.weight_site, id.z);
  write(sums, tile, call.weight_gradient, vec2<u32>(call.outputs, call.inputs), id.z);
  site_end(true);
}

// db = round(sum of dy over the batch), four columns to an invocation.
@compute @workgroup_size(64)
fn bias_gradient(@builtin(global_invocation_id) id: vec3<u32>) {
  let call = bias_call;
  if (id.x >= (call.outputs + 3u) / 4u) {
    return;
  }
  begin_exact(control.zero);
  let sum = batch_sum(call.dy, call.batch, id.x, id.z);
  site_begin(call.bias_site, id.z);
  let rounded = site_round4(sum, remaining(id.x * 4u, call.outputs), id.x * 4u);
  bias_result[lane_base(call.bias_gradient, id.z) + id.x] = rounded;
  site_end(true);
}

struct GradientViews {
  dy: View,
  x: View,
}

// Columns of dy times columns of x.
@if(general_accumulation)
fn weight_product(views: GradientViews, batch: u32, tile: Tile, lane: u32, site: u32) -> Sums {
  let dy_at = row_base(views.dy, lane, 0u) * 4u + tile.row;
  let x_at = (row_base(views.x, lane, 0u) + tile.column) * 4u;
  let a = Walk(dy_at + STEPS, views.dy.row_stride, 0u);
  let b = Walk(x_at + STEPS, views.x.row_stride, 0u);
  return sums_of(accumulate_block(a, b, 1u, batch, site, lane));
}

@if(!general_accumulation)
fn weight_product(views: GradientViews, batch: u32, tile: Tile, lane: u32, site: u32) -> Sums {
  let dy_stride = views.dy.row_stride / 4u;
  let x_stride = views.x.row_stride / 4u;
  var dy_at = row_base(views.dy, lane, 0u) + tile.row / 4u;
  var x_at = row_base(views.x, lane, 0u) + tile.column;
  var sums = Sums();
  let whole = batch / 4u;
  for (var i = 0u; i < whole; i++) {
    sums = add_four(sums, load_left(dy_at + dy_stride * STEPS, 0u), columns_down(tile, x_at, x_stride));
    dy_at += 4u * dy_stride;
    x_at += 4u * x_stride;
  }
  for (var i = whole * 4u; i < batch; i++) {
    sums = add_outer(sums, left[dy_at], columns_at(tile, x_at));
    dy_at += dy_stride;
    x_at += x_stride;
  }
  return sums;
}
