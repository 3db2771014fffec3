/** NVIDIA Apex's update_scale_hysteresis kernel; src/training/scalers/apex-hysteresis.ts is the reference. */
import { ApexHysteresisParameters, ApexHysteresisState } from '../generated/scaler-words';

export function apexHysteresis(state: ApexHysteresisState, foundInf: bool, p: ApexHysteresisParameters): u32 {
  if (foundInf) {
    state.hysteresis -= 1;
    if (state.hysteresis <= 0) state.scale = <f32>(<f64>state.scale * p.backoffFactor);
    state.tracker = 0;
    return 0;
  }
  // Any clean step refills it.
  state.hysteresis = p.hysteresis;
  state.tracker += 1;
  if (state.tracker == p.growthInterval) {
    const grown = <f32>(<f64>state.scale * p.growthFactor);
    if (isFinite(grown)) state.scale = grown;
    state.tracker = 0;
  }
  return 0;
}
