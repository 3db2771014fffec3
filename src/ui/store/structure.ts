/**
 * Changes of an experiment's structure. They restart the run, so whatever was changed live before becomes part of
 * the new start, and no intervention of the old run is left to surprise the new one.
 */
import { affectedLanes, liveValues, type LiveValues } from '../../experiment/apply';
import { numbersOf, parametersOf, scalerSettings } from '../../training/scalers';
import { MAX_PAGE_LANES } from '../../experiment/bounds';
import { defaultExperiment, defaultOptimizer, lane as newLane } from '../../experiment/defaults';
import type {
  Experiment,
  Intervention,
  LaneConfig,
  OptimizerConfig,
  ScalerConfig,
  TaskId,
} from '../../experiment/experiment';

/**
 * The experiment that starts with the live values in force at a step, and a lane whose scale a hand has set with that
 * scale. (What a dynamic scaler has made of it since, it finds by itself.)
 *
 * @param asked for at that step, and not part of the experiment yet
 */
export function withLiveValues(
  experiment: Experiment,
  step: number,
  asked: readonly Intervention[],
): Experiment {
  const past = experiment.interventions.filter((intervention) => intervention.step <= step);
  const interventions = [...past, ...asked];
  const changed = { ...experiment, interventions };
  const live = experiment.lanes.map((_, index) => liveValues(changed, index, step));
  const scaleByHand = (index: number): number | undefined =>
    interventions.findLast((each) => each.key === 'scale' && affectedLanes(experiment, each).includes(index))
      ?.value;
  const followers = live.filter((_, index) => experiment.lanes[index].learningRate === null);
  const learningRate = followers[0]?.learningRate ?? experiment.optimizer.learningRate;
  const { lossWeightExponent } = live[0];
  return {
    ...experiment,
    optimizer: { ...experiment.optimizer, learningRate },
    lossWeightExponent,
    lanes: experiment.lanes.map((config, index) => {
      const own = live[index].learningRate;
      const follows = config.learningRate === null && own === learningRate;
      return {
        ...config,
        learningRate: follows ? null : own,
        scaler: liveScaler(config.scaler, live[index], scaleByHand(index)),
      };
    }),
    // A lane has no λ of its own but through an intervention before its first step.
    interventions: live.flatMap((values, index): Intervention[] =>
      values.lossWeightExponent === lossWeightExponent
        ? []
        : [{ step: 0, lane: index, key: 'lossWeightExponent', value: values.lossWeightExponent }],
    ),
  };
}

function liveScaler(scaler: ScalerConfig, live: LiveValues, scale: number | undefined): ScalerConfig {
  const numbers: Record<string, number> = { ...numbersOf(scaler), ...live };
  const [start] = parametersOf(scaler.kind);
  if (start && scale !== undefined) numbers[start.name] = scale;
  return scalerSettings(scaler.kind, numbers);
}

/** Another task, with its own batch size and optimizer; lanes, seed and λ stay, but for formats of layers by hand. */
export function withTask(experiment: Experiment, task: TaskId): Experiment {
  const { batch, optimizer } = defaultExperiment(task);
  const lanes = experiment.lanes.map((lane) => ({ ...lane, siteFormats: {} }));
  return { ...experiment, task, batch, optimizer, lanes };
}

export const withOptimizer = (experiment: Experiment, kind: OptimizerConfig['kind']): Experiment => ({
  ...experiment,
  optimizer: defaultOptimizer(experiment.task, kind),
});

export const withLane = (experiment: Experiment, index: number, lane: LaneConfig): Experiment => ({
  ...experiment,
  lanes: experiment.lanes.with(index, lane),
});

/** A lane with a format by hand at a layer or site, or, with null, what its autocast has there. */
export function withSiteFormat(lane: LaneConfig, place: string, format: string | null): LaneConfig {
  const { [place]: _, ...others } = lane.siteFormats;
  return { ...lane, siteFormats: format === null ? others : { ...others, [place]: format } };
}

/** Adds a lane at the end: FP16 without a scaler first, then the other formats that are not there yet. */
export function withNewLane(experiment: Experiment): Experiment {
  if (experiment.lanes.length >= MAX_PAGE_LANES) return experiment;
  const plain = experiment.lanes.filter(({ scaler }) => scaler.kind === 'none').map(({ format }) => format);
  const format = ['fp32', 'fp16', 'bf16', 'e5m2', 'e4m3fn'].find((name) => !plain.includes(name)) ?? 'fp16';
  return { ...experiment, lanes: [...experiment.lanes, newLane(format)] };
}

export function withDuplicate(experiment: Experiment, index: number): Experiment {
  if (experiment.lanes.length >= MAX_PAGE_LANES) return experiment;
  const copied = experiment.interventions
    .filter(({ lane }) => lane === index)
    .map((intervention): Intervention => ({ ...intervention, lane: experiment.lanes.length }));
  return {
    ...experiment,
    lanes: [...experiment.lanes, { ...experiment.lanes[index], name: '' }],
    interventions: [...experiment.interventions, ...copied],
  };
}

export function withoutLane(experiment: Experiment, index: number): Experiment {
  if (experiment.lanes.length <= 1) return experiment;
  return {
    ...experiment,
    lanes: experiment.lanes.toSpliced(index, 1),
    interventions: experiment.interventions.flatMap((intervention): Intervention[] => {
      const { lane } = intervention;
      if (lane === 'all' || lane < index) return [intervention];
      return lane === index ? [] : [{ ...intervention, lane: lane - 1 }];
    }),
  };
}
