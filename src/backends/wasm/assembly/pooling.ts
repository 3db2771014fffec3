/** Pooling of images: src/ops/maxpool2d.ts and average-pool2d.ts. */
import { Scalar } from './f32';
import { Geometry, geometryOf, GEOMETRY_WORDS } from './images';
import { constant, Lane, operand, Operand } from './layout';
import { roundMatrix } from './site';

/** Address of the largest value in the window of output (channel, oy, ox): the first one, and NaN before numbers. */
function largest(sample: usize, g: Geometry, channel: u32, oy: u32, ox: u32): usize {
  const corner = sample + (((channel * g.inHeight + oy * g.stride) * g.inWidth + ox * g.stride) << 2);
  let best = corner;
  let most = load<f32>(corner);
  for (let dy: u32 = 0; dy < g.kernel; dy++) {
    let at = corner + ((dy * g.inWidth) << 2);
    const end = at + (g.kernel << 2);
    for (; at < end; at += 4) {
      const value = load<f32>(at);
      if (value > most || value != value) {
        best = at;
        most = value;
      }
    }
  }
  return best;
}

/** Operands: x, y. Constants: geometry. */
export function maxpool2d_forward(call: usize, _lane: Lane): void {
  const x = operand(call, 0);
  const y = operand(call, 1);
  const g = geometryOf(call, 2);
  for (let row: u32 = 0; row < y.rows; row++) {
    const sample = x.address + ((row * x.stride) << 2);
    let to = y.address + ((row * y.stride) << 2);
    for (let channel: u32 = 0; channel < g.outChannels; channel++) {
      for (let oy: u32 = 0; oy < g.outHeight; oy++) {
        for (let ox: u32 = 0; ox < g.outWidth; ox++) {
          store<u32>(to, load<u32>(largest(sample, g, channel, oy, ox)));
          to += 4;
        }
      }
    }
  }
}

/** Gives dy to the input that is the maximum of its window; where `sums`, adds it there, windows ascending. */
function spread(dy: Operand, x: Operand, dx: Operand, g: Geometry, sums: bool): void {
  memory.fill(dx.address, 0, (dx.rows * dx.stride) << 2);
  for (let row: u32 = 0; row < dx.rows; row++) {
    const sample = x.address + ((row * x.stride) << 2);
    const target = dx.address + ((row * dx.stride) << 2);
    let from = dy.address + ((row * dy.stride) << 2);
    for (let channel: u32 = 0; channel < g.outChannels; channel++) {
      for (let oy: u32 = 0; oy < g.outHeight; oy++) {
        for (let ox: u32 = 0; ox < g.outWidth; ox++) {
          const to = target + (largest(sample, g, channel, oy, ox) - sample);
          if (sums) store<f32>(to, Scalar.add(load<f32>(to), Scalar.flush(load<f32>(from))));
          else store<u32>(to, load<u32>(from));
          from += 4;
        }
      }
    }
  }
}

/** Operands: dy, x, dx. Constants: geometry. */
export function maxpool2d_input_grad(call: usize, _lane: Lane): void {
  spread(operand(call, 0), operand(call, 1), operand(call, 2), geometryOf(call, 3), false);
}

/** Operands: dy, x, dx. Constants: geometry, site. */
export function maxpool2d_input_grad_summed(call: usize, lane: Lane): void {
  const dx = operand(call, 2);
  spread(operand(call, 0), operand(call, 1), dx, geometryOf(call, 3), true);
  roundMatrix(dx, lane, constant(call, 3, GEOMETRY_WORDS), false);
}

/** Operands: x, y. Constants: geometry, site. */
export function averagepool2d_forward(call: usize, lane: Lane): void {
  const x = operand(call, 0);
  const y = operand(call, 1);
  const g = geometryOf(call, 2);
  const size = <f32>(g.kernel * g.kernel);
  for (let row: u32 = 0; row < y.rows; row++) {
    const sample = x.address + ((row * x.stride) << 2);
    let to = y.address + ((row * y.stride) << 2);
    for (let channel: u32 = 0; channel < g.outChannels; channel++) {
      for (let oy: u32 = 0; oy < g.outHeight; oy++) {
        for (let ox: u32 = 0; ox < g.outWidth; ox++) {
          const corner = sample + (((channel * g.inHeight + oy * g.stride) * g.inWidth + ox * g.stride) << 2);
          store<f32>(to, Scalar.div(windowSum(corner, g), size));
          to += 4;
        }
      }
    }
  }
  roundMatrix(y, lane, constant(call, 2, GEOMETRY_WORDS), false);
}

/** The elements of a window, rows and columns ascending, from +0. */
function windowSum(corner: usize, g: Geometry): f32 {
  let sum: f32 = 0;
  for (let dy: u32 = 0; dy < g.kernel; dy++) {
    let at = corner + ((dy * g.inWidth) << 2);
    const end = at + (g.kernel << 2);
    for (; at < end; at += 4) sum = Scalar.add(sum, Scalar.flush(load<f32>(at)));
  }
  return sum;
}

/** Operands: dy, dx. Constants: geometry, site. Windows come in ascending order, so the terms of every sum do. */
export function averagepool2d_input_grad(call: usize, lane: Lane): void {
  const dy = operand(call, 0);
  const dx = operand(call, 1);
  const g = geometryOf(call, 2);
  const size = <f32>(g.kernel * g.kernel);
  memory.fill(dx.address, 0, (dx.rows * dx.stride) << 2);
  for (let row: u32 = 0; row < dx.rows; row++) {
    const target = dx.address + ((row * dx.stride) << 2);
    let from = dy.address + ((row * dy.stride) << 2);
    for (let channel: u32 = 0; channel < g.outChannels; channel++) {
      for (let oy: u32 = 0; oy < g.outHeight; oy++) {
        for (let ox: u32 = 0; ox < g.outWidth; ox++) {
          const place = (channel * g.inHeight + oy * g.stride) * g.inWidth + ox * g.stride;
          addToWindow(target + (place << 2), g, Scalar.div(Scalar.flush(load<f32>(from)), size));
          from += 4;
        }
      }
    }
  }
  roundMatrix(dx, lane, constant(call, 2, GEOMETRY_WORDS), false);
}

function addToWindow(corner: usize, g: Geometry, value: f32): void {
  for (let dy: u32 = 0; dy < g.kernel; dy++) {
    let at = corner + ((dy * g.inWidth) << 2);
    const end = at + (g.kernel << 2);
    for (; at < end; at += 4) store<f32>(at, Scalar.add(load<f32>(at), value));
  }
}
