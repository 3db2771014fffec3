// Keras 2's LossScaleOptimizer; src/training/scalers/tf-keras.ts is the reference.

import package::numerics::f64::f64_to_f32;
import package::scaler_words::{TfKerasParameters, TfKerasState};
import package::training::scale_arithmetic::{f32_is_finite, f32_max, f32_over, f32_times};

const ONE: u32 = 0x3f800000u;

fn tf_keras(state: TfKerasState, found_inf: bool, p: TfKerasParameters) -> TfKerasState {
  var next = state;
  let multiplier = f64_to_f32(p.factor);
  if (found_inf) {
    next.scale = f32_max(f32_over(state.scale, multiplier), ONE);
    next.tracker = 0;
    return next;
  }
  next.tracker = state.tracker + 1;
  if (next.tracker >= p.growth_interval) {
    let grown = f32_times(state.scale, multiplier);
    next.scale = select(state.scale, grown, f32_is_finite(grown));
    next.tracker = 0;
  }
  return next;
}
