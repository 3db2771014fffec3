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

/** Windows of 2 by 2 that do not overlap, with whole vectors of outputs in a row: what most networks have. */
function comesInPairs(g: Geometry): bool {
  return g.kernel == 2 && g.stride == 2 && (g.outWidth & 3) == 0;
}

/** The elements of eight with even and with odd numbers. */
class Pairs {
  @inline
  static even(first: v128, second: v128): v128 {
    return i32x4.shuffle(first, second, 0, 2, 4, 6);
  }

  @inline
  static odd(first: v128, second: v128): v128 {
    return i32x4.shuffle(first, second, 1, 3, 5, 7);
  }

  /** All ones where `value` takes the place of the largest value before it. */
  @inline
  static beats(value: v128, most: v128): v128 {
    return v128.or(f32x4.gt(value, most), f32x4.ne(value, value));
  }
}

/** The maxima of four windows, two rows of eight values. */
function largestOfPairs(top: usize, bottom: usize): v128 {
  const t0 = v128.load(top);
  const t1 = v128.load(top, 16);
  const b0 = v128.load(bottom);
  const b1 = v128.load(bottom, 16);
  let most = Pairs.even(t0, t1);
  const second = Pairs.odd(t0, t1);
  most = v128.bitselect(second, most, Pairs.beats(second, most));
  const third = Pairs.even(b0, b1);
  most = v128.bitselect(third, most, Pairs.beats(third, most));
  const fourth = Pairs.odd(b0, b1);
  return v128.bitselect(fourth, most, Pairs.beats(fourth, most));
}

function forwardInPairs(x: Operand, y: Operand, g: Geometry): void {
  const width = g.inWidth << 2;
  for (let row: u32 = 0; row < y.rows; row++) {
    let to = y.address + ((row * y.stride) << 2);
    for (let channel: u32 = 0; channel < g.outChannels; channel++) {
      let top = x.address + ((row * x.stride + channel * g.inHeight * g.inWidth) << 2);
      for (let oy: u32 = 0; oy < g.outHeight; oy++) {
        for (let ox: u32 = 0; ox < g.outWidth << 2; ox += 16) {
          v128.store(to, largestOfPairs(top + (ox << 1), top + width + (ox << 1)));
          to += 16;
        }
        top += width << 1;
      }
    }
  }
}

/** Gives four values of dy to the largest of their windows, and +0 to the others. */
function spreadPairs(top: usize, bottom: usize, dy: v128, dxTop: usize, dxBottom: usize): void {
  const t0 = v128.load(top);
  const t1 = v128.load(top, 16);
  const b0 = v128.load(bottom);
  const b1 = v128.load(bottom, 16);
  let most = Pairs.even(t0, t1);
  const second = Pairs.odd(t0, t1);
  const isSecond = Pairs.beats(second, most);
  most = v128.bitselect(second, most, isSecond);
  const third = Pairs.even(b0, b1);
  const isThird = Pairs.beats(third, most);
  most = v128.bitselect(third, most, isThird);
  const isFourth = Pairs.beats(Pairs.odd(b0, b1), most);
  const toFourth = v128.and(dy, isFourth);
  const afterFourth = v128.andnot(dy, isFourth);
  const toThird = v128.and(afterFourth, isThird);
  const afterThird = v128.andnot(afterFourth, isThird);
  const toSecond = v128.and(afterThird, isSecond);
  const toFirst = v128.andnot(afterThird, isSecond);
  v128.store(dxTop, i32x4.shuffle(toFirst, toSecond, 0, 4, 1, 5));
  v128.store(dxTop, i32x4.shuffle(toFirst, toSecond, 2, 6, 3, 7), 16);
  v128.store(dxBottom, i32x4.shuffle(toThird, toFourth, 0, 4, 1, 5));
  v128.store(dxBottom, i32x4.shuffle(toThird, toFourth, 2, 6, 3, 7), 16);
}

function gradientInPairs(dy: Operand, x: Operand, dx: Operand, g: Geometry): void {
  const width = g.inWidth << 2;
  if (g.inWidth > g.outWidth << 1 || g.inHeight > g.outHeight << 1) {
    memory.fill(dx.address, 0, (dx.rows * dx.stride) << 2);
  }
  for (let row: u32 = 0; row < dx.rows; row++) {
    let from = dy.address + ((row * dy.stride) << 2);
    for (let channel: u32 = 0; channel < g.outChannels; channel++) {
      const plane = channel * g.inHeight * g.inWidth;
      let top = x.address + ((row * x.stride + plane) << 2);
      let to = dx.address + ((row * dx.stride + plane) << 2);
      for (let oy: u32 = 0; oy < g.outHeight; oy++) {
        for (let ox: u32 = 0; ox < g.outWidth << 3; ox += 32) {
          spreadPairs(top + ox, top + width + ox, v128.load(from), to + ox, to + width + ox);
          from += 16;
        }
        top += width << 1;
        to += width << 1;
      }
    }
  }
}

/** Operands: x, y. Constants: geometry. */
export function maxpool2d_forward(call: usize, _lane: Lane): void {
  const x = operand(call, 0);
  const y = operand(call, 1);
  const g = geometryOf(call, 2);
  if (comesInPairs(g)) {
    forwardInPairs(x, y, g);
    return;
  }
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
  const g = geometryOf(call, 3);
  if (comesInPairs(g)) gradientInPairs(operand(call, 0), operand(call, 1), operand(call, 2), g);
  else spread(operand(call, 0), operand(call, 1), operand(call, 2), g, false);
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
