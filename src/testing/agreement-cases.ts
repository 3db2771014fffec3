/** Experiments that between them have every task, optimizer, format, scaler, rounding and accumulation. */
import { AUTOCASTS } from '../precision';
import { DEFAULT_DYNAMIC, defaultExperiment, defaultOptimizer, lane } from '../experiment/defaults';
import { FORMATS } from '../numerics/formats';
import { FP32_STORES, pureStores } from '../precision/stores';
import { SCALER_KINDS, scalerSettings } from '../training/scalers';
import { TASK_IDS, type Experiment, type LaneConfig, type TaskId } from '../experiment/experiment';

/** From so high that the first steps are skipped, and growing often. */
const dynamic = { ...DEFAULT_DYNAMIC, initialScale: 2 ** 40, growthInterval: 4 };

/** Every kind of scaler with the numbers of these that it has, one that raises, and one that divides by any number. */
const numbers = { initialScale: 2 ** 40, growthInterval: 4, scale: 2 ** 12 };
const SCALED: readonly LaneConfig[] = [
  ...SCALER_KINDS.map((kind) => lane('fp16', { scaler: scalerSettings(kind, numbers) })),
  lane('fp16', { scaler: scalerSettings('deepspeed', { initialScale: 2 ** 40, minimumScale: 2 ** 39 }) }),
  lane('fp16', { scaler: scalerSettings('flax', { initialScale: 3 * 2 ** 20, growthFactor: 1.1 }) }),
];

/**
 * Lanes by what their kernels have in common, because one lane that rounds or adds up in another way makes the slower
 * kernels necessary for all of a program, and a software adapter executes every way to add up for every lane. Each
 * group has a lane whose scale falls and grows.
 */
export const LANE_GROUPS = {
  formats: [
    lane('fp32'),
    lane('fp16', { scaler: dynamic }),
    lane('fp16', { scaler: { kind: 'static', scale: 2 ** 12 } }),
    lane('fp16', { subnormals: 'flush' }),
    lane('bf16'),
    lane('tf32'),
    lane('e4m3fn', { gradientFormat: 'e5m2', scaler: dynamic }),
    lane('e4m3fn_sat', { gradientFormat: 'e5m2_sat' }),
    lane('e3m2fn', { gradientFormat: 'e5m7' }),
    lane('e2m3fn', { gradientFormat: 'fp16' }),
    lane('e2m1fn', { gradientFormat: 'bf16', seed: 9 }),
  ],
  scalers: SCALED,
  rounding: [
    lane('fp32'),
    lane('fp16', { rounding: 'nearest-away', scaler: dynamic }),
    lane('bf16', { rounding: 'toward-zero' }),
    lane('fp16', { rounding: 'up', subnormals: 'flush' }),
    lane('e4m3fn', { gradientFormat: 'e5m2', rounding: 'down' }),
    lane('fp16', { rounding: 'stochastic', scaler: dynamic }),
    lane('bf16', { rounding: 'stochastic', randomBits: 3, seed: 5 }),
    lane('e4m3fn', { gradientFormat: 'e5m2', rounding: 'stochastic', subnormals: 'flush' }),
  ],
  stores: [
    lane('fp32'),
    lane('fp16', { stores: pureStores(FORMATS.fp16), scaler: dynamic }),
    lane('bf16', { stores: pureStores(FORMATS.bf16) }),
    lane('bf16', { stores: { ...FP32_STORES, weights: 'bf16', masters: false, update: 'stochastic' } }),
    lane('bf16', { stores: { ...FP32_STORES, weights: 'bf16', masters: false, update: 'kahan' } }),
    lane('fp16', { stores: { ...FP32_STORES, weights: 'fp16', updates: 'bf16' }, rounding: 'stochastic' }),
    lane('fp32', { stores: { ...FP32_STORES, moments: 'fp16', constants: 'fp16', gradients: 'bf16' } }),
    lane('e4m3fn', { stores: { ...FP32_STORES, moments: 'e5m2', update: 'kahan' }, subnormals: 'flush' }),
  ],
  autocasts: [
    lane('fp32'),
    ...AUTOCASTS.map(({ id, usual: [format, gradientFormat] }) =>
      lane(format, { gradientFormat, autocast: id }),
    ),
    lane('fp16', { autocast: 'half', scaler: dynamic }),
    lane('fp16', { siteFormats: { fc1: 'fp32', conv2: 'e5m2', head: 'bf16', pool: 'bf16', loss: 'fp16' } }),
    lane('e4m3fn', {
      gradientFormat: 'e5m2',
      siteFormats: { 'head.output': 'fp16', 'fc2.input.grad': 'e3m4' },
    }),
  ],
  sums: [
    lane('fp32', { accumulation: 'pairwise' }),
    lane('fp16', { accumulation: 'chunked:4', scaler: dynamic }),
    lane('bf16', { accumulation: 'kahan' }),
    lane('fp32'),
  ],
  'sums in the format': [lane('fp16', { accumulation: 'format', scaler: dynamic })],
  'fused sums in the format': [
    lane('fp16', { accumulation: 'format-fma', scaler: dynamic }),
    lane('bf16', { accumulation: 'format-fma' }),
    lane('fp32', { accumulation: 'format-fma' }),
  ],
  'chunks in the format': [lane('fp16', { accumulation: 'chunked:3:format', scaler: dynamic })],
  'pairs in the format': [
    lane('fp16', { accumulation: 'pairwise:format', scaler: dynamic }),
    lane('bf16', { accumulation: 'pairwise:format' }),
  ],
  'Kahan in the format': [lane('e5m2', { accumulation: 'kahan:format', scaler: dynamic })],
  'tensor cores': [
    lane('fp16', { accumulation: 'tensor-core:v100', scaler: dynamic }),
    lane('bf16', { accumulation: 'tensor-core:a100' }),
    lane('tf32', { accumulation: 'tensor-core:ada' }),
    lane('fp16', { accumulation: 'tensor-core:h100', rounding: 'stochastic', scaler: dynamic }),
    lane('e4m3fn', { gradientFormat: 'e5m2', accumulation: 'tensor-core:h100/32' }),
    lane('e4m3fn', { accumulation: 'tensor-core:b200' }),
  ],
} as const satisfies Record<string, readonly LaneConfig[]>;

