// jmp's DynamicLossScale; src/training/scalers/jmp.ts is the reference.

import package::numerics::f64::f64_to_f32;
import package::scaler_words::{JmpParameters, JmpState};
import package::training::scale_arithmetic::{f32_is_finite, f32_max, f32_over, f32_times};

fn jmp(state: JmpState, found_inf: bool, p: JmpParameters) -> JmpState {
  var next = state;
  let factor = f64_to_f32(p.factor);
  if (found_inf) {
    next.scale = f32_max(f64_to_f32(p.minimum_scale), f32_over(state.scale, factor));
    next.tracker = 0;
    return next;
  }
  next.tracker = (state.tracker + 1) % p.growth_interval;
  if (state.tracker == p.growth_interval - 1) {
    let grown = f32_times(state.scale, factor);
    next.scale = select(state.scale, grown, f32_is_finite(grown));
  }
  return next;
}
