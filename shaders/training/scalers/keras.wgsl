// Keras 3's LossScaleOptimizer; src/training/scalers/keras.ts is the reference.

import package::scaler_words::{KerasParameters, KerasState};
import package::training::scale_arithmetic::{scale_times, F64_HALF, F64_TWO};

fn keras(state: KerasState, found_inf: bool, p: KerasParameters) -> KerasState {
  var next = state;
  // The counter is looked at before it is counted up.
  let grows = state.tracker == p.growth_interval - 1;
  let product = scale_times(state.scale, select(F64_TWO, F64_HALF, found_inf));
  next.scale = select(state.scale, product, found_inf || grows);
  next.tracker = select(state.tracker + 1, 0, found_inf || grows);
  return next;
}
