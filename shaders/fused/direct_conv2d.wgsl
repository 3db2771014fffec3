// Convolution that looks into the images themselves instead of windows written out before (ops/conv2d.wgsl): for 3x3
// windows that move by one over images whose rows, and those of what comes out, are whole vec4s. Four positions in a row then see
// four neighbours, and from one tap to the next the values move up by one place. Sums have the terms of the products
// with windows in their order, positions outside the image as +0 among them. They are in FP32 in order; where a lane adds up
// otherwise, windows are written out.
//
// A turn of a loop adds up all nine taps: a software adapter keeps the sums in memory from one turn to the next.

import package::engine::call::row_base;
import package::engine::control::control;
import package::engine::sites::{site_begin, site_round4, site_end};
import package::layout::View;
import package::numerics::exact::{begin_exact, add4};
import package::ops::block::{Block, add_to_rows, transposed, row_of, round_block};
import package::ops::relu::gated;
import package::ops::tile::{
  PARTS, STEPS, Columns, ColumnTerms, Sums, Tile, tile_of, tile_count, part_of, part_row, remaining, add_four, add_outer
};

// geometryWords() in src/ops/images.ts, then the sites.
struct Geometry {
  batch: u32,
  in_channels: u32,
  in_height: u32,
  in_width: u32,
  out_channels: u32,
  out_height: u32,
  out_width: u32,
  kernel: u32,
  stride: u32,
  padding: u32,
  // Of y, dx, or the weight's gradient.
  site: u32,
  bias_site: u32,
}

struct ForwardCall {
  x: View,
  weight: View,
  bias: View,
  y: View,
  // What the relu after it gives; of the same shape as y.
  activated: View,
  geometry: Geometry,
}

struct InputGradientCall {
  dy: View,
  weight: View,
  // What the relu before it gave, and its two gradients: all of the same shape.
  activated: View,
  dx: View,
  before: View,
  geometry: Geometry,
}

struct ParameterCall {
  dy: View,
  x: View,
  weight_gradient: View,
  bias_gradient: View,
  geometry: Geometry,
}

@group(0) @binding(0) var<uniform> forward_call: ForwardCall;
@group(0) @binding(0) var<uniform> input_call: InputGradientCall;
@group(0) @binding(0) var<uniform> parameter_call: ParameterCall;

// x going forward, dy going back; as bits, of which a mask leaves nothing outside of the images.
@group(0) @binding(5) var<storage, read> images: array<u32>;
@group(0) @binding(6) var<storage, read> weights: array<f32>;
@group(0) @binding(7) var<storage, read> bias: array<vec4<f32>>;
@group(0) @binding(8) var<storage, read_write> y: array<vec4<f32>>;
@group(0) @binding(9) var<storage, read_write> activated: array<vec4<f32>>;
@group(0) @binding(7) var<storage, read> activated_before: array<vec4<f32>>;
@group(0) @binding(8) var<storage, read_write> dx: array<vec4<f32>>;
@group(0) @binding(9) var<storage, read_write> before: array<vec4<f32>>;
@group(0) @binding(5) var<storage, read> dy: array<vec4<f32>>;
@group(0) @binding(6) var<storage, read> x: array<u32>;
@group(0) @binding(7) var<storage, read_write> gradients: array<vec4<f32>>;

// The weights of the columns of a tile at one term, from where those of four columns are.
@if(quads)
fn weights_at(tile: Tile, at: vec4<u32>) -> Columns {
  let own = select(at.xy, at.zw, tile.half == 1u);
  return vec2<f32>(weights[own.x], weights[own.y]);
}

@if(!quads)
fn weights_at(tile: Tile, at: vec4<u32>) -> Columns {
  return vec4<f32>(weights[at.x], weights[at.y], weights[at.z], weights[at.w]);
}

// What an invocation of a product of images computes: positions (rows) of channels (columns) of a sample.
struct Place {
  sample: u32,
  tile: Tile,
}

fn place_of(index: u32, plane: u32, channels: u32) -> Place {
  let tiles = tile_count(plane, channels);
  return Place(index / tiles, tile_of(index % tiles, plane, channels));
}

fn mask_of(exists: vec4<bool>) -> vec4<u32> {
  return select(vec4<u32>(0u), vec4<u32>(0xffffffffu), exists);
}

// Six neighbours in a row of images, which is what four positions see of it. They may begin before the image, where
// indices wrap around; +0 comes from where the masks are 0.
struct Six {
  first: vec4<f32>,
  last: vec2<f32>,
}

