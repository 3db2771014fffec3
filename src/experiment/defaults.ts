/**
 * What an experiment is where nothing else is said. A link leaves defaults out, so a value here is part of the
 * meaning of every `v=1` link: it may be added to, never changed.
 */
import { DEFAULT_RANDOM_BITS } from '../numerics/formats';
import { scalerSettings } from '../training/scalers';
import type { Experiment, LaneConfig, OptimizerConfig, ScalerConfig, TaskId } from './experiment';

interface TaskDefaults {
  readonly batch: number;
  readonly optimizer: OptimizerConfig;
}

/** torch.optim.SGD has no default learning rate to follow; 0.1 is the usual first try. */
const SGD: OptimizerConfig = { kind: 'sgd', learningRate: 0.1, momentum: 0 };
/** torch.optim.Adam. */
const ADAM: OptimizerConfig = { kind: 'adam', learningRate: 1e-3, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };

const TASKS: Record<TaskId, TaskDefaults> = {
  regression: { batch: 32, optimizer: { ...SGD, learningRate: 0.2 } },
  spirals: { batch: 64, optimizer: { ...ADAM, learningRate: 1e-2 } },
  'digits-mlp': { batch: 128, optimizer: { ...SGD, momentum: 0.9 } },
  'digits-cnn': { batch: 64, optimizer: { ...SGD, learningRate: 0.05, momentum: 0.9 } },
  linear: { batch: 32, optimizer: ADAM },
};

export const DEFAULT_TASK: TaskId = 'regression';
export const DEFAULT_SEED = 1;

export const defaultBatch = (task: TaskId): number => TASKS[task].batch;

/** The task's own optimizer, or the framework's defaults when another kind is asked for. */
export function defaultOptimizer(
  task: TaskId,
  kind: OptimizerConfig['kind'] = TASKS[task].optimizer.kind,
): OptimizerConfig {
  const own = TASKS[task].optimizer;
  if (own.kind === kind) return own;
  return kind === 'sgd' ? SGD : ADAM;
}

/** A scaler with the numbers that its framework gives it. */
export const defaultScaler = (kind: ScalerConfig['kind']): ScalerConfig => scalerSettings(kind);

/** torch.amp.GradScaler's constructor arguments. */
export const DEFAULT_DYNAMIC = {
  kind: 'dynamic',
  initialScale: 2 ** 16,
  growthFactor: 2,
  backoffFactor: 0.5,
  growthInterval: 2000,
} as const satisfies ScalerConfig;

/** A lane in this format; gradients in the same, no scaler, learning rate and seed of the experiment. */
export function lane(format: string, changes: Partial<LaneConfig> = {}): LaneConfig {
  return {
    name: '',
    format,
    gradientFormat: format,
    rounding: 'nearest-even',
    randomBits: DEFAULT_RANDOM_BITS,
    subnormals: 'keep',
    autocast: 'pytorch',
    siteFormats: {},
    accumulation: 'fp32',
    stores: null,
    scaler: { kind: 'none' },
    learningRate: null,
    seed: null,
    ...changes,
  };
}

export const DEFAULT_LANES: readonly LaneConfig[] = [lane('fp32'), lane('fp16', { scaler: DEFAULT_DYNAMIC })];

export function defaultExperiment(task: TaskId = DEFAULT_TASK): Experiment {
  return {
    task,
    batch: defaultBatch(task),
    seed: DEFAULT_SEED,
    optimizer: defaultOptimizer(task),
    lossWeightExponent: 0,
    lanes: DEFAULT_LANES,
    interventions: [],
  };
}
