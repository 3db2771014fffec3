/** Kernels that treat every element alike: src/ops/relu.ts, tanh.ts, add.ts, cast.ts. Operands have one shape. */
import { tanh4 } from './elementary';
import { Vector } from './f32';
import { constant, Lane, operand, Operand } from './layout';
import { INFINITY_BITS, MAGNITUDE } from './round';
import { roundMatrix } from './site';

/** Pads are treated like elements: these kernels turn +0 into +0. */
function bytesOf(matrix: Operand): usize {
  return (matrix.rows * matrix.stride) << 2;
}

/** All ones where a value is greater than zero, or NaN. */
function passes(u: v128): v128 {
  const magnitude = v128.and(u, i32x4.splat(MAGNITUDE));
  return v128.or(i32x4.gt_s(u, i32x4.splat(0)), i32x4.gt_s(magnitude, i32x4.splat(INFINITY_BITS)));
}

/** Operands: x, y. */
export function relu_forward(call: usize, _lane: Lane): void {
  const x = operand(call, 0);
  const y = operand(call, 1);
  const bytes = bytesOf(y);
  for (let i: usize = 0; i < bytes; i += 16) {
    const value = v128.load(x.address + i);
    v128.store(y.address + i, v128.and(value, passes(value)));
  }
}

/** Operands: dy, y, dx. */
export function relu_input_grad(call: usize, _lane: Lane): void {
  const dy = operand(call, 0);
  const y = operand(call, 1);
  const dx = operand(call, 2);
  const bytes = bytesOf(dx);
  for (let i: usize = 0; i < bytes; i += 16) {
    v128.store(dx.address + i, v128.and(v128.load(dy.address + i), passes(v128.load(y.address + i))));
  }
}

/** Operands: x, y. Constants: rows, columns, site. */
export function tanh_forward(call: usize, lane: Lane): void {
  const x = operand(call, 0);
  const y = operand(call, 1);
  const bytes = bytesOf(y);
  for (let i: usize = 0; i < bytes; i += 16) v128.store(y.address + i, tanh4(v128.load(x.address + i)));
  roundMatrix(y, lane, constant(call, 2, 2), false);
}

/** Operands: dy, y, dx. Constants: rows, columns, site. */
export function tanh_input_grad(call: usize, lane: Lane): void {
  const dy = operand(call, 0);
  const y = operand(call, 1);
  const dx = operand(call, 2);
  const bytes = bytesOf(dx);
  const one = f32x4.splat(1);
  for (let i: usize = 0; i < bytes; i += 16) {
    const value = Vector.flush(v128.load(y.address + i));
    const slope = Vector.sub(one, Vector.mul(value, value));
    v128.store(dx.address + i, Vector.mul(Vector.flush(v128.load(dy.address + i)), slope));
  }
  roundMatrix(dx, lane, constant(call, 3, 2), false);
}

/** Operands: a, b, y. Constants: rows, columns, site, 1 if it is that of a parameter gradient. */
export function add(call: usize, lane: Lane): void {
  const a = operand(call, 0);
  const b = operand(call, 1);
  const y = operand(call, 2);
  const bytes = bytesOf(y);
  for (let i: usize = 0; i < bytes; i += 16) {
    const first = Vector.flush(v128.load(a.address + i));
    v128.store(y.address + i, Vector.add(first, Vector.flush(v128.load(b.address + i))));
  }
  roundMatrix(y, lane, constant(call, 3, 2), constant(call, 3, 3) != 0);
}

/** Operands: x, sum. Constants: rows, columns, site, 1 if it is that of a parameter gradient. */
export function add_in_place(call: usize, lane: Lane): void {
  const x = operand(call, 0);
  const sum = operand(call, 1);
  const bytes = bytesOf(sum);
  for (let i: usize = 0; i < bytes; i += 16) {
    const value = Vector.flush(v128.load(sum.address + i));
    v128.store(sum.address + i, Vector.add(value, Vector.flush(v128.load(x.address + i))));
  }
  roundMatrix(sum, lane, constant(call, 2, 2), constant(call, 2, 3) != 0);
}

/** Operands: x, y. Constants: rows, columns, site. */
export function cast(call: usize, lane: Lane): void {
  const x = operand(call, 0);
  const y = operand(call, 1);
  memory.copy(y.address, x.address, bytesOf(y));
  roundMatrix(y, lane, constant(call, 2, 2), false);
}
