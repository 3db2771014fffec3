// The end of a training step: header, scaler and counts of every lane, then the control block moves on to the next
// step, whose record is zeroed. src/training/advance.ts is the reference.
//
// The dispatch has a workgroup per lane, as every dispatch has, but the first workgroup does all of the work: the
// control block is common to the lanes, and workgroups cannot wait for each other.

import package::engine::lane_words::lane_words;
import package::engine::records::{records, record_base};
import package::layout::{
  LANE_SCALE, LANE_SCALER_STATE, LANE_INVERSE_SCALE, LANE_OPTIMIZER_STEPS, LANE_RAISED, LANE_SKIPPED_STEPS,
  LANE_SKIPS_OVERFLOW, LANE_WORDS, Control, HEADER_SCALE, HEADER_FOUND_INF, HEADER_SCALE_AFTER,
  HEADER_SCALER_STATE, HEADER_GROWTH_TRACKER_AFTER, HEADER_OPTIMIZER_STEPS, HEADER_RAISED, SCALER_STATE_WORDS
};
import package::numerics::f64::{f64_divide, f64_is_zero, f64_to_f32, F64_ONE};
import package::numerics::round::{SIGN, MAGNITUDE, F32_MIN_NORMAL};
import package::scaler_rules::{raised_at_zero, scale_in_force, scaler_tracker, update_scaler};

struct Call {
  // 1 if gradients are unscaled in a step.
  unscales: u32,
}

@group(0) @binding(0) var<uniform> call: Call;
@group(0) @binding(1) var<storage, read_write> control: Control;

const WORKGROUP: u32 = 32u;

@compute @workgroup_size(32)
fn advance(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) local: u32) {
  if (group.z != 0u) {
    return;
  }
  let slot = control.slot;
  let next_slot = (slot + 1u) % control.slot_count;
  for (var lane = local; lane < control.lane_count; lane += WORKGROUP) {
    advance_lane(lane * LANE_WORDS, record_base(slot, lane, control.lane_count, control.record_words));
  }
  // A ring of one slot has nothing to zero ahead.
  if (next_slot != slot) {
    let first = record_base(next_slot, 0u, control.lane_count, control.record_words);
    for (var i = local; i < control.lane_count * control.record_words; i += WORKGROUP) {
      atomicStore(&records[first + i], 0u);
    }
  }
  storageBarrier();
  if (local == 0u) {
    control.step += 1u;
    control.slot = next_slot;
  }
}

fn advance_lane(row: u32, record: u32) {
  let found_inf = atomicLoad(&records[record + HEADER_FOUND_INF]) != 0u;
  var raised = lane_words[row + LANE_RAISED];
  let skips = raised != 0u || (found_inf && lane_words[row + LANE_SKIPS_OVERFLOW] == 1u);
  lane_words[row + select(LANE_OPTIMIZER_STEPS, LANE_SKIPPED_STEPS, skips)] += 1u;
  atomicStore(&records[record + HEADER_SCALE], lane_words[row + LANE_SCALE]);
  if (raised == 0u) {
    raised = update_scaler(row, found_inf);
    put_scale(row);
  }
  atomicStore(&records[record + HEADER_RAISED], raised);
  // The next step raises in front of the optimizer, which must hear of it before.
  if (raised == 0u && call.unscales == 1u && f64_is_zero(scale_in_force(row))) {
    raised = raised_at_zero(row);
  }
  lane_words[row + LANE_RAISED] = raised;
  atomicStore(&records[record + HEADER_SCALE_AFTER], lane_words[row + LANE_SCALE]);
  atomicStore(&records[record + HEADER_GROWTH_TRACKER_AFTER], scaler_tracker(row));
  atomicStore(&records[record + HEADER_OPTIMIZER_STEPS], lane_words[row + LANE_OPTIMIZER_STEPS]);
  for (var i = 0u; i < SCALER_STATE_WORDS; i++) {
    atomicStore(&records[record + HEADER_SCALER_STATE + i], lane_words[row + LANE_SCALER_STATE + i]);
  }
}

// What kernels read of the scale: in binary32, and its reciprocal, which is flushed as every result is.
fn put_scale(row: u32) {
  let scale = scale_in_force(row);
  let inverse = f64_to_f32(f64_divide(F64_ONE, scale));
  lane_words[row + LANE_SCALE] = f64_to_f32(scale);
  lane_words[row + LANE_INVERSE_SCALE] = select(inverse, inverse & SIGN, (inverse & MAGNITUDE) < F32_MIN_NORMAL);
}
