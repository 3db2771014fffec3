/** Rules about steps that the scaler skips, one after the other. */
import { isGradient } from '../records';
import type { Overflow } from './diagnosis';
import { handOnScale, MANY_SKIPS, overflowAt, skipsMuch, type Finding, type LaneView } from './view';

const skippingOf = ({ track }: LaneView): { skipped: number; steps: number; scale: number } => ({
  skipped: track.skippedOfLast,
  steps: track.lastSteps,
  scale: track.scale,
});

/** A scale at which a gradient that overflowed would have fitted: gradients are in proportion to it. */
const fitting = (scale: number, { largest, limit }: Overflow): number =>
  Math.floor(Math.log2((scale * limit) / largest));

/** Steps are skipped from the one on before which a hand set the scale. */
export function scaleByHand(view: LaneView): Finding | null {
  const { track, standing } = view;
  const code = 'scale-by-hand';
  const hand = handOnScale(view);
  if (hand === null || track.lastSkip === null || !skipsMuch(view, code)) return null;
  // A hand that lowered the scale has not made it too high.
  const isCause = track.skips?.from === hand.step && hand.set > track.skips.before;
  if (standing !== code && !isCause) return null;
  const steps = Math.min(track.lastSteps, track.steps - hand.step);
  const skipped = Math.min(steps, track.skippedOfLast);
  return { code, values: { ...hand, steps, skipped, scale: track.scale }, site: track.lastSkip.site };
}

/** The scale is too high for the gradients, as the first site that overflows shows by itself. */
export function scaleTooHigh(view: LaneView): Finding | null {
  const { track, config, sites, standing } = view;
  const { lastSkip, skips } = track;
  if (lastSkip === null || lastSkip.site === null || !isGradient(sites[lastSkip.site])) return null;
  const overflow = overflowAt(view, lastSkip);
  if (overflow === null) return null;
  const values = { ...skippingOf(view), ...overflow, fits: fitting(lastSkip.scale, overflow) };
  if (config.scaler.kind === 'static') {
    const code = 'scale-too-high';
    return skipsMuch(view, code) ? { code, values, site: lastSkip.site } : null;
  }
  const code = 'scale-falling';
  // While the scale falls step by step the search for the right one is on; from a usual start it is shorter.
  if (skips === null || (standing !== code && skips.count < MANY_SKIPS)) return null;
  return { code, values: { ...values, since: skips.from, start: skips.scale }, site: lastSkip.site };
}

/** Step after step is skipped, and the first site that is not finite does not tell why. */
export function skipping(view: LaneView): Finding | null {
  const { track, config, sites } = view;
  const { lastSkip, skips } = track;
  const code = 'skipping';
  if (lastSkip === null || !skipsMuch(view, code)) return null;
  const overflow = overflowAt(view, lastSkip);
  // A gradient that overflows under a dynamic scaler is what the scaler is for.
  if (config.scaler.kind === 'dynamic' && overflow !== null && (skips?.count ?? 0) < MANY_SKIPS) return null;
  const site = lastSkip.site === null ? null : sites[lastSkip.site].name;
  return { code, values: { ...skippingOf(view), site }, site: lastSkip.site };
}
