/** A scaler with every number to choose; src/training/scalers/custom.ts is the reference. */
import { CustomParameters, CustomState } from '../generated/scaler-words';

export function custom(state: CustomState, foundInf: bool, p: CustomParameters): u32 {
  if (foundInf) {
    state.tracker = 0;
    state.hysteresis -= 1;
    if (state.hysteresis <= 0) {
      state.scale = max<f32>(<f32>(<f64>state.scale * p.backoffFactor), <f32>p.minimumScale);
    }
    return 0;
  }
  state.hysteresis = p.hysteresis;
  state.tracker += 1;
  if (state.tracker == p.growthInterval) {
    state.scale = min<f32>(<f32>(<f64>state.scale * p.growthFactor), <f32>p.maximumScale);
    state.tracker = 0;
  }
  return 0;
}
