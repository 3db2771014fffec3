// PyTorch's dynamic loss scaler; src/training/scalers/pytorch.ts is the reference. The scale is a bit pattern
// throughout: it can become subnormal, and WGSL floats cannot be trusted with that.

import package::numerics::round::{MAGNITUDE, INFINITY_BITS};
import package::numerics::f64::{f64_from_f32, f64_multiply, f64_to_f32};

struct ScaleState {
  scale: u32,
  growth_tracker: u32,
}

// Factors are doubles, high word first.
struct PyTorchScaler {
  growth_factor: vec2<u32>,
  backoff_factor: vec2<u32>,
  growth_interval: u32,
}

fn pytorch_update(state: ScaleState, found_inf: bool, settings: PyTorchScaler) -> ScaleState {
  if (found_inf) {
    return ScaleState(scale_times(state.scale, settings.backoff_factor), 0u);
  }
  let successful = state.growth_tracker + 1u;
  // Equality, not >=, as in PyTorch.
  if (successful != settings.growth_interval) {
    return ScaleState(state.scale, successful);
  }
  let grown = scale_times(state.scale, settings.growth_factor);
  return ScaleState(select(state.scale, grown, (grown & MAGNITUDE) < INFINITY_BITS), 0u);
}

// The product in double precision, rounded once more.
fn scale_times(scale: u32, factor: vec2<u32>) -> u32 {
  return f64_to_f32(f64_multiply(f64_from_f32(scale), factor));
}
