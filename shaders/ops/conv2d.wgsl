// Two-dimensional convolution (cross-correlation) of NCHW images; src/ops/conv2d-kernels.ts is the reference.
//
// The windows of the images have been written out before, a row for each position (unfold.wgsl); what remains are
// products of matrices whose rows are whole vec4s. Channels of an image need not start at a whole vec4.

import package::engine::call::{View, row_base};
import package::engine::control::control;
import package::engine::sites::{site_begin, site_round4, site_end};
import package::numerics::exact::{begin_exact, add4};
import package::ops::block::{Block, Sums, add_four, add_outer, transposed, row_of, round_block};

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

struct ForwardCall {
  windows: View,
  weight: View,
  bias: View,
  y: View,
  sizes: ProductSizes,
}

struct InputGradientCall {
  windows: View,
  weight: View,
  dx: View,
  sizes: ProductSizes,
}

struct ParameterGradientCall {
  dy: View,
  windows: View,
  weight_gradient: View,
  bias_gradient: View,
  batch: u32,
  channels: u32,
  plane: u32,
  taps: u32,
  site: u32,
  bias_site: u32,
}

@group(0) @binding(0) var<uniform> forward_call: ForwardCall;
@group(0) @binding(0) var<uniform> input_call: InputGradientCall;
@group(0) @binding(0) var<uniform> parameter_call: ParameterGradientCall;

// Windows and weight, or dy and windows.
@group(0) @binding(5) var<storage, read> left: array<vec4<f32>>;
@group(0) @binding(6) var<storage, read> right: array<vec4<f32>>;
@group(0) @binding(7) var<storage, read> bias: array<vec4<f32>>;
@group(0) @binding(8) var<storage, read_write> y: array<vec4<f32>>;
// dx, or the arena that holds both parameter gradients.
@group(0) @binding(7) var<storage, read_write> gradient: array<vec4<f32>>;

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

// What an invocation of a product of images computes: four positions of four channels, the first of which are here.
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

// The rows of weights times the rows of windows: channels by positions.
fn product(weight_at: vec4<u32>, windows_at: vec4<u32>, terms: u32) -> Block {
  var sums = Sums();
  let whole = terms / 4u;
  for (var k = 0u; k < whole; k++) {
    sums = add_four(sums, transposed(load_right(weight_at, k)), transposed(load_left(windows_at, k)));
  }
  let rest = terms % 4u;
  if (rest > 0u) {
    let w = transposed(load_right(weight_at, whole));
    let x = transposed(load_left(windows_at, whole));
    for (var k = 0u; k < rest; k++) {
      sums = add_outer(sums, row_of(w, k), row_of(x, k));
    }
  }
  return sums.at;
}

// y = round(W · transpose(windows) + b), sample by sample
@compute @workgroup_size(64)
fn forward(@builtin(global_invocation_id) id: vec3<u32>) {
  let sizes = forward_call.sizes;
  let place = place_of(id.x, sizes);
  if (place.sample >= sizes.batch) {
    return;
  }
  begin_exact(control.zero);
  let first = place.sample * sizes.plane;
  let windows_at = row_bases(forward_call.windows, id.z, first + place.position, first + sizes.plane);
  let weight_at = row_bases(forward_call.weight, id.z, place.channel, sizes.channels);
  let sum = product(weight_at, windows_at, sizes.terms);
  let b = bias[row_base(forward_call.bias, id.z, 0u) + place.channel / 4u];
  let biased = Block(
    add4(sum.row0, b.xxxx),
    add4(sum.row1, b.yyyy),
    add4(sum.row2, b.zzzz),
    add4(sum.row3, b.wwww),
  );
  let rows = min(4u, sizes.channels - place.channel);
  let valid = min(4u, sizes.plane - place.position);
  site_begin(sizes.site, id.z);
  let rounded = round_block(biased, rows, valid);
  site_end(false);
  let at = row_base(forward_call.y, id.z, place.sample) * 4u + place.channel * sizes.plane + place.position;
  for (var i = 0u; i < rows; i++) {
    store_y(at + i * sizes.plane, row_of(rounded, i), valid);
  }
}

// Stores the first `valid` values from element `at` on. Here and below, a loop that need not run stands for a branch:
// a software adapter executes both sides of a branch.
fn store_y(at: u32, values: vec4<f32>, valid: u32) {
  let aligned = at % 4u == 0u && valid == 4u;
  if (aligned) {
    y[at / 4u] = values;
  }
  for (var i = 0u; i < select(valid, 0u, aligned); i++) {
    y[(at + i) / 4u][(at + i) % 4u] = values[i];
  }
}

fn store_gradient(at: u32, values: vec4<f32>, valid: u32) {
  let aligned = at % 4u == 0u && valid == 4u;
  if (aligned) {
    gradient[at / 4u] = values;
  }
  for (var i = 0u; i < select(valid, 0u, aligned); i++) {
    gradient[(at + i) / 4u][(at + i) % 4u] = values[i];
  }
}

