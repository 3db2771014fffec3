/** What a rule sees of a lane. */
import type { Experiment, LaneConfig } from '../../experiment/experiment';
import { parseFormat } from '../../numerics/formats';
import type { FormattedSite } from '../records';
import { movesScale } from '../scaling';
import { isFullPrecision, type Difference } from '../twin';
import type { DiagnosisCode, DiagnosisValues, Overflow, TwinState } from './diagnosis';
import { WINDOW, type Track } from './track';

/** A change of λ that left the optimizer's memory, or of the learning rate, before a step; and the loss before it. */
export interface Move {
  readonly key: 'lossWeightExponent' | 'learningRate';
  readonly step: number;
  readonly value: number;
  /** The value that it replaced. */
  readonly was: number;
  /** Mean and largest of the losses before it, and whether something was wrong already. */
  readonly lossBefore: number;
  readonly peakBefore: number;
  readonly inTrouble: boolean;
}

export interface LaneView {
  readonly lane: number;
  readonly config: LaneConfig;
  readonly experiment: Experiment;
  readonly sites: readonly FormattedSite[];
  readonly track: Track;
  /** The FP32 lane to compare with, and the settings other than arithmetic in which they differ. */
  readonly twin: { readonly track: Track; readonly differences: readonly Difference[] } | null;
  /** The newest move of λ and of the learning rate. */
  readonly moves: readonly Move[];
  /** The diagnosis that holds so far: it takes less to keep it than to make it. */
  readonly standing: DiagnosisCode | null;
}

/** What a rule found. */
export type Finding = {
  [Code in DiagnosisCode]: {
    readonly code: Code;
    readonly values: DiagnosisValues[Code];
    readonly site: number | null;
  };
}[DiagnosisCode];

export type Rule = (view: LaneView) => Finding | null;

/** The threshold that applies: one to enter, a weaker one to stay. */
export const threshold = (view: LaneView, code: DiagnosisCode, enter: number, stay: number): number =>
  view.standing === code ? stay : enter;

/** Skips in a row that are more than an unlucky batch. */
export const SOME_SKIPS = 8;
/** Skips in a row that are more than the search for the right scale from a usual start. */
export const MANY_SKIPS = 24;

/** Shares of the last steps that are much to skip, for a scale that never moves and for one that does; and still much. */
const STATIC_SHARE = 0.5;
/** A scale that grows after every good step settles at one skip in two. */
const DYNAMIC_SHARE = 0.6;
const STATIC_STEPS = 16;
const STILL_SKIPS = 0.25;

/** Whether a lane skips so many steps that something is wrong. */
export function skipsMuch({ track, config, standing }: LaneView, code: DiagnosisCode): boolean {
  const share = track.skippedOfLast / track.lastSteps;
  const inARow = Math.min(track.skips?.count ?? 0, track.lastSteps);
  if (inARow >= SOME_SKIPS) return true;
  if (standing === code) return share >= STILL_SKIPS;
  return !movesScale(config)
    ? track.lastSteps >= STATIC_STEPS && share >= STATIC_SHARE
    : track.lastSteps >= WINDOW && share >= DYNAMIC_SHARE;
}

/** Steps within which two lanes that go the same way get into trouble, at least, and as a share of the steps before. */
const SAME_TIME = 16;
const SAME_TIME_SHARE = 0.5;

/** What the twin did about when this lane got into trouble, as far as their settings let them be compared. */
export function twinState({ twin, config, track }: LaneView): TwinState {
  if (twin === null) return isFullPrecision(config) ? 'self' : 'none';
  const theirs = twin.track.trouble;
  if (theirs === null || twin.differences.length > 0) return 'fine';
  const from = Math.min(track.trouble?.since ?? Infinity, track.broken?.from ?? Infinity, track.steps);
  return theirs.since <= from + Math.max(SAME_TIME, SAME_TIME_SHARE * from) ? 'same' : 'fine';
}

/** The overflow that a step shows first; null when it shows something else first. */
export function overflowAt(
  { sites, lane }: LaneView,
  { site, cause, largest }: Pick<NonNullable<Track['broken']>, 'site' | 'cause' | 'largest'>,
): Overflow | null {
  if (site === null || cause !== 'overflow') return null;
  const format = parseFormat(sites[site].formats[lane]);
  return { site: sites[site].name, largest, limit: format.maxFinite, format: format.label };
}

/** The steps that the statistics of a track look back over. */
export const spanOf = ({ steps, window }: Track): { from: number; to: number } => ({
  from: Math.max(0, steps - window),
  to: steps,
});
