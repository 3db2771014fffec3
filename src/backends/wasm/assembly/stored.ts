/** Optimizers whose gradients, moments and weights have formats of their own: src/training/stored. */
import { Scalar, Vector } from './f32';
import { skipsStep, splat, Unscaling } from './lane';
import {
  constant,
  countersOf,
  Lane,
  LANE_BETA1,
  LANE_BETA2,
  LANE_EPSILON,
  LANE_KAHAN,
  LANE_LEARNING_RATE,
  LANE_MOMENTUM,
  LANE_ONE_MINUS_BETA1,
  LANE_ONE_MINUS_BETA2,
  LANE_OPTIMIZER_STEPS,
  LANE_SINGLE_TENSOR,
  operand,
  Operand,
  padded,
  rowFloat,
  rowWord,
  UPDATE_COVERED,
  UPDATE_COVERED_REST,
  UPDATE_INTENDED,
  UPDATE_INTENDED_REST,
  UPDATE_MOVED,
  UPDATE_ROUNDED_AWAY,
  UPDATE_ZERO_GRADIENT,
  UPDATE_ZERO_UPDATE,
} from './layout';
import { isCounting, roundMatrix, roundUncounted } from './site';

const NO_SITE: u32 = 0xffffffff;

/** An entry of the table of parameters: where it begins in an arena (bytes), its shape, and its sites. */
@unmanaged
class Entry {
  offset!: usize;
  rows!: u32;
  columns!: u32;
  most!: f32;
  site0!: u32;
  site1!: u32;
  site2!: u32;
  site3!: u32;
}

const entry = changetype<Entry>(memory.data(32));
/** The tensor of the entry that is being written. */
const written = changetype<Operand>(memory.data(16));

/** Reads the i-th entry of the table of a call with so many operands. */
function readEntry(call: usize, operands: usize, i: u32): void {
  const at = 4 + 8 * i;
  entry.offset = constant(call, operands, at) << 4;
  entry.rows = constant(call, operands, at + 1);
  entry.columns = constant(call, operands, at + 2);
  entry.most = reinterpret<f32>(constant(call, operands, at + 3));
  entry.site0 = constant(call, operands, at + 4);
  entry.site1 = constant(call, operands, at + 5);
  entry.site2 = constant(call, operands, at + 6);
  entry.site3 = constant(call, operands, at + 7);
}

/** Bytes of the entry in an arena, pads of rows included. */
function bytesOfEntry(): usize {
  return (entry.rows * padded(entry.columns)) << 2;
}

/** The entry's tensor at an address. What computed it may have left something in its pads, which have to be +0. */
function tensorAt(address: usize): Operand {
  written.address = address;
  written.rows = entry.rows;
  written.columns = entry.columns;
  written.stride = padded(entry.columns);
  const pads = written.stride - written.columns;
  for (let row: u32 = 0; pads != 0 && row < written.rows; row++) {
    memory.fill(address + ((row * written.stride + written.columns) << 2), 0, pads << 2);
  }
  return written;
}

/** Rounds the entry's tensor at an address and counts. */
function write(address: usize, lane: Lane, site: u32): void {
  const tensor = tensorAt(address);
  if (site != NO_SITE) roundMatrix(tensor, lane, site, false);
}

/** Rounds it without counting. */
function round(address: usize, lane: Lane, site: u32): void {
  const tensor = tensorAt(address);
  if (site != NO_SITE) roundUncounted(tensor, lane, site);
}

/** The same for what one of several operations leaves to the next, if the lane has them one by one. */
function roundBetween(address: usize, lane: Lane, site: u32): void {
  if (rowWord(lane, LANE_SINGLE_TENSOR) != 0) round(address, lane, site);
}

function at(address: usize): v128 {
  return Vector.flush(v128.load(address));
}

/** to = the gradients at `from` without the loss scale. */
function unscale(from: usize, to: usize, lane: Lane): void {
  const divides = Unscaling.divides(lane);
  const by = Unscaling.by(lane);
  const bytes = bytesOfEntry();
  for (let i: usize = 0; i < bytes; i += 16) v128.store(to + i, Unscaling.of(at(from + i), divides, by));
}

/** Multiplies the entry's tensor. */
function scaleBy(address: usize, factor: v128, to: usize): void {
  const bytes = bytesOfEntry();
  for (let i: usize = 0; i < bytes; i += 16) v128.store(to + i, Vector.mul(factor, at(address + i)));
}

/** to = a + b */
function sumOf(a: usize, b: usize, to: usize): void {
  const bytes = bytesOfEntry();
  for (let i: usize = 0; i < bytes; i += 16) v128.store(to + i, Vector.add(at(a + i), at(b + i)));
}

/** to = a - b */
function differenceOf(a: usize, b: usize, to: usize): void {
  const bytes = bytesOfEntry();
  for (let i: usize = 0; i < bytes; i += 16) v128.store(to + i, Vector.sub(at(a + i), at(b + i)));
}