// dx = round(W by input channel · transpose(windows of dy)), sample by sample
@compute @workgroup_size(64)
fn input_gradient(@builtin(global_invocation_id) id: vec3<u32>) {
  let sizes = input_call.sizes;
  let place = place_of(id.x, sizes);
  if (place.sample >= sizes.batch) {
    return;
  }
  begin_exact(control.zero);
  let first = place.sample * sizes.plane;
  let windows_at = row_bases(input_call.windows, id.z, first + place.position, first + sizes.plane);
  let weight_at = row_bases(input_call.weight, id.z, place.channel, sizes.channels);
  let sum = product(weight_at, windows_at, sizes.terms);
  let rows = min(4u, sizes.channels - place.channel);
  let valid = min(4u, sizes.plane - place.position);
  site_begin(sizes.site, id.z);
  let rounded = round_block(sum, rows, valid);
  site_end(false);
  let at = row_base(input_call.dx, id.z, place.sample) * 4u + place.channel * sizes.plane + place.position;
  for (var i = 0u; i < rows; i++) {
    store_gradient(at + i * sizes.plane, row_of(rounded, i), valid);
  }
}

// dW = round(dy · windows), and in the invocations after those of dW db = round(sum of dy). The sums are long and
// the weights few, so the workgroups are small.
@compute @workgroup_size(16)
fn parameter_gradient(@builtin(global_invocation_id) id: vec3<u32>) {
  let groups = (parameter_call.taps + 3u) / 4u;
  let blocks = (parameter_call.channels + 3u) / 4u;
  begin_exact(control.zero);
  if (id.x < groups * blocks) {
    weight_gradient(id.x % groups, id.x / groups, id.z);
  } else if (id.x < groups * blocks + blocks) {
    bias_gradient(id.x - groups * blocks, id.z);
  }
}

// Positions of a channel that can be read as whole vec4s of dy: all of them, or none.
fn whole_positions() -> u32 {
  return select(0u, parameter_call.plane, parameter_call.plane % 4u == 0u);
}

// First elements of four channels of dy in one sample; channels past the end repeat the last one.
fn channel_starts(lane: u32, sample: u32, block: u32) -> vec4<u32> {
  let channels = min(block * 4u + STEPS, vec4<u32>(parameter_call.channels - 1u));
  return row_base(parameter_call.dy, lane, sample) * 4u + channels * parameter_call.plane;
}

// Four elements of dy, wherever they lie.
fn load_dy(at: vec4<u32>) -> vec4<f32> {
  let i = at / 4u;
  let c = at % 4u;
  return vec4<f32>(left[i.x][c.x], left[i.y][c.y], left[i.z][c.z], left[i.w][c.w]);
}

fn weight_gradient(group: u32, block: u32, lane: u32) {
  let whole = whole_positions();
  let stride = parameter_call.windows.row_stride / 4u;
  var windows_at = row_base(parameter_call.windows, lane, 0u) + group;
  var sums = Sums();
  for (var sample = 0u; sample < parameter_call.batch; sample++) {
    let dy_at = channel_starts(lane, sample, block);
    for (var i = 0u; i < whole; i += 4u) {
      let dy = transposed(load_left(dy_at / 4u, i / 4u));
      sums = add_four(sums, dy, load_right(windows_at + stride * STEPS, 0u));
      windows_at += 4u * stride;
    }
    for (var i = whole; i < parameter_call.plane; i++) {
      sums = add_outer(sums, load_dy(dy_at + i), right[windows_at]);
      windows_at += stride;
    }
  }
  let rows = min(4u, parameter_call.channels - block * 4u);
  let valid = min(4u, parameter_call.taps - group * 4u);
  site_begin(parameter_call.site, lane);
  let rounded = round_block(sums.at, rows, valid);
  site_end(true);
  let view = parameter_call.weight_gradient;
  // The rows of the weight are padded, so whole vec4s can be stored; the pads have come out as +0.
  let at = row_base(view, lane, block * 4u) + group;
  for (var i = 0u; i < rows; i++) {
    gradient[at + i * (view.row_stride / 4u)] = row_of(rounded, i);
  }
}

fn bias_gradient(block: u32, lane: u32) {
  let whole = whole_positions();
  var sum = vec4<f32>();
  for (var sample = 0u; sample < parameter_call.batch; sample++) {
    let dy_at = channel_starts(lane, sample, block);
    for (var i = 0u; i < whole; i += 4u) {
      let dy = transposed(load_left(dy_at / 4u, i / 4u));
      sum = add4(add4(add4(add4(sum, dy.row0), dy.row1), dy.row2), dy.row3);
    }
    for (var i = whole; i < parameter_call.plane; i++) {
      sum = add4(sum, load_dy(dy_at + i));
    }
  }
  site_begin(parameter_call.bias_site, lane);
  let rounded = site_round4(sum, min(4u, parameter_call.channels - block * 4u));
  site_end(true);
  gradient[row_base(parameter_call.bias_gradient, lane, 0u) + block] = rounded;
}
