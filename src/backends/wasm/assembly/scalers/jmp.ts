/** jmp's DynamicLossScale; src/training/scalers/jmp.ts is the reference. */
import { JmpParameters, JmpState } from '../generated/scaler-words';

export function jmp(state: JmpState, foundInf: bool, p: JmpParameters): u32 {
  const factor = <f32>p.factor;
  if (foundInf) {
    // WebAssembly's maximum hands NaN on, as the framework's does.
    state.scale = max<f32>(<f32>p.minimumScale, state.scale / factor);
    state.tracker = 0;
    return 0;
  }
  if (state.tracker == p.growthInterval - 1) {
    const grown = state.scale * factor;
    if (isFinite(grown)) state.scale = grown;
  }
  state.tracker = (state.tracker + 1) % p.growthInterval;
  return 0;
}
