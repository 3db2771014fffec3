// Average-pooling; src/ops/average-pool2d.ts is the reference. An invocation writes one vec4 of a row.

import package::engine::call::row_base;
import package::engine::control::control;
import package::engine::sites::{site_begin, site_round4, site_end};
import package::layout::View;
import package::numerics::exact::{begin_exact, add, div};

// geometryWords() in src/ops/images.ts, then the site.
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

struct Call {
  // x and y, or dy and dx.
  from_view: View,
  to_view: View,
  geometry: Geometry,
}

@group(0) @binding(0) var<uniform> call: Call;
@group(0) @binding(5) var<storage, read> values: array<f32>;
@group(0) @binding(6) var<storage, read_write> results: array<vec4<f32>>;

@compute @workgroup_size(64)
fn forward(@builtin(global_invocation_id) id: vec3<u32>) {
  let vectors = call.to_view.row_stride / 4u;
  let row = id.x / vectors;
  if (row >= call.geometry.batch) {
    return;
  }
  begin_exact(control.zero);
  let first = id.x % vectors * 4u;
  let valid = min(4u, call.to_view.columns - first);
  let sample = row_base(call.from_view, id.z, row) * 4u;
  var means = vec4<f32>();
  for (var i = 0u; i < valid; i++) {
    means[i] = mean_of_window(sample, first + i);
  }
  site_begin(call.geometry.site, id.z);
  results[row_base(call.to_view, id.z, row) + first / 4u] = site_round4(means, valid, id.x * 4u);
  site_end(false);
}

fn mean_of_window(sample: u32, output: u32) -> f32 {
  let g = call.geometry;
  let plane = g.out_height * g.out_width;
  let top = output % plane / g.out_width * g.stride;
  let first = sample + (output / plane * g.in_height + top) * g.in_width + output % g.out_width * g.stride;
  var sum = 0.0;
  for (var ky = 0u; ky < g.kernel; ky++) {
    for (var kx = 0u; kx < g.kernel; kx++) {
      sum = add(sum, values[first + ky * g.in_width + kx]);
    }
  }
  return div(sum, f32(g.kernel * g.kernel));
}

@compute @workgroup_size(64)
fn input_gradient(@builtin(global_invocation_id) id: vec3<u32>) {
  let vectors = call.to_view.row_stride / 4u;
  let row = id.x / vectors;
  if (row >= call.geometry.batch) {
    return;
  }
  begin_exact(control.zero);
  let first = id.x % vectors * 4u;
  let valid = min(4u, call.to_view.columns - first);
  let sample = row_base(call.from_view, id.z, row) * 4u;
  var sums = vec4<f32>();
  for (var i = 0u; i < valid; i++) {
    sums[i] = sum_of_shares(sample, first + i);
  }
  site_begin(call.geometry.site, id.z);
  results[row_base(call.to_view, id.z, row) + first / 4u] = site_round4(sums, valid, id.x * 4u);
  site_end(false);
}

// The first of the windows along one axis that hold a position.
fn first_window(position: u32) -> u32 {
  let g = call.geometry;
  return select(0u, (position - g.kernel) / g.stride + 1u, position >= g.kernel);
}

// Shares of all windows that hold an input.
fn sum_of_shares(sample: u32, input: u32) -> f32 {
  let g = call.geometry;
  let plane = g.in_height * g.in_width;
  let iy = input % plane / g.in_width;
  let ix = input % g.in_width;
  let channel = input / plane;
  var sum = 0.0;
  for (var oy = first_window(iy); oy <= min(iy / g.stride, g.out_height - 1u); oy++) {
    for (var ox = first_window(ix); ox <= min(ix / g.stride, g.out_width - 1u); ox++) {
      let dy = values[sample + (channel * g.out_height + oy) * g.out_width + ox];
      sum = add(sum, div(dy, f32(g.kernel * g.kernel)));
    }
  }
  return sum;
}
