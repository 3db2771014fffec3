/** Experiments with a name: the one the page opens with, and those that the lessons start from. */
import { DEFAULT_DYNAMIC, defaultExperiment, lane } from './defaults';
import type { Experiment, LaneConfig, OptimizerConfig } from './experiment';

export interface Preset {
  /** Names the texts that the page shows for it. */
  readonly id: string;
  readonly experiment: Experiment;
}

/**
 * The surface fitted by a tanh network, the model of the λ lessons. A toy does not underflow by itself; λ = 2^-18,
 * with the learning rate times 2^18, gives its gradients the magnitudes of a huge network's.
 */
const surface: Experiment = { ...defaultExperiment('regression'), seed: 3 };
const underflowing: Experiment = { ...surface, lossWeightExponent: -18 };

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

export const PRESETS: readonly Preset[] = [
  { id: 'opening', experiment: openingExperiment },
  {
    // Three quarters of the activation gradients may vanish unharmed; then it breaks within four powers of two.
    id: 'underflow',
    experiment: {
      ...surface,
      lossWeightExponent: -14,
      lanes: [
        baseline,
        lane('fp16', { name: 'λ = 2^-16' }),
        lane('fp16', { name: 'λ = 2^-18' }),
        lane('fp16', { name: 'λ = 2^-22' }),
      ],
      interventions: [-16, -18, -22].map((value, i) => ({
        step: 0,
        lane: i + 1,
        key: 'lossWeightExponent',
        value,
      })),
    },
  },
  {
    // Any static scale from 2^4 to 2^32 does as well as another; at 2^40 every step is skipped.
    id: 'plateau',
    experiment: { ...underflowing, lanes: [baseline, fixed(0), fixed(12), fixed(40)] },
  },
  {
    id: 'cold-start',
    experiment: { ...surface, lanes: [baseline, dynamic(2 ** 16), dynamic(2 ** 24), dynamic(2 ** 32)] },
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
  { id: 'ten-lines', experiment: defaultExperiment('linear') },
  { id: 'spirals', experiment: defaultExperiment('spirals') },
  { id: 'digits-mlp', experiment: defaultExperiment('digits-mlp') },
  { id: 'digits-cnn', experiment: defaultExperiment('digits-cnn') },
];
