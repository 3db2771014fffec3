/** DeepSpeed's DynamicLossScaler; src/training/scalers/deepspeed.ts is the reference. */
import {
  DEEPSPEED_RAISES_INFINITE_SCALE,
  DEEPSPEED_RAISES_MINIMUM_REACHED,
  DEEPSPEED_RAISES_SCALE_IS_NAN,
  DEEPSPEED_RAISES_WINDOW_OF_ZERO,
  DeepspeedParameters,
  DeepspeedState,
} from '../generated/scaler-words';
import { pythonMax } from '../words';

export function deepspeed(state: DeepspeedState, foundInf: bool, p: DeepspeedParameters): u32 {
  if (foundInf) return afterOverflow(state, p);
  const clean = state.tracker;
  if (clean > 0 && p.growthInterval == 0) return DEEPSPEED_RAISES_WINDOW_OF_ZERO;
  if (p.consecutiveHysteresis != 0) state.hysteresis = p.hysteresis;
  state.tracker = clean + 1;
  // The counter is looked at before it is counted up.
  if (clean > 0 && clean % p.growthInterval == 0) {
    state.scale = state.scale * 2;
    state.hysteresis = p.hysteresis;
  }
  return 0;
}

function afterOverflow(state: DeepspeedState, p: DeepspeedParameters): u32 {
  const unprintable = unprintableScale(state.scale);
  if (p.hysteresis != 1 && state.hysteresis != 1) {
    if (unprintable != 0) return unprintable;
    state.hysteresis -= 1;
    state.tracker = 0;
    return 0;
  }
  if (state.scale == p.minimumScale && p.raiseAtMinimum != 0) return DEEPSPEED_RAISES_MINIMUM_REACHED;
  if (unprintable != 0) return unprintable;
  const lower = pythonMax(state.scale / 2, p.minimumScale);
  if (unprintableScale(lower) != 0) return unprintableScale(lower);
  state.scale = lower;
  state.tracker = 0;
  return 0;
}

/** The line that is logged at an overflow shows int(scale), which there is none of for infinity and NaN. */
function unprintableScale(scale: f64): u32 {
  if (isNaN(scale)) return DEEPSPEED_RAISES_SCALE_IS_NAN;
  return isFinite(scale) ? 0 : DEEPSPEED_RAISES_INFINITE_SCALE;
}
