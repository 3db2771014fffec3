/**
 * What happens between which steps: the part of driving a run that decides its result, and therefore knows no clock.
 * The session and the command line share it.
 */
import { affectedLanes, interventionsBetween, laneSettings, liveValues } from '../experiment/apply';
import type { Experiment, Intervention } from '../experiment/experiment';
import type { Runner } from '../training/backend';

/** Whether the held-out set is evaluated after so many completed steps. */
export const isEvaluationStep = (step: number, interval: number): boolean => step % interval === 0;

/** How many steps may run in one go from `step` on, before an intervention or an evaluation is due. */
export function stepsUntilEvent(experiment: Experiment, step: number, evaluationInterval: number): number {
  const evaluation = evaluationInterval - (step % evaluationInterval);
  const next = experiment.interventions.find((intervention) => intervention.step > step);
  return next ? Math.min(evaluation, next.step - step) : evaluation;
}

/** Makes one intervention on a runner that is about to run step `intervention.step`. */
export function applyIntervention(runner: Runner, experiment: Experiment, intervention: Intervention): void {
  for (const lane of affectedLanes(experiment, intervention)) {
    if (intervention.key === 'scale') {
      runner.setScale(lane, Math.fround(intervention.value));
      continue;
    }
    if (intervention.key === 'lossWeight') {
      runner.rescaleMoments(lane, 2 ** (intervention.value - exponentBefore(experiment, lane, intervention)));
    }
    runner.setSettings(lane, laneSettings(experiment, lane, intervention.step));
  }
}

/** The exponent of a lane's λ before an intervention, the others before the same step included. */
function exponentBefore(experiment: Experiment, lane: number, intervention: Intervention): number {
  const at = experiment.interventions.indexOf(intervention);
  const earlier = { ...experiment, interventions: experiment.interventions.slice(0, at) };
  return liveValues(earlier, lane, intervention.step).lossWeightExponent;
}

/** Makes the interventions that stand before `step`. Must be called once, before that step runs. */
export function applyInterventions(runner: Runner, experiment: Experiment, step: number): void {
  for (const intervention of interventionsBetween(experiment, step, step + 1)) {
    applyIntervention(runner, experiment, intervention);
  }
}
