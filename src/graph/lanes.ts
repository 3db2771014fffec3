/**
 * What the engine knows about one lane besides its tensors: settings that a person may change while it runs, and
 * the state of its loss scaler and optimizer. One row of the `lanes` buffer: LANE_LAYOUT in layout/tables.ts.
 */
import { flush } from '../numerics/f32';
import { LANE_LAYOUT, LANE_STATE_START, SCALER_KINDS } from './layout/tables.ts';

/** Numbers of a lane that may change between two steps. */
export interface LaneSettings {
  readonly scaler: 'none' | 'static' | 'dynamic';
  /** The scale a run starts with. */
  readonly initialScale: number;
  /** f64, as PyTorch holds them. */
  readonly growthFactor: number;
  readonly backoffFactor: number;
  readonly growthInterval: number;
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
  /** The loss scale in force and its reciprocal, f32(1/f64(scale)). */
  scale: number;
  inverseScale: number;
  growthTracker: number;
  /** Executed optimizer steps; skipped ones do not count. */
  optimizerSteps: number;
  skippedSteps: number;
  /** What training/rescale.ts multiplies the optimizer's memory with; 1 but for a moment. */
  momentFactor: number;
}

export const LANE_ROW_WORDS = LANE_LAYOUT.words;

/**
 * f32(1/f64(scale)): the reciprocal PyTorch multiplies with (torch/amp/grad_scaler.py, unscale_). A scale may be
 * subnormal, being a number that is stored and not computed with; the reciprocal of one above 2^126 is flushed, as
 * every f32 result of the engine is.
 */
export const inverseScale = (scale: number): number => flush(Math.fround(1 / scale));

/** Packs the settings into the first LANE_STATE_START words of a row. */
export function packSettings(settings: LaneSettings): Uint32Array {
  const { scaler, initialScale: _, ...numbers } = settings;
  const row = new Uint32Array(LANE_STATE_START);
  LANE_LAYOUT.write(row, {
    ...numbers,
    singleTensor: Number(settings.singleTensor),
    kahan: Number(settings.kahan),
    scaler: SCALER_KINDS[scaler],
    oneMinusBeta1: 1 - settings.beta1,
    oneMinusBeta2: 1 - settings.beta2,
  });
  return row;
}

export function initialState(settings: LaneSettings): LaneState {
  const scale = settings.scaler === 'none' ? 1 : Math.fround(settings.initialScale);
  return {
    settings,
    scale,
    inverseScale: inverseScale(scale),
    growthTracker: 0,
    optimizerSteps: 0,
    skippedSteps: 0,
    momentFactor: 1,
  };
}

/** What of a lane changes while it runs. */
export type StateValues = Omit<LaneState, 'settings'>;

/** A whole row: settings, and the state of a run that has not begun. */
export function packLane(settings: LaneSettings): Uint32Array<ArrayBuffer> {
  const row = new Uint32Array(LANE_ROW_WORDS);
  row.set(packSettings(settings));
  packState(initialState(settings), row);
  return row;
}

/** The two words that begin with the scale. */
export const packScale = (scale: number): Uint32Array<ArrayBuffer> =>
  new Uint32Array(new Float32Array([scale, inverseScale(scale)]).buffer);

/** One word that holds an f32. */
export const packFloat = (value: number): Uint32Array<ArrayBuffer> =>
  new Uint32Array(new Float32Array([value]).buffer);

const stateOf = ({
  scale,
  inverseScale,
  growthTracker,
  optimizerSteps,
  skippedSteps,
  momentFactor,
}: StateValues): StateValues => ({
  scale,
  inverseScale,
  growthTracker,
  optimizerSteps,
  skippedSteps,
  momentFactor,
});

/** Writes a lane's state to its row. */
export const packState = (state: StateValues, row: Uint32Array): void =>
  LANE_LAYOUT.write(row, stateOf(state));

/** The state in a lane's row. */
export const unpackState = (row: Uint32Array): StateValues => stateOf(LANE_LAYOUT.read(row));
