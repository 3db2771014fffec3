/**
 * What the engine knows about one lane besides its tensors: settings that a person may change while it runs, and
 * the state of its loss scaler and optimizer. One row of the `lanes` buffer; shaders/engine/lanes.wgsl mirrors it.
 */
import { flush } from '../numerics/f32';

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

/** Word offsets in a row of the `lanes` buffer. f64 factors are stored as high and low word. */
export const LANE_WORDS = {
  scaler: 0,
  growthFactor: 1,
  backoffFactor: 3,
  growthInterval: 5,
  multiplier: 6,
  learningRate: 7,
  momentum: 8,
  beta1: 9,
  beta2: 10,
  oneMinusBeta1: 11,
  oneMinusBeta2: 12,
  epsilon: 13,
  seed: 14,
  // Words from here on are state, written by the GPU.
  scale: 16,
  inverseScale: 17,
  growthTracker: 18,
  optimizerSteps: 19,
  skippedSteps: 20,
  momentFactor: 21,
} as const;

export const LANE_ROW_WORDS = 24;
/** Words [0, LANE_STATE_START) are settings; the rest is state. */
export const LANE_STATE_START = 16;

export const SCALER_KINDS = { none: 0, static: 1, dynamic: 2 } as const;

/**
 * f32(1/f64(scale)): the reciprocal PyTorch multiplies with (torch/amp/grad_scaler.py, unscale_). A scale may be
 * subnormal, being a number that is stored and not computed with; the reciprocal of one above 2^126 is flushed, as
 * every f32 result of the engine is.
 */
export const inverseScale = (scale: number): number => flush(Math.fround(1 / scale));

/** Packs the settings into the first LANE_STATE_START words of a row. */
export function packSettings(settings: LaneSettings): Uint32Array {
  const row = new Uint32Array(LANE_STATE_START);
  const view = new DataView(row.buffer);
  const f32 = (word: number, value: number): void => view.setFloat32(word * 4, value, true);
  const f64 = (word: number, value: number): void => {
    const words = new Uint32Array(new Float64Array([value]).buffer);
    row[word] = words[1];
    row[word + 1] = words[0];
  };
  row[LANE_WORDS.scaler] = SCALER_KINDS[settings.scaler];
  f64(LANE_WORDS.growthFactor, settings.growthFactor);
  f64(LANE_WORDS.backoffFactor, settings.backoffFactor);
  row[LANE_WORDS.growthInterval] = settings.growthInterval;
  f32(LANE_WORDS.multiplier, settings.multiplier);
  f32(LANE_WORDS.learningRate, settings.learningRate);
  f32(LANE_WORDS.momentum, settings.momentum);
  f32(LANE_WORDS.beta1, settings.beta1);
  f32(LANE_WORDS.beta2, settings.beta2);
  f32(LANE_WORDS.oneMinusBeta1, 1 - settings.beta1);
  f32(LANE_WORDS.oneMinusBeta2, 1 - settings.beta2);
  f32(LANE_WORDS.epsilon, settings.epsilon);
  row[LANE_WORDS.seed] = settings.seed;
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

/** The two words at LANE_WORDS.scale. */
export const packScale = (scale: number): Uint32Array<ArrayBuffer> =>
  new Uint32Array(new Float32Array([scale, inverseScale(scale)]).buffer);

/** One word that holds an f32. */
export const packFloat = (value: number): Uint32Array<ArrayBuffer> =>
  new Uint32Array(new Float32Array([value]).buffer);

/** Writes a lane's state to its row. */
export function packState(state: StateValues, row: Uint32Array): void {
  const floats = new Float32Array(row.buffer, row.byteOffset, row.length);
  floats[LANE_WORDS.scale] = state.scale;
  floats[LANE_WORDS.inverseScale] = state.inverseScale;
  row[LANE_WORDS.growthTracker] = state.growthTracker;
  row[LANE_WORDS.optimizerSteps] = state.optimizerSteps;
  row[LANE_WORDS.skippedSteps] = state.skippedSteps;
  floats[LANE_WORDS.momentFactor] = state.momentFactor;
}

/** The state in a lane's row. */
export function unpackState(row: Uint32Array): StateValues {
  const floats = new Float32Array(row.buffer, row.byteOffset, row.length);
  return {
    scale: floats[LANE_WORDS.scale],
    inverseScale: floats[LANE_WORDS.inverseScale],
    growthTracker: row[LANE_WORDS.growthTracker],
    optimizerSteps: row[LANE_WORDS.optimizerSteps],
    skippedSteps: row[LANE_WORDS.skippedSteps],
    momentFactor: floats[LANE_WORDS.momentFactor],
  };
}
