/**
 * The thin interface that the CPU and the WebGPU backend share. A run is deterministic: the same program and the
 * same calls give the same bits on every backend and device that passes the numerics probe.
 */
import type { LaneSettings } from '../graph/lanes';
import type { StepRecords } from '../graph/records';
import type { NumberFormat } from '../numerics/formats';
import type { Message } from '../numerics/message';
import type { Program } from './program';
import type { ScalerValues } from './scalers/scaler';

export interface BackendInfo {
  readonly kind: 'cpu' | 'wasm' | 'webgpu';
  /** What runs it, for people: "WebGPU (SwiftShader)", "CPU (JavaScript)". */
  readonly adapter: string;
  /** What the numerics probe found; empty where there is nothing to find. */
  readonly notes: readonly Message[];
}

export interface Evaluation {
  /** Completed training steps before it. */
  readonly step: number;
  /** Mean loss over the held-out rows, per lane. */
  readonly loss: Float32Array;
  /** Rows classified correctly, per lane. */
  readonly correct: Uint32Array;
  readonly rows: number;
}

/** Distribution of the magnitudes of what each site was last written with. */
export interface Histograms {
  /** Completed training steps before it. */
  readonly step: number;
  /** Site ids, in the order of `counts`. */
  readonly sites: readonly number[];
  /**
   * [site][lane][256]: number of values by f32 exponent field, that is bin e counts 2^(e-127) <= |x| < 2^(e-126);
   * bin 0 counts zeros, bin 255 infinities and NaN. Values as stored, that is rounded and still scaled.
   */
  readonly counts: Uint32Array;
}

export interface Backend {
  readonly info: BackendInfo;
  /** Resolves with a message when the device is lost, after which no runner of it works. */
  readonly lost: Promise<Message>;
  /** Allocates memory and compiles every pipeline. @throws MessageError when the program does not fit the device. */
  prepare(program: Program): Promise<Runner>;
  destroy(): void;
}

/**
 * One program being run. Calls take effect in the order they are made; the promises resolve when results have been
 * read back, and need not be awaited before the next call.
 */
export interface Runner {
  /** Largest number of steps that one `run` may take. */
  readonly maxSteps: number;
  /** Dispatches or, where nothing is dispatched, calls that a training step is made of. */
  readonly dispatchesPerStep: number;
  run(steps: number): Promise<StepRecords>;
  evaluate(): Promise<Evaluation>;
  /** Histograms of the gradient sites. */
  histograms(): Promise<Histograms>;
  setSettings(lane: number, settings: LaneSettings): void;
  /** Sets the loss scale in force; like PyTorch's update(new_scale) it leaves the growth tracker alone. */
  setScale(lane: number, scale: number): void;
  /** Sets some of the numbers that a lane's scaler remembers, by name, as loading a state dictionary does. */
  setScalerState(lane: number, values: ScalerValues): void;
  /**
   * Multiplies what the optimizer remembers of a lane's gradients by a power of two, and of their squares by its
   * square: the unit of the gradients changes with λ.
   */
  rescaleMoments(lane: number, factor: number): void;
  setFormats(lane: number, formats: readonly NumberFormat[]): void;
  /** Dense values of a tensor of the training plan (`fc1.weight.master`) in one lane. */
  read(tensor: string, lane: number): Promise<Float32Array>;
  /** Back to step 0 with the program's initial values and settings. */
  reset(): void;
  destroy(): void;
}
