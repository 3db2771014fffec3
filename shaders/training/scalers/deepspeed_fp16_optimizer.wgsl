// DeepSpeed's FP16_Optimizer; src/training/scalers/deepspeed.ts is the reference.

import package::numerics::f64::f64_multiply;
import package::scaler_words::{
  DeepspeedFp16OptimizerParameters, DeepspeedFp16OptimizerState, DEEPSPEED_FP16_OPTIMIZER_RAISES_WINDOW_OF_ZERO
};
import package::training::scale_arithmetic::{python_max, F64_HALF, F64_TWO};

fn deepspeed_fp16_optimizer(
  state: DeepspeedFp16OptimizerState,
  found_inf: bool,
  p: DeepspeedFp16OptimizerParameters,
) -> DeepspeedFp16OptimizerState {
  var next = state;
  // The counter is looked at before it is counted up.
  let counted = state.tracker > 0;
  let grows = counted && state.tracker % select(p.growth_interval, 1, p.growth_interval == 0) == 0;
  let product = f64_multiply(state.scale, select(F64_TWO, F64_HALF, found_inf));
  let lower = python_max(product, p.minimum_scale);
  next.scale = select(state.scale, select(product, lower, found_inf), found_inf || grows);
  next.tracker = select(state.tracker + 1, 0, found_inf);
  let raises = !found_inf && counted && p.growth_interval == 0;
  next.raised = select(0u, DEEPSPEED_FP16_OPTIMIZER_RAISES_WINDOW_OF_ZERO, raises);
  return next;
}
