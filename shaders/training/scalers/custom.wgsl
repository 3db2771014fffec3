// A scaler with every number to choose; src/training/scalers/custom.ts is the reference.

import package::numerics::f64::f64_to_f32;
import package::scaler_words::{CustomParameters, CustomState};
import package::training::scale_arithmetic::{f32_max, f32_min, scale_times};

fn custom(state: CustomState, found_inf: bool, p: CustomParameters) -> CustomState {
  var next = state;
  let left = state.hysteresis - 1;
  let grows = state.tracker + 1 == p.growth_interval;
  let product = scale_times(state.scale, select(p.growth_factor, p.backoff_factor, found_inf));
  let lower = f32_max(product, f64_to_f32(p.minimum_scale));
  let higher = f32_min(product, f64_to_f32(p.maximum_scale));
  next.scale = select(state.scale, select(higher, lower, found_inf), select(grows, left <= 0, found_inf));
  next.tracker = select(state.tracker + 1, 0, found_inf || grows);
  next.hysteresis = select(p.hysteresis, left, found_inf);
  return next;
}
