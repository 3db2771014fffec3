/** DeepSpeed's FP16_Optimizer; src/training/scalers/deepspeed.ts is the reference. */
import {
  DEEPSPEED_FP16_OPTIMIZER_RAISES_WINDOW_OF_ZERO,
  DeepspeedFp16OptimizerParameters,
  DeepspeedFp16OptimizerState,
} from '../generated/scaler-words';
import { pythonMax } from '../words';

export function deepspeedFp16Optimizer(
  state: DeepspeedFp16OptimizerState,
  foundInf: bool,
  p: DeepspeedFp16OptimizerParameters,
): u32 {
  if (foundInf) {
    state.scale = pythonMax(state.scale / 2, p.minimumScale);
    state.tracker = 0;
    return 0;
  }
  const clean = state.tracker;
  if (clean > 0 && p.growthInterval == 0) return DEEPSPEED_FP16_OPTIMIZER_RAISES_WINDOW_OF_ZERO;
  if (clean > 0 && clean % p.growthInterval == 0) state.scale = state.scale * 2;
  state.tracker = clean + 1;
  return 0;
}
