/** Megatron-LM's DynamicGradScaler; src/training/scalers/megatron.ts is the reference. */
import { MegatronParameters, MegatronState } from '../generated/scaler-words';

export function megatron(state: MegatronState, foundInf: bool, p: MegatronParameters): u32 {
  if (foundInf) {
    state.tracker = 0;
    state.hysteresis -= 1;
    // WebAssembly's maximum hands NaN on, as the framework's does.
    if (state.hysteresis <= 0) {
      state.scale = max<f32>(state.scale * <f32>p.backoffFactor, <f32>p.minimumScale);
    }
    return 0;
  }
  state.tracker += 1;
  if (state.tracker == p.growthInterval) {
    state.scale = state.scale * <f32>p.growthFactor;
    state.tracker = 0;
    state.hysteresis = p.hysteresis;
  }
  return 0;
}
