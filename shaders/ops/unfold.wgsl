// Writes out what each window over an image sees, a row for each position; src/ops/conv2d-kernels.ts is the
// reference. An invocation writes one row, so that indices are counted up instead of divided out.

import package::engine::call::View;

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

// x or dy.
@group(0) @binding(5) var<storage, read> images: array<f32>;
@group(0) @binding(6) var<storage, read_write> windows: array<f32>;
@group(0) @binding(6) var<storage, read> weight: array<f32>;
@group(0) @binding(7) var<storage, read_write> gradient_windows: array<f32>;
@group(0) @binding(8) var<storage, read_write> by_input: array<f32>;

// Element (row, 0) of an operand.
fn row_start(view: View, lane: u32, row: u32) -> u32 {
  return view.offset + lane * view.lane_stride + row * view.row_stride;
}

// windows[(sample, oy, ox), (channel, ky, kx)] = x[sample, channel, oy·stride + ky - padding, …], +0 outside.
@compute @workgroup_size(64)
fn unfold(@builtin(global_invocation_id) id: vec3<u32>) {
  let g = forward_call.geometry;
  let plane = g.out_height * g.out_width;
  if (id.x >= g.batch * plane) {
    return;
  }
  let sample = id.x / plane;
  let position = id.x % plane;
  // What lies before the image wraps around to huge numbers.
  let top = position / g.out_width * g.stride - g.padding;
  let start = position % g.out_width * g.stride - g.padding;
  var x_at = row_start(forward_call.x, id.z, sample);
  var at = row_start(forward_call.windows, id.z, id.x);
  for (var channel = 0u; channel < g.in_channels; channel++) {
    for (var ky = 0u; ky < g.kernel; ky++) {
      let row_exists = top + ky < g.in_height;
      let row_at = x_at + (top + ky) * g.in_width;
      for (var kx = 0u; kx < g.kernel; kx++) {
        let exists = row_exists && start + kx < g.in_width;
        let value = images[select(0u, row_at + start + kx, exists)];
        windows[at] = select(0.0, value, exists);
        at++;
      }
    }
    x_at += g.in_height * g.in_width;
  }
}

// The output that an input met at one tap, along one axis; `distance` is its index times the stride.
struct Meeting {
  index: u32,
  exists: bool,
}

fn meeting(distance: u32, stride: u32, outputs: u32) -> Meeting {
  if (stride == 1u) {
    return Meeting(distance, distance < outputs);
  }
  let index = distance / stride;
  return Meeting(index, index * stride == distance && index < outputs);
}

// windows[(sample, iy, ix), (out, ky, kx)] = the dy with which x[sample, …, iy, ix] met W[out, …, ky, kx], +0 where
// it met none. In the invocations after those: by_input[channel, (out, ky, kx)] = W[out, channel, ky, kx].
@compute @workgroup_size(64)
fn unfold_gradient(@builtin(global_invocation_id) id: vec3<u32>) {
  let g = backward_call.geometry;
  let rows = g.batch * g.in_height * g.in_width;
  if (id.x < rows) {
    unfold_meetings(id.x, id.z);
  } else if (id.x - rows < g.in_channels * g.out_channels) {
    rearrange((id.x - rows) / g.out_channels, (id.x - rows) % g.out_channels, id.z);
  }
}

fn unfold_meetings(row: u32, lane: u32) {
  let g = backward_call.geometry;
  let plane = g.in_height * g.in_width;
  let position = row % plane;
  let bottom = position / g.in_width + g.padding;
  let end = position % g.in_width + g.padding;
  var dy_at = row_start(backward_call.dy, lane, row / plane);
  var at = row_start(backward_call.windows, lane, row);
  for (var out = 0u; out < g.out_channels; out++) {
    for (var ky = 0u; ky < g.kernel; ky++) {
      let oy = meeting(bottom - ky, g.stride, g.out_height);
      let row_at = dy_at + oy.index * g.out_width;
      for (var kx = 0u; kx < g.kernel; kx++) {
        let ox = meeting(end - kx, g.stride, g.out_width);
        let exists = oy.exists && ox.exists;
        let value = images[select(0u, row_at + ox.index, exists)];
        gradient_windows[at] = select(0.0, value, exists);
        at++;
      }
    }
    dy_at += g.out_height * g.out_width;
  }
}

fn rearrange(channel: u32, out: u32, lane: u32) {
  let taps = backward_call.geometry.kernel * backward_call.geometry.kernel;
  let source = row_start(backward_call.weight, lane, out) + channel * taps;
  let target_at = row_start(backward_call.by_input, lane, channel) + out * taps;
  for (var i = 0u; i < taps; i++) {
    by_input[target_at + i] = weight[source + i];
  }
}
