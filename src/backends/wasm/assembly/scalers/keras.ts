/** Keras 3's LossScaleOptimizer; src/training/scalers/keras.ts is the reference. */
import { KerasParameters, KerasState } from '../generated/scaler-words';

export function keras(state: KerasState, foundInf: bool, p: KerasParameters): u32 {
  if (foundInf) {
    state.scale = state.scale * 0.5;
    state.tracker = 0;
    return 0;
  }
  // The counter is looked at before it is counted up.
  if (state.tracker == p.growthInterval - 1) {
    state.scale = state.scale * 2;
    state.tracker = 0;
  } else {
    state.tracker += 1;
  }
  return 0;
}
