// Writes out what the windows over images see, a row for each sample and tap with the positions in it ("im2col");
// src/ops/conv2d-kernels.ts is the reference. An invocation treats all taps of one channel at four positions.

import package::engine::call::row_base;
import package::layout::View;

// geometryWords() in src/ops/images.ts.
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
}

struct ForwardCall {
  x: View,
  windows: View,
  geometry: Geometry,
}

struct BackwardCall {
  dy: View,
  weight: View,
  windows: View,
  by_input: View,
  geometry: Geometry,
}

@group(0) @binding(0) var<uniform> forward_call: ForwardCall;
@group(0) @binding(0) var<uniform> backward_call: BackwardCall;

// x or dy, channels of which may begin anywhere.
@group(0) @binding(5) var<storage, read> images: array<f32>;
@group(0) @binding(6) var<storage, read_write> windows: array<vec4<f32>>;
@group(0) @binding(6) var<storage, read> weight: array<f32>;
@group(0) @binding(7) var<storage, read_write> gradient_windows: array<vec4<f32>>;
@group(0) @binding(8) var<storage, read_write> by_input: array<f32>;

const STEPS = vec4<u32>(0u, 1u, 2u, 3u);

// A value of the images, or +0 where there is none; `at` may then be anything.
fn load(at: u32, exists: bool) -> f32 {
  return select(0.0, images[select(0u, at, exists)], exists);
}

fn load4(at: vec4<u32>, exists: vec4<bool>) -> vec4<f32> {
  return vec4<f32>(
    load(at.x, exists.x),
    load(at.y, exists.y),
    load(at.z, exists.z),
    load(at.w, exists.w),
  );
}

// What an invocation writes.
struct Place {
  sample: u32,
  channel: u32,
  // Of four positions.
  group: u32,
}

fn place_of(index: u32, channels: u32, plane: u32) -> Place {
  let groups = (plane + 3u) / 4u;
  let rest = index / groups;
  return Place(rest / channels, rest % channels, index % groups);
}

// windows[(sample, channel, ky, kx), (oy, ox)] = x[sample, channel, oy·stride + ky - padding, …], +0 outside. Rows and
// columns before the image wrap around to huge numbers.
@compute @workgroup_size(64)
fn unfold(@builtin(global_invocation_id) id: vec3<u32>) {
  let g = forward_call.geometry;
  let plane = g.out_height * g.out_width;
  let place = place_of(id.x, g.in_channels, plane);
  if (place.sample >= g.batch) {
    return;
  }
  let position = place.group * 4u + STEPS;
  let top = position / g.out_width * g.stride - g.padding;
  let start = position % g.out_width * g.stride - g.padding;
  let real = position < vec4<u32>(plane);
  let x_at = row_base(forward_call.x, id.z, place.sample) * 4u + place.channel * g.in_height * g.in_width;
  let first_row = (place.sample * g.in_channels + place.channel) * g.kernel * g.kernel;
  var at = row_base(forward_call.windows, id.z, first_row) + place.group;
  for (var ky = 0u; ky < g.kernel; ky++) {
    let row = top + ky;
    let row_exists = (row < vec4<u32>(g.in_height)) & real;
    let row_at = x_at + row * g.in_width + start;
    for (var kx = 0u; kx < g.kernel; kx++) {
      windows[at] = load4(row_at + kx, row_exists & (start + kx < vec4<u32>(g.in_width)));
      at += forward_call.windows.row_stride / 4u;
    }
  }
}

// The same where a window moves by one and rows of positions are whole vec4s: from one tap to the next, the values
// move up by one place.
@compute @workgroup_size(64)
fn unfold_moving(@builtin(global_invocation_id) id: vec3<u32>) {
  let g = forward_call.geometry;
  let plane = g.out_height * g.out_width;
  let place = place_of(id.x, g.in_channels, plane);
  if (place.sample >= g.batch) {
    return;
  }
  let top = place.group * 4u / g.out_width - g.padding;
  let start = place.group * 4u % g.out_width - g.padding;
  let x_at = row_base(forward_call.x, id.z, place.sample) * 4u + place.channel * g.in_height * g.in_width;
  let first_row = (place.sample * g.in_channels + place.channel) * g.kernel * g.kernel;
  var at = row_base(forward_call.windows, id.z, first_row) + place.group;
  for (var ky = 0u; ky < g.kernel; ky++) {
    let row_exists = top + ky < g.in_height;
    let row_at = x_at + (top + ky) * g.in_width + start;
    let column = start + STEPS;
    var values = load4(row_at + STEPS, vec4<bool>(row_exists) & (column < vec4<u32>(g.in_width)));
    windows[at] = values;
    at += forward_call.windows.row_stride / 4u;
    for (var kx = 4u; kx < g.kernel + 3u; kx++) {
      values = vec4<f32>(values.yzw, load(row_at + kx, row_exists && start + kx < g.in_width));
      windows[at] = values;
      at += forward_call.windows.row_stride / 4u;
    }
  }
}

