/**
 * Changes of an experiment's structure. They restart the run, so whatever was changed live before becomes part of
 * the new start, and no intervention of the old run is left to surprise the new one.
 */
import { liveValues } from '../../experiment/apply';
import { MAX_PAGE_LANES } from '../../experiment/bounds';
import {
  defaultBatch,
  defaultExperiment,
  defaultOptimizer,
  lane as newLane,
} from '../../experiment/defaults';
import type {
  Experiment,
  Intervention,
  LaneConfig,
  OptimizerConfig,
  ScalerConfig,
  TaskId,
} from '../../experiment/experiment';

/**
 * The experiment that starts with the live values in force at a step.
 *
 * @param scales per lane, the scale in force; a static scaler starts with it, a dynamic one finds it by itself
 */
export function withLiveValues(experiment: Experiment, step: number, scales: readonly number[]): Experiment {
  const live = experiment.lanes.map((_, index) => liveValues(experiment, index, step));
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
        scaler: liveScaler(config.scaler, live[index], scales[index]),
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

function liveScaler(scaler: ScalerConfig, live: ReturnType<typeof liveValues>, scale: number): ScalerConfig {
  switch (scaler.kind) {
    case 'none':
      return scaler;
    case 'static':
      return { ...scaler, scale: scale > 0 ? scale : scaler.scale };
    case 'dynamic': {
      const { growthFactor, backoffFactor, growthInterval } = live;
      return { ...scaler, growthFactor, backoffFactor, growthInterval };
    }
  }
}

/** Another task, with its own batch size and optimizer; lanes, seed and λ stay. */
export function withTask(experiment: Experiment, task: TaskId): Experiment {
  const { batch, optimizer } = defaultExperiment(task);
  return { ...experiment, task, batch, optimizer };
}

export const withOptimizer = (experiment: Experiment, kind: OptimizerConfig['kind']): Experiment => ({
  ...experiment,
  optimizer: defaultOptimizer(experiment.task, kind),
});

export const withLane = (experiment: Experiment, index: number, lane: LaneConfig): Experiment => ({
  ...experiment,
  lanes: experiment.lanes.with(index, lane),
});

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

/** Whether a value is what the task starts with, for the dot at changed controls. */
export function isDefault(
  experiment: Experiment,
  key: 'batch' | 'seed' | 'optimizer' | 'learningRate',
): boolean {
  const { task, optimizer } = experiment;
  switch (key) {
    case 'batch':
      return experiment.batch === defaultBatch(task);
    case 'seed':
      return experiment.seed === defaultExperiment(task).seed;
    case 'optimizer':
      return optimizer.kind === defaultOptimizer(task).kind;
    case 'learningRate':
      return optimizer.learningRate === defaultOptimizer(task, optimizer.kind).learningRate;
  }
}
