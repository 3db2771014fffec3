/**
 * Data that is computed instead of loaded: row i of a set is a function of (set, i), with the project's own random
 * numbers and trigonometry, so that it has the same bits in every browser.
 */
import { uniform } from '../numerics/philox';
import type { Rows, TaskData } from './task';

/** Data does not depend on the experiment's seed: lanes and runs with different seeds see the same points. */
const DATA_SEED = 20_260_401;

/** The random numbers of a row: `draw(column)` is uniform in [-1, 1), and each column has its own. */
type Draw = (column: number) => number;

export interface SyntheticRow {
  readonly features: readonly number[];
  readonly targets: readonly number[];
}

export interface SyntheticSet {
  /** Keeps the numbers of different tasks apart; at least 100 from the next one's. */
  readonly stream: number;
  readonly trainingRows: number;
  readonly heldOutRows: number;
  readonly row: (draw: Draw, index: number) => SyntheticRow;
}

const symmetric = (stream: number, index: number): number => 2 * uniform(DATA_SEED, stream, index) - 1;

/** Numbers for something that is not a row, such as a teacher's weights: uniform in [-1, 1). */
export const constants = (stream: number, count: number): readonly number[] =>
  Array.from({ length: count }, (_, index) => symmetric(stream, index));

function rows(count: number, offset: number, { stream, row }: SyntheticSet): Rows {
  const all = Array.from({ length: count }, (_, i) =>
    row((column) => symmetric(stream + 1 + column, offset + i), i),
  );
  return {
    count,
    features: Float32Array.from(all.flatMap(({ features }) => features)),
    targets: Float32Array.from(all.flatMap(({ targets }) => targets)),
  };
}

export function synthesize(set: SyntheticSet): TaskData {
  return {
    training: rows(set.trainingRows, 0, set),
    heldOut: rows(set.heldOutRows, set.trainingRows, set),
  };
}