/** Operands: gradients, updates, momentum buffers. Constants: table of parameters. */
export function sgd_stored(call: usize, lane: Lane): void {
  if (skipsStep(lane)) return;
  const count = constant(call, 3, 0);
  const hasMomentum = rowFloat(lane, LANE_MOMENTUM) != 0;
  for (let i: u32 = 0; i < count; i++) {
    readEntry(call, 3, i);
    const updates = operand(call, 1).address + entry.offset;
    unscale(operand(call, 0).address + entry.offset, updates, lane);
    write(updates, lane, entry.site0);
    if (hasMomentum) addMomentum(updates, operand(call, 2).address + entry.offset, lane);
    scaleBy(updates, splat(lane, LANE_LEARNING_RATE), updates);
    round(updates, lane, entry.site2);
  }
}

/** updates = buffer = momentum · buffer + updates, or updates at the first executed step. */
function addMomentum(updates: usize, buffers: usize, lane: Lane): void {
  if (rowWord(lane, LANE_OPTIMIZER_STEPS) == 0) {
    memory.copy(buffers, updates, bytesOfEntry());
  } else {
    scaleBy(buffers, splat(lane, LANE_MOMENTUM), buffers);
    roundBetween(buffers, lane, entry.site1);
    sumOf(buffers, updates, buffers);
  }
  write(buffers, lane, entry.site1);
  memory.copy(updates, buffers, bytesOfEntry());
}

/** Operands: gradients, bias corrections, updates, first and second moments. Constants: table of parameters. */
export function adam_stored(call: usize, lane: Lane): void {
  if (skipsStep(lane)) return;
  const count = constant(call, 5, 0);
  for (let i: u32 = 0; i < count; i++) {
    readEntry(call, 5, i);
    const updates = operand(call, 2).address + entry.offset;
    const firsts = operand(call, 3).address + entry.offset;
    const seconds = operand(call, 4).address + entry.offset;
    unscale(operand(call, 0).address + entry.offset, updates, lane);
    write(updates, lane, entry.site0);
    moveFirstMoments(updates, firsts, lane);
    moveSecondMoments(updates, seconds, lane);
    proposeUpdates(operand(call, 1), firsts, seconds, updates, lane);
  }
}

/** ATen's lerp takes the formula that is exact at the nearer end. */
function moveFirstMoments(gradients: usize, firsts: usize, lane: Lane): void {
  const beta1 = splat(lane, LANE_BETA1);
  const oneMinusBeta1 = splat(lane, LANE_ONE_MINUS_BETA1);
  const fromStart = rowFloat(lane, LANE_ONE_MINUS_BETA1) < 0.5;
  const bytes = bytesOfEntry();
  for (let i: usize = 0; i < bytes; i += 16) {
    const before = at(firsts + i);
    const gradient = at(gradients + i);
    const difference = Vector.sub(gradient, before);
    const m = fromStart
      ? Vector.add(before, Vector.mul(oneMinusBeta1, difference))
      : Vector.sub(gradient, Vector.mul(difference, beta1));
    v128.store(firsts + i, m);
  }
  write(firsts, lane, entry.site1);
}

function moveSecondMoments(gradients: usize, seconds: usize, lane: Lane): void {
  scaleBy(seconds, splat(lane, LANE_BETA2), seconds);
  roundBetween(seconds, lane, entry.site2);
  const oneMinusBeta2 = splat(lane, LANE_ONE_MINUS_BETA2);
  const bytes = bytesOfEntry();
  for (let i: usize = 0; i < bytes; i += 16) {
    const gradient = at(gradients + i);
    const square = Vector.mul(Vector.mul(oneMinusBeta2, gradient), gradient);
    v128.store(seconds + i, Vector.add(at(seconds + i), square));
  }
  write(seconds, lane, entry.site2);
}

/** updates = step size · m / (√v / √(1 - β2^t) + ε) */
function proposeUpdates(
  corrections: Operand,
  firsts: usize,
  seconds: usize,
  updates: usize,
  lane: Lane,
): void {
  const column = min<u32>(rowWord(lane, LANE_OPTIMIZER_STEPS), corrections.columns - 1);
  const correction = corrections.address + (column << 2);
  const learningRate = Scalar.flush(rowFloat(lane, LANE_LEARNING_RATE));
  const stepSize = f32x4.splat(Scalar.mul(learningRate, Scalar.flush(load<f32>(correction))));
  const root = f32x4.splat(Scalar.flush(load<f32>(correction + (corrections.stride << 2))));
  const epsilon = splat(lane, LANE_EPSILON);
  const bytes = bytesOfEntry();
  for (let i: usize = 0; i < bytes; i += 16) v128.store(updates + i, f32x4.sqrt(at(seconds + i)));
  roundBetween(updates, lane, entry.site2);
  for (let i: usize = 0; i < bytes; i += 16) v128.store(updates + i, Vector.div(at(updates + i), root));
  roundBetween(updates, lane, entry.site2);
  for (let i: usize = 0; i < bytes; i += 16) v128.store(updates + i, Vector.add(at(updates + i), epsilon));
  roundBetween(updates, lane, entry.site2);
  for (let i: usize = 0; i < bytes; i += 16) {
    const update = Vector.mul(stepSize, Vector.div(at(firsts + i), at(updates + i)));
    v128.store(updates + i, update);
  }
  round(updates, lane, entry.site3);
}

