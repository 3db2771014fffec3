// NVIDIA Apex's update_scale_hysteresis kernel; src/training/scalers/apex-hysteresis.ts is the reference.

import package::scaler_words::{ApexHysteresisParameters, ApexHysteresisState};
import package::training::scale_arithmetic::{f32_is_finite, scale_times};

fn apex_hysteresis(
  state: ApexHysteresisState,
  found_inf: bool,
  p: ApexHysteresisParameters,
) -> ApexHysteresisState {
  var next = state;
  let left = state.hysteresis - 1;
  let grows = state.tracker + 1 == p.growth_interval;
  let product = scale_times(state.scale, select(p.growth_factor, p.backoff_factor, found_inf));
  let changes = select(grows && f32_is_finite(product), left <= 0, found_inf);
  next.scale = select(state.scale, product, changes);
  next.tracker = select(state.tracker + 1, 0, found_inf || grows);
  // Any clean step refills it.
  next.hysteresis = select(p.hysteresis, left, found_inf);
  return next;
}
