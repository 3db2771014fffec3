/**
 * An experiment is plain data: structure, lanes and interventions. It fits in a URL (codec.ts), and the same
 * experiment gives the same run on any machine.
 */

import { LIVE_PARAMETERS, type LiveParameterName, type ScalerSettings } from '../training/scalers';
import type { RoundingMode, SubnormalRule } from '../numerics/formats';
import type { AutocastId } from '../precision';
import type { Stores } from '../precision/stores';

export const TASK_IDS = ['regression', 'spirals', 'digits-mlp', 'digits-cnn', 'linear'] as const;
export type TaskId = (typeof TASK_IDS)[number];

export type OptimizerConfig =
  | { readonly kind: 'sgd'; readonly learningRate: number; readonly momentum: number }
  | {
      readonly kind: 'adam';
      readonly learningRate: number;
      readonly beta1: number;
      readonly beta2: number;
      readonly epsilon: number;
    };

/**
 * The loss scaler of a lane: its kind and a number for each parameter of its description (training/scalers). `dynamic`
 * is PyTorch's GradScaler; `static` keeps its scale and skips steps with infinite gradients; `none` means scale 1, no
 * check, every step executed.
 */
export type ScalerConfig = ScalerSettings;

export interface LaneConfig {
  /** What people call it; '' means the name derived from formats and scaler (laneName). */
  readonly name: string;
  /** Number format (numerics/formats.ts) of low-precision operations in the forward pass; 'fp32' for a baseline. */
  readonly format: string;
  /** Format of gradients in the backward pass; the forward format unless told. */
  readonly gradientFormat: string;
  /** How values are rounded to these formats; what autocast leaves in FP32 is not rounded any further. */
  readonly rounding: RoundingMode;
  /** Random bits of stochastic rounding. Its usual value where the rounding is another. */
  readonly randomBits: number;
  /** `flush`: values below the smallest normal number of these formats become zeros of their sign. */
  readonly subnormals: SubnormalRule;
  /** Which framework's autocast decides what runs in these formats (src/precision): `pytorch`. */
  readonly autocast: AutocastId;
  /** Formats chosen by hand: of a layer (`fc1`), in which it then runs, or of a site (`fc1.weight.grad`). */
  readonly siteFormats: Readonly<Record<string, string>>;
  /** How the products of matrices and convolutions are added up (numerics/accumulation.ts): `fp32` is in order. */
  readonly accumulation: string;
  /** Where weights, unscaled gradients and the optimizer's memory are stored; null: as its autocast has it. */
  readonly stores: Stores | null;
  readonly scaler: ScalerConfig;
  /** Overrides the experiment's learning rate and seed; null follows it. */
  readonly learningRate: number | null;
  readonly seed: number | null;
}

/**
 * Numbers of a lane that a person may change while it runs. `scale` sets the loss scale in force. `lossWeight` sets
 * λ = 2^value and moves what the optimizer remembers into the new unit, so that FP32 is unchanged;
 * `lossWeightExponent` sets λ and leaves the memory in the old unit, as links from before did.
 */
const LANE_KEYS = ['scale', 'learningRate', 'lossWeightExponent', 'lossWeight'] as const;
/** Numbers of loss scalers are live where their descriptions say so. */
export type LiveKey = (typeof LANE_KEYS)[number] | LiveParameterName;
export const LIVE_KEYS: readonly LiveKey[] = [...LANE_KEYS, ...LIVE_PARAMETERS];

/** "Before step 120 of lane 1, scale := 2^18." Applied in order before the given step (zero-based) runs. */
export interface Intervention {
  readonly step: number;
  /** Index of the lane, or 'all'. */
  readonly lane: number | 'all';
  readonly key: LiveKey;
  readonly value: number;
}

export interface Experiment {
  readonly task: TaskId;
  readonly batch: number;
  readonly seed: number;
  readonly optimizer: OptimizerConfig;
  /**
   * The loss weight is λ = 2^lossWeightExponent, compensated so that FP32 is unchanged: SGD's learning rate is
   * multiplied by 1/λ, Adam's epsilon by λ (Adam's update does not otherwise depend on λ).
   */
  readonly lossWeightExponent: number;
  /** One to four on the page, up to forty from the command line. Lane 0 is the FP32 baseline by convention. */
  readonly lanes: readonly LaneConfig[];
  readonly interventions: readonly Intervention[];
}
