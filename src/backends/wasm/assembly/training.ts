/** What is not an op: casts of the parameters, optimizers, the step's end, histograms (src/training). */
import { Scalar, Vector } from './f32';
import {
  constant,
  HEADER_FOUND_INF,
  HEADER_GROWTH_TRACKER_AFTER,
  HEADER_OPTIMIZER_STEPS,
  HEADER_SCALE,
  HEADER_SCALE_AFTER,
  headerWord,
  Lane,
  operand,
  Operand,
  padded,
  LANE_BACKOFF_FACTOR,
  LANE_BETA1,
  LANE_BETA2,
  LANE_EPSILON,
  LANE_GROWTH_FACTOR,
  LANE_GROWTH_INTERVAL,
  LANE_GROWTH_TRACKER,
  LANE_INVERSE_SCALE,
  LANE_LEARNING_RATE,
  LANE_MOMENT_FACTOR,
  LANE_MOMENTUM,
  LANE_ONE_MINUS_BETA1,
  LANE_ONE_MINUS_BETA2,
  LANE_OPTIMIZER_STEPS,
  LANE_SCALE,
  LANE_SCALER,
  LANE_SKIPPED_STEPS,
  rowDouble,
  rowFloat,
  rowWord,
  SCALER_DYNAMIC,
  setHeaderWord,
  setRowFloat,
  setRowWord,
} from './layout';
import { skipsStep, splat } from './lane';
import { CANONICAL_NAN } from './round';
import { roundMatrix } from './site';

/** One parameter within an arena. */
const parameter = changetype<Operand>(memory.data(16));

/**
 * Operands: parameters, casts. Constants: number of parameters and three zeros, then for each its first vec4 in the arena,
 * rows, columns and site.
 */
export function cast_parameters(call: usize, lane: Lane): void {
  const masters = operand(call, 0);
  const casts = operand(call, 1);
  const count = constant(call, 2, 0);
  for (let i: u32 = 0; i < count; i++) {
    const entry = 4 + 4 * i;
    const offset = constant(call, 2, entry) << 4;
    parameter.address = casts.address + offset;
    parameter.rows = constant(call, 2, entry + 1);
    parameter.columns = constant(call, 2, entry + 2);
    parameter.stride = padded(parameter.columns);
    copyElements(masters.address + offset, parameter);
    roundMatrix(parameter, lane, constant(call, 2, entry + 3), false);
  }
}

/** Fills a matrix from one that has the same layout; its pads stay. */
function copyElements(from: usize, to: Operand): void {
  const pads = (to.stride - to.columns) << 2;
  if (pads == 0) {
    memory.copy(to.address, from, (to.rows * to.stride) << 2);
    return;
  }
  for (let row: u32 = 0; row < to.rows; row++) {
    const place = (row * to.stride) << 2;
    memory.copy(to.address + place, from + place, to.columns << 2);
  }
}

/** Operands: gradients, parameters, momentum buffers. */
export function sgd(call: usize, lane: Lane): void {
  if (skipsStep(lane)) return;
  const gradients = operand(call, 0).address;
  const parameters = operand(call, 1);
  const buffers = operand(call, 2).address;
  const inverseScale = splat(lane, LANE_INVERSE_SCALE);
  const learningRate = splat(lane, LANE_LEARNING_RATE);
  const momentum = splat(lane, LANE_MOMENTUM);
  const remembers = rowFloat(lane, LANE_MOMENTUM) != 0 && rowWord(lane, LANE_OPTIMIZER_STEPS) > 0;
  const bytes = parameters.columns << 2;
  for (let i: usize = 0; i < bytes; i += 16) {
    let buffer = Vector.mul(Vector.flush(v128.load(gradients + i)), inverseScale);
    if (remembers) buffer = Vector.add(Vector.mul(momentum, Vector.flush(v128.load(buffers + i))), buffer);
    v128.store(buffers + i, buffer);
    const before = Vector.flush(v128.load(parameters.address + i));
    v128.store(parameters.address + i, Vector.sub(before, Vector.mul(learningRate, buffer)));
  }
}

