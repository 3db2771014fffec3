// Two-dimensional convolution (cross-correlation) of NCHW images; src/ops/conv2d-kernels.ts is the reference.
//
// What the windows see has been written out before, a row for each sample and tap (unfold.wgsl); what remains are
// products of matrices whose rows are whole vec4s. Channels of an image need not begin at a whole vec4.

import package::engine::call::row_base;
import package::engine::control::control;
import package::engine::sites::{site_begin, site_round4, site_end};
import package::layout::View;
import package::numerics::exact::{begin_exact, add4};
import package::ops::accumulated::{Walk, accumulate_block};
import package::ops::block::{add_to_rows, transposed, row_of, round_block};
import package::ops::operands::left;
import package::ops::tile::{
  PARTS, STEPS, Sums, Tile, tile_of, tile_count, part_of, part_row, remaining, row_bases, load_left, columns_along,
  term_of, add_four, add_outer, sums_of
};

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

// What an invocation of a product of images computes: positions (rows) of channels (columns) of a sample.
struct Place {
  sample: u32,
  tile: Tile,
}

fn place_of(index: u32, sizes: ProductSizes) -> Place {
  let tiles = tile_count(sizes.plane, sizes.channels);
  return Place(index / tiles, tile_of(index % tiles, sizes.plane, sizes.channels));
}

// Windows times weights: positions by channels.
@if(general_accumulation)
fn product(windows: View, weight: View, place: Place, sizes: ProductSizes, lane: u32) -> Sums {
  let weight_at = row_bases(weight, lane, place.tile.column * 4u, sizes.channels) * 4u;
  let windows_at = row_base(windows, lane, place.sample * sizes.terms) * 4u + place.tile.row;
  let a = Walk(windows_at + STEPS, windows.row_stride, 0u);
  let b = Walk(weight_at, 1u, 0u);
  return sums_of(accumulate_block(a, b, 1u, sizes.terms, sizes.site, lane));
}

@if(!general_accumulation)
fn product(windows: View, weight: View, place: Place, sizes: ProductSizes, lane: u32) -> Sums {
  let weight_at = row_bases(weight, lane, place.tile.column * 4u, sizes.channels);
  let stride = windows.row_stride / 4u;
  var windows_at = row_base(windows, lane, place.sample * sizes.terms) + place.tile.row / 4u;
  var sums = Sums();
  let whole = sizes.terms / 4u;
  for (var k = 0u; k < whole; k++) {
    let terms = load_left(windows_at + stride * STEPS, 0u);
    sums = add_four(sums, terms, columns_along(place.tile, weight_at, k));
    windows_at += 4u * stride;
  }
  let rest = sizes.terms % 4u;
  if (rest > 0u) {
    let w = columns_along(place.tile, weight_at, whole);
    for (var k = 0u; k < rest; k++) {
      sums = add_outer(sums, left[windows_at + k * stride], term_of(w, k));
    }
  }
  return sums;
}

// Where a part of an invocation's sums goes, channel by channel.
struct Part {
  // Channels and positions that exist.
  channels: u32,
  positions: u32,
  // First element in its sample.
  start: u32,
}

fn part_at(tile: Tile, part: u32, sizes: ProductSizes) -> Part {
  let channel = tile.column * 4u;
  let position = part_row(tile, part);
  let positions = remaining(position, sizes.plane);
  return Part(remaining(channel, sizes.channels), positions, channel * sizes.plane + position);
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
  let sums = product(biased_call.windows, biased_call.weight, place, sizes, id.z);
  let b = bias[row_base(biased_call.bias, id.z, 0u) + place.tile.column];
  site_begin(sizes.site, id.z);
  for (var i = 0u; i < PARTS; i++) {
    let part = part_at(place.tile, i, sizes);
    let biased = add_to_rows(part_of(sums, place.tile, i), b);
    let index = place.sample * biased_call.images.row_stride + part.start;
    let rounded = round_block(transposed(biased), part.channels, part.positions, index, sizes.plane);
    let at = row_base(biased_call.images, id.z, place.sample) * 4u + part.start;
    for (var channel = 0u; channel < part.channels; channel++) {
      store_y(at + channel * sizes.plane, row_of(rounded, channel), part.positions);
    }
  }
  site_end(false);
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
  let sums = product(unbiased_call.windows, unbiased_call.weight, place, sizes, id.z);
  site_begin(sizes.site, id.z);
  for (var i = 0u; i < PARTS; i++) {
    let part = part_at(place.tile, i, sizes);
    let index = place.sample * unbiased_call.images.row_stride + part.start;
    let sum = transposed(part_of(sums, place.tile, i));
    let rounded = round_block(sum, part.channels, part.positions, index, sizes.plane);
    let at = row_base(unbiased_call.images, id.z, place.sample) * 4u + part.start;
    for (var channel = 0u; channel < part.channels; channel++) {
      store_result(at + channel * sizes.plane, row_of(rounded, channel), part.positions);
    }
  }
  site_end(false);
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
  let tiles = tile_count(sizes.channels, sizes.taps);
  begin_exact(control.zero);
  if (id.x < tiles) {
    let dy = parameter_call.dy;
    let windows = parameter_call.windows;
    compute_weight_gradient(dy, windows, parameter_call.weight_gradient, sizes, id);
  } else if (id.x < tiles + (sizes.channels + 3u) / 4u) {
    compute_bias_gradient(id.x - tiles, id.z);
  }
}

