// Max-pooling; src/ops/maxpool2d.ts is the reference. Values are bit patterns, because float comparisons with NaN are
// not to be relied on. Unless told otherwise, an invocation writes one vec4 of a row.

import package::engine::call::row_base;
import package::engine::control::control;
import package::engine::sites::{site_begin, site_round4, site_end};
import package::layout::View;
import package::numerics::exact::{begin_exact, add};

// geometryWords() in src/ops/images.ts, then the site where there is one.
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
}

struct ForwardCall {
  x: View,
  y: View,
  geometry: Geometry,
}

struct GradientCall {
  dy: View,
  x: View,
  dx: View,
  geometry: Geometry,
}

@group(0) @binding(0) var<uniform> forward_call: ForwardCall;
@group(0) @binding(0) var<uniform> gradient_call: GradientCall;
@group(0) @binding(5) var<storage, read> x: array<u32>;
@group(0) @binding(6) var<storage, read_write> y: array<vec4<u32>>;
@group(0) @binding(5) var<storage, read> dy: array<u32>;
@group(0) @binding(6) var<storage, read> x_before: array<u32>;
@group(0) @binding(7) var<storage, read_write> dx: array<u32>;
@group(0) @binding(7) var<storage, read_write> dx_rounded: array<vec4<f32>>;

const SIGN: u32 = 0x80000000u;
const MAGNITUDE: u32 = 0x7fffffffu;
const INFINITY_BITS: u32 = 0x7f800000u;

// Unsigned integers in the order of the floats; both zeros are equal.
fn order(u: u32) -> u32 {
  let value = select(u, 0u, u == SIGN);
  return select(value | SIGN, ~value, (value & SIGN) != 0u);
}

fn is_nan(u: u32) -> bool {
  return (u & MAGNITUDE) > INFINITY_BITS;
}

// Whether a value takes the place of the best one so far.
fn beats(value: u32, best: u32) -> bool {
  return is_nan(value) || (!is_nan(best) && order(value) > order(best));
}

@compute @workgroup_size(64)
fn forward(@builtin(global_invocation_id) id: vec3<u32>) {
  let g = forward_call.geometry;
  let in_row = forward_call.y.row_stride / 4u;
  let row = id.x / in_row;
  if (row >= g.batch) {
    return;
  }
  let sample = row_base(forward_call.x, id.z, row) * 4u;
  let first = (id.x % in_row) * 4u;
  var values = vec4<u32>(0u);
  for (var i = 0u; i < 4u; i++) {
    let output = first + i;
    if (output < forward_call.y.columns) {
      let window = window_start(g, output);
      var best = x[sample + window];
      for (var ky = 0u; ky < g.kernel; ky++) {
        for (var kx = 0u; kx < g.kernel; kx++) {
          let value = x[sample + window + ky * g.in_width + kx];
          best = select(best, value, beats(value, best));
        }
      }
      values[i] = best;
    }
  }
  y[row_base(forward_call.y, id.z, row) + id.x % in_row] = values;
}

// Offset in its sample of the first input in the window of an output.
fn window_start(g: Geometry, output: u32) -> u32 {
  let plane = g.out_height * g.out_width;
  let channel = output / plane;
  let oy = (output % plane) / g.out_width;
  let ox = output % g.out_width;
  return (channel * g.in_height + oy * g.stride) * g.in_width + ox * g.stride;
}

// An invocation writes the inputs of one window and those between it and the next ones, which have no gradient.
@compute @workgroup_size(64)
fn input_gradient(@builtin(global_invocation_id) id: vec3<u32>) {
  let g = gradient_call.geometry;
  let tile_columns = (g.in_width + g.stride - 1u) / g.stride;
  let tile_rows = (g.in_height + g.stride - 1u) / g.stride;
  let tile_row = id.x / tile_columns;
  let ox = id.x % tile_columns;
  let oy = tile_row % tile_rows;
  let image = tile_row / tile_rows;
  let row = image / g.in_channels;
  let channel = image % g.in_channels;
  if (row >= g.batch) {
    return;
  }
  let corner = (channel * g.in_height + oy * g.stride) * g.in_width + ox * g.stride;
  // At the far edges there may be rows and columns that no window reaches; no offset is this.
  var maximum = 0xffffffffu;
  var gradient = 0u;
  if (oy < g.out_height && ox < g.out_width) {
    maximum = largest(g, row_base(gradient_call.x, id.z, row) * 4u, corner);
    let output = (channel * g.out_height + oy) * g.out_width + ox;
    gradient = dy[row_base(gradient_call.dy, id.z, row) * 4u + output];
  }
  let sample = row_base(gradient_call.dx, id.z, row) * 4u;
  for (var down = 0u; down < min(g.stride, g.in_height - oy * g.stride); down++) {
    for (var right = 0u; right < min(g.stride, g.in_width - ox * g.stride); right++) {
      let at = corner + down * g.in_width + right;
      dx[sample + at] = select(0u, gradient, at == maximum);
    }
  }
}

// Offset in its sample of the maximum of the window that starts at `window`.
fn largest(g: Geometry, sample: u32, window: u32) -> u32 {
  var best = x_before[sample + window];
  var best_at = window;
  for (var ky = 0u; ky < g.kernel; ky++) {
    for (var kx = 0u; kx < g.kernel; kx++) {
      let at = window + ky * g.in_width + kx;
      let value = x_before[sample + at];
      let better = beats(value, best);
      best = select(best, value, better);
      best_at = select(best_at, at, better);
    }
  }
  return best_at;
}

// Where windows overlap, an input's gradient is a sum.
@compute @workgroup_size(64)
fn summed_input_gradient(@builtin(global_invocation_id) id: vec3<u32>) {
  let g = gradient_call.geometry;
  let in_row = gradient_call.dx.row_stride / 4u;
  let row = id.x / in_row;
  if (row >= g.batch) {
    return;
  }
  begin_exact(control.zero);
  let sample = row_base(gradient_call.x, id.z, row) * 4u;
  let gradients = row_base(gradient_call.dy, id.z, row) * 4u;
  let first = (id.x % in_row) * 4u;
  let valid = min(4u, gradient_call.dx.columns - first);
  var sums = vec4<f32>();
  for (var i = 0u; i < valid; i++) {
    sums[i] = sum_of_wins(g, sample, gradients, first + i);
  }
  site_begin(g.site, id.z);
  dx_rounded[row_base(gradient_call.dx, id.z, row) + id.x % in_row] = site_round4(sums, valid, id.x * 4u);
  site_end(false);
}

// The first of the windows along one axis that hold a position.
fn first_window(g: Geometry, position: u32) -> u32 {
  return select(0u, (position - g.kernel) / g.stride + 1u, position >= g.kernel);
}

// The sum of dy over the windows whose maximum an input is.
fn sum_of_wins(g: Geometry, sample: u32, gradients: u32, input: u32) -> f32 {
  let plane = g.in_height * g.in_width;
  let iy = (input % plane) / g.in_width;
  let ix = input % g.in_width;
  var sum = 0.0;
  for (var oy = first_window(g, iy); oy <= min(iy / g.stride, g.out_height - 1u); oy++) {
    for (var ox = first_window(g, ix); ox <= min(ix / g.stride, g.out_width - 1u); ox++) {
      let output = ((input / plane) * g.out_height + oy) * g.out_width + ox;
      if (largest(g, sample, window_start(g, output)) == input) {
        sum = add(sum, bitcast<f32>(dy[gradients + output]));
      }
    }
  }
  return sum;
}
