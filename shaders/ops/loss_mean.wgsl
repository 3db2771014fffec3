// Mean loss and number of correct rows, into the record's header; src/ops/loss.ts is the reference.

import package::engine::call::lane_base;
import package::engine::control::control;
import package::engine::records::{records, record_base};
import package::layout::{View, HEADER_LOSS, HEADER_CORRECT};
import package::numerics::exact::{begin_exact, add, div};

struct Call {
  stats: View,
  rows: u32,
  divisor: u32,
}

@group(0) @binding(0) var<uniform> call: Call;
// Per row: loss, two numbers for the gradient, 1 if correct.
@group(0) @binding(5) var<storage, read> stats: array<vec4<f32>>;

const ONE: u32 = 0x3f800000u;

@compute @workgroup_size(1)
fn loss_mean(@builtin(global_invocation_id) id: vec3<u32>) {
  begin_exact(control.zero);
  let base = lane_base(call.stats, id.z);
  var sum = 0.0;
  var correct = 0u;
  for (var row = 0u; row < call.rows; row++) {
    let of_row = stats[base + row];
    sum = add(sum, of_row.x);
    correct += select(0u, 1u, bitcast<u32>(of_row.w) == ONE);
  }
  report_mean(div(sum, f32(call.divisor)), correct, id.z);
}

// Into the header of the lane's record.
fn report_mean(mean: f32, correct: u32, lane: u32) {
  let record = record_base(control.slot, lane, control.lane_count, control.record_words);
  atomicStore(&records[record + HEADER_LOSS], bitcast<u32>(mean));
  atomicStore(&records[record + HEADER_CORRECT], correct);
}
