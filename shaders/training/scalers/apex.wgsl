// NVIDIA Apex's LossScaler; src/training/scalers/apex.ts is the reference.

import package::numerics::f64::{f64_is_zero, f64_multiply};
import package::scaler_words::{ApexParameters, ApexState};
import package::training::scale_arithmetic::{python_max, python_min, F64_HALF, F64_TWO};

fn apex(state: ApexState, found_inf: bool, p: ApexParameters) -> ApexState {
  var next = state;
  next.tracker = state.tracker + 1;
  if (found_inf) {
    let half = f64_multiply(state.scale, F64_HALF);
    // A minimum of 0 is false in Python, hence none.
    next.scale = select(python_max(p.minimum_scale, half), half, f64_is_zero(p.minimum_scale));
    next.tracker = 0;
  }
  if (next.tracker == p.growth_interval) {
    next.scale = python_min(p.maximum_scale, f64_multiply(next.scale, F64_TWO));
    next.tracker = 0;
  }
  return next;
}
