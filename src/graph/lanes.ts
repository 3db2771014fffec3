/**
 * What the engine knows about one lane besides its tensors: settings that a person may change while it runs, and
 * the state of its loss scaler and optimizer. One row of the `lanes` buffer: LANE_LAYOUT in layout/tables.ts, which
 * training/lanes.ts packs.
 */
import { LANE_LAYOUT } from './layout/tables.ts';

/** Which loss scaler, and its numbers by name; training/scalers says what they mean. */
export interface LaneScaler {
  readonly kind: string;
  readonly parameters: Readonly<Record<string, number>>;
}

/** Numbers of a lane that may change between two steps. The kind of its scaler does not. */
export interface LaneSettings {
  readonly scaler: LaneScaler;
  /** The loss weight λ that multiplies the loss before the backward pass. */
  readonly multiplier: number;
  readonly learningRate: number;
  /** SGD. */
  readonly momentum: number;
  /** Adam. */
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  /** The optimizer's operations run one by one and write tensors between them. */
  readonly singleTensor: boolean;
  /** Rounding of the weights is made up for by a compensation buffer. */
  readonly kahan: boolean;
  /** u32 key of this lane's random streams. */
  readonly seed: number;
}

/** A lane while it runs, as the CPU backend holds it. Numbers that kernels read are f32 values. */
export interface LaneState {
  settings: LaneSettings;
  /** The loss scale in force, and the reciprocal of the number that the scaler holds it in. */
  scale: number;
  inverseScale: number;
  /** What the scaler remembers, by name, its own scale included. */
  scalerState: Readonly<Record<string, number>>;
  /** Number of what the scaler has raised, counted from 1; the lane has stopped then. 0 while it trains. */
  raised: number;
  /** Executed optimizer steps; skipped ones do not count. */
  optimizerSteps: number;
  skippedSteps: number;
  /** What training/rescale.ts multiplies the optimizer's memory with; 1 but for a moment. */
  momentFactor: number;
}

/** What of a lane changes while it runs. */
export type StateValues = Omit<LaneState, 'settings'>;

export const LANE_ROW_WORDS = LANE_LAYOUT.words;
