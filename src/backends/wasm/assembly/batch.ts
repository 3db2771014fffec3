/** Gathers the rows of a step's batch: src/ops/batch.ts. */
import { constant, Lane, operand, Operand, padded, LANE_SEED, rowWord } from './layout';
import { permute4 } from './permutation';
import { roundMatrix } from './site';

const OPERANDS: usize = 5;

function rowOf(matrix: Operand, row: u32): usize {
  return matrix.address + ((row * matrix.stride) << 2);
}

/** Row `row` of the data set at place `index` of the batch. */
function gather(call: usize, index: u32, row: u32): void {
  const x = operand(call, 3);
  const y = operand(call, 4);
  memory.copy(rowOf(x, index), rowOf(operand(call, 0), row), padded(x.columns) << 2);
  memory.copy(rowOf(y, index), rowOf(operand(call, 1), row), padded(y.columns) << 2);
}

function roundFeatures(call: usize, lane: Lane): void {
  roundMatrix(operand(call, 3), lane, constant(call, OPERANDS, 2), false);
}

/** Operands: features, targets, table (or targets), x, y. Constants: batch, rows of the data set, site, steps of the table. */
export function batch_shuffled(call: usize, lane: Lane): void {
  const size = constant(call, OPERANDS, 0);
  const rows = constant(call, OPERANDS, 1);
  const stepsPerEpoch = rows / size;
  const epoch = lane.step / stepsPerEpoch;
  const first = (lane.step % stepsPerEpoch) * size;
  const seed = rowWord(lane, LANE_SEED);
  for (let index: u32 = 0; index < size; index += 4) {
    const from = i32x4.add(i32x4.splat(first + index), i32x4(0, 1, 2, 3));
    // Past the end of the data set there is nothing to permute.
    const places = permute4(i32x4.min_u(from, i32x4.splat(rows - 1)), rows, seed, epoch);
    v128.store(lane.scratch, places);
    const count = min<u32>(4, size - index);
    for (let i: u32 = 0; i < count; i++) gather(call, index + i, load<u32>(lane.scratch + (i << 2)));
  }
  roundFeatures(call, lane);
}

export function batch_sequential(call: usize, lane: Lane): void {
  const size = constant(call, OPERANDS, 0);
  for (let index: u32 = 0; index < size; index++) gather(call, index, index);
  roundFeatures(call, lane);
}

export function batch_from_table(call: usize, lane: Lane): void {
  const size = constant(call, OPERANDS, 0);
  const from = rowOf(operand(call, 2), lane.step % constant(call, OPERANDS, 3));
  for (let index: u32 = 0; index < size; index++) gather(call, index, <u32>load<f32>(from + (index << 2)));
  roundFeatures(call, lane);
}