/** Operands: gradients, bias corrections [2, steps], parameters, first moments, second moments. */
export function adam(call: usize, lane: Lane): void {
  if (skipsStep(lane)) return;
  const gradients = operand(call, 0).address;
  const corrections = operand(call, 1);
  const parameters = operand(call, 2);
  const firstMoments = operand(call, 3).address;
  const secondMoments = operand(call, 4).address;
  const column = min<u32>(rowWord(lane, LANE_OPTIMIZER_STEPS), corrections.columns - 1);
  const correction = corrections.address + (column << 2);
  const learningRate = Scalar.flush(rowFloat(lane, LANE_LEARNING_RATE));
  const stepSize = f32x4.splat(Scalar.mul(learningRate, Scalar.flush(load<f32>(correction))));
  const root = f32x4.splat(Scalar.flush(load<f32>(correction + (corrections.stride << 2))));
  const inverseScale = splat(lane, LANE_INVERSE_SCALE);
  const beta1 = splat(lane, LANE_BETA1);
  const beta2 = splat(lane, LANE_BETA2);
  const oneMinusBeta1 = splat(lane, LANE_ONE_MINUS_BETA1);
  const oneMinusBeta2 = splat(lane, LANE_ONE_MINUS_BETA2);
  const epsilon = splat(lane, LANE_EPSILON);
  // ATen's lerp takes the formula that is exact at the nearer end.
  const fromStart = rowFloat(lane, LANE_ONE_MINUS_BETA1) < 0.5;
  const bytes = parameters.columns << 2;
  for (let i: usize = 0; i < bytes; i += 16) {
    const gradient = Vector.mul(Vector.flush(v128.load(gradients + i)), inverseScale);
    const before = Vector.flush(v128.load(firstMoments + i));
    const difference = Vector.sub(gradient, before);
    const m = fromStart
      ? Vector.add(before, Vector.mul(oneMinusBeta1, difference))
      : Vector.sub(gradient, Vector.mul(difference, beta1));
    const square = Vector.mul(Vector.mul(oneMinusBeta2, gradient), gradient);
    const v = Vector.add(Vector.mul(beta2, Vector.flush(v128.load(secondMoments + i))), square);
    v128.store(firstMoments + i, m);
    v128.store(secondMoments + i, v);
    const denominator = Vector.add(Vector.div(f32x4.sqrt(v), root), epsilon);
    const update = Vector.mul(stepSize, Vector.div(m, denominator));
    const weight = Vector.flush(v128.load(parameters.address + i));
    v128.store(parameters.address + i, Vector.sub(weight, update));
  }
}

/** Operands: an arena. Constants: vec4s of the arena, power of the factor. */
export function rescale_moments(call: usize, lane: Lane): void {
  const arena = operand(call, 0);
  const once = Scalar.flush(rowFloat(lane, LANE_MOMENT_FACTOR));
  const factor = f32x4.splat(constant(call, 1, 1) == 2 ? Scalar.mul(once, once) : once);
  const bytes = arena.columns << 2;
  for (let i: usize = 0; i < bytes; i += 16) {
    v128.store(arena.address + i, Vector.mul(Vector.flush(v128.load(arena.address + i)), factor));
  }
}

function bitsOf(x: f32): u32 {
  return x == x ? reinterpret<u32>(x) : CANONICAL_NAN;
}

/**
 * The end of a step: completes the record's header and updates the loss scaler (src/training/scalers). A scale is stored
 * and not computed with, so it may be subnormal; its reciprocal is flushed. No operands and no constants.
 */
export function advance(_call: usize, lane: Lane): void {
  const foundInf = headerWord(lane, HEADER_FOUND_INF) != 0;
  const counted = skipsStep(lane) ? LANE_SKIPPED_STEPS : LANE_OPTIMIZER_STEPS;
  setRowWord(lane, counted, rowWord(lane, counted) + 1);
  const scale = rowFloat(lane, LANE_SCALE);
  setHeaderWord(lane, HEADER_SCALE, bitsOf(scale));
  if (rowWord(lane, LANE_SCALER) == SCALER_DYNAMIC) updateScale(lane, scale, foundInf);
  setHeaderWord(lane, HEADER_SCALE_AFTER, bitsOf(rowFloat(lane, LANE_SCALE)));
  setHeaderWord(lane, HEADER_GROWTH_TRACKER_AFTER, rowWord(lane, LANE_GROWTH_TRACKER));
  setHeaderWord(lane, HEADER_OPTIMIZER_STEPS, rowWord(lane, LANE_OPTIMIZER_STEPS));
}

/** PyTorch's GradScaler: scale · factor in double precision, rounded once (src/training/scalers/pytorch.ts). */
function updateScale(lane: Lane, scale: f32, foundInf: bool): void {
  const successful = rowWord(lane, LANE_GROWTH_TRACKER) + 1;
  const grows = !foundInf && successful == rowWord(lane, LANE_GROWTH_INTERVAL);
  setRowWord(lane, LANE_GROWTH_TRACKER, foundInf || grows ? 0 : successful);
  if (!foundInf && !grows) return;
  const factor = rowDouble(lane, foundInf ? LANE_BACKOFF_FACTOR : LANE_GROWTH_FACTOR);
  const next = <f32>(<f64>scale * factor);
  if ((grows && !isFinite(next)) || next == scale) return;
  setRowFloat(lane, LANE_SCALE, next);
  setRowFloat(lane, LANE_INVERSE_SCALE, Scalar.flush(<f32>(1 / <f64>next)));
}

/** Operands: values, counts (u32). Constants: rows, columns, row of `counts`. */
export function histogram(call: usize, _lane: Lane): void {
  const values = operand(call, 0);
  const counts = operand(call, 1);
  const bins = counts.address + ((constant(call, 2, 2) * counts.stride) << 2);
  for (let row: u32 = 0; row < values.rows; row++) {
    const from = values.address + ((row * values.stride) << 2);
    for (let i: u32 = 0; i < values.columns << 2; i += 4) {
      const bin = bins + (((load<u32>(from + i) >>> 23) & 0xff) << 2);
      store<u32>(bin, load<u32>(bin) + 1);
    }
  }
}
