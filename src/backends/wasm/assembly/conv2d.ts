/**
 * Two-dimensional convolution: src/ops/conv2d-kernels.ts. Windows over the images are written out as a matrix; then every
 * sum is one of a product of matrices.
 */
import { multiplyIn } from './accumulation';
import { Vector } from './f32';
import { Geometry, geometryOf } from './images';
import { constant, Lane, operand, Operand, padded, policyOf } from './layout';
import { packTransposed, setLeft, setPanels, setRight, sumColumns } from './product';
import { roundMatrix } from './site';

/** All ones in the elements of which `first` + 0, 1, 2, 3 lies in [0, size). */
function inside(first: i32, size: u32): v128 {
  return i32x4.lt_u(i32x4.add(i32x4(0, 1, 2, 3), i32x4.splat(first)), i32x4.splat(size));
}

/**
 * target(y, x) = source(y + down, x + right) of images with `sourceHeight` · `sourceWidth` and `height` · `width` pixels, +0
 * outside of the source. Reads up to 12 bytes before and after the source's rows.
 */
function shift(
  source: usize,
  sourceHeight: i32,
  sourceWidth: i32,
  target: usize,
  height: i32,
  width: i32,
  down: i32,
  right: i32,
): void {
  const first = min(max(0, -down), height);
  const last = max(first, min(height, sourceHeight - down));
  memory.fill(target, 0, (first * width) << 2);
  memory.fill(target + ((last * width) << 2), 0, ((height - last) * width) << 2);
  const from = source + ((first + down) * sourceWidth + right) * 4;
  const to = target + ((first * width) << 2);
  let x = 0;
  for (; x + 4 <= width; x += 4) {
    const exists = inside(x + right, sourceWidth);
    let read = from + (x << 2);
    let write = to + (x << 2);
    for (let y = first; y < last; y++) {
      v128.store(write, v128.and(v128.load(read), exists));
      read += sourceWidth << 2;
      write += width << 2;
    }
  }
  for (; x < width; x++) {
    const exists = x + right >= 0 && x + right < sourceWidth;
    for (let y = 0; y < last - first; y++) {
      const value: f32 = exists ? load<f32>(from + ((y * sourceWidth + x) << 2)) : 0;
      store<f32>(to + ((y * width + x) << 2), value);
    }
  }
}

/** What the window sees in one channel at one tap, for windows that move by more than one. */
function gatherTap(source: usize, target: usize, g: Geometry, ky: u32, kx: u32): void {
  for (let oy: u32 = 0; oy < g.outHeight; oy++) {
    const iy = <i32>(oy * g.stride + ky - g.padding);
    for (let ox: u32 = 0; ox < g.outWidth; ox++) {
      const ix = <i32>(ox * g.stride + kx - g.padding);
      const exists = iy >= 0 && iy < <i32>g.inHeight && ix >= 0 && ix < <i32>g.inWidth;
      const value: f32 = exists ? load<f32>(source + ((iy * g.inWidth + ix) << 2)) : 0;
      store<f32>(target + ((oy * g.outWidth + ox) << 2), value);
    }
  }
}

/** The dy of the output that each input met at one tap, for windows that move by more than one. */
function scatterTap(source: usize, target: usize, g: Geometry, ky: u32, kx: u32): void {
  memory.fill(target, 0, (g.inHeight * g.inWidth) << 2);
  for (let oy: u32 = 0; oy < g.outHeight; oy++) {
    const iy = <i32>(oy * g.stride + ky - g.padding);
    if (iy < 0 || iy >= <i32>g.inHeight) continue;
    for (let ox: u32 = 0; ox < g.outWidth; ox++) {
      const ix = <i32>(ox * g.stride + kx - g.padding);
      if (ix < 0 || ix >= <i32>g.inWidth) continue;
      const value = load<f32>(source + ((oy * g.outWidth + ox) << 2));
      store<f32>(target + ((iy * g.inWidth + ix) << 2), value);
    }
  }
}

/** +0 in the pads of a row with `columns` elements. */
function clearPads(row: usize, columns: u32): void {
  const pads = padded(columns) - columns;
  memory.fill(row + (columns << 2), 0, pads << 2);
}