fn load_six(at: u32, mask: vec4<u32>, mask_last: vec2<u32>, row_exists: bool) -> Six {
  let row = select(0u, 0xffffffffu, row_exists);
  let first = vec4<u32>(images[at], images[at + 1u], images[at + 2u], images[at + 3u]);
  let last = vec2<u32>(images[at + 4u], images[at + 5u]);
  return Six(bitcast<vec4<f32>>(first & mask & vec4<u32>(row)), bitcast<vec2<f32>>(last & mask_last & vec2<u32>(row)));
}

// The sums plus what three taps of a row add, in this order: from left to right in the images going forward, and going
// back from right to left.
fn add_row(sums: Sums, tile: Tile, six: Six, weight_at: vec4<u32>) -> Sums {
  let sums0 = add_outer(sums, six.first, weights_at(tile, weight_at));
  let sums1 = add_outer(sums0, vec4<f32>(six.first.yzw, six.last.x), weights_at(tile, weight_at + vec4<u32>(1u)));
  return add_outer(sums1, vec4<f32>(six.first.zw, six.last), weights_at(tile, weight_at + vec4<u32>(2u)));
}

fn add_row_back(sums: Sums, tile: Tile, six: Six, weight_at: vec4<u32>) -> Sums {
  let sums0 = add_outer(sums, vec4<f32>(six.first.zw, six.last), weights_at(tile, weight_at));
  let sums1 = add_outer(sums0, vec4<f32>(six.first.yzw, six.last.x), weights_at(tile, weight_at + vec4<u32>(1u)));
  return add_outer(sums1, six.first, weights_at(tile, weight_at + vec4<u32>(2u)));
}

fn forward_product(g: Geometry, place: Place, lane: u32) -> Sums {
  let columns = min(place.tile.column * 4u + STEPS, vec4<u32>(g.out_channels - 1u));
  var weight_at = row_base(forward_call.weight, lane, 0u) * 4u + columns * forward_call.weight.row_stride;
  let top = place.tile.row / g.out_width - g.padding;
  let start = place.tile.row % g.out_width - g.padding;
  let mask = mask_of(start + STEPS < vec4<u32>(g.in_width));
  let mask_last = mask_of(start + 4u + STEPS < vec4<u32>(g.in_width)).xy;
  var at = row_base(forward_call.x, lane, place.sample) * 4u + top * g.in_width + start;
  var sums = Sums();
  for (var channel = 0u; channel < g.in_channels; channel++) {
    sums = add_row(sums, place.tile, load_six(at, mask, mask_last, top < g.in_height), weight_at);
    let six1 = load_six(at + g.in_width, mask, mask_last, top + 1u < g.in_height);
    sums = add_row(sums, place.tile, six1, weight_at + vec4<u32>(3u));
    let six2 = load_six(at + 2u * g.in_width, mask, mask_last, top + 2u < g.in_height);
    sums = add_row(sums, place.tile, six2, weight_at + vec4<u32>(6u));
    weight_at += vec4<u32>(9u);
    at += g.in_height * g.in_width;
  }
  return sums;
}

// y = round(x ∗ W + b), and what the relu makes of it
@if(!general_accumulation)
@compute @workgroup_size(64)
fn forward_and_relu(@builtin(global_invocation_id) id: vec3<u32>) {
  let g = forward_call.geometry;
  let plane = g.out_height * g.out_width;
  let place = place_of(id.x, plane, g.out_channels);
  if (place.sample >= g.batch) {
    return;
  }
  begin_exact(control.zero);
  let sums = forward_product(g, place, id.z);
  let b = bias[row_base(forward_call.bias, id.z, 0u) + place.tile.column];
  let channel = place.tile.column * 4u;
  let channels = remaining(channel, g.out_channels);
  site_begin(g.site, id.z);
  for (var part = 0u; part < PARTS; part++) {
    let position = part_row(place.tile, part);
    let start = channel * plane + position;
    let biased = transposed(add_to_rows(part_of(sums, place.tile, part), b));
    let index = place.sample * forward_call.y.row_stride + start;
    let positions = remaining(position, plane);
    let rounded = round_block(biased, channels, positions, index, plane);
    let at = row_base(forward_call.y, id.z, place.sample) + start / 4u;
    let activated_at = row_base(forward_call.activated, id.z, place.sample) + start / 4u;
    for (var i = 0u; i < select(0u, channels, positions > 0u); i++) {
      let value = row_of(rounded, i);
      y[at + i * (plane / 4u)] = value;
      activated[activated_at + i * (plane / 4u)] = gated(value, value);
    }
  }
  site_end(false);
}

