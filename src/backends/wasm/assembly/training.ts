/** What is not an op: casts of the parameters, optimizers, the step's end, histograms (src/training). */
import { Scalar, Vector } from './f32';
import { raisedAtZero, scaleInForce, scalerTracker, updateScaler } from './generated/scaler-rules';
import {
  constant,
  HEADER_FOUND_INF,
  HEADER_GROWTH_TRACKER_AFTER,
  HEADER_OPTIMIZER_STEPS,
  HEADER_RAISED,
  HEADER_SCALE,
  HEADER_SCALE_AFTER,
  HEADER_SCALER_STATE,
  headerWord,
  Lane,
  LANE_BETA1,
  LANE_BETA2,
  LANE_EPSILON,
  LANE_INVERSE_SCALE,
  LANE_LEARNING_RATE,
  LANE_MOMENT_FACTOR,
  LANE_MOMENTUM,
  LANE_ONE_MINUS_BETA1,
  LANE_ONE_MINUS_BETA2,
  LANE_OPTIMIZER_STEPS,
  LANE_RAISED,
  LANE_SCALE,
  LANE_SCALER_STATE,
  LANE_SKIPPED_STEPS,
  LANE_SKIPS_OVERFLOW,
  operand,
  Operand,
  padded,
  rowFloat,
  rowWord,
  SCALER_STATE_WORDS,
  setHeaderWord,
  setRowWord,
} from './layout';
import { skipsStep, splat, Unscaling } from './lane';
import { roundMatrix } from './site';
import { storeF32 } from './words';

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
  const divides = Unscaling.divides(lane);
  const by = Unscaling.by(lane);
  const learningRate = splat(lane, LANE_LEARNING_RATE);
  const momentum = splat(lane, LANE_MOMENTUM);
  const remembers = rowFloat(lane, LANE_MOMENTUM) != 0 && rowWord(lane, LANE_OPTIMIZER_STEPS) > 0;
  const bytes = parameters.columns << 2;
  for (let i: usize = 0; i < bytes; i += 16) {
    let buffer = Unscaling.of(Vector.flush(v128.load(gradients + i)), divides, by);
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
  const divides = Unscaling.divides(lane);
  const by = Unscaling.by(lane);
  const beta1 = splat(lane, LANE_BETA1);
  const beta2 = splat(lane, LANE_BETA2);
  const oneMinusBeta1 = splat(lane, LANE_ONE_MINUS_BETA1);
  const oneMinusBeta2 = splat(lane, LANE_ONE_MINUS_BETA2);
  const epsilon = splat(lane, LANE_EPSILON);
  // ATen's lerp takes the formula that is exact at the nearer end.
  const fromStart = rowFloat(lane, LANE_ONE_MINUS_BETA1) < 0.5;
  const bytes = parameters.columns << 2;
  for (let i: usize = 0; i < bytes; i += 16) {
    const gradient = Unscaling.of(Vector.flush(v128.load(gradients + i)), divides, by);
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

/**
 * The end of a step: completes the record's header and updates the loss scaler (src/training/scalers). A scale is stored
 * and not computed with, so it may be subnormal; its reciprocal is flushed. No operands. Constants: 1 if gradients are
 * unscaled in a step.
 */
export function advance(call: usize, lane: Lane): void {
  const counted = skipsStep(lane) ? LANE_SKIPPED_STEPS : LANE_OPTIMIZER_STEPS;
  setRowWord(lane, counted, rowWord(lane, counted) + 1);
  setHeaderWord(lane, HEADER_SCALE, rowWord(lane, LANE_SCALE));
  let raised = rowWord(lane, LANE_RAISED);
  if (raised == 0) {
    raised = updateScaler(lane.row, headerWord(lane, HEADER_FOUND_INF) != 0);
    putScale(lane);
  }
  setHeaderWord(lane, HEADER_RAISED, raised);
  // The next step raises in front of the optimizer, which must hear of it before.
  const raises = raised == 0 && constant(call, 0, 0) == 1 && scaleInForce(lane.row) == 0;
  setRowWord(lane, LANE_RAISED, raises ? raisedAtZero(lane.row) : raised);
  setHeaderWord(lane, HEADER_SCALE_AFTER, rowWord(lane, LANE_SCALE));
  setHeaderWord(lane, HEADER_GROWTH_TRACKER_AFTER, scalerTracker(lane.row));
  setHeaderWord(lane, HEADER_OPTIMIZER_STEPS, rowWord(lane, LANE_OPTIMIZER_STEPS));
  memory.copy(lane.record + HEADER_SCALER_STATE, lane.row + LANE_SCALER_STATE, 4 * SCALER_STATE_WORDS);
}

/** What kernels read of the scale. */
function putScale(lane: Lane): void {
  const scale = scaleInForce(lane.row);
  storeF32(lane.row + LANE_SCALE, <f32>scale);
  storeF32(lane.row + LANE_INVERSE_SCALE, Scalar.flush(<f32>(1 / scale)));
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
