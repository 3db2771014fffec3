// Megatron-LM's DynamicGradScaler; src/training/scalers/megatron.ts is the reference.

import package::numerics::f64::f64_to_f32;
import package::scaler_words::{MegatronParameters, MegatronState};
import package::training::scale_arithmetic::{f32_max, f32_times};

fn megatron(state: MegatronState, found_inf: bool, p: MegatronParameters) -> MegatronState {
  var next = state;
  let left = state.hysteresis - 1;
  let grows = state.tracker + 1 == p.growth_interval;
  let factor = f64_to_f32(select(p.growth_factor, p.backoff_factor, found_inf));
  let product = f32_times(state.scale, factor);
  let lower = f32_max(product, f64_to_f32(p.minimum_scale));
  next.scale = select(state.scale, select(product, lower, found_inf), select(grows, left <= 0, found_inf));
  next.tracker = select(state.tracker + 1, 0, found_inf || grows);
  // Clean steps do not refill it: growth does.
  next.hysteresis = select(select(state.hysteresis, p.hysteresis, grows), left, found_inf);
  return next;
}