export type LaneGroup = keyof typeof LANE_GROUPS;
export type OptimizerKind = Experiment['optimizer']['kind'];

export interface AgreementCase {
  readonly task: TaskId;
  readonly optimizer: OptimizerKind;
  readonly lanes: LaneGroup;
}

const OPTIMIZERS: readonly OptimizerKind[] = ['sgd', 'adam'];
const GROUPS = Object.keys(LANE_GROUPS) as LaneGroup[];

/** Every task with every optimizer and all lanes. */
export const ALL_CASES: readonly AgreementCase[] = TASK_IDS.flatMap((task) =>
  OPTIMIZERS.flatMap((optimizer) => GROUPS.map((lanes) => ({ task, optimizer, lanes }))),
);

/** Every task with every optimizer, and all lanes somewhere; sums are dear where there are many. */
export const SOME_CASES: readonly AgreementCase[] = [
  { task: 'linear', optimizer: 'sgd', lanes: 'sums in the format' },
  { task: 'linear', optimizer: 'sgd', lanes: 'fused sums in the format' },
  { task: 'linear', optimizer: 'sgd', lanes: 'chunks in the format' },
  { task: 'linear', optimizer: 'sgd', lanes: 'pairs in the format' },
  { task: 'linear', optimizer: 'sgd', lanes: 'Kahan in the format' },
  { task: 'linear', optimizer: 'adam', lanes: 'tensor cores' },
  { task: 'regression', optimizer: 'adam', lanes: 'stores' },
  { task: 'linear', optimizer: 'sgd', lanes: 'stores' },
  { task: 'regression', optimizer: 'sgd', lanes: 'rounding' },
  { task: 'linear', optimizer: 'sgd', lanes: 'scalers' },
  { task: 'regression', optimizer: 'adam', lanes: 'sums' },
  { task: 'spirals', optimizer: 'sgd', lanes: 'sums' },
  { task: 'spirals', optimizer: 'adam', lanes: 'rounding' },
  { task: 'digits-mlp', optimizer: 'sgd', lanes: 'formats' },
  { task: 'digits-mlp', optimizer: 'adam', lanes: 'formats' },
  { task: 'digits-cnn', optimizer: 'sgd', lanes: 'formats' },
  { task: 'digits-mlp', optimizer: 'sgd', lanes: 'autocasts' },
  { task: 'regression', optimizer: 'adam', lanes: 'autocasts' },
  { task: 'digits-cnn', optimizer: 'adam', lanes: 'rounding' },
];

/** Small, so that a run is short. */
const BATCH: Readonly<Record<TaskId, number>> = {
  regression: 5,
  spirals: 5,
  'digits-mlp': 2,
  'digits-cnn': 1,
  linear: 5,
};

/** The live changes meet lanes of every kind. */
export function experimentFor({ task, optimizer, lanes }: AgreementCase): Experiment {
  const configs = LANE_GROUPS[lanes];
  const scaled = configs.findIndex(({ scaler }) => scaler.kind === 'dynamic');
  return {
    ...defaultExperiment(task),
    optimizer: defaultOptimizer(task, optimizer),
    batch: BATCH[task],
    lossWeightExponent: -12,
    lanes: configs,
    interventions: [
      { step: 60, lane: scaled, key: 'scale', value: 2 ** 30 },
      { step: 200, lane: 'all', key: 'lossWeightExponent', value: -8 },
      { step: 250, lane: 'all', key: 'lossWeight', value: -10 },
      { step: 300, lane: scaled, key: 'growthInterval', value: 9 },
      { step: 400, lane: 0, key: 'learningRate', value: 0.003 },
    ],
  };
}