// dW = round(dy · transpose(windows)), of a convolution without bias
@compute @workgroup_size(16)
fn weight_gradient(@builtin(global_invocation_id) id: vec3<u32>) {
  let sizes = weight_call.sizes;
  begin_exact(control.zero);
  if (id.x < tile_count(sizes.channels, sizes.taps)) {
    compute_weight_gradient(weight_call.dy, weight_call.windows, weight_call.weight_gradient, sizes, id);
  }
}

// Positions of a channel that can be read as whole vec4s of dy: all of them, or none.
fn whole_positions(plane: u32) -> u32 {
  return select(0u, plane, plane % 4u == 0u);
}

// First elements of four channels of dy in one sample; channels past the end repeat the last one.
fn channel_starts(dy: View, lane: u32, sample: u32, channel: u32, sizes: GradientSizes) -> vec4<u32> {
  let channels = min(channel + STEPS, vec4<u32>(sizes.channels - 1u));
  return row_base(dy, lane, sample) * 4u + channels * sizes.plane;
}

// Four elements of dy, wherever they lie.
fn load_dy(at: vec4<u32>) -> vec4<f32> {
  let i = at / 4u;
  let c = at % 4u;
  return vec4<f32>(left[i.x][c.x], left[i.y][c.y], left[i.z][c.z], left[i.w][c.w]);
}

// Channels of dy times taps of the windows, over positions and samples.
@if(general_accumulation)
fn weight_product(dy: View, windows: View, sizes: GradientSizes, tile: Tile, lane: u32) -> Sums {
  let a = Walk(channel_starts(dy, lane, 0u, tile.row, sizes), 1u, dy.row_stride);
  let windows_at = row_bases(windows, lane, tile.column * 4u, sizes.taps) * 4u;
  let b = Walk(windows_at, 1u, sizes.taps * windows.row_stride);
  return sums_of(accumulate_block(a, b, sizes.batch, sizes.plane, sizes.weight_site, lane));
}

@if(!general_accumulation)
fn weight_product(dy: View, windows: View, sizes: GradientSizes, tile: Tile, lane: u32) -> Sums {
  let whole = whole_positions(sizes.plane);
  var sums = Sums();
  for (var sample = 0u; sample < sizes.batch; sample++) {
    let dy_at = channel_starts(dy, lane, sample, tile.row, sizes);
    let first = sample * sizes.taps;
    let windows_at = row_bases(windows, lane, first + tile.column * 4u, first + sizes.taps);
    for (var i = 0u; i < whole; i += 4u) {
      let dy_block = transposed(load_left(dy_at / 4u, i / 4u));
      sums = add_four(sums, dy_block, columns_along(tile, windows_at, i / 4u));
    }
    for (var i = whole; i < sizes.plane; i++) {
      sums = add_outer(sums, load_dy(dy_at + i), term_of(columns_along(tile, windows_at, i / 4u), i % 4u));
    }
  }
  return sums;
}

fn compute_weight_gradient(dy: View, windows: View, gradient: View, sizes: GradientSizes, id: vec3<u32>) {
  let tile = tile_of(id.x, sizes.channels, sizes.taps);
  let sums = weight_product(dy, windows, sizes, tile, id.z);
  let taps = remaining(tile.column * 4u, sizes.taps);
  site_begin(sizes.weight_site, id.z);
  for (var part = 0u; part < PARTS; part++) {
    let channel = part_row(tile, part);
    let channels = remaining(channel, sizes.channels);
    let index = channel * gradient.row_stride + tile.column * 4u;
    let rounded = round_block(part_of(sums, tile, part), channels, taps, index, gradient.row_stride);
    // Rows of the weight are whole vec4s, whose pads have come out as +0.
    let at = row_base(gradient, id.z, channel) + tile.column;
    for (var i = 0u; i < select(0u, channels, taps > 0u); i++) {
      result[at + i * (gradient.row_stride / 4u)] = row_of(rounded, i);
    }
  }
  site_end(true);
}

fn compute_bias_gradient(block: u32, lane: u32) {
  let sizes = parameter_call.sizes;
  let whole = whole_positions(sizes.plane);
  var sum = vec4<f32>();
  for (var sample = 0u; sample < sizes.batch; sample++) {
    let dy_at = channel_starts(parameter_call.dy, lane, sample, block * 4u, sizes);
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
