// PyTorch's dynamic loss scaler; src/training/scalers/pytorch.ts is the reference.

import package::scaler_words::{PytorchParameters, PytorchState};
import package::training::scale_arithmetic::{f32_is_finite, scale_times};

fn pytorch(state: PytorchState, found_inf: bool, p: PytorchParameters) -> PytorchState {
  var next = state;
  // Equality, not >=, as in PyTorch.
  let grows = state.tracker + 1 == p.growth_interval;
  let product = scale_times(state.scale, select(p.growth_factor, p.backoff_factor, found_inf));
  next.scale = select(state.scale, product, found_inf || (grows && f32_is_finite(product)));
  next.tracker = select(state.tracker + 1, 0, found_inf || grows);
  return next;
}
