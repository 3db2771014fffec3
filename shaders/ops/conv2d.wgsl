// Two-dimensional convolution (cross-correlation) of NCHW images; src/ops/conv2d-kernels.ts is the reference.
//
// What the windows see has been written out before, a row for each sample and tap (unfold.wgsl); what remains are
// products of matrices whose rows are whole vec4s. Channels of an image need not begin at a whole vec4.

import package::engine::call::{View, row_base};
import package::engine::control::control;
import package::engine::sites::{site_begin, site_round4, site_end};
import package::numerics::exact::{begin_exact, add4};
import package::ops::accumulated::{Walk, accumulate_block};
import package::ops::block::{Block, Sums, add_four, add_outer, transposed, row_of, round_block};
import package::ops::operands::{left, right};

// Sizes of a product that yields images: in each sample, channels by positions.
struct ProductSizes {
  batch: u32,
  channels: u32,
  // Positions of one channel.
  plane: u32,
  // Terms of each sum.
  terms: u32,
  site: u32,
}

// Sizes of the product that yields the gradient of the weight.
struct GradientSizes {
  batch: u32,
  channels: u32,
  plane: u32,
  taps: u32,
  weight_site: u32,
  bias_site: u32,
}

struct BiasedCall {
  windows: View,
  weight: View,
  bias: View,
  images: View,
  sizes: ProductSizes,
}

struct UnbiasedCall {
  windows: View,
  weight: View,
  images: View,
  sizes: ProductSizes,
}

struct ParameterGradientCall {
  dy: View,
  windows: View,
  weight_gradient: View,
  bias_gradient: View,
  sizes: GradientSizes,
}

struct WeightGradientCall {
  dy: View,
  windows: View,
  weight_gradient: View,
  sizes: GradientSizes,
}

@group(0) @binding(0) var<uniform> biased_call: BiasedCall;
@group(0) @binding(0) var<uniform> unbiased_call: UnbiasedCall;
@group(0) @binding(0) var<uniform> parameter_call: ParameterGradientCall;
@group(0) @binding(0) var<uniform> weight_call: WeightGradientCall;

// The first two operands are windows and weight, or dy and windows.
@group(0) @binding(7) var<storage, read> bias: array<vec4<f32>>;
@group(0) @binding(8) var<storage, read_write> y: array<vec4<f32>>;
// Images without bias, or the arena that holds the parameter gradients.
@group(0) @binding(7) var<storage, read_write> result: array<vec4<f32>>;

const STEPS = vec4<u32>(0u, 1u, 2u, 3u);

fn load_left(at: vec4<u32>, column: u32) -> Block {
  return Block(left[at.x + column], left[at.y + column], left[at.z + column], left[at.w + column]);
}

fn load_right(at: vec4<u32>, column: u32) -> Block {
  return Block(right[at.x + column], right[at.y + column], right[at.z + column], right[at.w + column]);
}

// Where four consecutive rows of a matrix start; from `end` on, the last row before it is repeated.
fn row_bases(view: View, lane: u32, row: u32, end: u32) -> vec4<u32> {
  return row_base(view, lane, 0u) + min(row + STEPS, vec4<u32>(end - 1u)) * (view.row_stride / 4u);
}

// What an invocation of a product of images computes: four positions of four channels, from these on.
struct Place {
  sample: u32,
  channel: u32,
  position: u32,
}

fn place_of(index: u32, sizes: ProductSizes) -> Place {
  let groups = (sizes.plane + 3u) / 4u;
  let blocks = (sizes.channels + 3u) / 4u;
  let rest = index / groups;
  return Place(rest / blocks, rest % blocks * 4u, index % groups * 4u);
}

// Weights times windows: channels by positions.
@if(general_accumulation)
fn product(windows: View, weight: View, place: Place, sizes: ProductSizes, lane: u32) -> Block {
  let weight_at = row_bases(weight, lane, place.channel, sizes.channels) * 4u;
  let windows_at = row_base(windows, lane, place.sample * sizes.terms) * 4u + place.position;
  let a = Walk(windows_at + STEPS, windows.row_stride, 0u);
  let b = Walk(weight_at, 1u, 0u);
  return transposed(accumulate_block(a, b, 1u, sizes.terms, sizes.site, lane));
}

