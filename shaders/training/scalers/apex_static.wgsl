// NVIDIA Apex's LossScaler with a constant scale; src/training/scalers/apex.ts is the reference.

import package::scaler_words::{ApexStaticParameters, ApexStaticState};

fn apex_static(state: ApexStaticState, found_inf: bool, p: ApexStaticParameters) -> ApexStaticState {
  var next = state;
  next.tracker = state.tracker + 1;
  return next;
}
