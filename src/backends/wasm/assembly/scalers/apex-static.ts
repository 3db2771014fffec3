/** NVIDIA Apex's LossScaler with a constant scale; src/training/scalers/apex.ts is the reference. */
import { ApexStaticParameters, ApexStaticState } from '../generated/scaler-words';

export function apexStatic(state: ApexStaticState, _foundInf: bool, _p: ApexStaticParameters): u32 {
  state.tracker += 1;
  return 0;
}