@if(!general_accumulation)
fn product(windows: View, weight: View, place: Place, sizes: ProductSizes, lane: u32) -> Block {
  let weight_at = row_bases(weight, lane, place.channel, sizes.channels);
  let stride = windows.row_stride / 4u;
  var windows_at = row_base(windows, lane, place.sample * sizes.terms) + place.position / 4u;
  var sums = Sums();
  let whole = sizes.terms / 4u;
  for (var k = 0u; k < whole; k++) {
    sums = add_four(sums, transposed(load_right(weight_at, k)), load_left(windows_at + stride * STEPS, 0u));
    windows_at += 4u * stride;
  }
  let rest = sizes.terms % 4u;
  if (rest > 0u) {
    let w = transposed(load_right(weight_at, whole));
    for (var k = 0u; k < rest; k++) {
      sums = add_outer(sums, row_of(w, k), left[windows_at + k * stride]);
    }
  }
  return sums.at;
}

// y = round(W · windows + b), sample by sample
@compute @workgroup_size(64)
fn forward(@builtin(global_invocation_id) id: vec3<u32>) {
  let sizes = biased_call.sizes;
  let place = place_of(id.x, sizes);
  if (place.sample >= sizes.batch) {
    return;
  }
  begin_exact(control.zero);
  let sum = product(biased_call.windows, biased_call.weight, place, sizes, id.z);
  let b = bias[row_base(biased_call.bias, id.z, 0u) + place.channel / 4u];
  let biased = Block(
    add4(sum.row0, b.xxxx),
    add4(sum.row1, b.yyyy),
    add4(sum.row2, b.zzzz),
    add4(sum.row3, b.wwww),
  );
  let rows = min(4u, sizes.channels - place.channel);
  let valid = min(4u, sizes.plane - place.position);
  site_begin(sizes.site, id.z);
  let in_sample = place.channel * sizes.plane + place.position;
  let index = place.sample * biased_call.images.row_stride + in_sample;
  let rounded = round_block(biased, rows, valid, index, sizes.plane);
  site_end(false);
  let at = row_base(biased_call.images, id.z, place.sample) * 4u + in_sample;
  for (var i = 0u; i < rows; i++) {
    store_y(at + i * sizes.plane, row_of(rounded, i), valid);
  }
}

// The first `valid` values from element `at` on. A loop that need not run stands for a branch here, because a
// software adapter executes both sides of a branch.
fn store_y(at: u32, values: vec4<f32>, valid: u32) {
  let aligned = at % 4u == 0u && valid == 4u;
  if (aligned) {
    y[at / 4u] = values;
  }
  for (var i = 0u; i < select(valid, 0u, aligned); i++) {
    y[(at + i) / 4u][(at + i) % 4u] = values[i];
  }
}

// images = round(weights · windows), sample by sample: y without bias, or dx
@compute @workgroup_size(64)
fn forward_unbiased(@builtin(global_invocation_id) id: vec3<u32>) {
  let sizes = unbiased_call.sizes;
  let place = place_of(id.x, sizes);
  if (place.sample >= sizes.batch) {
    return;
  }
  begin_exact(control.zero);
  let sum = product(unbiased_call.windows, unbiased_call.weight, place, sizes, id.z);
  let rows = min(4u, sizes.channels - place.channel);
  let valid = min(4u, sizes.plane - place.position);
  site_begin(sizes.site, id.z);
  let in_sample = place.channel * sizes.plane + place.position;
  let index = place.sample * unbiased_call.images.row_stride + in_sample;
  let rounded = round_block(sum, rows, valid, index, sizes.plane);
  site_end(false);
  let at = row_base(unbiased_call.images, id.z, place.sample) * 4u + in_sample;
  for (var i = 0u; i < rows; i++) {
    store_result(at + i * sizes.plane, row_of(rounded, i), valid);
  }
}

fn store_result(at: u32, values: vec4<f32>, valid: u32) {
  let aligned = at % 4u == 0u && valid == 4u;
  if (aligned) {
    result[at / 4u] = values;
  }
  for (var i = 0u; i < select(valid, 0u, aligned); i++) {
    result[(at + i) / 4u][(at + i) % 4u] = values[i];
  }
}

// The sums are long and the weights few, so the workgroups of the gradients are small.

// dW = round(dy · transpose(windows)), summed over the samples, and in the invocations after those of dW db = round(sum of dy)
@compute @workgroup_size(16)
fn parameter_gradient(@builtin(global_invocation_id) id: vec3<u32>) {
  let sizes = parameter_call.sizes;
  let groups = (sizes.taps + 3u) / 4u;
  let blocks = (sizes.channels + 3u) / 4u;
  begin_exact(control.zero);
  if (id.x < groups * blocks) {
    let dy = parameter_call.dy;
    let windows = parameter_call.windows;
    compute_weight_gradient(dy, windows, parameter_call.weight_gradient, sizes, id);
  } else if (id.x < groups * blocks + blocks) {
    compute_bias_gradient(id.x - groups * blocks, id.z);
  }
}

