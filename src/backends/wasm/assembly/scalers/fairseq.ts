/** fairseq's DynamicLossScaler; src/training/scalers/fairseq.ts is the reference. */
import {
  FAIRSEQ_RAISES_MINIMUM_REACHED,
  FAIRSEQ_RAISES_WINDOW_OF_ZERO,
  FairseqParameters,
  FairseqState,
} from '../generated/scaler-words';
import { pythonMax } from '../words';

export function fairseq(state: FairseqState, foundInf: bool, p: FairseqParameters): u32 {
  const iteration = state.tracker;
  if (foundInf) return afterOverflow(state, p);
  if (p.growthInterval == 0) return FAIRSEQ_RAISES_WINDOW_OF_ZERO;
  if ((iteration - state.lastOverflow) % p.growthInterval == 0) {
    state.scale = state.scale * p.factor;
    state.lastRescale = iteration;
  }
  state.tracker = iteration + 1;
  return 0;
}

function afterOverflow(state: FairseqState, p: FairseqParameters): u32 {
  const iteration = state.tracker;
  const overflows = state.overflows + 1;
  const steps = iteration - state.lastRescale;
  // 1000 stands for no step since the last change, as there.
  const share = <f64>overflows / <f64>(steps == 0 ? 1000 : steps);
  const borne = share < p.tolerance;
  const lower = borne ? state.scale : pythonMax(state.scale / p.factor, p.threshold);
  if (lower <= p.minimumScale) return FAIRSEQ_RAISES_MINIMUM_REACHED;
  state.scale = lower;
  state.tracker = iteration + 1;
  state.lastOverflow = iteration;
  state.overflows = borne ? overflows : 0;
  if (!borne) state.lastRescale = iteration;
  return 0;
}
