/** NVIDIA Apex's LossScaler; src/training/scalers/apex.ts is the reference. */
import { ApexParameters, ApexState } from '../generated/scaler-words';
import { pythonMax, pythonMin } from '../words';

export function apex(state: ApexState, foundInf: bool, p: ApexParameters): u32 {
  state.tracker += 1;
  if (foundInf) {
    const half = state.scale / 2;
    // A minimum of 0 is false in Python, hence none.
    state.scale = p.minimumScale == 0 ? half : pythonMax(p.minimumScale, half);
    state.tracker = 0;
  }
  if (state.tracker == p.growthInterval) {
    state.scale = pythonMin(p.maximumScale, state.scale * 2);
    state.tracker = 0;
  }
  return 0;
}
