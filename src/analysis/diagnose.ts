/**
 * What is wrong with a lane, told from its records. A diagnosis is data; the page puts it into words. The first one
 * that applies is the one nearest to the cause.
 */
import type { ScalerConfig } from '../experiment/experiment';
import type { ScaleEvent } from './events';
import { isGradient, type SiteRecord } from './records';

/** What a diagnosis rests on: a lane as it stands after the newest step. */
export interface LaneCondition {
  readonly scaler: ScalerConfig['kind'];
  /** Completed steps. */
  readonly steps: number;
  readonly scale: number;
  readonly initialScale: number;
  /** First step whose loss was infinite or NaN. */
  readonly firstBadLoss: number | null;
  /** Newest training loss. */
  readonly loss: number;
  /** Newest loss on the held-out rows, of this lane and of the FP32 lane; NaN where there is none. */
  readonly heldOutLoss: number;
  readonly baselineLoss: number;
  readonly skippedInARow: number;
  /** Newest skipped step. */
  readonly lastSkip: ScaleEvent | null;
  /** Share of non-zero parameter gradients that became zero, over the last steps; NaN when there were none. */
  readonly underflow: number;
  /** Share of parameter gradients that are zero after rounding, for whatever reason. */
  readonly zero: number;
}

export type Diagnosis =
  | { readonly kind: 'scale-zero' }
  | { readonly kind: 'weights-destroyed'; readonly step: number }
  | { readonly kind: 'forward-overflow'; readonly site: string; readonly skips: number }
  | { readonly kind: 'nan-below-one'; readonly scale: number; readonly site: string | null }
  | {
      readonly kind: 'scale-collapsing';
      readonly scale: number;
      readonly initial: number;
      readonly skips: number;
    }
  | {
      readonly kind: 'static-too-high';
      readonly scale: number;
      readonly skips: number;
      readonly site: string | null;
    }
  | { readonly kind: 'loss-not-finite'; readonly step: number }
  | { readonly kind: 'underflow'; readonly share: number; readonly scaler: ScalerConfig['kind'] }
  | { readonly kind: 'behind-baseline'; readonly ratio: number };

/** Skips in a row that are more than a search for the right scale from a usual start. */
const MANY_SKIPS = 24;
const SOME_SKIPS = 8;
/** Share of vanished gradients beyond which training suffers (it breaks within four powers of two of 3/4). */
const HARMFUL_UNDERFLOW = 0.9;
/** Steps after which a comparison with the baseline means something. */
const SETTLED = 200;
const BEHIND = 3;

export function diagnose(lane: LaneCondition, sites: readonly SiteRecord[]): Diagnosis | null {
  return diagnoseScale(lane, sites) ?? diagnoseLoss(lane);
}

function diagnoseScale(lane: LaneCondition, sites: readonly SiteRecord[]): Diagnosis | null {
  const { scaler, scale, skippedInARow: skips } = lane;
  if (scaler === 'none') return null;
  if (scale === 0) return { kind: 'scale-zero' };
  if (skips < SOME_SKIPS) return null;
  const info = sites.find(({ id }) => id === lane.lastSkip?.site);
  const site = info?.name ?? null;
  if (info && !isGradient(info)) return { kind: 'forward-overflow', site: info.name, skips };
  if (scale < 1) return { kind: 'nan-below-one', scale, site };
  if (scaler === 'static') return { kind: 'static-too-high', scale, skips, site };
  if (skips >= MANY_SKIPS) return { kind: 'scale-collapsing', scale, initial: lane.initialScale, skips };
  return null;
}

function diagnoseLoss(lane: LaneCondition): Diagnosis | null {
  if (lane.firstBadLoss !== null && !Number.isFinite(lane.loss)) {
    return lane.scaler === 'none'
      ? { kind: 'weights-destroyed', step: lane.firstBadLoss }
      : { kind: 'loss-not-finite', step: lane.firstBadLoss };
  }
  if (lane.underflow >= HARMFUL_UNDERFLOW || (lane.scaler !== 'dynamic' && lane.zero >= HARMFUL_UNDERFLOW)) {
    return { kind: 'underflow', share: lane.zero, scaler: lane.scaler };
  }
  const { heldOutLoss, baselineLoss } = lane;
  if (lane.steps >= SETTLED && baselineLoss > 0 && heldOutLoss > BEHIND * baselineLoss) {
    return { kind: 'behind-baseline', ratio: heldOutLoss / baselineLoss };
  }
  return null;
}
