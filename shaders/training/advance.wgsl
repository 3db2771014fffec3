// The end of a training step: header, scaler and counts of every lane, then the control block moves on to the next
// step, whose record is zeroed. src/training/advance.ts is the reference.
//
// The dispatch has a workgroup per lane, as every dispatch has, but the first workgroup does all of the work: the
// control block is common to the lanes, and workgroups cannot wait for each other.

import package::engine::records::{records, record_base};
import package::layout::{
  LANE_SCALER, LANE_GROWTH_FACTOR, LANE_BACKOFF_FACTOR, LANE_GROWTH_INTERVAL, LANE_SCALE,
  LANE_INVERSE_SCALE, LANE_GROWTH_TRACKER, LANE_OPTIMIZER_STEPS, LANE_SKIPPED_STEPS, LANE_WORDS, Control,
  SCALER_NONE, SCALER_DYNAMIC, HEADER_SCALE, HEADER_FOUND_INF, HEADER_SCALE_AFTER,
  HEADER_GROWTH_TRACKER_AFTER, HEADER_OPTIMIZER_STEPS
};
import package::numerics::exact::div_bits;
import package::numerics::round::{SIGN, MAGNITUDE, INFINITY_BITS};
import package::training::scalers::pytorch::{PyTorchScaler, ScaleState, pytorch_update};

@group(0) @binding(1) var<storage, read_write> control: Control;
// Rows of words, not of struct Lane: a scale may be subnormal, which only integers carry safely.
@group(0) @binding(2) var<storage, read_write> lane_words: array<u32>;

const ONE: u32 = 0x3f800000u;
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
  let scaler = lane_words[row + LANE_SCALER];
  let found_inf = atomicLoad(&records[record + HEADER_FOUND_INF]) != 0u;
  let counted = select(LANE_OPTIMIZER_STEPS, LANE_SKIPPED_STEPS, found_inf && scaler != SCALER_NONE);
  lane_words[row + counted] += 1u;
  let before = ScaleState(lane_words[row + LANE_SCALE], lane_words[row + LANE_GROWTH_TRACKER]);
  var after = before;
  if (scaler == SCALER_DYNAMIC) {
    after = pytorch_update(before, found_inf, scaler_settings(row));
  }
  if (after.scale != before.scale) {
    lane_words[row + LANE_SCALE] = after.scale;
    lane_words[row + LANE_INVERSE_SCALE] = reciprocal(after.scale);
  }
  lane_words[row + LANE_GROWTH_TRACKER] = after.growth_tracker;
  atomicStore(&records[record + HEADER_SCALE], before.scale);
  atomicStore(&records[record + HEADER_SCALE_AFTER], after.scale);
  atomicStore(&records[record + HEADER_GROWTH_TRACKER_AFTER], after.growth_tracker);
  atomicStore(&records[record + HEADER_OPTIMIZER_STEPS], lane_words[row + LANE_OPTIMIZER_STEPS]);
}

fn scaler_settings(row: u32) -> PyTorchScaler {
  let growth = row + LANE_GROWTH_FACTOR;
  let backoff = row + LANE_BACKOFF_FACTOR;
  return PyTorchScaler(
    vec2<u32>(lane_words[growth], lane_words[growth + 1u]),
    vec2<u32>(lane_words[backoff], lane_words[backoff + 1u]),
    lane_words[row + LANE_GROWTH_INTERVAL],
  );
}

// 1 / scale, where the division alone would take a subnormal scale for zero.
fn reciprocal(scale: u32) -> u32 {
  let magnitude = scale & MAGNITUDE;
  if (magnitude == 0u || magnitude >= 0x00800000u) {
    return div_bits(ONE, scale);
  }
  // 2^-128 and less: the reciprocal is beyond the largest finite number.
  if (magnitude <= 0x00200000u) {
    return (scale & SIGN) | INFINITY_BITS;
  }
  // Four times the scale is a normal number with this pattern, and its reciprocal a quarter of the one wanted.
  let quadruple = select(magnitude << 2u, 0x00800000u + (magnitude << 1u), magnitude >= 0x00400000u);
  return (scale & SIGN) | (div_bits(ONE, quadruple) + (2u << 23u));
}
