/** Losses and their gradients: src/ops/loss.ts, cross-entropy.ts, mean-squared-error.ts. */
import { exp4, log } from './elementary';
import { Scalar, Vector } from './f32';
import {
  constant,
  HEADER_CORRECT,
  HEADER_LOSS,
  Lane,
  operand,
  Operand,
  LANE_MULTIPLIER,
  LANE_SCALE,
  rowFloat,
  setHeaderWord,
} from './layout';
import { CANONICAL_NAN } from './round';
import { roundMatrix } from './site';

/** Columns of the rows' statistics. */
const LANE_LOSS: usize = 0;
const LANE_LARGEST: usize = 4;
const LANE_LOG_SUM: usize = 8;
const LANE_CORRECT: usize = 12;

function rowOf(matrix: Operand, row: u32): usize {
  return matrix.address + ((row * matrix.stride) << 2);
}

/** The gradient of the scaled loss with respect to the loss: the loss weight times the loss scale. */
function gradientSeed(lane: Lane): f32 {
  const multiplier = Scalar.flush(rowFloat(lane, LANE_MULTIPLIER));
  return Scalar.mul(multiplier, Scalar.flush(rowFloat(lane, LANE_SCALE)));
}

/** All ones in the elements from `column` on that are below `columns`. */
function valid(column: u32, columns: u32): v128 {
  return i32x4.lt_u(i32x4.add(i32x4(0, 1, 2, 3), i32x4.splat(column)), i32x4.splat(columns));
}

/** The first largest logit of a row: its column, and its value, NaN where the row has no finite largest one. */
let largestColumn: u32 = 0;

function largest(row: usize, columns: u32): f32 {
  let value = load<f32>(row);
  largestColumn = 0;
  for (let i: u32 = 1; i < columns && value == value; i++) {
    const logit = load<f32>(row + (i << 2));
    if (logit <= value) continue;
    value = logit;
    largestColumn = i;
  }
  if (value != value) largestColumn = columns;
  return abs(value) < Infinity ? value : NaN;
}

/** Operands: logits, labels, stats. Constants: rows, classes. */
export function cross_entropy_forward(call: usize, lane: Lane): void {
  const logits = operand(call, 0);
  const labels = operand(call, 1);
  const stats = operand(call, 2);
  const columns = logits.columns;
  for (let row: u32 = 0; row < logits.rows; row++) {
    const from = rowOf(logits, row);
    const to = rowOf(stats, row);
    const label = <u32>load<f32>(rowOf(labels, row));
    const most = largest(from, columns);
    const flushed = Scalar.flush(most);
    for (let column: u32 = 0; column < columns; column += 4) {
      const z = Vector.flush(v128.load(from + (column << 2)));
      v128.store(lane.scratch + (column << 2), exp4(Vector.sub(z, f32x4.splat(flushed))));
    }
    let sum: f32 = 0;
    for (let column: u32 = 0; column < columns; column++) {
      sum = Scalar.add(sum, load<f32>(lane.scratch + (column << 2)));
    }
    const logSum = log(sum);
    const atLabel = Scalar.flush(load<f32>(from + (label << 2)));
    store<f32>(to, -Scalar.sub(Scalar.sub(atLabel, flushed), logSum), LANE_LOSS);
    store<f32>(to, most, LANE_LARGEST);
    store<f32>(to, logSum, LANE_LOG_SUM);
    store<f32>(to, largestColumn == label ? 1 : 0, LANE_CORRECT);
  }
}

/** Operands: logits, labels, stats, dz. Constants: rows, classes, site. */
export function cross_entropy_grad(call: usize, lane: Lane): void {
  const dz = operand(call, 3);
  crossEntropyGradient(call, dz, gradientSeed(lane));
  roundMatrix(dz, lane, constant(call, 4, 2), false);
}

/** Operands: logits, labels, stats, seed, dz. Constants: rows, classes, site. */
export function cross_entropy_grad_seeded(call: usize, lane: Lane): void {
  const dz = operand(call, 4);
  crossEntropyGradient(call, dz, Scalar.flush(load<f32>(operand(call, 3).address)));
  roundMatrix(dz, lane, constant(call, 5, 2), false);
}

/** Of the first three operands of a call, not rounded. */
function crossEntropyGradient(call: usize, dz: Operand, seed: f32): void {
  const logits = operand(call, 0);
  const labels = operand(call, 1);
  const stats = operand(call, 2);
  const columns = logits.columns;
  const rowSeed = Scalar.div(seed, <f32>logits.rows);
  const seeds = f32x4.splat(rowSeed);
  for (let row: u32 = 0; row < logits.rows; row++) {
    const from = rowOf(logits, row);
    const to = rowOf(dz, row);
    const most = Vector.flush(v128.load32_splat(rowOf(stats, row), LANE_LARGEST));
    const logSum = Vector.flush(v128.load32_splat(rowOf(stats, row), LANE_LOG_SUM));
    for (let column: u32 = 0; column < columns; column += 4) {
      const z = Vector.flush(v128.load(from + (column << 2)));
      const probability = exp4(Vector.sub(Vector.sub(z, most), logSum));
      const share = Vector.mul(probability, seeds);
      v128.store(to + (column << 2), v128.and(share, valid(column, columns)));
    }
    const at = to + ((<u32>load<f32>(rowOf(labels, row))) << 2);
    store<f32>(at, Scalar.sub(load<f32>(at), rowSeed));
  }
}