/** Operands: x, windows. Constants: geometry. */
export function conv2d_unfold(call: usize, _lane: Lane): void {
  const x = operand(call, 0);
  const windows = operand(call, 1);
  const g = geometryOf(call, 2);
  const plane = g.outHeight * g.outWidth;
  let to = windows.address;
  for (let image: u32 = 0; image < g.batch * g.inChannels; image++) {
    const place = (image / g.inChannels) * x.stride + (image % g.inChannels) * g.inHeight * g.inWidth;
    const from = x.address + (place << 2);
    for (let ky: u32 = 0; ky < g.kernel; ky++) {
      for (let kx: u32 = 0; kx < g.kernel; kx++) {
        if (g.stride == 1) {
          shift(from, g.inHeight, g.inWidth, to, g.outHeight, g.outWidth, ky - g.padding, kx - g.padding);
        } else {
          gatherTap(from, to, g, ky, kx);
        }
        clearPads(to, plane);
        to += windows.stride << 2;
      }
    }
  }
}

export function conv2d_unfold_moving(call: usize, lane: Lane): void {
  conv2d_unfold(call, lane);
}

/** Operands: dy, weight, windows, byInput. Constants: geometry. */
export function conv2d_unfold_grad(call: usize, _lane: Lane): void {
  const dy = operand(call, 0);
  const windows = operand(call, 2);
  const g = geometryOf(call, 4);
  const plane = g.inHeight * g.inWidth;
  let to = windows.address;
  for (let image: u32 = 0; image < g.batch * g.outChannels; image++) {
    const place = (image / g.outChannels) * dy.stride + (image % g.outChannels) * g.outHeight * g.outWidth;
    const from = dy.address + (place << 2);
    for (let ky: u32 = 0; ky < g.kernel; ky++) {
      for (let kx: u32 = 0; kx < g.kernel; kx++) {
        if (g.stride == 1) {
          shift(from, g.outHeight, g.outWidth, to, g.inHeight, g.inWidth, g.padding - ky, g.padding - kx);
        } else {
          scatterTap(from, to, g, ky, kx);
        }
        clearPads(to, plane);
        to += windows.stride << 2;
      }
    }
  }
  weightByInput(operand(call, 1), operand(call, 3), g);
}

export function conv2d_unfold_grad_moving(call: usize, lane: Lane): void {
  conv2d_unfold_grad(call, lane);
}

/** byInput[channel, (out, tap)] = weight[out, (channel, tap)] */
function weightByInput(weight: Operand, byInput: Operand, g: Geometry): void {
  const taps = g.kernel * g.kernel;
  for (let out: u32 = 0; out < g.outChannels; out++) {
    for (let channel: u32 = 0; channel < g.inChannels; channel++) {
      const from = weight.address + ((out * weight.stride + channel * taps) << 2);
      memory.copy(byInput.address + ((channel * byInput.stride + out * taps) << 2), from, taps << 2);
    }
  }
}

/** Sizes of a product of weights and windows, as constants of its call: in each sample, channels by positions. */
@unmanaged
class Sizes {
  batch!: u32;
  channels!: u32;
  plane!: u32;
  /** Terms of each sum. */
  terms!: u32;
  site!: u32;
  biasSite!: u32;
}

function sizesOf(call: usize, operands: usize): Sizes {
  return changetype<Sizes>(call + (operands << 4));
}

/** images = weights · windows, sample by sample, unrounded. */
function multiplySamples(
  windows: Operand,
  weights: Operand,
  images: Operand,
  sizes: Sizes,
  lane: Lane,
): void {
  const plane = sizes.plane;
  // Whole vectors are stored, which would run over from one channel into the next.
  const direct = (plane & 3) == 0;
  const width = padded(plane);
  const scratch = direct ? lane.scratch : lane.scratch + ((sizes.channels * width) << 2);
  const policy = policyOf(lane, sizes.site);
  for (let sample: u32 = 0; sample < sizes.batch; sample++) {
    const to = images.address + ((sample * images.stride) << 2);
    setLeft(weights.address, weights.stride << 2, 4);
    setRight(windows.address + ((sample * sizes.terms * windows.stride) << 2), windows.stride << 2);
    multiplyIn(policy, true, sizes.channels, plane, sizes.terms, direct ? to : lane.scratch, width, scratch);
    if (direct) continue;
    for (let channel: u32 = 0; channel < sizes.channels; channel++) {
      memory.copy(to + ((channel * plane) << 2), lane.scratch + ((channel * width) << 2), plane << 2);
    }
  }
}