// dW = round(dy · transpose(windows)), of a convolution without bias
@compute @workgroup_size(16)
fn weight_gradient(@builtin(global_invocation_id) id: vec3<u32>) {
  let sizes = weight_call.sizes;
  begin_exact(control.zero);
  if (id.x < (sizes.taps + 3u) / 4u * ((sizes.channels + 3u) / 4u)) {
    compute_weight_gradient(weight_call.dy, weight_call.windows, weight_call.weight_gradient, sizes, id);
  }
}

// Positions of a channel that can be read as whole vec4s of dy: all of them, or none.
fn whole_positions(plane: u32) -> u32 {
  return select(0u, plane, plane % 4u == 0u);
}

// First elements of four channels of dy in one sample; channels past the end repeat the last one.
fn channel_starts(dy: View, lane: u32, sample: u32, block: u32, sizes: GradientSizes) -> vec4<u32> {
  let channels = min(block * 4u + STEPS, vec4<u32>(sizes.channels - 1u));
  return row_base(dy, lane, sample) * 4u + channels * sizes.plane;
}

// Four elements of dy, wherever they lie.
fn load_dy(at: vec4<u32>) -> vec4<f32> {
  let i = at / 4u;
  let c = at % 4u;
  return vec4<f32>(left[i.x][c.x], left[i.y][c.y], left[i.z][c.z], left[i.w][c.w]);
}

// Four channels of dy times four taps of the windows, over positions and samples.
@if(general_accumulation)
fn weight_product(dy: View, windows: View, sizes: GradientSizes, block: u32, tap: u32, lane: u32) -> Block {
  let a = Walk(channel_starts(dy, lane, 0u, block, sizes), 1u, dy.row_stride);
  let windows_at = row_bases(windows, lane, tap, sizes.taps) * 4u;
  let b = Walk(windows_at, 1u, sizes.taps * windows.row_stride);
  return accumulate_block(a, b, sizes.batch, sizes.plane, sizes.weight_site, lane);
}

@if(!general_accumulation)
fn weight_product(dy: View, windows: View, sizes: GradientSizes, block: u32, tap: u32, lane: u32) -> Block {
  let whole = whole_positions(sizes.plane);
  var sums = Sums();
  for (var sample = 0u; sample < sizes.batch; sample++) {
    let dy_at = channel_starts(dy, lane, sample, block, sizes);
    let first = sample * sizes.taps;
    let windows_at = row_bases(windows, lane, first + tap, first + sizes.taps);
    for (var i = 0u; i < whole; i += 4u) {
      let dy_block = transposed(load_left(dy_at / 4u, i / 4u));
      sums = add_four(sums, dy_block, transposed(load_right(windows_at, i / 4u)));
    }
    for (var i = whole; i < sizes.plane; i++) {
      sums = add_outer(sums, load_dy(dy_at + i), row_of(transposed(load_right(windows_at, i / 4u)), i % 4u));
    }
  }
  return sums.at;
}

fn compute_weight_gradient(dy: View, windows: View, gradient: View, sizes: GradientSizes, id: vec3<u32>) {
  let groups = (sizes.taps + 3u) / 4u;
  let tap = id.x % groups * 4u;
  let block = id.x / groups;
  let sums = weight_product(dy, windows, sizes, block, tap, id.z);
  let rows = min(4u, sizes.channels - block * 4u);
  site_begin(sizes.weight_site, id.z);
  let index = block * 4u * gradient.row_stride + tap;
  let rounded = round_block(sums, rows, min(4u, sizes.taps - tap), index, gradient.row_stride);
  site_end(true);
  // Rows of the weight are whole vec4s, whose pads have come out as +0.
  let at = row_base(gradient, id.z, block * 4u) + tap / 4u;
  for (var i = 0u; i < rows; i++) {
    result[at + i * (gradient.row_stride / 4u)] = row_of(rounded, i);
  }
}

fn compute_bias_gradient(block: u32, lane: u32) {
  let sizes = parameter_call.sizes;
  let whole = whole_positions(sizes.plane);
  var sum = vec4<f32>();
  for (var sample = 0u; sample < sizes.batch; sample++) {
    let dy_at = channel_starts(parameter_call.dy, lane, sample, block, sizes);
    for (var i = 0u; i < whole; i += 4u) {
      let dy = transposed(load_left(dy_at / 4u, i / 4u));
      sum = add4(add4(add4(add4(sum, dy.row0), dy.row1), dy.row2), dy.row3);
    }
    for (var i = whole; i < sizes.plane; i++) {
      sum = add4(sum, load_dy(dy_at + i));
    }
  }
  site_begin(sizes.bias_site, lane);
  let rounded = site_round4(sum, min(4u, sizes.channels - block * 4u), block * 4u);
  site_end(true);
  result[row_base(parameter_call.bias_gradient, lane, 0u) + block] = rounded;
}