fn input_product(g: Geometry, place: Place, lane: u32) -> Sums {
  let columns = min(place.tile.column * 4u + STEPS, vec4<u32>(g.in_channels - 1u));
  var weight_at = row_base(input_call.weight, lane, 0u) * 4u + columns * 9u;
  let bottom = place.tile.row / g.in_width + g.padding;
  let start = place.tile.row % g.in_width + g.padding - 2u;
  let mask = mask_of(start + STEPS < vec4<u32>(g.out_width));
  let mask_last = mask_of(start + 4u + STEPS < vec4<u32>(g.out_width)).xy;
  var at = row_base(input_call.dy, lane, place.sample) * 4u + bottom * g.out_width + start;
  var sums = Sums();
  for (var channel = 0u; channel < g.out_channels; channel++) {
    sums = add_row_back(sums, place.tile, load_six(at, mask, mask_last, bottom < g.out_height), weight_at);
    let six1 = load_six(at - g.out_width, mask, mask_last, bottom - 1u < g.out_height);
    sums = add_row_back(sums, place.tile, six1, weight_at + vec4<u32>(3u));
    let six2 = load_six(at - 2u * g.out_width, mask, mask_last, bottom - 2u < g.out_height);
    sums = add_row_back(sums, place.tile, six2, weight_at + vec4<u32>(6u));
    weight_at += vec4<u32>(input_call.weight.row_stride);
    at += g.out_height * g.out_width;
  }
  return sums;
}

// dx = round(Σ dy · W), and what the relu makes of it
@if(!general_accumulation)
@compute @workgroup_size(64)
fn input_gradient_and_relu(@builtin(global_invocation_id) id: vec3<u32>) {
  let g = input_call.geometry;
  let plane = g.in_height * g.in_width;
  let place = place_of(id.x, plane, g.in_channels);
  if (place.sample >= g.batch) {
    return;
  }
  begin_exact(control.zero);
  let sums = input_product(g, place, id.z);
  let channel = place.tile.column * 4u;
  let channels = remaining(channel, g.in_channels);
  site_begin(g.site, id.z);
  for (var part = 0u; part < PARTS; part++) {
    let position = part_row(place.tile, part);
    let start = channel * plane + position;
    let sum = transposed(part_of(sums, place.tile, part));
    let index = place.sample * input_call.dx.row_stride + start;
    let positions = remaining(position, plane);
    let rounded = round_block(sum, channels, positions, index, plane);
    let dx_at = row_base(input_call.dx, id.z, place.sample) + start / 4u;
    let activated_at = row_base(input_call.activated, id.z, place.sample) + start / 4u;
    let before_at = row_base(input_call.before, id.z, place.sample) + start / 4u;
    for (var i = 0u; i < select(0u, channels, positions > 0u); i++) {
      let value = row_of(rounded, i);
      let down = i * (plane / 4u);
      dx[dx_at + down] = value;
      before[before_at + down] = gated(value, activated_before[activated_at + down]);
    }
  }
  site_end(false);
}

// dW = round(Σ dy · x), and in the invocations after those of dW db = round(Σ dy). The sums are long and the weights few,
// so the workgroups are small.
@if(!general_accumulation)
@compute @workgroup_size(16)
fn parameter_gradients(@builtin(global_invocation_id) id: vec3<u32>) {
  let g = parameter_call.geometry;
  let taps = g.in_channels * 9u;
  let tiles = tile_count(g.out_channels, taps);
  begin_exact(control.zero);
  if (id.x < tiles) {
    write_weight_gradient(tile_of(id.x, g.out_channels, taps), id.z);
  } else if (id.x < tiles + (g.out_channels + 3u) / 4u) {
    write_bias_gradient(id.x - tiles, id.z);
  }
}

fn write_weight_gradient(tile: Tile, lane: u32) {
  let g = parameter_call.geometry;
  let view = parameter_call.weight_gradient;
  let sums = weight_product(g, tile, lane);
  let columns = remaining(tile.column * 4u, g.in_channels * 9u);
  site_begin(g.site, lane);
  for (var part = 0u; part < PARTS; part++) {
    let row = part_row(tile, part);
    let rows = remaining(row, g.out_channels);
    let first = row * view.row_stride + tile.column * 4u;
    let rounded = round_block(part_of(sums, tile, part), rows, columns, first, view.row_stride);
    let at = row_base(view, lane, row) + tile.column;
    for (var i = 0u; i < select(0u, rows, columns > 0u); i++) {
      gradients[at + i * (view.row_stride / 4u)] = row_of(rounded, i);
    }
  }
  site_end(true);
}

fn write_bias_gradient(block: u32, lane: u32) {
  let g = parameter_call.geometry;
  var sum = vec4<f32>();
  for (var sample = 0u; sample < g.batch; sample++) {
    let at = channel_starts(g, block * 4u, sample, lane);
    for (var i = 0u; i < g.out_height * g.out_width / 4u; i++) {
      let four = transposed(load_dy(at + i));
      sum = add4(add4(add4(add4(sum, four.row0), four.row1), four.row2), four.row3);
    }
  }
  site_begin(g.bias_site, lane);
  let rounded = site_round4(sum, remaining(block * 4u, g.out_channels), block * 4u);
  site_end(true);
  gradients[row_base(parameter_call.bias_gradient, lane, 0u) + block] = rounded;
}