/** Adds a channel's bias to all of its positions. */
function addBias(images: Operand, bias: Operand, sizes: Sizes): void {
  for (let sample: u32 = 0; sample < sizes.batch; sample++) {
    let at = images.address + ((sample * images.stride) << 2);
    for (let channel: u32 = 0; channel < sizes.channels; channel++) {
      const end = at + (sizes.plane << 2);
      const b = Vector.flush(v128.load32_splat(bias.address + (channel << 2)));
      for (; at + 16 <= end; at += 16) v128.store(at, Vector.add(Vector.flush(v128.load(at)), b));
      for (; at < end; at += 4) {
        v128.store32_lane(at, Vector.add(Vector.flush(v128.load32_splat(at)), b), 0);
      }
    }
  }
}

/** Operands: windows of x, weight, bias, y. Constants: batch, channels, positions of a channel, terms of a sum, site. */
export function conv2d_forward(call: usize, lane: Lane): void {
  const y = operand(call, 3);
  const sizes = sizesOf(call, 4);
  multiplySamples(operand(call, 0), operand(call, 1), y, sizes, lane);
  addBias(y, operand(call, 2), sizes);
  roundMatrix(y, lane, sizes.site, false);
}

/** Operands: windows of x, weight, y. Constants as of `conv2d_forward`. */
export function conv2d_forward_unbiased(call: usize, lane: Lane): void {
  const y = operand(call, 2);
  const sizes = sizesOf(call, 3);
  multiplySamples(operand(call, 0), operand(call, 1), y, sizes, lane);
  roundMatrix(y, lane, sizes.site, false);
}

/** Operands: windows of dy, weight by input, dx. Constants as of `conv2d_forward`. */
export function conv2d_input_grad(call: usize, lane: Lane): void {
  conv2d_forward_unbiased(call, lane);
}

/** Channels in a panel of dy. */
const PANEL: u32 = 8;

/**
 * dW = round(dy · transpose(windows)) over all samples and positions. dy and the windows are written to panels, whose
 * rows are the positions of all samples, one after the other; those of dy are at `scratch` afterwards.
 */
function weightGradient(dy: Operand, windows: Operand, dWeight: Operand, sizes: Sizes, lane: Lane): void {
  const positions = sizes.batch * sizes.plane;
  const panelBytes = positions << 5;
  const dyPanels = lane.scratch;
  const windowPanels = dyPanels + ((sizes.channels + 7) >>> 3) * panelBytes;
  const scratch = windowPanels + ((sizes.terms + 7) >>> 3) * panelBytes;
  const step = windows.stride << 2;
  for (let sample: u32 = 0; sample < sizes.batch; sample++) {
    const place = (sample * sizes.plane) << 5;
    const images = dy.address + ((sample * dy.stride) << 2);
    packTransposed(images, sizes.plane << 2, sizes.channels, sizes.plane, dyPanels + place, panelBytes);
    const rows = windows.address + sample * sizes.terms * step;
    packTransposed(rows, step, sizes.terms, sizes.plane, windowPanels + place, panelBytes);
  }
  for (let channel: u32 = 0; channel < sizes.channels; channel += PANEL) {
    setLeft(dyPanels + (channel >>> 3) * panelBytes, 4, PANEL << 2);
    setPanels(windowPanels, positions);
    const rows = min<u32>(PANEL, sizes.channels - channel);
    const out = dWeight.address + ((channel * dWeight.stride) << 2);
    multiplyIn(policyOf(lane, sizes.site), false, rows, sizes.terms, positions, out, dWeight.stride, scratch);
  }
  roundMatrix(dWeight, lane, sizes.site, true);
}

/** Operands: dy, windows of x, dWeight, dBias. Constants: batch, channels, positions of a channel, taps, both sites. */
export function conv2d_parameter_grad(call: usize, lane: Lane): void {
  const dBias = operand(call, 3);
  const sizes = sizesOf(call, 4);
  weightGradient(operand(call, 0), operand(call, 1), operand(call, 2), sizes, lane);
  const positions = sizes.batch * sizes.plane;
  for (let channel: u32 = 0; channel < sizes.channels; channel += PANEL) {
    const panel = lane.scratch + (channel >>> 3) * (positions << 5);
    const to = dBias.address + (channel << 2);
    sumColumns(panel, PANEL << 2, positions, min<u32>(PANEL, padded(sizes.channels - channel)), to);
  }
  roundMatrix(dBias, lane, sizes.biasSite, true);
}

/** Operands: dy, windows of x, dWeight. Constants: batch, channels, positions of a channel, taps, site. */
export function conv2d_weight_grad(call: usize, lane: Lane): void {
  weightGradient(operand(call, 0), operand(call, 1), operand(call, 2), sizesOf(call, 3), lane);
}
