// Flax's DynamicScale; src/training/scalers/flax.ts is the reference.

import package::numerics::f64::f64_to_f32;
import package::scaler_words::{FlaxParameters, FlaxState};
import package::training::scale_arithmetic::{f32_max, f32_min, f32_times};

const LARGEST: u32 = 0x7f7fffffu;

fn flax(state: FlaxState, found_inf: bool, p: FlaxParameters) -> FlaxState {
  var next = state;
  // The counter is looked at before it is counted up.
  let grows = state.tracker == p.growth_interval;
  let factor = f64_to_f32(select(p.growth_factor, p.backoff_factor, found_inf));
  let product = f32_times(state.scale, factor);
  let lower = f32_max(product, f64_to_f32(p.minimum_scale));
  next.scale = select(state.scale, select(f32_min(product, LARGEST), lower, found_inf), found_inf || grows);
  next.tracker = select(state.tracker + 1, 0, found_inf || grows);
  return next;
}
