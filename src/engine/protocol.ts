/**
 * The typed messages between the page and the engine in its worker (carried by comlink). The page never waits for
 * the GPU and the engine never waits for the page.
 */
import type { Experiment, Intervention, LiveKey } from '../experiment/experiment';
import type { CastChanges } from './cast-changes';
import type { SiteRole } from '../graph/tensor';
import type { Message } from '../numerics/message';
import type { BackendInfo } from '../training/backend';

export type BackendKind = BackendInfo['kind'];

export type BackendChoice = 'auto' | BackendKind;

/**
 * Why it is this backend that computes:
 *   `asked`             it was asked for
 *   `hardware`          there is a graphics card
 *   `software-adapter`  WebGPU would compute on the CPU too, and slower
 *   `no-adapter`        WebGPU offers nothing, and why
 *   `no-simd`           WebAssembly has no SIMD here, or is not there
 *   `failed`            something else was to compute and could not
 */
export type Chosen =
  | { readonly code: 'asked' | 'hardware' | 'no-simd' }
  | { readonly code: 'software-adapter'; readonly adapter: string }
  | { readonly code: 'no-adapter'; readonly reason: Message }
  | { readonly code: 'failed'; readonly wished: BackendKind };

export interface SiteInfo {
  readonly id: number;
  /** `conv1.weight.grad` */
  readonly name: string;
  readonly layer: string;
  readonly role: SiteRole;
  /** Values per lane and step. */
  readonly count: number;
  /** Format name per lane. */
  readonly formats: readonly string[];
}

/** What the page learns once an experiment is ready to run. */
export interface LoadedExperiment {
  /** Number of this run. Every load and reset begins a new one. */
  readonly run: number;
  readonly experiment: Experiment;
  readonly backend: BackendInfo;
  readonly chosen: Chosen;
  /** Why the experiment does not run on what was wished for; null when all is well. */
  readonly fallbackReason: Message | null;
  readonly sites: readonly SiteInfo[];
  /** Of each lane, what formats by hand do to its casts. */
  readonly castChanges: readonly CastChanges[];
  /** Steps per epoch, rows of the training and held-out set. */
  readonly stepsPerEpoch: number;
  readonly trainingRows: number;
  readonly evaluationRows: number;
  /** What the held-out set measures: share of rows classified correctly, or the loss only. */
  readonly metric: 'accuracy' | 'loss';
  readonly parameters: number;
  /** Kernel calls in one training step. */
  readonly dispatchesPerStep: number;
}

/**
 * One update to the page, at most one per animation frame. Columns over `steps` consecutive steps; two-dimensional
 * ones are [step][lane].
 */
export interface Frame {
  /** The run it belongs to; one of an earlier run than the page's is out of date. See LoadedExperiment. */
  readonly run: number;
  /** Of a frame without steps, the one that comes next. */
  readonly firstStep: number;
  readonly steps: number;
  readonly loss: Float32Array;
  /** Scale used in the step, and the one after it. */
  readonly scale: Float32Array;
  readonly scaleAfter: Float32Array;
  readonly foundInf: Uint8Array;
  /** [lane][SCALER_STATE_WORDS]: what scalers remember after the newest step; empty in a frame without steps. */
  readonly scalerState: Uint32Array;
  /** [step][lane][site][8], graph/records.ts COUNTER. */
  readonly counters: Uint32Array;
  readonly evaluations: readonly EvaluationFrame[];
  /** The newest, or null when none is new. */
  readonly histograms: HistogramFrame | null;
  /** The weight that is looked at, or null when nothing of it is new. */
  readonly weight: WeightFrame | null;
  /** Lanes that have stopped because their scaler has raised; absent where none has. */
  readonly raised?: readonly RaiseFrame[];
}

/** A lane whose scaler has raised what its framework raises: it trains no more. */
export interface RaiseFrame {
  readonly lane: number;
  /** The first of the frame's steps by whose end it had raised. */
  readonly step: number;
  /** Number of the error (training/scalers, raisedError). */
  readonly error: number;
}

