/**
 * The lane that another one is compared with. Lanes with the same seed start from the same weights and read the same
 * batches, so what differs between such a lane and its FP32 twin is arithmetic; but only where nothing else differs,
 * and that is looked up here.
 */
import { affectedLanes } from '../experiment/apply';
import { storesInFp32 } from '../precision/stores';
import type { Experiment, Intervention, LaneConfig } from '../experiment/experiment';
import { roundsNothing } from '../experiment/precision';
import { storesOf } from '../experiment/stores';

/** Whether a lane computes and stores in FP32. How it adds up products is not asked. */
export const isFullPrecision = (lane: LaneConfig): boolean =>
  roundsNothing(lane) && storesInFp32(storesOf(lane));

/** The first lane that computes in FP32 throughout, null when there is none. */
export function baselineLane({ lanes }: Experiment): number | null {
  const index = lanes.findIndex(isFullPrecision);
  return index < 0 ? null : index;
}

/** A setting in which a lane differs from its twin, other than arithmetic and loss scaling. */
export type Difference =
  | { readonly key: 'seed'; readonly own: number; readonly twin: number }
  /** `past`: they are the same again. */
  | { readonly key: 'learningRate'; readonly own: number; readonly twin: number; readonly past: boolean }
  /** λ was moved while the optimizer remembered gradients, before the given step, in one of the two and not the other. */
  | { readonly key: 'lossWeight'; readonly step: number };

/** Whether the optimizer keeps anything that is in the unit of the gradients from one step to the next. */
export const remembersGradients = ({ optimizer }: Experiment): boolean =>
  optimizer.kind === 'adam' || optimizer.momentum !== 0;

/** What differs, other than arithmetic, between two lanes that a walk over the interventions follows. */
interface Followed {
  readonly lane: number;
  rate: number;
  exponent: number;
  /** The newest step before which λ was moved while the run went on, null if it never was. */
  moved: number | null;
}

function follow(experiment: Experiment, lane: number): Followed {
  return {
    lane,
    rate: experiment.lanes[lane].learningRate ?? experiment.optimizer.learningRate,
    exponent: experiment.lossWeightExponent,
    moved: null,
  };
}

function take(followed: Followed, experiment: Experiment, intervention: Intervention): void {
  const { step, key, value } = intervention;
  if (key !== 'learningRate' && key !== 'lossWeightExponent' && key !== 'lossWeight') return;
  if (!affectedLanes(experiment, intervention).includes(followed.lane)) return;
  if (key === 'learningRate') {
    followed.rate = value;
    return;
  }
  // `lossWeight` moves the memory along.
  if (key === 'lossWeightExponent' && step > 0 && value !== followed.exponent) followed.moved = step;
  followed.exponent = value;
}

/** The newest step, up to `step`, before which λ was moved while the optimizer remembered gradients; null if none. */
export function lossWeightMoved(experiment: Experiment, lane: number, step: number): number | null {
  if (!remembersGradients(experiment)) return null;
  const followed = follow(experiment, lane);
  for (const intervention of experiment.interventions) {
    if (intervention.step <= step) take(followed, experiment, intervention);
  }
  return followed.moved;
}

/**
 * In what a lane's settings differ, or differed, from another's up to a step. λ by itself is no difference: it is a
 * power of two and compensated in the update, so without rounding a lane would not notice it.
 */
export function differencesBetween(
  experiment: Experiment,
  lane: number,
  twin: number,
  step: number,
): readonly Difference[] {
  const { interventions } = experiment;
  const [own, other] = [follow(experiment, lane), follow(experiment, twin)];
  let rates: Extract<Difference, { key: 'learningRate' }> | null = null;
  const compare = (): void => {
    if (own.rate !== other.rate)
      rates = { key: 'learningRate', own: own.rate, twin: other.rate, past: false };
    else if (rates) rates = { ...rates, past: true };
  };
  interventions.forEach((intervention, index) => {
    if (intervention.step > step) return;
    // What stands before one step takes effect together.
    if (intervention.step > (interventions[index - 1]?.step ?? 0)) compare();
    take(own, experiment, intervention);
    take(other, experiment, intervention);
  });
  compare();
  const seedOf = (index: number): number => experiment.lanes[index].seed ?? experiment.seed;
  const found: (Difference | null)[] = [
    seedOf(lane) === seedOf(twin) ? null : { key: 'seed', own: seedOf(lane), twin: seedOf(twin) },
    rates,
    remembersGradients(experiment) && own.moved !== other.moved
      ? { key: 'lossWeight', step: Math.max(own.moved ?? 0, other.moved ?? 0) }
      : null,
  ];
  return found.filter((difference) => difference !== null);
}

/**
 * The FP32 lane to compare with: of those without peculiar sums the one whose settings differ least, the first of
 * equals. An FP32 lane is compared with FP32 lanes before it only, so that of two the first is the baseline.
 */
export function twinOf(experiment: Experiment, lane: number): number | null {
  const { lanes } = experiment;
  const isCandidate = (config: LaneConfig, index: number): boolean =>
    isFullPrecision(config) &&
    config.accumulation === 'fp32' &&
    (index < lane || !isFullPrecision(lanes[lane]));
  const candidates = lanes.flatMap((config, index) =>
    isCandidate(config, index)
      ? [{ index, differences: differencesBetween(experiment, lane, index, Infinity).length }]
      : [],
  );
  const best = candidates.toSorted((a, b) => a.differences - b.differences);
  return best[0]?.index ?? null;
}
