/** Keras 2's LossScaleOptimizer; src/training/scalers/tf-keras.ts is the reference. */
import { TfKerasParameters, TfKerasState } from '../generated/scaler-words';

export function tfKeras(state: TfKerasState, foundInf: bool, p: TfKerasParameters): u32 {
  const multiplier = <f32>p.factor;
  if (foundInf) {
    // WebAssembly's maximum hands NaN on, as the framework's does.
    state.scale = max<f32>(state.scale / multiplier, 1);
    state.tracker = 0;
    return 0;
  }
  state.tracker += 1;
  if (state.tracker >= p.growthInterval) {
    const grown = state.scale * multiplier;
    if (isFinite(grown)) state.scale = grown;
    state.tracker = 0;
  }
  return 0;
}
