// fairseq's DynamicLossScaler; src/training/scalers/fairseq.ts is the reference.

import package::numerics::f64::{f64_divide, f64_equal, f64_from_u32, f64_less, f64_multiply};
import package::scaler_words::{
  FairseqParameters, FairseqState, FAIRSEQ_RAISES_MINIMUM_REACHED, FAIRSEQ_RAISES_WINDOW_OF_ZERO
};
import package::training::scale_arithmetic::python_max;

fn fairseq(state: FairseqState, found_inf: bool, p: FairseqParameters) -> FairseqState {
  if (found_inf) {
    return after_overflow(state, p);
  }
  var next = state;
  next.tracker = state.tracker + 1;
  if (p.growth_interval == 0) {
    next.raised = FAIRSEQ_RAISES_WINDOW_OF_ZERO;
    return next;
  }
  if ((state.tracker - state.last_overflow) % p.growth_interval == 0) {
    next.scale = f64_multiply(state.scale, p.factor);
    next.last_rescale = state.tracker;
  }
  return next;
}

fn after_overflow(state: FairseqState, p: FairseqParameters) -> FairseqState {
  var next = state;
  next.tracker = state.tracker + 1;
  next.last_overflow = state.tracker;
  next.overflows = state.overflows + 1;
  let steps = state.tracker - state.last_rescale;
  // 1000 stands for no step since the last change, as there.
  let share = f64_divide(f64_from_u32(u32(next.overflows)), f64_from_u32(u32(select(steps, 1000, steps == 0))));
  if (!f64_less(share, p.tolerance)) {
    next.scale = python_max(f64_divide(state.scale, p.factor), p.threshold);
    next.last_rescale = state.tracker;
    next.overflows = 0;
  }
  if (f64_less(next.scale, p.minimum_scale) || f64_equal(next.scale, p.minimum_scale)) {
    next.raised = FAIRSEQ_RAISES_MINIMUM_REACHED;
  }
  return next;
}
