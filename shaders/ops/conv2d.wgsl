// Two-dimensional convolution (cross-correlation) of NCHW images; src/ops/conv2d.ts is the reference.
//
// An invocation of `forward` and `input_gradient` computes four consecutive positions of four channels of one
// sample, one of `parameter_gradient` four consecutive taps of four output channels: per term four loads on either
// side make sixteen products. Positions outside an image read as +0, which takes part in the sum like any value.
// Rows of positions are not multiples of four long, so memory is addressed by element.

import package::engine::call::View;
import package::engine::control::control;
import package::engine::sites::{site_begin, site_round4, site_end};
import package::numerics::exact::{begin_exact, add4, mul4};

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
  site: u32,
  bias_site: u32,
}

struct ForwardCall {
  x: View,
  weight: View,
  bias: View,
  y: View,
  geometry: Geometry,
}

struct InputGradientCall {
  dy: View,
  weight: View,
  dx: View,
  geometry: Geometry,
}

struct ParameterGradientCall {
  dy: View,
  x: View,
  weight_gradient: View,
  bias_gradient: View,
  geometry: Geometry,
}

@group(0) @binding(0) var<uniform> forward_call: ForwardCall;
@group(0) @binding(0) var<uniform> input_call: InputGradientCall;
@group(0) @binding(0) var<uniform> parameter_call: ParameterGradientCall;

// The first two operands: x and weight, dy and weight, or dy and x.
@group(0) @binding(5) var<storage, read> left: array<f32>;
@group(0) @binding(6) var<storage, read> right: array<f32>;
@group(0) @binding(7) var<storage, read> bias: array<f32>;
@group(0) @binding(8) var<storage, read_write> y: array<f32>;
// dx, or the arena that holds both parameter gradients.
@group(0) @binding(7) var<storage, read_write> gradient: array<f32>;

const COUNT = vec4<u32>(0u, 1u, 2u, 3u);

// Element (row, 0) of an operand.
fn row_start(view: View, lane: u32, row: u32) -> u32 {
  return view.offset + lane * view.lane_stride + row * view.row_stride;
}

// Sums of four channels (or taps' output channels), a vec4 of positions (or taps) each.
struct Block {
  row0: vec4<f32>,
  row1: vec4<f32>,
  row2: vec4<f32>,
  row3: vec4<f32>,
}

// sum + a (as a column) times b (as a row).
fn add_outer(sum: Block, a: vec4<f32>, b: vec4<f32>) -> Block {
  return Block(
    add4(sum.row0, mul4(a.xxxx, b)),
    add4(sum.row1, mul4(a.yyyy, b)),
    add4(sum.row2, mul4(a.zzzz, b)),
    add4(sum.row3, mul4(a.wwww, b)),
  );
}

// Four elements of `left`, +0 where there is none. The index of an element that does not exist may be anything.
fn load_left(at: vec4<u32>, exists: vec4<bool>) -> vec4<f32> {
  let i = select(vec4<u32>(0u), at, exists);
  return select(vec4<f32>(), vec4<f32>(left[i.x], left[i.y], left[i.z], left[i.w]), exists);
}

fn load_right(at: vec4<u32>) -> vec4<f32> {
  return vec4<f32>(right[at.x], right[at.y], right[at.z], right[at.w]);
}

@compute @workgroup_size(64)
fn forward(@builtin(global_invocation_id) id: vec3<u32>) {
  let g = forward_call.geometry;
  let plane = g.out_height * g.out_width;
  let groups = (plane + 3u) / 4u;
  let blocks = (g.out_channels + 3u) / 4u;
  let group = id.x % groups;
  let block = id.x / groups % blocks;
  let sample = id.x / (groups * blocks);
  if (sample >= g.batch) {
    return;
  }
  begin_exact(control.zero);
  let position = min(group * 4u + COUNT, vec4<u32>(plane - 1u));
  // Coordinates of the window's first tap. Those before the image wrap around to huge numbers.
  let top = position / g.out_width * g.stride - g.padding;
  let start = position % g.out_width * g.stride - g.padding;
  let channel = min(block * 4u + COUNT, vec4<u32>(g.out_channels - 1u));
  var w_at = row_start(forward_call.weight, id.z, 0u) + channel * forward_call.weight.row_stride;
  var x_at = row_start(forward_call.x, id.z, sample);
  var sum = Block();
  for (var ic = 0u; ic < g.in_channels; ic++) {
    for (var ky = 0u; ky < g.kernel; ky++) {
      let row = top + ky;
      let row_exists = row < vec4<u32>(g.in_height);
      let row_at = x_at + row * g.in_width;
      for (var kx = 0u; kx < g.kernel; kx++) {
        let column = start + kx;
        let x = load_left(row_at + column, row_exists & (column < vec4<u32>(g.in_width)));
        sum = add_outer(sum, load_right(w_at), x);
        w_at += vec4<u32>(1u);
      }
    }
    x_at += g.in_height * g.in_width;
  }
  let bias_at = row_start(forward_call.bias, id.z, 0u) + channel;
  let b = vec4<f32>(bias[bias_at.x], bias[bias_at.y], bias[bias_at.z], bias[bias_at.w]);
  sum = Block(
    add4(sum.row0, b.xxxx),
    add4(sum.row1, b.yyyy),
    add4(sum.row2, b.zzzz),
    add4(sum.row3, b.wwww),
  );
  let rows = g.out_channels - block * 4u;
  let valid = min(4u, plane - group * 4u);
  site_begin(g.site, id.z);
  let rounded = round_block(sum, rows, valid);
  site_end(false);
  let at = row_start(forward_call.y, id.z, sample) + block * 4u * plane + group * 4u;
  store_y(at, rounded.row0, valid);
  if (rows > 1u) {
    store_y(at + plane, rounded.row1, valid);
  }
  if (rows > 2u) {
    store_y(at + 2u * plane, rounded.row2, valid);
  }
  if (rows > 3u) {
    store_y(at + 3u * plane, rounded.row3, valid);
  }
}

