/** What a task is: data, a model that predicts targets from features, and how the prediction is judged. */
import type { GraphBuilder } from '../graph/builder';
import type { Tensor } from '../graph/tensor';
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
  /** Appends the forward pass of x [batch, ...featureShape] and returns the prediction [batch, outputs]. */
  model(builder: GraphBuilder, x: Tensor): Tensor;
  load(read: ReadFile): Promise<TaskData>;
}
