// Fully connected layer; src/ops/linear.ts is the reference. The three products differ in what they load: each
// invocation keeps a block of 4x4 sums in registers and adds one outer product per step of the summed index, in
// ascending order. Rows past the end repeat the last row, columns past the end are pads; neither is stored.

import package::engine::call::{View, row_base};
import package::engine::control::control;
import package::engine::sites::{site_begin, site_round4, site_end};
import package::numerics::exact::{begin_exact, add4};
import package::ops::accumulated::{Walk, accumulate_block};
import package::ops::block::{Block, Sums, add_four, add_outer, transposed, row_of, round_block};
import package::ops::operands::{left, right};

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

const STEPS = vec4<u32>(0u, 1u, 2u, 3u);

// Where four consecutive rows of a matrix of `rows` rows start.
fn row_bases(view: View, lane: u32, row: u32, rows: u32) -> vec4<u32> {
  let last = rows - 1u;
  return vec4<u32>(
    row_base(view, lane, row),
    row_base(view, lane, min(row + 1u, last)),
    row_base(view, lane, min(row + 2u, last)),
    row_base(view, lane, min(row + 3u, last)),
  );
}

fn load_left(at: vec4<u32>, column: u32) -> Block {
  return Block(left[at.x + column], left[at.y + column], left[at.z + column], left[at.w + column]);
}

fn load_right(at: vec4<u32>, column: u32) -> Block {
  return Block(right[at.x + column], right[at.y + column], right[at.z + column], right[at.w + column]);
}

// Four rows of x times four rows of the weight. The last argument of this and the other products is the site at which
// they are written, which tells how they are added up.
@if(general_accumulation)
fn product(x: View, weight: View, sizes: vec3<u32>, row: u32, column: u32, lane: u32, site: u32) -> Block {
  let a = Walk(row_bases(x, lane, row, sizes.x) * 4u, 1u, 0u);
  let b = Walk(row_bases(weight, lane, column * 4u, sizes.z) * 4u, 1u, 0u);
  return accumulate_block(a, b, 1u, sizes.y, site, lane);
}

@if(!general_accumulation)
fn product(x: View, weight: View, sizes: vec3<u32>, row: u32, column: u32, lane: u32, site: u32) -> Block {
  let x_at = row_bases(x, lane, row, sizes.x);
  let w_at = row_bases(weight, lane, column * 4u, sizes.z);
  var sums = Sums();
  let whole = sizes.y / 4u;
  for (var k = 0u; k < whole; k++) {
    sums = add_four(sums, transposed(load_left(x_at, k)), transposed(load_right(w_at, k)));
  }
  let rest = sizes.y % 4u;
  if (rest > 0u) {
    let a = transposed(load_left(x_at, whole));
    let b = transposed(load_right(w_at, whole));
    for (var k = 0u; k < rest; k++) {
      sums = add_outer(sums, row_of(a, k), row_of(b, k));
    }
  }
  return sums.at;
}

// y = round(x · transpose(W) + b)
@compute @workgroup_size(64)
fn forward(@builtin(global_invocation_id) id: vec3<u32>) {
  let blocks_in_row = (forward_call.outputs + 3u) / 4u;
  let row = id.x / blocks_in_row * 4u;
  let column = id.x % blocks_in_row;
  let lane = id.z;
  if (row >= forward_call.batch) {
    return;
  }
  begin_exact(control.zero);
  let sizes = vec3<u32>(forward_call.batch, forward_call.inputs, forward_call.outputs);
  let sum = product(forward_call.x, forward_call.weight, sizes, row, column, lane, forward_call.site);
  let b = bias[row_base(forward_call.bias, lane, 0u) + column];
  let y_block = Block(add4(sum.row0, b), add4(sum.row1, b), add4(sum.row2, b), add4(sum.row3, b));

  let rows = forward_call.batch - row;
  site_begin(forward_call.site, lane);
  let index = row * forward_call.y.row_stride + column * 4u;
  let valid = min(4u, forward_call.outputs - column * 4u);
  let rounded = round_block(y_block, rows, valid, index, forward_call.y.row_stride);
  site_end(false);
  let at = row_base(forward_call.y, lane, row) + column;
  let stride = forward_call.y.row_stride / 4u;
  y[at] = rounded.row0;
  if (rows > 1u) {
    y[at + stride] = rounded.row1;
  }
  if (rows > 2u) {
    y[at + 2u * stride] = rounded.row2;
  }
  if (rows > 3u) {
    y[at + 3u * stride] = rounded.row3;
  }
}