// Rounds the first `rows` rows of a block, `valid` elements of each.
fn round_block(sum: Block, rows: u32, valid: u32) -> Block {
  var rounded = sum;
  rounded.row0 = site_round4(sum.row0, valid);
  if (rows > 1u) {
    rounded.row1 = site_round4(sum.row1, valid);
  }
  if (rows > 2u) {
    rounded.row2 = site_round4(sum.row2, valid);
  }
  if (rows > 3u) {
    rounded.row3 = site_round4(sum.row3, valid);
  }
  return rounded;
}

fn store_y(at: u32, values: vec4<f32>, valid: u32) {
  y[at] = values.x;
  if (valid > 1u) {
    y[at + 1u] = values.y;
  }
  if (valid > 2u) {
    y[at + 2u] = values.z;
  }
  if (valid > 3u) {
    y[at + 3u] = values.w;
  }
}

fn store_gradient(at: u32, values: vec4<f32>, valid: u32) {
  gradient[at] = values.x;
  if (valid > 1u) {
    gradient[at + 1u] = values.y;
  }
  if (valid > 2u) {
    gradient[at + 2u] = values.z;
  }
  if (valid > 3u) {
    gradient[at + 3u] = values.w;
  }
}

fn store_gradients(at: u32, row_stride: u32, rows: u32, values: Block, valid: u32) {
  store_gradient(at, values.row0, valid);
  if (rows > 1u) {
    store_gradient(at + row_stride, values.row1, valid);
  }
  if (rows > 2u) {
    store_gradient(at + 2u * row_stride, values.row2, valid);
  }
  if (rows > 3u) {
    store_gradient(at + 3u * row_stride, values.row3, valid);
  }
}

// Which output each of four inputs met at one tap, along one axis: distance = output · stride.
struct Meeting {
  output: vec4<u32>,
  exists: vec4<bool>,
}

// `distance` wraps around to a huge number where it is negative.
fn meeting(distance: vec4<u32>, stride: u32, outputs: u32) -> Meeting {
  if (stride == 1u) {
    return Meeting(distance, distance < vec4<u32>(outputs));
  }
  let output = distance / stride;
  return Meeting(output, (output * stride == distance) & (output < vec4<u32>(outputs)));
}

@compute @workgroup_size(64)
fn input_gradient(@builtin(global_invocation_id) id: vec3<u32>) {
  let g = input_call.geometry;
  let plane = g.in_height * g.in_width;
  let groups = (plane + 3u) / 4u;
  let blocks = (g.in_channels + 3u) / 4u;
  let group = id.x % groups;
  let block = id.x / groups % blocks;
  let sample = id.x / (groups * blocks);
  if (sample >= g.batch) {
    return;
  }
  begin_exact(control.zero);
  let position = min(group * 4u + COUNT, vec4<u32>(plane - 1u));
  let bottom = position / g.in_width + g.padding;
  let end = position % g.in_width + g.padding;
  let channel = min(block * 4u + COUNT, vec4<u32>(g.in_channels - 1u));
  let taps = g.kernel * g.kernel;
  let w_first = row_start(input_call.weight, id.z, 0u) + channel * taps;
  var dy_at = row_start(input_call.dy, id.z, sample);
  var sum = Block();
  for (var oc = 0u; oc < g.out_channels; oc++) {
    var w_at = w_first + oc * input_call.weight.row_stride;
    for (var ky = 0u; ky < g.kernel; ky++) {
      let row = meeting(bottom - ky, g.stride, g.out_height);
      let row_at = dy_at + row.output * g.out_width;
      for (var kx = 0u; kx < g.kernel; kx++) {
        let column = meeting(end - kx, g.stride, g.out_width);
        let dy = load_left(row_at + column.output, row.exists & column.exists);
        sum = add_outer(sum, load_right(w_at), dy);
        w_at += vec4<u32>(1u);
      }
    }
    dy_at += g.out_height * g.out_width;
  }
  let rows = g.in_channels - block * 4u;
  let valid = min(4u, plane - group * 4u);
  site_begin(g.site, id.z);
  let rounded = round_block(sum, rows, valid);
  site_end(false);
  let at = row_start(input_call.dx, id.z, sample) + block * 4u * plane + group * 4u;
  store_gradients(at, plane, rows, rounded, valid);
}

