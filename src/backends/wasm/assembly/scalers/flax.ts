/** Flax's DynamicScale; src/training/scalers/flax.ts is the reference. */
import { FlaxParameters, FlaxState } from '../generated/scaler-words';

export function flax(state: FlaxState, foundInf: bool, p: FlaxParameters): u32 {
  if (foundInf) {
    // WebAssembly's maximum and minimum hand NaN on, as the framework's do.
    state.scale = max<f32>(state.scale * <f32>p.backoffFactor, <f32>p.minimumScale);
    state.tracker = 0;
    return 0;
  }
  // The counter is looked at before it is counted up.
  if (state.tracker == p.growthInterval) {
    state.scale = min<f32>(state.scale * <f32>p.growthFactor, f32.MAX_VALUE);
    state.tracker = 0;
  } else {
    state.tracker += 1;
  }
  return 0;
}
