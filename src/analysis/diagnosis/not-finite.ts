/** Rules about losses that rose, and numbers that are not finite any more. */
import { laneSettings, liveValues } from '../../experiment/apply';
import { flush } from '../../numerics/f32';
import { skipsOverflows } from '../../training/scalers';
import { isGradient } from '../records';
import { isFullPrecision, remembersGradients } from '../twin';
import type { DiagnosisValues } from './diagnosis';
import { WINDOW } from './track';
import { overflowAt, skipsMuch, twinState, type Finding, type LaneView, type Move } from './view';

/** How much the loss must have risen since a hand moved something, and how much it must stay risen. */
const RISEN = 3;
const STILL_RISEN = 1.5;
/** Steps that have to show it, and over which it is looked whether it still holds. */
const SHOWN = 2;
const STILL = 16;

/** λ or the learning rate was moved, and the loss rose. Only what a hand can have caused: see the two cases. */
export function movedByHand(view: LaneView): Finding | null {
  const { track, moves, experiment, config } = view;
  for (const move of moves) {
    if (!hasRisen(view, move)) continue;
    const { step, key, value, was, lossBefore } = move;
    const isLost = track.isLost(skipsOverflows(config.scaler.kind));
    const risen = { step, before: lossBefore, now: isLost ? Infinity : track.lossNow };
    if (key === 'learningRate') {
      if (value > was) return { code: 'rate-moved', values: { ...risen, rate: value }, site: null };
      continue;
    }
    // Only a smaller λ makes what the optimizer remembers too strong.
    if (value >= was || !remembersGradients(experiment)) continue;
    const memory = experiment.optimizer.kind === 'adam' ? 'moments' : 'momentum';
    return { code: 'loss-weight-moved', values: { ...risen, from: was, to: value, memory }, site: null };
  }
  return null;
}

/** Whether the loss has risen since a move that it stood still before, above all that it was. */
function hasRisen({ track, config, standing }: LaneView, move: Move): boolean {
  const { step, key, lossBefore, peakBefore, inTrouble } = move;
  if (inTrouble) return false;
  const checks = skipsOverflows(config.scaler.kind);
  const isLost = track.isLost(checks) && (track.trouble?.since ?? 0) >= step;
  if (standing === (key === 'learningRate' ? 'rate-moved' : 'loss-weight-moved')) {
    return isLost || track.meanLoss(STILL) >= STILL_RISEN * lossBefore;
  }
  if (track.steps - step > WINDOW || track.steps - step < SHOWN) return false;
  return isLost || track.meanLoss(SHOWN) >= RISEN * peakBefore;
}

/** Adam with ε = 0: a weight whose gradients were all zero is moved by 0/0 (torch/optim/adam.py). */
export function epsilonZero({ track, experiment, lane }: LaneView): Finding | null {
  const { broken, weightsNotFinite } = track;
  if (experiment.optimizer.kind !== 'adam' || broken === null || weightsNotFinite === null) return null;
  const { epsilon } = laneSettings(experiment, lane, weightsNotFinite);
  if (flush(epsilon) !== 0 || !broken.weights || broken.zerosBefore === 0) return null;
  return {
    code: 'epsilon-zero',
    values: { step: weightsNotFinite, zeros: broken.zerosBefore },
    site: broken.site,
  };
}

/** The scale fell to 0 while the weights were still finite. */
export function scaleZero({ track }: LaneView): Finding | null {
  const { scaleZero: since, scale, weightsNotFinite } = track;
  if (scale !== 0 || since === null || (weightsNotFinite !== null && weightsNotFinite < since)) return null;
  return { code: 'scale-zero', values: { step: since }, site: null };
}

/** So many times its first loss a lane has risen, where FP32 has run away beside it. */
const RISEN_LIKE_TWIN = 10;

/** The loss ran away, in FP32 too or in an FP32 lane itself, or with other settings than FP32's. */
export function diverged(view: LaneView): Finding | null {
  const { track, twin } = view;
  const { trouble, broken, first } = track;
  const state = twinState(view);
  if (state === 'same') {
    const alike = first !== null && track.lossNow >= RISEN_LIKE_TWIN * first.loss;
    return trouble || alike ? divergedFinding(view) : null;
  }
  if (trouble === null) return null;
  const isOwn = trouble.rose
    ? state !== 'fine' || (twin !== null && twin.differences.length > 0)
    : // NaN in the weights before any loss rose has another reason.
      state === 'self' && !(broken?.weights && broken.cause === 'nan');
  return isOwn ? divergedFinding(view) : null;
}