// dW, and in the invocations after those of dW db.
@compute @workgroup_size(16)
fn parameter_gradient(@builtin(global_invocation_id) id: vec3<u32>) {
  let g = parameter_call.geometry;
  let groups = (g.in_channels * g.kernel * g.kernel + 3u) / 4u;
  let blocks = (g.out_channels + 3u) / 4u;
  begin_exact(control.zero);
  if (id.x < groups * blocks) {
    weight_gradient(id.x % groups, id.x / groups, id.z);
  } else if (id.x < groups * blocks + blocks) {
    bias_gradient(id.x - groups * blocks, id.z);
  }
}

fn weight_gradient(group: u32, block: u32, lane: u32) {
  let g = parameter_call.geometry;
  let taps = g.in_channels * g.kernel * g.kernel;
  let tap = min(group * 4u + COUNT, vec4<u32>(taps - 1u));
  let in_plane = g.in_height * g.in_width;
  let out_plane = g.out_height * g.out_width;
  let tap_row = tap / g.kernel % g.kernel - g.padding;
  let tap_column = tap % g.kernel - g.padding;
  let tap_channel = tap / (g.kernel * g.kernel) * in_plane;
  let channel = min(block * 4u + COUNT, vec4<u32>(g.out_channels - 1u));
  var sum = Block();
  for (var sample = 0u; sample < g.batch; sample++) {
    var dy_at = row_start(parameter_call.dy, lane, sample) + channel * out_plane;
    let x_at = row_start(parameter_call.x, lane, sample) + tap_channel;
    for (var oy = 0u; oy < g.out_height; oy++) {
      let row = tap_row + oy * g.stride;
      let row_exists = row < vec4<u32>(g.in_height);
      let row_at = x_at + row * g.in_width;
      for (var ox = 0u; ox < g.out_width; ox++) {
        let column = tap_column + ox * g.stride;
        let x = load_x(row_at + column, row_exists & (column < vec4<u32>(g.in_width)));
        sum = add_outer(sum, load_dy(dy_at), x);
        dy_at += vec4<u32>(1u);
      }
    }
  }
  let rows = g.out_channels - block * 4u;
  let valid = min(4u, taps - group * 4u);
  site_begin(g.site, lane);
  let rounded = round_block(sum, rows, valid);
  site_end(true);
  let view = parameter_call.weight_gradient;
  let at = row_start(view, lane, block * 4u) + group * 4u;
  store_gradients(at, view.row_stride, rows, rounded, valid);
}

fn bias_gradient(block: u32, lane: u32) {
  let g = parameter_call.geometry;
  let plane = g.out_height * g.out_width;
  let channel = min(block * 4u + COUNT, vec4<u32>(g.out_channels - 1u));
  var sum = vec4<f32>();
  for (var sample = 0u; sample < g.batch; sample++) {
    var dy_at = row_start(parameter_call.dy, lane, sample) + channel * plane;
    for (var i = 0u; i < plane; i++) {
      sum = add4(sum, load_dy(dy_at));
      dy_at += vec4<u32>(1u);
    }
  }
  let valid = min(4u, g.out_channels - block * 4u);
  site_begin(g.bias_site, lane);
  let rounded = site_round4(sum, valid);
  site_end(true);
  store_gradient(row_start(parameter_call.bias_gradient, lane, 0u) + block * 4u, rounded, valid);
}

fn load_dy(at: vec4<u32>) -> vec4<f32> {
  return vec4<f32>(left[at.x], left[at.y], left[at.z], left[at.w]);
}

fn load_x(at: vec4<u32>, exists: vec4<bool>) -> vec4<f32> {
  let i = select(vec4<u32>(0u), at, exists);
  return select(vec4<f32>(), load_right(i), exists);
}
