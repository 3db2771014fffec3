/** Experiments with a name: the one the page opens with, and those that the lessons start from. */
import { DEFAULT_DYNAMIC, defaultExperiment, lane } from './defaults';
import { FP32_STORES, type WeightUpdate } from '../precision/stores';
import type { Experiment, LaneConfig, OptimizerConfig } from './experiment';

export const PRESET_IDS = [
  'opening',
  'underflow',
  'plateau',
  'cold-start',
  'growth-interval',
  'fp8',
  'bf16',
  'adam',
  'adam-in-fp16',
  'no-masters',
  'dice',
  'fp16-masters',
  'ten-lines',
  'spirals',
  'digits-mlp',
  'digits-cnn',
] as const;
export type PresetId = (typeof PRESET_IDS)[number];

export interface Preset {
  /** Names the texts that the page shows for it. */
  readonly id: PresetId;
  readonly experiment: Experiment;
}

/**
 * The surface fitted by a tanh network, the model of the λ lessons. A toy does not underflow by itself; λ = 2^-20,
 * with the learning rate times 2^20, gives its gradients the magnitudes of a huge network's.
 */
const surface: Experiment = { ...defaultExperiment('regression'), seed: 3 };
const underflowing: Experiment = { ...surface, lossWeightExponent: -20 };

const dynamic = (initialScale: number, growthInterval: number = DEFAULT_DYNAMIC.growthInterval): LaneConfig =>
  lane('fp16', { scaler: { ...DEFAULT_DYNAMIC, initialScale, growthInterval } });

const fixed = (exponent: number): LaneConfig =>
  lane('fp16', { scaler: { kind: 'static', scale: 2 ** exponent } });

const baseline = lane('fp32');

/**
 * Starts too high, so that the first steps are skipped while the scale backs off, and grows often enough to be seen:
 * with the default interval of 2000, nothing would move again for minutes.
 */
export const openingExperiment: Experiment = {
  ...underflowing,
  lanes: [baseline, dynamic(2 ** 40, 25), lane('fp16')],
};

const adam: OptimizerConfig = {
  kind: 'adam',
  learningRate: 1e-2,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
};

const fromTen = { ...DEFAULT_DYNAMIC, initialScale: 2 ** 10 };

/** Small steps, so that an update is small beside its weight. */
const slowly: Experiment = { ...surface, optimizer: { kind: 'sgd', learningRate: 0.02, momentum: 0 } };

/** Operations read the weights as they are stored, in the lane's format, and the optimizer changes these. */
const withoutMasters = (
  format: string,
  changes: Partial<LaneConfig> = {},
  update: WeightUpdate = 'nearest',
): LaneConfig =>
  lane(format, { ...changes, stores: { ...FP32_STORES, weights: format, masters: false, update } });

/** Lanes of FP16 without a scaler, each with a λ of its own. */
const sweep = (exponents: readonly number[]): Experiment => ({
  ...surface,
  lossWeightExponent: exponents[0],
  lanes: [baseline, ...exponents.map((exponent) => lane('fp16', { name: `λ = 2^${exponent}` }))],
  interventions: exponents.slice(1).map((value, index) => ({
    step: 0,
    lane: index + 2,
    key: 'lossWeightExponent',
    value,
  })),
});

/** What each of them promises is checked at steps 200, 1,000 and 5,000 (analysis/headline.ts). */
export const PRESETS: readonly Preset[] = [
  { id: 'opening', experiment: openingExperiment },
  // Many gradients may vanish unharmed; a few powers of two further nothing is learnt.
  { id: 'underflow', experiment: sweep([-14, -20, -22]) },
  // One static scale does as well as another over a wide range; at the end of it every step is skipped.
  { id: 'plateau', experiment: { ...underflowing, lanes: [baseline, fixed(0), fixed(12), fixed(42)] } },
  {
    // The lane that starts highest comes first, so that it is the one looked at.
    id: 'cold-start',
    experiment: { ...surface, lanes: [baseline, dynamic(2 ** 32), dynamic(2 ** 24), dynamic(2 ** 16)] },
  },
  {
    id: 'growth-interval',
    experiment: {
      ...surface,
      lanes: [baseline, dynamic(2 ** 16, 10), dynamic(2 ** 16, 25), dynamic(2 ** 16, 100)],
    },
  },
  {
    // Range for gradients, precision for activations, or a good scale.
    id: 'fp8',
    experiment: {
      ...surface,
      optimizer: { kind: 'sgd', learningRate: 0.1, momentum: 0 },
      lossWeightExponent: -6,
      lanes: [
        baseline,
        lane('e4m3fn'),
        lane('e4m3fn', { gradientFormat: 'e5m2' }),
        lane('e4m3fn', { scaler: { ...DEFAULT_DYNAMIC, initialScale: 2 ** 10 } }),
      ],
    },
  },
  { id: 'bf16', experiment: { ...underflowing, lanes: [baseline, lane('bf16'), lane('fp16')] } },
  { id: 'adam', experiment: { ...underflowing, optimizer: adam, lanes: openingExperiment.lanes } },
  {
    // ε = 1e-8 is 0 in FP16, and 0 / 0 is no number.
    id: 'adam-in-fp16',
    experiment: {
      ...surface,
      optimizer: adam,
      lanes: [
        baseline,
        lane('fp16', { scaler: fromTen }),
        lane('fp16', {
          scaler: fromTen,
          stores: { ...FP32_STORES, moments: 'fp16', constants: 'fp16' },
        }),
        lane('bf16', { stores: { ...FP32_STORES, moments: 'bf16' } }),
      ],
    },
  },
  {
    // Range is not precision: bf16 loses no gradient, and most updates.
    id: 'no-masters',
    experiment: {
      ...slowly,
      lanes: [
        baseline,
        lane('bf16'),
        withoutMasters('bf16'),
        withoutMasters('fp16', { scaler: fixed(10).scaler }),
      ],
    },
  },
  {
    // As many updates are lost, and it trains: those that arrive make up for the others.
    id: 'dice',
    experiment: {
      ...slowly,
      lanes: [
        baseline,
        withoutMasters('bf16'),
        withoutMasters('bf16', {}, 'stochastic'),
        withoutMasters('bf16', {}, 'kahan'),
      ],
    },
  },
  {
    // The sentence that circulates (master weights in FP16, gradients and updates in FP32) beside the right way round.
    id: 'fp16-masters',
    experiment: {
      ...surface,
      optimizer: { kind: 'sgd', learningRate: 0.002, momentum: 0 },
      lanes: [
        baseline,
        lane('fp16', { scaler: fixed(10).scaler }),
        withoutMasters('fp16', { gradientFormat: 'fp32' }),
      ],
    },
  },
  { id: 'ten-lines', experiment: defaultExperiment('linear') },
  { id: 'spirals', experiment: defaultExperiment('spirals') },
  { id: 'digits-mlp', experiment: defaultExperiment('digits-mlp') },
  { id: 'digits-cnn', experiment: defaultExperiment('digits-cnn') },
];