/** A weight that is looked at: its lane, its tensor (`fc1.weight`) and its place in it, row by row. */
export interface WeightPlace {
  readonly lane: number;
  readonly parameter: string;
  readonly index: number;
}

/** A weight in the last executed optimizer step: as it was, what was to be subtracted, and as it is. */
export interface WeightFrame extends WeightPlace {
  /** Completed training steps. */
  readonly step: number;
  readonly before: number;
  readonly update: number;
  readonly after: number;
}

export interface EvaluationFrame {
  /** Completed training steps before it. */
  readonly step: number;
  /** Per lane. */
  readonly loss: readonly number[];
  /** Share of held-out rows classified correctly, per lane; NaN for tasks whose metric is the loss. */
  readonly accuracy: readonly number[];
}

export interface HistogramFrame {
  /** Completed training steps before it. */
  readonly step: number;
  /** Per lane, the loss scale that these gradients carry: the one used in the last of these steps. */
  readonly scale: readonly number[];
  readonly sites: readonly number[];
  /** [site][lane][256] by f32 exponent field; bin 0 zeros, bin 255 infinities and NaN. As stored: rounded, scaled. */
  readonly counts: Uint32Array;
}

/**
 * What failed, because the way on differs:
 *   `unreachable`  the server does not give a file of the page, its script or its data: offline, or another version
 *                  is there by now. Trying again may help, and so may loading the page anew; the CPU does not.
 *   `device`       the graphics card is lost, does not answer, or cannot hold the experiment, and neither can the CPU
 *   `engine`       the worker has died, does not answer, or has thrown
 */
export type FailureCode = 'unreachable' | 'device' | 'engine';

/**
 * `run` as in LoadedExperiment: a status of another run than the page's is out of date. Null belongs to no run, but to
 * a load or to the whole engine.
 */
export type EngineStatus =
  | { readonly state: 'loading' }
  | { readonly state: 'paused'; readonly run: number; readonly step: number }
  | {
      readonly state: 'running';
      readonly run: number;
      readonly step: number;
      readonly stepsPerSecond: number;
    }
  | {
      readonly state: 'failed';
      readonly run: number | null;
      readonly step: number;
      readonly code: FailureCode;
      readonly message: Message;
    };

export interface EngineListener {
  /** A promise resolves when the frame has been taken in; a run does not get far ahead of what has. */
  frame(frame: Frame): void | Promise<void>;
  status(status: EngineStatus): void;
}

export interface EngineApi {
  /** Must be called once before anything else (comlink proxy). */
  subscribe(listener: EngineListener): void;
  /**
   * Prepares an experiment at step 0, replacing the one before. Interventions of the experiment are applied at
   * their steps. Rejects with a message for people when it cannot run at all.
   */
  load(experiment: Experiment, backend: BackendChoice): Promise<LoadedExperiment>;
  start(): void;
  pause(): void;
  /** Runs so many steps more, then pauses. Called again before they are done, it adds to them. */
  step(steps: number): void;
  /**
   * Back to step 0, paused; interventions made so far stay part of the experiment and happen again at their steps
   * unless told otherwise. Gives the number of the new run.
   */
  reset(keepInterventions: boolean): number;
  /**
   * Sends a weight with the frames from now on, several times a second; null sends none. One that the experiment does not
   * have, or whose updates are in no program because all lanes store in FP32, is never sent.
   */
  watchWeight(weight: WeightPlace | null): void;
  /** Upper limit of steps per second, null for as fast as the device goes. */
  setSpeed(stepsPerSecond: number | null): void;
  /**
   * Goes on after a failure: prepares the experiment with all interventions anew and runs it to the step that the
   * page shows, sending its frames again from step 0. The result has the same bits, so nothing is lost.
   */
  recover(experiment: Experiment, step: number, backend: BackendChoice): Promise<LoadedExperiment>;
  /**
   * Changes a live number at the next step that has not been queued; resolves with the intervention as recorded
   * (experiment/apply.ts recordIntervention adds it to a page's own copy). Rejects with a message for people when
   * the lane has no such number.
   */
  intervene(lane: number | 'all', key: LiveKey, value: number): Promise<Intervention>;
}
