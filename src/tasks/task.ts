/** What a task is: data, layers that predict targets from features, and how the prediction is judged. */
import type { Layer } from '../ops/layers';
import type { Loss } from '../ops/loss';

/** Rows of a data set, dense and row-major. */
export interface Rows {
  readonly count: number;
  /** [count][product of the task's featureShape] */
  readonly features: Float32Array;
  /** [count][targetSize]; for cross-entropy the class, a whole number from 0. */
  readonly targets: Float32Array;
}

export interface TaskData {
  readonly training: Rows;
  /** Never trained on. */
  readonly heldOut: Rows;
}

/** Gets a file of the page's `public/` folder, for example `data/digits.bin`. Rejects when there is none. */
export type ReadFile = (path: string) => Promise<Uint8Array>;

export interface Task {
  /** Shape of one row of features: [64], or [channels, height, width]. */
  readonly featureShape: readonly number[];
  /** Numbers in one target: 1 for a class. */
  readonly targetSize: number;
  readonly loss: Loss;
  /** What the held-out rows measure. */
  readonly metric: 'accuracy' | 'loss';
  /** Steps from one evaluation on the held-out rows to the next; a fixed part of a run, so that all runs agree. */
  readonly evaluationInterval: number;
  /** From x [batch, ...featureShape] to the prediction [batch, outputs]. */
  readonly layers: readonly Layer[];
  load(read: ReadFile): Promise<TaskData>;
}
