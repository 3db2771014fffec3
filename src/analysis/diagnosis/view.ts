/** What a rule sees of a lane. */
import { affectedLanes } from '../../experiment/apply';
import type { Experiment, LaneConfig } from '../../experiment/experiment';
import { parseFormat } from '../../numerics/formats';
import type { FormattedSite } from '../records';
import { isFullPrecision, type Difference } from '../twin';
import type { DiagnosisCode, DiagnosisValues, Hand, Overflow, TwinState } from './diagnosis';
import type { Track } from './track';

/** A change of λ that left the optimizer's memory, or of the learning rate, before a step; and the loss before it. */
export interface Move {
  readonly key: 'lossWeightExponent' | 'learningRate';
  readonly step: number;
  readonly value: number;
  /** The value that it replaced. */
  readonly was: number;
  readonly lossBefore: number;
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

/** A loss that rose so many times above its lowest mean, and above where it began, is no noise. */
const ROSE = 10;
const STILL_RISEN = 3;
const ABOVE_START = 2;
const STILL_ABOVE_START = 1.2;

export function rose(track: Track, standing = false): boolean {
  const { lowest, first, lossNow } = track;
  if (lowest === null || first === null) return false;
  const [above, aboveStart] = standing ? [STILL_RISEN, STILL_ABOVE_START] : [ROSE, ABOVE_START];
  return lossNow >= above * lowest.loss && lossNow >= aboveStart * first.loss;
}

/** Whether the numbers of a lane are not finite, and not only in a step or two that its scaler skips. */
export const isLost = (track: Track, scaler: LaneConfig['scaler']['kind']): boolean =>
  track.weightsNotFinite !== null ||
  (track.broken !== null && (scaler === 'none' || track.broken.count >= MANY_SKIPS));

/** Skips in a row that are more than an unlucky batch. */
export const SOME_SKIPS = 8;
/** Skips in a row that are more than the search for the right scale from a usual start. */
export const MANY_SKIPS = 24;

/** Shares of the window's steps that are much to skip: for a scale that never moves, and to go on saying so. */
const STATIC_SHARE = 0.5;
const STATIC_STEPS = 16;
const STILL_SKIPS = 0.25;

/** Whether a lane skips so many steps that something is wrong. */
export function skipsMuch({ track, config, standing }: LaneView, code: DiagnosisCode): boolean {
  const share = track.skippedOfLast / track.lastSteps;
  if (track.skips !== null && track.skips.count >= SOME_SKIPS) return true;
  if (standing === code) return share >= STILL_SKIPS;
  return config.scaler.kind === 'static' && track.lastSteps >= STATIC_STEPS && share >= STATIC_SHARE;
}

export function twinState({ twin, config }: LaneView): TwinState {
  if (twin === null) return isFullPrecision(config) ? 'self' : 'none';
  const { track } = twin;
  return rose(track, true) || track.broken !== null || track.weightsNotFinite !== null ? 'same' : 'fine';
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

/** The newest change of the lane's scale while the run went on; null when no hand has touched it. */
export function handOnScale({ experiment, lane, track }: LaneView): Hand | null {
  const set = experiment.interventions.findLast(
    (each) =>
      each.key === 'scale' &&
      each.step > 0 &&
      each.step < track.steps &&
      affectedLanes(experiment, each).includes(lane),
  );
  return set ? { step: set.step, set: set.value } : null;
}

/** The steps that the statistics of a track look back over. */
export const spanOf = ({ steps, window }: Track): { from: number; to: number } => ({
  from: Math.max(0, steps - window),
  to: steps,
});
