/** Rules about losses that rose, and numbers that are not finite any more. */
import { laneSettings, liveValues } from '../../experiment/apply';
import { flush } from '../../numerics/f32';
import { isGradient } from '../records';
import { isFullPrecision } from '../twin';
import type { DiagnosisValues } from './diagnosis';
import { WINDOW } from './track';
import {
  isLost,
  overflowAt,
  rose,
  skipsMuch,
  threshold,
  twinState,
  type Finding,
  type LaneView,
} from './view';

/** How much the loss must have risen since a hand moved something, and how much it must stay risen. */
const RISEN = 3;
const STILL_RISEN = 1.5;

/** λ or the learning rate was moved, and the loss rose. Only what a hand can have caused: see the two cases. */
export function movedByHand(view: LaneView): Finding | null {
  const { track, moves, experiment, standing } = view;
  const { optimizer } = experiment;
  for (const { step, key, value, was, lossBefore } of moves) {
    const code = key === 'lossWeightExponent' ? 'loss-weight-moved' : 'rate-moved';
    if (standing !== code && track.steps - step > WINDOW) continue;
    const factor = threshold(view, code, RISEN, STILL_RISEN);
    const now = standing === code ? track.meanLoss(WINDOW) : track.lossNow;
    const since = track.broken && track.broken.from >= step;
    if (!since && !(now >= factor * lossBefore)) continue;
    const risen = { step, before: lossBefore, now: since ? Infinity : track.newestLoss };
    if (code === 'rate-moved') {
      if (value > was) return { code, values: { ...risen, rate: value }, site: null };
      continue;
    }
    // Only a smaller λ makes what the optimizer remembers too strong.
    if (value >= was) continue;
    const memory = optimizer.kind === 'adam' ? 'moments' : 'momentum';
    return { code, values: { ...risen, from: was, to: value, memory }, site: null };
  }
  return null;
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

/** The loss ran away, in FP32 too or in an FP32 lane itself: no format is to blame. */
export function diverged(view: LaneView): Finding | null {
  const { track, config } = view;
  const state = twinState(view);
  const own = isLost(track, config.scaler.kind);
  if (!own && !rose(track, view.standing === 'diverged')) return null;
  const differences = view.twin?.differences ?? [];
  if (state === 'fine' && differences.length === 0) return null;
  if (state === 'none' && !rose(track, true)) return null;
  const { broken } = track;
  // NaN in the weights before any loss rose has another reason.
  if (own && !rose(track, true) && broken?.weights && broken.cause === 'nan') return null;
  return { code: 'diverged', values: divergedValues(view), site: null };
}

function divergedValues(view: LaneView): DiagnosisValues['diverged'] {
  const { track, twin, experiment, config, lane } = view;
  return {
    lowStep: track.lowest?.step ?? 0,
    low: track.lowest?.loss ?? NaN,
    now: track.newestLoss,
    rate: liveValues(experiment, lane, track.steps - 1).learningRate,
    notFinite: track.broken?.from ?? null,
    twin: isFullPrecision(config) ? 'self' : twinState(view),
    differences: twinState(view) === 'fine' ? (twin?.differences ?? []) : [],
    twinNow: twin?.track.broken ? Infinity : (twin?.track.newestLoss ?? NaN),
  };
}

/** Without a scaler, a gradient overflowed and the weights are gone. */
export function weightsDestroyed(view: LaneView): Finding | null {
  const { track, config, sites } = view;
  const { broken, weightsNotFinite } = track;
  if (config.scaler.kind !== 'none' || broken === null || broken.site === null) return null;
  if (weightsNotFinite === null || !isGradient(sites[broken.site])) return null;
  const overflow = overflowAt(view, broken);
  if (overflow === null) return null;
  const comparable = view.twin === null || view.twin.differences.length === 0;
  const twin = comparable ? twinState(view) : 'none';
  return { code: 'weights-destroyed', values: { ...overflow, step: broken.from, twin }, site: broken.site };
}

/** Something overflows before the backward pass has begun. */
export function forwardOverflow(view: LaneView): Finding | null {
  const { track, config, sites } = view;
  const skips = config.scaler.kind !== 'none';
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
  if (track.weightsNotFinite === null && (config.scaler.kind !== 'none' || broken.count < 2)) return null;
  return {
    code: 'weights-not-finite',
    values: {
      step: broken.from,
      site: broken.site === null ? '' : sites[broken.site].name,
      twin: twinState(view),
    },
    site: broken.site,
  };
}

/** A loss that rose in this lane, while FP32 with the same settings did not. */
export function lossRose(view: LaneView): Finding | null {
  const { track, twin } = view;
  if (twin === null || twin.differences.length > 0 || !rose(track, view.standing === 'loss-rose'))
    return null;
  return {
    code: 'loss-rose',
    values: {
      lowStep: track.lowest?.step ?? 0,
      low: track.lowest?.loss ?? NaN,
      now: track.newestLoss,
      twinNow: twin.track.newestLoss,
    },
    site: null,
  };
}