/** Operands: gradients, updates, parameters, those before, compensations. Constants: table of parameters. */
export function store_weights(call: usize, lane: Lane): void {
  if (skipsStep(lane)) return;
  const count = constant(call, 5, 0);
  const compensates = rowWord(lane, LANE_KAHAN) != 0;
  for (let i: u32 = 0; i < count; i++) {
    readEntry(call, 5, i);
    const updates = operand(call, 1).address + entry.offset;
    const parameters = operand(call, 2).address + entry.offset;
    const previous = operand(call, 3).address + entry.offset;
    memory.copy(previous, parameters, bytesOfEntry());
    if (compensates) addCompensated(updates, parameters, operand(call, 4).address + entry.offset, lane);
    else {
      differenceOf(parameters, updates, parameters);
      write(parameters, lane, entry.site0);
    }
    if (isCounting()) meter(operand(call, 0).address + entry.offset, updates, previous, parameters, lane);
  }
}

function addCompensated(updates: usize, parameters: usize, compensations: usize, lane: Lane): void {
  const taken = lane.scratch;
  memory.copy(taken, parameters, bytesOfEntry());
  differenceOf(compensations, updates, compensations);
  round(compensations, lane, entry.site1);
  sumOf(parameters, compensations, parameters);
  write(parameters, lane, entry.site0);
  differenceOf(taken, parameters, taken);
  round(taken, lane, entry.site1);
  sumOf(compensations, taken, compensations);
  write(compensations, lane, entry.site1);
}

/** Magnitudes are added up in whole units of 2^-16, and what is left in 2^-32. */
const UNIT: f32 = 65536;

let zeroGradient: u32 = 0;
let zeroUpdate: u32 = 0;
let roundedAway: u32 = 0;
let moved: u32 = 0;
let intended: u32 = 0;
let covered: u32 = 0;
/** Of a group of elements. */
let intendedRest: u32 = 0;
let coveredRest: u32 = 0;

/** Elements of an arena that are added up before rests are carried over: ARENA_ALIGNMENT. */
const GROUP: u32 = 16;

/** Counts what became of the updates of the entry (src/graph/records.ts, UPDATE_COUNTER). */
function meter(gradients: usize, updates: usize, previous: usize, parameters: usize, lane: Lane): void {
  const counters = countersOf(lane, entry.site2);
  const stride = padded(entry.columns);
  const elements = entry.rows * stride;
  zeroGradient = zeroUpdate = roundedAway = moved = intended = covered = 0;
  for (let group: u32 = 0; group < elements; group += GROUP) {
    intendedRest = coveredRest = 0;
    for (let i = group; i < min(group + GROUP, elements); i++) {
      if (i % stride >= entry.columns) continue;
      const place = (<usize>i) << 2;
      meterOne(
        Scalar.flush(load<f32>(gradients + place)),
        load<f32>(updates + place),
        load<f32>(previous + place),
        load<f32>(parameters + place),
      );
    }
    intended += intendedRest >>> 16;
    covered += coveredRest >>> 16;
    raiseBy(counters + UPDATE_INTENDED_REST, intendedRest & 0xffff);
    raiseBy(counters + UPDATE_COVERED_REST, coveredRest & 0xffff);
  }
  raiseBy(counters + UPDATE_ZERO_GRADIENT, zeroGradient);
  raiseBy(counters + UPDATE_ZERO_UPDATE, zeroUpdate);
  raiseBy(counters + UPDATE_ROUNDED_AWAY, roundedAway);
  raiseBy(counters + UPDATE_MOVED, moved);
  raiseBy(counters + UPDATE_INTENDED, intended);
  raiseBy(counters + UPDATE_COVERED, covered);
}

function raiseBy(address: usize, more: u32): void {
  store<u32>(address, load<u32>(address) + more);
}

function meterOne(gradient: f32, update: f32, before: f32, after: f32): void {
  if (!isFinite(update) || !isFinite(after)) return;
  if (after != before) moved++;
  else if (update != 0) roundedAway++;
  else if (gradient == 0) zeroGradient++;
  else zeroUpdate++;
  const magnitude = unitsOf(abs(update));
  intended += <u32>(<i32>magnitude);
  intendedRest += <u32>rest;
  if (update == 0) return;
  const distance = Scalar.sub(Scalar.flush(before), Scalar.flush(after));
  covered += <u32>(<i32>unitsOf(update > 0 ? distance : -distance));
  coveredRest += <u32>rest;
}

/** What `unitsOf` has left, in 2^-32. */
let rest: f32 = 0;

/** The whole units of a magnitude. */
function unitsOf(value: f32): f32 {
  const units = Scalar.mul(max(-entry.most, min(entry.most, value)), UNIT);
  const whole = floor(units);
  rest = floor(Scalar.mul(Scalar.sub(units, whole), UNIT));
  return whole;
}
