/** Fully connected layer: src/ops/linear.ts. x [batch, in], W [out, in], b [out], y [batch, out]. */
import { Vector } from './f32';
import { constant, Lane, operand, Operand, padded, policyOf } from './layout';
import { multiplyIn } from './accumulation';
import { packTransposed, panelBytes, setLeft, setPanels, setRight, sumColumns } from './product';
import { roundMatrix } from './site';

/** rows of `x` times rows of `weight`, unrounded. */
function forwardProduct(x: Operand, weight: Operand, y: Operand, site: u32, lane: Lane): void {
  const panels = lane.scratch;
  const bytes = panelBytes(x.columns, y.columns);
  const step = weight.stride << 2;
  packTransposed(weight.address, step, y.columns, x.columns, panels, x.columns << 5);
  setLeft(x.address, x.stride << 2, 4);
  setPanels(panels, x.columns);
  multiplyIn(policyOf(lane, site), false, y.rows, y.columns, x.columns, y.address, y.stride, panels + bytes);
}

/** y += bias, row by row. */
function addBias(y: Operand, bias: Operand): void {
  const width = padded(y.columns);
  for (let row: u32 = 0; row < y.rows; row++) {
    const from = y.address + ((row * y.stride) << 2);
    for (let column: usize = 0; column < width << 2; column += 16) {
      const b = Vector.flush(v128.load(bias.address + column));
      v128.store(from + column, Vector.add(Vector.flush(v128.load(from + column)), b));
    }
  }
}

/** Operands: x, weight, bias, y. Constants: batch, in, out, site. */
export function linear_forward(call: usize, lane: Lane): void {
  const y = operand(call, 3);
  const site = constant(call, 4, 3);
  forwardProduct(operand(call, 0), operand(call, 1), y, site, lane);
  addBias(y, operand(call, 2));
  roundMatrix(y, lane, site, false);
}

/** Operands: x, weight, y. Constants: batch, in, out, site. */
export function linear_forward_unbiased(call: usize, lane: Lane): void {
  const y = operand(call, 2);
  const site = constant(call, 3, 3);
  forwardProduct(operand(call, 0), operand(call, 1), y, site, lane);
  roundMatrix(y, lane, site, false);
}

/** Operands: dy, weight, dx. Constants: batch, in, out, site. */
export function linear_input_grad(call: usize, lane: Lane): void {
  const dy = operand(call, 0);
  const weight = operand(call, 1);
  const dx = operand(call, 2);
  const site = constant(call, 3, 3);
  setLeft(dy.address, dy.stride << 2, 4);
  setRight(weight.address, weight.stride << 2);
  multiplyIn(
    policyOf(lane, site),
    false,
    dx.rows,
    dx.columns,
    dy.columns,
    dx.address,
    dx.stride,
    lane.scratch,
  );
  roundMatrix(dx, lane, site, false);
}

function weightGradient(dy: Operand, x: Operand, dWeight: Operand, site: u32, lane: Lane): void {
  setLeft(dy.address, 4, dy.stride << 2);
  setRight(x.address, x.stride << 2);
  const policy = policyOf(lane, site);
  const out = dWeight.address;
  multiplyIn(policy, false, dWeight.rows, dWeight.columns, x.rows, out, dWeight.stride, lane.scratch);
  roundMatrix(dWeight, lane, site, true);
}

/** Operands: dy, x, dWeight, dBias. Constants: batch, in, out, weight site, bias site. */
export function linear_parameter_grad(call: usize, lane: Lane): void {
  const dy = operand(call, 0);
  const dBias = operand(call, 3);
  weightGradient(dy, operand(call, 1), operand(call, 2), constant(call, 4, 3), lane);
  sumColumns(dy.address, dy.stride << 2, dy.rows, padded(dy.columns), dBias.address);
  roundMatrix(dBias, lane, constant(call, 4, 4), true);
}

/** Operands: dy, dBias. Constants: batch, out, site. */
export function linear_bias_grad(call: usize, lane: Lane): void {
  const dy = operand(call, 0);
  const dBias = operand(call, 1);
  sumColumns(dy.address, dy.stride << 2, dy.rows, padded(dy.columns), dBias.address);
  roundMatrix(dBias, lane, constant(call, 2, 2), true);
}

/** Operands: dy, x, dWeight. Constants: batch, in, out, site. */
export function linear_weight_grad(call: usize, lane: Lane): void {
  weightGradient(operand(call, 0), operand(call, 1), operand(call, 2), constant(call, 3, 3), lane);
}
