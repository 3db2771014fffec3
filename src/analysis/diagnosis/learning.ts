/** Rules about lanes that learn less than they could. */
import { isFullPrecision } from '../twin';
import type { Track } from './track';
import { spanOf, threshold, twinState, type Finding, type LaneView } from './view';

/** Steps before which a comparison of losses means nothing. */
const SETTLED = 32;

/** By how many times a lane's loss must be that of its twin, and in what share of the steps it must be higher. */
const BEHIND = 2;
const STILL_BEHIND = 1.5;
const HIGHER = 0.7;
const STILL_HIGHER = 0.5;
/** With vanished gradients as the reason at hand, less is enough. */
const HARMED = 1.5;
const STILL_HARMED = 1.25;

/** Of the weight gradients that FP32 has, the share that is zero in the lane. */
const MISSING = 0.5;
const STILL_MISSING = 0.3;
/** Of the gradients that arrive at casts, the share that casts made zero: without it the zeros have another reason. */
const VANISHED = 0.25;
const STILL_VANISHED = 0.15;

const NO_GRADIENTS = 0.98;
const STILL_NO_GRADIENTS = 0.95;
/** Steps of each of the two means that show whether the loss falls. */
const FALL_SPAN = 128;
/** A loss that has not fallen by more than this share stands still, and one that is this much of its start is high. */
const STANDS_STILL = 0.98;
const STILL_STANDS_STILL = 0.9;
const STILL_HIGH = 0.95;
const VANISHED_ALONE = 0.9;
const HARDLY_MOVED = 0.75;
const ALONE_STEPS = 100;

/** Share of all its steps that a lane has to have skipped for that to be a reason to be behind. */
const SKIPPED = 0.1;
const STILL_SKIPPED = 0.05;

function comparison({ track }: LaneView, twin: Track) {
  return {
    ...spanOf(track),
    loss: track.meanLoss(track.window),
    twinLoss: twin.meanLoss(twin.window),
    ratio: track.behind(twin).ratio,
  };
}

function isBehind(view: LaneView, twin: Track, code: Finding['code'], enter: number, stay: number): boolean {
  const { ratio, share } = view.track.behind(twin);
  return (
    view.track.steps >= SETTLED &&
    ratio >= threshold(view, code, enter, stay) &&
    share >= threshold(view, code, HIGHER, STILL_HIGHER)
  );
}

/** Gradients that FP32 has are zero here, casts made them so, and the loss is higher than FP32's. */
export function underflow(view: LaneView): Finding | null {
  const { track, twin, config } = view;
  const code = 'underflow';
  if (twin === null || twin.differences.length > 0 || isFullPrecision(config)) return null;
  const [zero, twinZero] = [track.zeroShare, twin.track.zeroShare];
  const missing = (zero - twinZero) / (1 - twinZero);
  if (!(missing >= threshold(view, code, MISSING, STILL_MISSING))) return null;
  if (!(track.vanishedShare >= threshold(view, code, VANISHED, STILL_VANISHED))) return null;
  if (!isBehind(view, twin.track, code, HARMED, STILL_HARMED)) return null;
  return {
    code,
    values: {
      ...comparison(view, twin.track),
      zero,
      twinZero,
      scale: track.scale,
      room: track.room,
      hand: track.lowered,
    },
    site: null,
  };
}

/** Casts make nearly all gradients zero and the loss has hardly moved, with no FP32 lane to compare with. */
export function underflowAlone(view: LaneView): Finding | null {
  const { track, twin, config } = view;
  const { first } = track;
  if (twin !== null || isFullPrecision(config) || first === null || track.steps < ALONE_STEPS) return null;
  const loss = track.meanLoss(track.window);
  if (track.zeroShare < VANISHED_ALONE || track.vanishedShare < VANISHED || loss < HARDLY_MOVED * first.loss)
    return null;
  return {
    code: 'underflow-alone',
    values: { ...spanOf(track), lost: track.vanishedShare, first: first.loss, loss },
    site: null,
  };
}

/** The loss is higher than FP32's, and a setting other than arithmetic differs: that is named, and nothing else. */
export function otherSettings(view: LaneView): Finding | null {
  const { twin } = view;
  const code = 'other-settings';
  if (twin === null || twin.differences.length === 0) return null;
  if (!isBehind(view, twin.track, code, BEHIND, STILL_BEHIND)) return null;
  return { code, values: { ...comparison(view, twin.track), differences: twin.differences }, site: null };
}

/** The loss is higher than FP32's because steps were skipped, or with every setting the same. */
export function behind(view: LaneView): Finding | null {
  const { track, twin, config } = view;
  if (twin === null || twin.differences.length > 0) return null;
  const { lowered, scale, skippedSteps, steps } = track;
  const values = () => comparison(view, twin.track);
  const is = (code: Finding['code']): boolean => isBehind(view, twin.track, code, BEHIND, STILL_BEHIND);
  if (skippedSteps >= threshold(view, 'behind-skipped', SKIPPED, STILL_SKIPPED) * steps) {
    if (!is('behind-skipped')) return null;
    return { code: 'behind-skipped', values: { ...values(), skipped: skippedSteps, steps }, site: null };
  }
  if (lowered) {
    if (!is('behind-after-hand')) return null;
    return { code: 'behind-after-hand', values: { ...values(), hand: lowered }, site: null };
  }
  // FP32 itself has too little range for a scale like this.
  if (config.scaler.kind !== 'none' && (isFullPrecision(config) || scale < 1)) {
    return is('behind-scaled') ? { code: 'behind-scaled', values: { ...values(), scale }, site: null } : null;
  }
  return is('behind') ? { code: 'behind', values: values(), site: null } : null;
}

/** Nearly all gradients are zero before any cast, and the loss does not fall: units that are switched off. */
export function noGradients(view: LaneView): Finding | null {
  const { track } = view;
  const { first } = track;
  const code = 'no-gradients';
  if (first === null || track.steps < 2 * FALL_SPAN) return null;
  const zero = track.zeroShare - track.lostShare;
  const still = threshold(view, code, STANDS_STILL, STILL_STANDS_STILL);
  const loss = track.meanLoss(track.window);
  const span = Math.max(FALL_SPAN, track.window);
  // Where FP32 has gradients there is a reason that other rules look for.
  if (view.twin !== null && twinZeros(view) !== 'same') return null;
  if (zero < threshold(view, code, NO_GRADIENTS, STILL_NO_GRADIENTS) || track.vanishedShare > 0.01)
    return null;
  if (loss < STILL_HIGH * first.loss || track.meanLoss(span) < still * track.meanLoss(span, span))
    return null;
  return {
    code,
    values: { ...spanOf(track), zero, loss, first: first.loss, twin: twinZeros(view) },
    site: null,
  };
}

function twinZeros(view: LaneView): 'same' | 'fine' | 'none' | 'self' {
  const state = twinState(view);
  if (view.twin === null) return state;
  return view.twin.track.zeroShare >= STILL_NO_GRADIENTS ? 'same' : 'fine';
}