const divergedFinding = (view: LaneView): Finding => ({
  code: 'diverged',
  values: divergedValues(view),
  site: null,
});

function divergedValues(view: LaneView): DiagnosisValues['diverged'] {
  const { track, twin, experiment, config, lane } = view;
  const state = twinState(view);
  const isLost = track.isLost(skipsOverflows(config.scaler.kind));
  const since = isLost ? Math.min(track.badLoss?.from ?? Infinity, track.weightsNotFinite ?? Infinity) : null;
  return {
    lowStep: track.lowest?.step ?? 0,
    low: track.lowest?.loss ?? NaN,
    now: isLost ? track.newestLoss : track.lossNow,
    // The rate at which it began.
    rate: liveValues(experiment, lane, track.trouble?.since ?? track.steps - 1).learningRate,
    notFinite: since,
    twin: isFullPrecision(config) ? 'self' : state,
    differences: state === 'fine' ? (twin?.differences ?? []) : [],
    twinNow: twin?.track.badLoss ? Infinity : (twin?.track.lossNow ?? NaN),
  };
}

/** Without a scaler, a gradient overflowed and the weights are gone. */
export function weightsDestroyed(view: LaneView): Finding | null {
  const { track, config, sites } = view;
  const { broken, weightsNotFinite } = track;
  if (skipsOverflows(config.scaler.kind) || broken === null || broken.site === null) return null;
  if (weightsNotFinite === null || !isGradient(sites[broken.site])) return null;
  const overflow = overflowAt(view, broken);
  if (overflow === null) return null;
  // Of a twin with other settings, or with a trouble of its own, nothing is said.
  const goesOn = view.twin !== null && view.twin.differences.length === 0 && view.twin.track.trouble === null;
  const twin = goesOn ? 'fine' : 'none';
  return { code: 'weights-destroyed', values: { ...overflow, step: broken.from, twin }, site: broken.site };
}

/** Something overflows before the backward pass has begun. */
export function forwardOverflow(view: LaneView): Finding | null {
  const { track, config, sites } = view;
  const skips = skipsOverflows(config.scaler.kind);
  const event = skips ? track.lastSkip : track.broken;
  if (event === null || event.site === null || isGradient(sites[event.site])) return null;
  if (skips ? !skipsMuch(view, 'forward-overflow') : track.broken === null) return null;
  const overflow = overflowAt(view, event);
  if (overflow === null) return null;
  return {
    code: 'forward-overflow',
    values: {
      ...overflow,
      step: 'step' in event ? event.step : event.from,
      skipped: track.skippedOfLast,
      steps: track.lastSteps,
    },
    site: event.site,
  };
}

/** The weights are not finite, and none of the reasons that are looked for is the one. */
export function weightsNotFinite(view: LaneView): Finding | null {
  const { track, sites, config } = view;
  const { broken } = track;
  if (broken === null) return null;
  // A scaler keeps what is not finite out of the weights.
  if (track.weightsNotFinite === null && (skipsOverflows(config.scaler.kind) || broken.count < 2))
    return null;
  return {
    code: 'weights-not-finite',
    values: {
      step: broken.from,
      site: broken.site === null ? '' : sites[broken.site].name,
      twin: twinLost(view),
    },
    site: broken.site,
  };
}

/** Whether the twin's numbers are gone as well, which is more than that its loss rose. */
function twinLost(view: LaneView): DiagnosisValues['weights-not-finite']['twin'] {
  if (view.twin === null) return twinState(view);
  if (view.twin.track.trouble === null) return 'fine';
  return view.twin.track.badLoss || view.twin.track.weightsNotFinite !== null ? 'same' : 'none';
}

/** So many times FP32's loss a lane's must be for FP32 to have stayed behind. */
const FAR_FROM_TWIN = 3;

/** A loss that rose in this lane, while FP32 with the same settings did not. */
export function lossRose(view: LaneView): Finding | null {
  const { track, twin } = view;
  if (twin === null || twin.differences.length > 0) return null;
  if (!track.trouble?.rose || twinState(view) === 'same') return null;
  if (track.lossNow < FAR_FROM_TWIN * twin.track.lossNow) return null;
  return {
    code: 'loss-rose',
    values: {
      lowStep: track.lowest?.step ?? 0,
      low: track.lowest?.loss ?? NaN,
      now: track.lossNow,
      twinNow: twin.track.lossNow,
    },
    site: null,
  };
}