// y = round(x · transpose(W))
@compute @workgroup_size(64)
fn forward_unbiased(@builtin(global_invocation_id) id: vec3<u32>) {
  let blocks_in_row = (unbiased_call.outputs + 3u) / 4u;
  let row = id.x / blocks_in_row * 4u;
  let column = id.x % blocks_in_row;
  if (row >= unbiased_call.batch) {
    return;
  }
  begin_exact(control.zero);
  let sizes = vec3<u32>(unbiased_call.batch, unbiased_call.inputs, unbiased_call.outputs);
  let sum = product(unbiased_call.x, unbiased_call.weight, sizes, row, column, id.z, unbiased_call.site);
  let rows = unbiased_call.batch - row;
  site_begin(unbiased_call.site, id.z);
  let index = row * unbiased_call.y.row_stride + column * 4u;
  let valid = min(4u, unbiased_call.outputs - column * 4u);
  let rounded = round_block(sum, rows, valid, index, unbiased_call.y.row_stride);
  site_end(false);
  store(rounded, rows, row_base(unbiased_call.y, id.z, row) + column, unbiased_call.y.row_stride / 4u);
}

fn store(b: Block, rows: u32, at: u32, stride: u32) {
  result[at] = b.row0;
  if (rows > 1u) {
    result[at + stride] = b.row1;
  }
  if (rows > 2u) {
    result[at + 2u * stride] = b.row2;
  }
  if (rows > 3u) {
    result[at + 3u * stride] = b.row3;
  }
}

// dx = round(dy · W)
@compute @workgroup_size(64)
fn input_gradient(@builtin(global_invocation_id) id: vec3<u32>) {
  let blocks_in_row = (input_call.inputs + 3u) / 4u;
  let row = id.x / blocks_in_row * 4u;
  let column = id.x % blocks_in_row;
  let lane = id.z;
  if (row >= input_call.batch) {
    return;
  }
  begin_exact(control.zero);
  let sums = input_product(row, column, lane);
  let rows = input_call.batch - row;
  site_begin(input_call.site, lane);
  let index = row * input_call.dx.row_stride + column * 4u;
  let valid = min(4u, input_call.inputs - column * 4u);
  let rounded = round_block(sums, rows, valid, index, input_call.dx.row_stride);
  site_end(false);
  store(rounded, rows, row_base(input_call.dx, lane, row) + column, input_call.dx.row_stride / 4u);
}

// Four rows of dy times four columns of the weight.
@if(general_accumulation)
fn input_product(row: u32, column: u32, lane: u32) -> Block {
  let a = Walk(row_bases(input_call.dy, lane, row, input_call.batch) * 4u, 1u, 0u);
  let first = (row_base(input_call.weight, lane, 0u) + column) * 4u;
  let b = Walk(first + STEPS, input_call.weight.row_stride, 0u);
  return accumulate_block(a, b, 1u, input_call.outputs, input_call.site, lane);
}

@if(!general_accumulation)
fn input_product(row: u32, column: u32, lane: u32) -> Block {
  let dy_at = row_bases(input_call.dy, lane, row, input_call.batch);
  let stride = input_call.weight.row_stride / 4u;
  var w_at = row_base(input_call.weight, lane, 0u) + column;
  var sums = Sums();
  let whole = input_call.outputs / 4u;
  for (var k = 0u; k < whole; k++) {
    sums = add_four(sums, transposed(load_left(dy_at, k)), load_right(w_at + stride * STEPS, 0u));
    w_at += 4u * stride;
  }
  let rest = input_call.outputs % 4u;
  if (rest > 0u) {
    let dy = transposed(load_left(dy_at, whole));
    for (var k = 0u; k < rest; k++) {
      sums = add_outer(sums, row_of(dy, k), right[w_at + k * stride]);
    }
  }
  return sums.at;
}