// The output that an input met at one tap, along one axis; `distance` is its index times the stride.
struct Meeting {
  index: vec4<u32>,
  exists: vec4<bool>,
}

fn meeting(distance: vec4<u32>, stride: u32, outputs: u32) -> Meeting {
  let index = distance / stride;
  return Meeting(index, (index * stride == distance) & (index < vec4<u32>(outputs)));
}

// windows[(sample, out, ky, kx), (iy, ix)] = the dy of the output that x at (iy, ix) met at this tap, +0 if none. In
// the invocations after those: by_input[channel, (out, ky, kx)] = W[out, channel, ky, kx].
@compute @workgroup_size(64)
fn unfold_gradient(@builtin(global_invocation_id) id: vec3<u32>) {
  let g = backward_call.geometry;
  let plane = g.in_height * g.in_width;
  let place = place_of(id.x, g.out_channels, plane);
  if (place.sample >= g.batch) {
    rearrange(id.x - g.batch * g.out_channels * ((plane + 3u) / 4u), id.z);
    return;
  }
  let position = place.group * 4u + STEPS;
  let bottom = position / g.in_width + g.padding;
  let end = position % g.in_width + g.padding;
  let real = position < vec4<u32>(plane);
  let dy_at = row_base(backward_call.dy, id.z, place.sample) * 4u + place.channel * g.out_height * g.out_width;
  let first_row = (place.sample * g.out_channels + place.channel) * g.kernel * g.kernel;
  var at = row_base(backward_call.windows, id.z, first_row) + place.group;
  for (var ky = 0u; ky < g.kernel; ky++) {
    let row = meeting(bottom - ky, g.stride, g.out_height);
    let row_at = dy_at + row.index * g.out_width;
    let row_exists = row.exists & real;
    for (var kx = 0u; kx < g.kernel; kx++) {
      let column = meeting(end - kx, g.stride, g.out_width);
      gradient_windows[at] = load4(row_at + column.index, row_exists & column.exists);
      at += backward_call.windows.row_stride / 4u;
    }
  }
}

// The same where a window moved by one and rows of positions are whole vec4s.
@compute @workgroup_size(64)
fn unfold_gradient_moving(@builtin(global_invocation_id) id: vec3<u32>) {
  let g = backward_call.geometry;
  let plane = g.in_height * g.in_width;
  let place = place_of(id.x, g.out_channels, plane);
  if (place.sample >= g.batch) {
    rearrange(id.x - g.batch * g.out_channels * ((plane + 3u) / 4u), id.z);
    return;
  }
  let bottom = place.group * 4u / g.in_width + g.padding;
  let end = place.group * 4u % g.in_width + g.padding;
  let dy_at = row_base(backward_call.dy, id.z, place.sample) * 4u + place.channel * g.out_height * g.out_width;
  let first_row = (place.sample * g.out_channels + place.channel) * g.kernel * g.kernel;
  var at = row_base(backward_call.windows, id.z, first_row) + place.group;
  for (var ky = 0u; ky < g.kernel; ky++) {
    let row_exists = bottom - ky < g.out_height;
    let row_at = dy_at + (bottom - ky) * g.out_width + end;
    let column = end + STEPS;
    var values = load4(row_at + STEPS, vec4<bool>(row_exists) & (column < vec4<u32>(g.out_width)));
    gradient_windows[at] = values;
    at += backward_call.windows.row_stride / 4u;
    for (var kx = 1u; kx < g.kernel; kx++) {
      values = vec4<f32>(load(row_at - kx, row_exists && end - kx < g.out_width), values.xyz);
      gradient_windows[at] = values;
      at += backward_call.windows.row_stride / 4u;
    }
  }
}

// One invocation for each pair of channels.
fn rearrange(pair: u32, lane: u32) {
  let g = backward_call.geometry;
  if (pair >= g.in_channels * g.out_channels) {
    return;
  }
  let channel = pair / g.out_channels;
  let out = pair % g.out_channels;
  let taps = g.kernel * g.kernel;
  let source = row_base(backward_call.weight, lane, out) * 4u + channel * taps;
  let goal = row_base(backward_call.by_input, lane, channel) * 4u + out * taps;
  for (var i = 0u; i < taps; i++) {
    by_input[goal + i] = weight[source + i];
  }
}
