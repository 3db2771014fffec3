// A loss in one dispatch: rows, their mean, and the gradient with respect to the logits. The mean adds the rows up in
// their order, so it needs all of them: one workgroup computes a lane, and its first invocation sums when all are done.

import package::engine::call::row_base;
import package::engine::control::control;
import package::engine::lanes::lanes;
import package::engine::sites::{site_begin, site_round4, site_end};
import package::layout::View;
import package::numerics::exact::{begin_exact, add, div, mul};
import package::ops::cross_entropy;
import package::ops::loss_mean::{report_mean, ONE};
import package::ops::mean_squared_error;

struct Call {
  logits: View,
  targets: View,
  stats: View,
  gradient: View,
  rows: u32,
  columns: u32,
  site: u32,
  // What the mean divides by.
  divisor: u32,
  // Of the mean squared error: f32(2/n).
  norm: f32,
}

@group(0) @binding(0) var<uniform> call: Call;
// The other operands are declared with the losses.
@group(0) @binding(7) var<storage, read_write> stats: array<vec4<u32>>;

const WORKGROUP: u32 = 64u;

@compute @workgroup_size(64)
fn cross_entropy_and_mean(@builtin(local_invocation_index) local: u32, @builtin(workgroup_id) group: vec3<u32>) {
  let lane = group.z;
  begin_exact(control.zero);
  let seed = cross_entropy::row_seed(call.rows, lane);
  site_begin(call.site, lane);
  for (var row = local; row < call.rows; row += WORKGROUP) {
    let at = cross_entropy::row_at(call.logits, call.targets, lane, row);
    let of_row = cross_entropy::stats_of(at, call.columns);
    stats[row_base(call.stats, lane, row)] = of_row;
    let place = vec2<u32>(row, lane);
    cross_entropy::write_gradient(at, bitcast<vec4<f32>>(of_row), seed, call.gradient, call.columns, place);
  }
  site_end(false);
  storageBarrier();
  mean_of_rows(local, lane);
}

@compute @workgroup_size(64)
fn mean_squared_error_and_mean(
  @builtin(local_invocation_index) local: u32,
  @builtin(workgroup_id) group: vec3<u32>,
) {
  let lane = group.z;
  begin_exact(control.zero);
  let seed = mul(lanes[lane].multiplier, lanes[lane].scale);
  site_begin(call.site, lane);
  for (var row = local; row < call.rows; row += WORKGROUP) {
    let x_at = row_base(call.logits, lane, row);
    let target_at = row_base(call.targets, lane, row);
    let gradient_at = row_base(call.gradient, lane, row);
    let of_row = mean_squared_error::stats_of(x_at, target_at, call.columns);
    stats[row_base(call.stats, lane, row)] = bitcast<vec4<u32>>(of_row);
    for (var i = 0u; i < (call.columns + 3u) / 4u; i++) {
      let value = mean_squared_error::x[x_at + i];
      let wanted = mean_squared_error::target_values[target_at + i];
      let valid = min(4u, call.columns - i * 4u);
      let unrounded = mean_squared_error::gradient_of(value, wanted, call.norm, seed);
      let index = row * call.gradient.row_stride + i * 4u;
      gradient[gradient_at + i] = site_round4(unrounded, valid, index);
    }
  }
  site_end(false);
  storageBarrier();
  mean_of_rows(local, lane);
}

@group(0) @binding(8) var<storage, read_write> gradient: array<vec4<f32>>;

// ops/loss_mean.wgsl, in the first invocation.
fn mean_of_rows(local: u32, lane: u32) {
  let base = row_base(call.stats, lane, 0u);
  var sum = 0.0;
  var correct = 0u;
  for (var row = 0u; row < select(0u, call.rows, local == 0u); row++) {
    let of_row = stats[base + row];
    sum = add(sum, bitcast<f32>(of_row.x));
    correct += select(0u, 1u, of_row.w == ONE);
  }
  if (local == 0u) {
    report_mean(div(sum, f32(call.divisor)), correct, lane);
  }
}