// dW = round(transpose(dy) · x), and db = round(sum of dy over the batch) in the invocations after those of dW.
@compute @workgroup_size(64)
fn parameter_gradient(@builtin(global_invocation_id) id: vec3<u32>) {
  let blocks_in_row = (parameter_call.inputs + 3u) / 4u;
  let block_rows = (parameter_call.outputs + 3u) / 4u;
  let weight_blocks = blocks_in_row * block_rows;
  begin_exact(control.zero);
  if (id.x < weight_blocks) {
    let views = GradientViews(parameter_call.dy, parameter_call.x, parameter_call.weight_gradient);
    let sizes = vec3<u32>(parameter_call.batch, parameter_call.inputs, parameter_call.outputs);
    compute_weight_gradient(views, sizes, id.x / blocks_in_row, id.x % blocks_in_row, id.z, parameter_call.weight_site);
  } else if (id.x < weight_blocks + block_rows) {
    bias_gradient(id.x - weight_blocks, id.z);
  }
}

// dW = round(transpose(dy) · x), of a layer without bias
@compute @workgroup_size(64)
fn weight_gradient(@builtin(global_invocation_id) id: vec3<u32>) {
  let blocks_in_row = (weight_call.inputs + 3u) / 4u;
  let row = id.x / blocks_in_row;
  begin_exact(control.zero);
  if (row < (weight_call.outputs + 3u) / 4u) {
    let views = GradientViews(weight_call.dy, weight_call.x, weight_call.weight_gradient);
    let sizes = vec3<u32>(weight_call.batch, weight_call.inputs, weight_call.outputs);
    compute_weight_gradient(views, sizes, row, id.x % blocks_in_row, id.z, weight_call.weight_site);
  }
}

struct GradientViews {
  dy: View,
  x: View,
  weight: View,
}

// Four columns of dy times four columns of x.
@if(general_accumulation)
fn weight_product(views: GradientViews, batch: u32, block_row: u32, column: u32, lane: u32, site: u32) -> Block {
  let dy_at = (row_base(views.dy, lane, 0u) + block_row) * 4u;
  let x_at = (row_base(views.x, lane, 0u) + column) * 4u;
  let a = Walk(dy_at + STEPS, views.dy.row_stride, 0u);
  let b = Walk(x_at + STEPS, views.x.row_stride, 0u);
  return accumulate_block(a, b, 1u, batch, site, lane);
}

@if(!general_accumulation)
fn weight_product(views: GradientViews, batch: u32, block_row: u32, column: u32, lane: u32, site: u32) -> Block {
  let dy_stride = views.dy.row_stride / 4u;
  let x_stride = views.x.row_stride / 4u;
  var dy_at = row_base(views.dy, lane, 0u) + block_row;
  var x_at = row_base(views.x, lane, 0u) + column;
  var sums = Sums();
  let whole = batch / 4u;
  for (var i = 0u; i < whole; i++) {
    sums = add_four(sums, load_left(dy_at + dy_stride * STEPS, 0u), load_right(x_at + x_stride * STEPS, 0u));
    dy_at += 4u * dy_stride;
    x_at += 4u * x_stride;
  }
  for (var i = whole * 4u; i < batch; i++) {
    sums = add_outer(sums, left[dy_at], right[x_at]);
    dy_at += dy_stride;
    x_at += x_stride;
  }
  return sums.at;
}

// `sizes` are batch, inputs and outputs.
fn compute_weight_gradient(views: GradientViews, sizes: vec3<u32>, block_row: u32, column: u32, lane: u32, site: u32) {
  let sums = weight_product(views, sizes.x, block_row, column, lane, site);
  let view = views.weight;
  let row = block_row * 4u;
  let rows = sizes.z - row;
  site_begin(site, lane);
  let index = row * view.row_stride + column * 4u;
  let rounded = round_block(sums, rows, min(4u, sizes.y - column * 4u), index, view.row_stride);
  site_end(true);
  store(rounded, rows, row_base(view, lane, row) + column, view.row_stride / 4u);
}

fn bias_gradient(column: u32, lane: u32) {
  let stride = parameter_call.dy.row_stride / 4u;
  var at = row_base(parameter_call.dy, lane, 0u) + column;
  var sum = vec4<f32>();
  for (var i = 0u; i < parameter_call.batch; i++) {
    sum = add4(sum, left[at]);
    at += stride;
  }
  site_begin(parameter_call.bias_site, lane);
  let rounded = site_round4(sum, min(4u, parameter_call.outputs - column * 4u), column * 4u);
  site_end(true);
  result[row_base(parameter_call.bias_gradient, lane, 0u) + column] = rounded;
}
