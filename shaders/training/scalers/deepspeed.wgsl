// DeepSpeed's DynamicLossScaler; src/training/scalers/deepspeed.ts is the reference.

import package::numerics::f64::{f64_equal, f64_is_finite, f64_is_nan, f64_multiply};
import package::scaler_words::{
  DeepspeedParameters, DeepspeedState, DEEPSPEED_RAISES_INFINITE_SCALE, DEEPSPEED_RAISES_MINIMUM_REACHED,
  DEEPSPEED_RAISES_SCALE_IS_NAN, DEEPSPEED_RAISES_WINDOW_OF_ZERO
};
import package::training::scale_arithmetic::{python_max, F64_HALF, F64_TWO};

fn deepspeed(state: DeepspeedState, found_inf: bool, p: DeepspeedParameters) -> DeepspeedState {
  let product = f64_multiply(state.scale, select(F64_TWO, F64_HALF, found_inf));
  if (found_inf) {
    return after_overflow(state, product, p);
  }
  var next = state;
  // The counter is looked at before it is counted up.
  let counted = state.tracker > 0;
  let grows = counted && state.tracker % select(p.growth_interval, 1, p.growth_interval == 0) == 0;
  next.scale = select(state.scale, product, grows);
  next.tracker = state.tracker + 1;
  next.hysteresis = select(state.hysteresis, p.hysteresis, grows || p.consecutive_hysteresis != 0);
  next.raised = select(0u, DEEPSPEED_RAISES_WINDOW_OF_ZERO, counted && p.growth_interval == 0);
  return next;
}

fn after_overflow(state: DeepspeedState, half: vec2<u32>, p: DeepspeedParameters) -> DeepspeedState {
  var next = state;
  next.tracker = 0;
  next.raised = unprintable(state.scale);
  if (p.hysteresis != 1 && state.hysteresis != 1) {
    next.hysteresis = state.hysteresis - 1;
    return next;
  }
  let at_minimum = f64_equal(state.scale, p.minimum_scale) && p.raise_at_minimum != 0;
  next.scale = python_max(half, p.minimum_scale);
  next.raised = select(next.raised, unprintable(next.scale), next.raised == 0u);
  next.raised = select(next.raised, DEEPSPEED_RAISES_MINIMUM_REACHED, at_minimum);
  return next;
}

// The line that is logged at an overflow shows int(scale), which there is none of for infinity and NaN.
fn unprintable(scale: vec2<u32>) -> u32 {
  let infinite = select(DEEPSPEED_RAISES_INFINITE_SCALE, 0u, f64_is_finite(scale));
  return select(infinite, DEEPSPEED_RAISES_SCALE_IS_NAN, f64_is_nan(scale));
}
