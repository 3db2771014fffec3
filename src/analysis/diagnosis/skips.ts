/** Rules about steps that the scaler skips, one after the other. */
import { raisedError, scalerOf, type RaiseCode } from '../../training/scalers';
import { isGradient } from '../records';
import { movesScale } from '../scaling';
import type { Overflow } from './diagnosis';
import { WINDOW } from './track';
import { MANY_SKIPS, overflowAt, skipsMuch, type Finding, type LaneView } from './view';

const skippingOf = ({ track }: LaneView): { skipped: number; steps: number; scale: number } => ({
  skipped: track.skippedOfLast,
  steps: track.lastSteps,
  scale: track.scale,
});

/** A scale at which a gradient that overflowed would have fitted: gradients are in proportion to it. */
const fitting = (scale: number, { largest, limit }: Overflow): number =>
  Math.floor(Math.log2((scale * limit) / largest));

/** The scaler raised an error, and nothing moves in the lane any more. */
export function scalerRaised({ track, config }: LaneView): Finding | null {
  if (track.stopped === null) return null;
  const { kind } = config.scaler;
  const error = raisedError(scalerOf(kind), track.stopped.number);
  // Codes come from the descriptions, whose list the type is made of.
  const code = error?.code as RaiseCode | undefined;
  return code === undefined
    ? null
    : { code: 'scaler-raised', values: { step: track.stopped.step, kind, code }, site: null };
}

/** A hand raised the scale, and steps have been skipped ever since. */
export function scaleByHand(view: LaneView): Finding | null {
  const { track, standing } = view;
  const { raised, hand, skips, lastSkip } = track;
  const code = 'scale-by-hand';
  if (raised === null || raised !== hand || lastSkip === null || !skipsMuch(view, code)) return null;
  if (standing !== code && (skips === null || skips.from > raised.step)) return null;
  return { code, values: { ...skippingOf(view), step: raised.step, set: raised.set }, site: lastSkip.site };
}

/** The scale is too high for the gradients, as the first site that overflows shows by itself. */
export function scaleTooHigh(view: LaneView): Finding | null {
  const { track, config, sites, standing } = view;
  const { lastSkip, skips } = track;
  // What was skipped before a hand set the scale says nothing about the present one.
  if (lastSkip === null || lastSkip.step < (track.hand?.step ?? 0)) return null;
  if (lastSkip.site === null || !isGradient(sites[lastSkip.site])) return null;
  const overflow = overflowAt(view, lastSkip);
  if (overflow === null) return null;
  const values = { ...skippingOf(view), ...overflow, fits: fitting(lastSkip.scale, overflow) };
  if (!movesScale(config)) {
    const code = 'scale-too-high';
    return skipsMuch(view, code) ? { code, values, site: lastSkip.site } : null;
  }
  const code = 'scale-falling';
  // While the scale falls step by step the search for the right one is on; from a usual start it is shorter.
  if (skips === null || (standing !== code && skips.count < MANY_SKIPS)) return null;
  if (!(skips.scale > track.scale)) return null;
  return { code, values: { ...values, since: skips.from, start: skips.scale }, site: lastSkip.site };
}

/** Step after step is skipped, and the first site that is not finite does not tell why. */
export function skipping(view: LaneView): Finding | null {
  const { track, config, sites } = view;
  const { lastSkip, skips } = track;
  const code = 'skipping';
  if (lastSkip === null || !skipsMuch(view, code)) return null;
  // A search for the right scale is what a scaler that moves is for.
  const searches = movesScale(config) && (skips?.count ?? 0) < MANY_SKIPS;
  if (searches && track.lastSteps < WINDOW) return null;
  const site = lastSkip.site === null ? null : sites[lastSkip.site].name;
  return { code, values: { ...skippingOf(view), site }, site: lastSkip.site };
}
