/** PyTorch's dynamic loss scaler; src/training/scalers/pytorch.ts is the reference. */
import { PytorchParameters, PytorchState } from '../generated/scaler-words';

export function pytorch(state: PytorchState, foundInf: bool, p: PytorchParameters): u32 {
  if (foundInf) {
    state.scale = <f32>(<f64>state.scale * p.backoffFactor);
    state.tracker = 0;
    return 0;
  }
  state.tracker += 1;
  // Equality, not >=, as in PyTorch.
  if (state.tracker == p.growthInterval) {
    const grown = <f32>(<f64>state.scale * p.growthFactor);
    if (isFinite(grown)) state.scale = grown;
    state.tracker = 0;
  }
  return 0;
}
