// Softmax cross-entropy; src/ops/cross-entropy.ts is the reference. One invocation to a row.

import package::engine::call::{View, row_base};
import package::engine::control::control;
import package::engine::lanes::lanes;
import package::engine::sites::{site_begin, site_round4, site_end};
import package::numerics::elementary::{exp_f32, log_f32};
import package::numerics::exact::{begin_exact, add, div, mul, sub, SIGN, MAGNITUDE, INFINITY_BITS, QUIET_NAN};

struct ForwardCall {
  logits: View,
  labels: View,
  stats: View,
  rows: u32,
  classes: u32,
}

struct GradientCall {
  logits: View,
  labels: View,
  stats: View,
  dz: View,
  rows: u32,
  classes: u32,
  site: u32,
}

@group(0) @binding(0) var<uniform> forward_call: ForwardCall;
@group(0) @binding(0) var<uniform> gradient_call: GradientCall;
@group(0) @binding(5) var<storage, read> logits: array<f32>;
@group(0) @binding(6) var<storage, read> labels: array<vec4<f32>>;
// Per row: loss, largest logit, log of the sum, 1 if correct; as bit patterns.
@group(0) @binding(7) var<storage, read_write> stats: array<vec4<u32>>;
@group(0) @binding(7) var<storage, read> stats_before: array<vec4<f32>>;
@group(0) @binding(8) var<storage, read_write> dz: array<vec4<f32>>;

const NAN_RANK: u32 = 0xffffffffu;

// Orders floats as unsigned integers: both zeros alike, every NaN above all numbers.
fn rank(u: u32) -> u32 {
  let magnitude = u & MAGNITUDE;
  if (magnitude > INFINITY_BITS) {
    return NAN_RANK;
  }
  return select(SIGN + magnitude, SIGN - magnitude, (u & SIGN) != 0u);
}

@compute @workgroup_size(64)
fn forward(@builtin(global_invocation_id) id: vec3<u32>) {
  let row = id.x;
  let lane = id.z;
  if (row >= forward_call.rows) {
    return;
  }
  begin_exact(control.zero);
  let at = row_base(forward_call.logits, lane, row) * 4u;
  let label = u32(labels[row_base(forward_call.labels, lane, row)].x);
  var largest = 0u;
  var largest_rank = rank(bitcast<u32>(logits[at]));
  for (var i = 1u; i < forward_call.classes; i++) {
    let its_rank = rank(bitcast<u32>(logits[at + i]));
    if (its_rank > largest_rank) {
      largest = i;
      largest_rank = its_rank;
    }
  }
  let correct = largest == label && largest_rank != NAN_RANK;
  var max_bits = bitcast<u32>(logits[at + largest]);
  // Without a finite largest logit there is no softmax.
  if ((max_bits & MAGNITUDE) >= INFINITY_BITS) {
    max_bits = QUIET_NAN;
  }
  let max_logit = bitcast<f32>(max_bits);
  var sum = 0.0;
  for (var i = 0u; i < forward_call.classes; i++) {
    sum = add(sum, exp_f32(sub(logits[at + i], max_logit)));
  }
  let log_sum = log_f32(sum);
  let log_probability = sub(sub(logits[at + label], max_logit), log_sum);
  stats[row_base(forward_call.stats, lane, row)] = vec4<u32>(
    bitcast<u32>(log_probability) ^ SIGN,
    max_bits,
    bitcast<u32>(log_sum),
    select(0u, 0x3f800000u, correct),
  );
}

// dz = round(softmax(z) · s - (s at the label)), s = seed / batch
@compute @workgroup_size(64)
fn gradient(@builtin(global_invocation_id) id: vec3<u32>) {
  let row = id.x;
  let lane = id.z;
  if (row >= gradient_call.rows) {
    return;
  }
  begin_exact(control.zero);
  let logits_at = row_base(gradient_call.logits, lane, row) * 4u;
  let dz_at = row_base(gradient_call.dz, lane, row);
  let label = u32(labels[row_base(gradient_call.labels, lane, row)].x);
  let of_row = stats_before[row_base(gradient_call.stats, lane, row)];
  let seed = mul(lanes[lane].multiplier, lanes[lane].scale);
  let row_seed = div(seed, f32(gradient_call.rows));
  site_begin(gradient_call.site, lane);
  let row_index = row * gradient_call.dz.row_stride;
  for (var first = 0u; first < gradient_call.classes; first += 4u) {
    let valid = min(4u, gradient_call.classes - first);
    var g = vec4<f32>();
    for (var i = 0u; i < valid; i++) {
      let probability = exp_f32(sub(sub(logits[logits_at + first + i], of_row.y), of_row.z));
      g[i] = sub(mul(probability, row_seed), select(0.0, row_seed, first + i == label));
    }
    dz[dz_at + first / 4u] = site_round4(g, valid, row_index + first);
  }
  site_end(false);
}