// First vec4s of four channels of dy in a sample; channels past the end repeat the last one.
fn channel_starts(g: Geometry, channel: u32, sample: u32, lane: u32) -> vec4<u32> {
  let channels = min(channel + STEPS, vec4<u32>(g.out_channels - 1u));
  return row_base(parameter_call.dy, lane, sample) + channels * (g.out_height * g.out_width / 4u);
}

fn load_dy(at: vec4<u32>) -> Block {
  return Block(dy[at.x], dy[at.y], dy[at.z], dy[at.w]);
}

// Channels of dy times taps of the windows, over samples and positions.
fn weight_product(g: Geometry, tile: Tile, lane: u32) -> Sums {
  let taps = taps_of(tile, g);
  var sums = Sums();
  for (var sample = 0u; sample < g.batch; sample++) {
    let dy_at = channel_starts(g, tile.row, sample, lane);
    let image_at = row_base(parameter_call.x, lane, sample) * 4u;
    var row = 0u;
    var column = 0u;
    for (var i = 0u; i < g.out_height * g.out_width / 4u; i++) {
      let seen = seen_by(taps, g, image_at + row * g.in_width + column, row, column);
      sums = add_four(sums, transposed(load_dy(dy_at + i)), seen);
      let last = column + 4u == g.out_width;
      column = select(column + 4u, 0u, last);
      row += select(0u, 1u, last);
    }
  }
  return sums;
}

// One tap of the windows.
struct Tap {
  // What is to be added to a position's row and column, and to its place in the sample.
  row: u32,
  column: u32,
  at: u32,
}

fn tap_of(index: u32, g: Geometry) -> Tap {
  let in_channel = index % 9u;
  let row = in_channel / 3u - g.padding;
  let column = in_channel % 3u - g.padding;
  let channel = index / 9u;
  return Tap(row, column, (channel * g.in_height + row) * g.in_width + column);
}

// What four positions in a row see at a tap; `image_at` is where x is at the first of them.
fn seen(tap: Tap, g: Geometry, image_at: u32, row: u32, column: u32) -> vec4<f32> {
  let at = image_at + tap.at;
  let row_exists = select(0u, 0xffffffffu, row + tap.row < g.in_height);
  let mask = mask_of(column + tap.column + STEPS < vec4<u32>(g.in_width)) & vec4<u32>(row_exists);
  return bitcast<vec4<f32>>(vec4<u32>(x[at], x[at + 1u], x[at + 2u], x[at + 3u]) & mask);
}

// The taps whose values an invocation loads; taps past the end repeat the last one.
@if(quads)
struct Taps {
  first: Tap,
  second: Tap,
}

@if(!quads)
struct Taps {
  at: array<Tap, 4>,
}

@if(quads)
fn taps_of(tile: Tile, g: Geometry) -> Taps {
  let first = tile.column * 4u + tile.half * 2u;
  let last = g.in_channels * 9u - 1u;
  return Taps(tap_of(min(first, last), g), tap_of(min(first + 1u, last), g));
}

@if(!quads)
fn taps_of(tile: Tile, g: Geometry) -> Taps {
  let last = g.in_channels * 9u - 1u;
  var taps = Taps();
  for (var i = 0u; i < 4u; i++) {
    taps.at[i] = tap_of(min(tile.column * 4u + i, last), g);
  }
  return taps;
}

@if(quads)
fn seen_by(taps: Taps, g: Geometry, image_at: u32, row: u32, column: u32) -> ColumnTerms {
  let a = seen(taps.first, g, image_at, row, column);
  let b = seen(taps.second, g, image_at, row, column);
  return ColumnTerms(vec2<f32>(a.x, b.x), vec2<f32>(a.y, b.y), vec2<f32>(a.z, b.z), vec2<f32>(a.w, b.w));
}

@if(!quads)
fn seen_by(taps: Taps, g: Geometry, image_at: u32, row: u32, column: u32) -> ColumnTerms {
  let a = seen(taps.at[0], g, image_at, row, column);
  let b = seen(taps.at[1], g, image_at, row, column);
  let c = seen(taps.at[2], g, image_at, row, column);
  let d = seen(taps.at[3], g, image_at, row, column);
  return ColumnTerms(
    vec4<f32>(a.x, b.x, c.x, d.x),
    vec4<f32>(a.y, b.y, c.y, d.y),
    vec4<f32>(a.z, b.z, c.z, d.z),
    vec4<f32>(a.w, b.w, c.w, d.w),
  );
}
