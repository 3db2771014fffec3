// A loss that some lane rounds; src/ops/rounded-loss.ts is the reference. One invocation to a lane.

import package::engine::call::lane_base;
import package::engine::control::control;
import package::engine::lanes::lanes;
import package::engine::sites::{site_begin, site_round, site_end};
import package::layout::View;
import package::numerics::exact::{begin_exact, add, div, mul};
import package::ops::loss_mean::{report_mean, ONE};

struct MeanCall {
  stats: View,
  mean: View,
  rows: u32,
  divisor: u32,
  site: u32,
}

struct SeedCall {
  scaled: View,
  seed: View,
  scaled_site: u32,
  seed_site: u32,
}

@group(0) @binding(0) var<uniform> mean_call: MeanCall;
@group(0) @binding(0) var<uniform> seed_call: SeedCall;
// Per row: loss, two numbers for the gradient, 1 if correct.
@group(0) @binding(5) var<storage, read> row_stats: array<vec4<f32>>;
@group(0) @binding(5) var<storage, read_write> scaled: array<vec4<f32>>;
@group(0) @binding(6) var<storage, read_write> mean_out: array<vec4<f32>>;
@group(0) @binding(6) var<storage, read_write> seed_out: array<vec4<f32>>;

@compute @workgroup_size(1)
fn mean(@builtin(global_invocation_id) id: vec3<u32>) {
  begin_exact(control.zero);
  let base = lane_base(mean_call.stats, id.z);
  var sum = 0.0;
  var correct = 0u;
  for (var row = 0u; row < mean_call.rows; row++) {
    let of_row = row_stats[base + row];
    sum = add(sum, of_row.x);
    correct += select(0u, 1u, bitcast<u32>(of_row.w) == ONE);
  }
  site_begin(mean_call.site, id.z);
  let rounded = site_round(div(sum, f32(mean_call.divisor)), 0u);
  site_end(false);
  mean_out[lane_base(mean_call.mean, id.z)] = vec4<f32>(rounded, 0.0, 0.0, 0.0);
  report_mean(rounded, correct, id.z);
}

@compute @workgroup_size(1)
fn seed(@builtin(global_invocation_id) id: vec3<u32>) {
  begin_exact(control.zero);
  site_begin(seed_call.scaled_site, id.z);
  let scale = site_round(lanes[id.z].scale, 0u);
  site_end(false);
  scaled[lane_base(seed_call.scaled, id.z)] = vec4<f32>(scale, 0.0, 0.0, 0.0);
  site_begin(seed_call.seed_site, id.z);
  let value = site_round(mul(lanes[id.z].multiplier, scale), 0u);
  site_end(false);
  seed_out[lane_base(seed_call.seed, id.z)] = vec4<f32>(value, 0.0, 0.0, 0.0);
}
