/** Where an overflow is looked for besides the casts, and overflows that are given (src/training/overflow-check.ts). */
import { Scalar, Vector } from './f32';
import { Unscaling } from './lane';
import {
  constant,
  HEADER_FOUND_INF,
  Lane,
  LANE_INVERSE_SCALE,
  LANE_LOOKS_AT,
  LOOKS_AT_NORM,
  LOOKS_AT_SUM,
  LOOKS_AT_UNSCALED,
  operand,
  padded,
  rowFloat,
  rowWord,
  setHeaderWord,
} from './layout';

/** 64 vectors of partial sums; the vectors of a gradient take turns. */
const SUMS_BYTES: usize = 1024;
const MAGNITUDE: u32 = 0x7fffffff;
const INFINITY_BITS: u32 = 0x7f800000;

/**
 * Operands: gradients. Constants: number of parameters and three zeros, then for each its first vec4 in the arena, rows,
 * columns and a zero.
 */
export function overflow_check(call: usize, lane: Lane): void {
  const looksAt = rowWord(lane, LANE_LOOKS_AT);
  if (looksAt != LOOKS_AT_NORM && looksAt != LOOKS_AT_SUM && looksAt != LOOKS_AT_UNSCALED) return;
  const gradients = operand(call, 0).address;
  let found = false;
  let squares: f32 = 0;
  for (let i: u32 = 0; i < constant(call, 1, 0); i++) {
    const entry = 4 + 4 * i;
    const from = gradients + (constant(call, 1, entry) << 4);
    const total = sumOf(from, constant(call, 1, entry + 1), constant(call, 1, entry + 2), lane);
    found = found || !isFinite(total);
    squares = Scalar.add(squares, total);
  }
  if (looksAt == LOOKS_AT_NORM) {
    const inverse = Scalar.flush(rowFloat(lane, LANE_INVERSE_SCALE));
    found = !isFinite(Scalar.mul(sqrt<f32>(squares), inverse));
  }
  if (found) setHeaderWord(lane, HEADER_FOUND_INF, 1);
}

function sumOf(from: usize, rows: u32, columns: u32, lane: Lane): f32 {
  const sums = lane.scratch;
  memory.fill(sums, 0, SUMS_BYTES);
  let place: usize = 0;
  for (let row: u32 = 0; row < rows; row++) {
    for (let column: u32 = 0; column < padded(columns); column += 4) {
      const sum = sums + (place & (SUMS_BYTES - 1));
      const gradient = Vector.flush(v128.load(from + place));
      v128.store(sum, Vector.add(v128.load(sum), term(gradient, columns - column, lane)));
      place += 16;
    }
  }
  for (let half = SUMS_BYTES / 2; half >= 16; half /= 2) {
    for (let i: usize = 0; i < half; i += 16) {
      v128.store(sums + i, Vector.add(v128.load(sums + i), v128.load(sums + half + i)));
    }
  }
  const all = v128.load(sums);
  const left = Scalar.add(f32x4.extract_lane(all, 0), f32x4.extract_lane(all, 1));
  return Scalar.add(left, Scalar.add(f32x4.extract_lane(all, 2), f32x4.extract_lane(all, 3)));
}

/** What is added up for four elements, of which the first `valid` are no pads. */
function term(gradient: v128, valid: u32, lane: Lane): v128 {
  const looksAt = rowWord(lane, LANE_LOOKS_AT);
  if (looksAt == LOOKS_AT_NORM) return Vector.mul(gradient, gradient);
  if (looksAt == LOOKS_AT_SUM) return gradient;
  const magnitude = v128.and(
    Unscaling.of(gradient, Unscaling.divides(lane), Unscaling.by(lane)),
    i32x4.splat(MAGNITUDE),
  );
  const lost = i32x4.ge_s(magnitude, i32x4.splat(INFINITY_BITS));
  const isElement = i32x4.lt_s(i32x4(0, 1, 2, 3), i32x4.splat(valid));
  return v128.and(v128.and(lost, isElement), f32x4.splat(NaN));
}

/** Operands: the sequence of a lane, one row. */
export function given_overflows(call: usize, lane: Lane): void {
  const sequence = operand(call, 0);
  if (lane.step < sequence.columns && load<f32>(sequence.address + (lane.step << 2)) != 0) {
    setHeaderWord(lane, HEADER_FOUND_INF, 1);
  }
}