/** Operands: x, target, stats. Constants: rows, columns. */
export function mean_squared_error_forward(call: usize, _lane: Lane): void {
  const x = operand(call, 0);
  const target = operand(call, 1);
  const stats = operand(call, 2);
  for (let row: u32 = 0; row < x.rows; row++) {
    const from = rowOf(x, row);
    const targets = rowOf(target, row);
    let sum: f32 = 0;
    for (let i: u32 = 0; i < x.columns << 2; i += 4) {
      const difference = Scalar.sub(Scalar.flush(load<f32>(from + i)), Scalar.flush(load<f32>(targets + i)));
      sum = Scalar.add(sum, Scalar.mul(difference, difference));
    }
    v128.store(rowOf(stats, row), f32x4(sum, 0, 0, 0));
  }
}

/** Operands: x, target, dx. Constants: rows, columns, site, 2/n as f32 bits. */
export function mean_squared_error_grad(call: usize, lane: Lane): void {
  const dx = operand(call, 2);
  meanSquaredErrorGradient(call, dx, constant(call, 3, 3), gradientSeed(lane));
  roundMatrix(dx, lane, constant(call, 3, 2), false);
}

/** Operands: x, target, seed, dx. Constants: rows, columns, site, 2/n as f32 bits. */
export function mean_squared_error_grad_seeded(call: usize, lane: Lane): void {
  const dx = operand(call, 3);
  meanSquaredErrorGradient(call, dx, constant(call, 4, 3), Scalar.flush(load<f32>(operand(call, 2).address)));
  roundMatrix(dx, lane, constant(call, 4, 2), false);
}

/** Of the first two operands of a call, not rounded. */
function meanSquaredErrorGradient(call: usize, dx: Operand, normBits: u32, lossGradient: f32): void {
  const x = operand(call, 0);
  const target = operand(call, 1);
  const norm = Vector.flush(i32x4.splat(normBits));
  const seed = f32x4.splat(lossGradient);
  for (let row: u32 = 0; row < dx.rows; row++) {
    for (let column: u32 = 0; column < dx.columns; column += 4) {
      const i = column << 2;
      const value = Vector.flush(v128.load(rowOf(x, row) + i));
      const difference = Vector.sub(value, Vector.flush(v128.load(rowOf(target, row) + i)));
      const gradient = Vector.mul(Vector.mul(norm, difference), seed);
      v128.store(rowOf(dx, row) + i, v128.and(gradient, valid(column, dx.columns)));
    }
  }
}

function meanOf(stats: Operand, divisor: u32): f32 {
  let sum: f32 = 0;
  for (let row: u32 = 0; row < stats.rows; row++) {
    sum = Scalar.add(sum, Scalar.flush(load<f32>(rowOf(stats, row), LANE_LOSS)));
  }
  return Scalar.div(sum, <f32>divisor);
}

/** Into the header of the lane's record: the mean loss, and how many rows are correct. */
function reportMean(lane: Lane, stats: Operand, mean: f32): void {
  let correct: u32 = 0;
  for (let row: u32 = 0; row < stats.rows; row++) {
    if (load<f32>(rowOf(stats, row), LANE_CORRECT) == 1) correct++;
  }
  setHeaderWord(lane, HEADER_LOSS, mean == mean ? reinterpret<u32>(mean) : CANONICAL_NAN);
  setHeaderWord(lane, HEADER_CORRECT, correct);
}

/** Operands: stats. Constants: rows, divisor. */
export function loss_mean(call: usize, lane: Lane): void {
  const stats = operand(call, 0);
  reportMean(lane, stats, meanOf(stats, constant(call, 1, 1)));
}

/** Operands: stats, mean. Constants: rows, divisor, site. */
export function loss_mean_rounded(call: usize, lane: Lane): void {
  const stats = operand(call, 0);
  const mean = operand(call, 1);
  store<f32>(mean.address, meanOf(stats, constant(call, 2, 1)));
  roundMatrix(mean, lane, constant(call, 2, 2), false);
  reportMean(lane, stats, load<f32>(mean.address));
}

/** Operands: scaled, seed. Constants: their sites. */
export function loss_seed(call: usize, lane: Lane): void {
  const scaled = operand(call, 0);
  const seed = operand(call, 1);
  store<f32>(scaled.address, rowFloat(lane, LANE_SCALE));
  roundMatrix(scaled, lane, constant(call, 2, 0), false);
  const multiplier = Scalar.flush(rowFloat(lane, LANE_MULTIPLIER));
  store<f32>(seed.address, Scalar.mul(multiplier, Scalar.flush(load<f32>(scaled.address))));
  roundMatrix(seed, lane, constant(call, 2, 1), false);
}
