// Writes overflows that are given into the records; src/training/given-overflows.ts is the reference.

import package::engine::control::control;
import package::engine::records::{records, record_base};
import package::layout::{View, HEADER_FOUND_INF};

struct Call {
  sequence: View,
}

@group(0) @binding(0) var<uniform> call: Call;
@group(0) @binding(5) var<storage, read> sequence: array<u32>;

@compute @workgroup_size(1)
fn given_overflows(@builtin(workgroup_id) group: vec3<u32>) {
  let lane = group.z;
  if (control.step >= call.sequence.columns) {
    return;
  }
  // Shifted by its sign, for zero is zero.
  if ((sequence[call.sequence.offset + lane * call.sequence.lane_stride + control.step] << 1u) != 0u) {
    let record = record_base(control.slot, lane, control.lane_count, control.record_words);
    atomicStore(&records[record + HEADER_FOUND_INF], 1u);
  }
}
