/** The live values as the controls show them: what was asked for, else what the run has. */
import { isFullPrecision } from '../../analysis/twin';
import { liveValues } from '../../experiment/apply';
import type { LiveKey } from '../../experiment/experiment';
import { startingScale as scaleAtStart } from '../../training/scalers';
import { liveId } from './pending';
import type { AppState } from './state';

/** Value of a live number in a lane; NaN for a scale that no step has used yet. */
export function liveValue(state: AppState, lane: number, key: LiveKey): number {
  const { pending, experiment, views } = state;
  const wanted = pending[liveId(lane, key)] ?? pending[liveId('all', key)];
  if (wanted) return wanted.value;
  if (key !== 'scale') {
    const values = liveValues(experiment, lane, views.counters.step);
    return values[key === 'lossWeight' ? 'lossWeightExponent' : key] ?? NaN;
  }
  const inForce = views.counters.scale[lane] ?? NaN;
  return Number.isNaN(inForce) ? startingScale(state, lane) : inForce;
}

function startingScale({ experiment }: AppState, lane: number): number {
  const intervention = experiment.interventions.findLast(
    (each) => each.step === 0 && each.key === 'scale' && (each.lane === lane || each.lane === 'all'),
  );
  if (intervention) return intervention.value;
  return scaleAtStart(experiment.lanes[lane].scaler);
}

/** Whether a lane has a loss scale that can be changed, and if not, why. */
export function scaleControl({ experiment, selectedLane }: AppState): 'ok' | 'fp32' | 'no-scaler' {
  const lane = experiment.lanes[selectedLane];
  if (lane.scaler.kind !== 'none') return 'ok';
  return isFullPrecision(lane) ? 'fp32' : 'no-scaler';
}
