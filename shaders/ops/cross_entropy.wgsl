// Softmax cross-entropy; src/ops/cross-entropy.ts is the reference. One invocation to a row.

import package::engine::call::row_base;
import package::engine::control::control;
import package::engine::lanes::lanes;
import package::engine::sites::{site_begin, site_round4, site_end};
import package::layout::View;
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

struct SeededCall {
  logits: View,
  labels: View,
  stats: View,
  seed: View,
  dz: View,
  rows: u32,
  classes: u32,
  site: u32,
}

@group(0) @binding(0) var<uniform> seeded_call: SeededCall;
@group(0) @binding(0) var<uniform> forward_call: ForwardCall;
@group(0) @binding(0) var<uniform> gradient_call: GradientCall;
@group(0) @binding(5) var<storage, read> logits: array<f32>;
@group(0) @binding(6) var<storage, read> labels: array<vec4<f32>>;
// Per row: loss, largest logit, log of the sum, 1 if correct; as bit patterns.
@group(0) @binding(7) var<storage, read_write> stats: array<vec4<u32>>;
@group(0) @binding(7) var<storage, read> stats_before: array<vec4<f32>>;
@group(0) @binding(8) var<storage, read_write> dz: array<vec4<f32>>;
@group(0) @binding(8) var<storage, read> seed: array<vec4<f32>>;
@group(0) @binding(9) var<storage, read_write> seeded_dz: array<vec4<f32>>;

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
  if (id.x >= forward_call.rows) {
    return;
  }
  begin_exact(control.zero);
  let row = row_at(forward_call.logits, forward_call.labels, id.z, id.x);
  stats[row_base(forward_call.stats, id.z, id.x)] = stats_of(row, forward_call.classes);
}

struct Row {
  // First logit.
  at: u32,
  label: u32,
}

fn row_at(logits_view: View, labels_view: View, lane: u32, row: u32) -> Row {
  return Row(row_base(logits_view, lane, row) * 4u, u32(labels[row_base(labels_view, lane, row)].x));
}

// What `stats` holds of a row.
fn stats_of(row: Row, classes: u32) -> vec4<u32> {
  var largest = 0u;
  var largest_rank = rank(bitcast<u32>(logits[row.at]));
  for (var i = 1u; i < classes; i++) {
    let its_rank = rank(bitcast<u32>(logits[row.at + i]));
    if (its_rank > largest_rank) {
      largest = i;
      largest_rank = its_rank;
    }
  }
  let correct = largest == row.label && largest_rank != NAN_RANK;
  var max_bits = bitcast<u32>(logits[row.at + largest]);
  // Without a finite largest logit there is no softmax.
  if ((max_bits & MAGNITUDE) >= INFINITY_BITS) {
    max_bits = QUIET_NAN;
  }
  let max_logit = bitcast<f32>(max_bits);
  var sum = 0.0;
  for (var i = 0u; i < classes; i++) {
    sum = add(sum, exp_f32(sub(logits[row.at + i], max_logit)));
  }
  let log_sum = log_f32(sum);
  let log_probability = sub(sub(logits[row.at + row.label], max_logit), log_sum);
  return vec4<u32>(
    bitcast<u32>(log_probability) ^ SIGN,
    max_bits,
    bitcast<u32>(log_sum),
    select(0u, 0x3f800000u, correct),
  );
}

// dz = round(softmax(z) · s - (s at the label)), s = seed / batch
@compute @workgroup_size(64)
fn gradient(@builtin(global_invocation_id) id: vec3<u32>) {
  let lane = id.z;
  if (id.x >= gradient_call.rows) {
    return;
  }
  begin_exact(control.zero);
  let row = row_at(gradient_call.logits, gradient_call.labels, lane, id.x);
  let of_row = stats_before[row_base(gradient_call.stats, lane, id.x)];
  site_begin(gradient_call.site, lane);
  let seed = row_seed(gradient_call.rows, lane);
  write_gradient(row, of_row, seed, gradient_call.dz, gradient_call.classes, vec2<u32>(id.x, lane));
  site_end(false);
}

// The same where the gradient of the loss is a tensor (src/ops/rounded-loss.ts).
@compute @workgroup_size(64)
fn seeded_gradient(@builtin(global_invocation_id) id: vec3<u32>) {
  let lane = id.z;
  if (id.x >= seeded_call.rows) {
    return;
  }
  begin_exact(control.zero);
  let row = row_at(seeded_call.logits, seeded_call.labels, lane, id.x);
  let of_row = stats_before[row_base(seeded_call.stats, lane, id.x)];
  let row_seed = div(seed[row_base(seeded_call.seed, lane, 0u)].x, f32(seeded_call.rows));
  let dz_at = row_base(seeded_call.dz, lane, id.x);
  site_begin(seeded_call.site, lane);
  for (var first = 0u; first < seeded_call.classes; first += 4u) {
    let valid = min(4u, seeded_call.classes - first);
    let g = gradient4(row, of_row, row_seed, vec2<u32>(first, valid));
    seeded_dz[dz_at + first / 4u] = site_round4(g, valid, id.x * seeded_call.dz.row_stride + first);
  }
  site_end(false);
}

// The gradient of the scaled loss, divided by the rows.
fn row_seed(rows: u32, lane: u32) -> f32 {
  return div(mul(lanes[lane].multiplier, lanes[lane].scale), f32(rows));
}

// Rounds at the site begun. `place` is the row and the lane.
fn write_gradient(row: Row, of_row: vec4<f32>, seed: f32, view: View, classes: u32, place: vec2<u32>) {
  let dz_at = row_base(view, place.y, place.x);
  for (var first = 0u; first < classes; first += 4u) {
    let valid = min(4u, classes - first);
    let g = gradient4(row, of_row, seed, vec2<u32>(first, valid));
    dz[dz_at + first / 4u] = site_round4(g, valid, place.x * view.row_stride + first);
  }
}

// Gradients of the logits of a row before rounding; `span` is the first and how many.
fn gradient4(row: Row, of_row: vec4<f32>, seed: f32, span: vec2<u32>) -> vec4<f32> {
  var g = vec4<f32>();
  for (var i = 0u; i < span.y; i++) {
    let probability = exp_f32(sub(sub(logits[row.at + span.x + i], of_row.y), of_row.z));
    g[i] = sub(mul(probability, seed), select(0.0, seed, span.x + i == row.label));
  }
  return g;
}
