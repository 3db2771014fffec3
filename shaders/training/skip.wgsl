// Whether the loss scaler of a lane skips the running step; skipsStep in src/training/optimizer.ts.

import package::engine::control::control;
import package::engine::lanes::lanes;
import package::engine::records::{records, record_base};
import package::layout::HEADER_FOUND_INF;

fn skips_step(lane: u32) -> bool {
  let record = record_base(control.slot, lane, control.lane_count, control.record_words);
  let found_inf = atomicLoad(&records[record + HEADER_FOUND_INF]) != 0u;
  return lanes[lane].raised != 0u || (found_inf && lanes[lane].skips_overflow == 1u);
}
