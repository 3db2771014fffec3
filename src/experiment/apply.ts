/** What an experiment means for a lane at a step: pure functions, no engine needed. */
import type { LaneSettings } from '../graph/lanes';
import { parseFormat } from '../numerics/formats';
import { roundToFormat } from '../numerics/round';
import type { Experiment, Intervention, OptimizerConfig } from './experiment';
import { LIVE_PARAMETERS, numbersOf, type LiveParameterName } from '../training/scalers';
import { hasNumber, sortInterventions } from './schema';
import { storesOf } from './stores';

/** Interventions that take effect before one of the steps [from, to) runs, in the order they take effect. */
export function interventionsBetween(
  experiment: Experiment,
  from: number,
  to: number,
): readonly Intervention[] {
  return experiment.interventions.filter(({ step }) => step >= from && step < to);
}

/**
 * The interventions with one more. Of several for the same number of the same lane before the same step only the
 * last counts, so a slider that is dragged while the run is paused leaves one.
 */
export function recordIntervention(
  interventions: readonly Intervention[],
  added: Intervention,
): readonly Intervention[] {
  const others = interventions.filter(
    ({ step, lane, key }) => step !== added.step || lane !== added.lane || key !== added.key,
  );
  return sortInterventions([...others, added]);
}

/** The lanes an intervention changes: of `all`, those that have such a number. */
export function affectedLanes(
  experiment: Experiment,
  { lane, key }: Pick<Intervention, 'lane' | 'key'>,
): number[] {
  if (lane !== 'all') return [lane];
  return experiment.lanes.flatMap((config, index) => (hasNumber(config, key) ? [index] : []));
}

/** The numbers of a lane that interventions set once and for all. The scale in force is state, not one of them. */
export type LiveValues = Record<'learningRate' | 'lossWeightExponent', number> &
  Partial<Record<LiveParameterName, number>>;

/** The live values of a lane while step `step` (zero-based) runs, interventions before it included. */
export function liveValues(experiment: Experiment, lane: number, step: number): LiveValues {
  const { scaler, learningRate } = experiment.lanes[lane];
  const parameters = numbersOf(scaler);
  const values: LiveValues = {
    learningRate: learningRate ?? experiment.optimizer.learningRate,
    lossWeightExponent: experiment.lossWeightExponent,
    ...Object.fromEntries(
      LIVE_PARAMETERS.filter((name) => name in parameters).map((name) => [name, parameters[name]]),
    ),
  };
  for (const intervention of experiment.interventions) {
    const { key, value } = intervention;
    if (intervention.step > step || key === 'scale') continue;
    if (!affectedLanes(experiment, intervention).includes(lane)) continue;
    values[key === 'lossWeight' ? 'lossWeightExponent' : key] = value;
  }
  return values;
}

/**
 * The optimizer's numbers under a loss weight λ, chosen so that an exact run would not notice λ: SGD's step is
 * linear in the gradient, so its learning rate takes 1/λ; Adam's is invariant but for ε, which takes λ. λ is a
 * power of two, so both products are exact in f32. What the optimizer remembers is in
 * the unit of λ as well: see `lossWeight` and `lossWeightExponent` in LIVE_KEYS.
 *
 * @param constants the format in which all but the momentum are stored
 */
function optimizerNumbers(
  optimizer: OptimizerConfig,
  learningRate: number,
  lambda: number,
  constants: string,
): Pick<LaneSettings, 'learningRate' | 'momentum' | 'beta1' | 'beta2' | 'epsilon'> {
  const format = parseFormat(constants);
  // Numbers of Python, in double precision, unless they are stored in a format.
  const stored = (value: number): number =>
    format.name === 'fp32' ? value : roundToFormat(Math.fround(value), format);
  const rate = Math.fround(stored(learningRate));
  if (optimizer.kind === 'sgd') {
    return { learningRate: rate / lambda, momentum: optimizer.momentum, beta1: 0, beta2: 0, epsilon: 0 };
  }
  return {
    learningRate: rate,
    momentum: 0,
    beta1: stored(optimizer.beta1),
    beta2: stored(optimizer.beta2),
    epsilon: stored(Math.fround(optimizer.epsilon) * lambda),
  };
}

/** What the engine needs to know about a lane for step `step`, λ compensation included. */
export function laneSettings(experiment: Experiment, lane: number, step: number): LaneSettings {
  const { scaler, seed } = experiment.lanes[lane];
  const stores = storesOf(experiment.lanes[lane]);
  const { learningRate, lossWeightExponent, ...live } = liveValues(experiment, lane, step);
  const lambda = 2 ** lossWeightExponent;
  return {
    scaler: { kind: scaler.kind, parameters: { ...numbersOf(scaler), ...live } },
    multiplier: lambda,
    ...optimizerNumbers(experiment.optimizer, learningRate, lambda, stores.constants),
    singleTensor: stores.kernel === 'single-tensor',
    kahan: stores.update === 'kahan',
    seed: seed ?? experiment.seed,
  };
}
