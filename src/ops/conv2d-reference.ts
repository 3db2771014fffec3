/**
 * The reference of convolution. `…Defined` functions are the definition: for one output element, the terms in
 * ascending order from +0, each product and each sum rounded in f32, positions outside the image skipped.
 *
 * What runs nearly always is the same sum as a product of matrices: the window's positions are unfolded into the
 * columns of a matrix (im2col), with zeros outside the image. A zero changes a sum only if that is -0 or the other
 * factor is infinite or NaN; rows where this could be are computed by the definition (`multiply`).
 */
import type { Matrix, SiteRounder } from '../graph/kernel';
import { add, mul } from '../numerics/f32';
import { inPlane, outPlane, type Geometry } from './images';
import { asStored, multiply } from './matmul';

const scratch = new Map<string, Float32Array>();

/** Memory that calls reuse. What it holds is undefined. */
function reused(purpose: string, length: number): Float32Array {
  let array = scratch.get(purpose);
  if (!array || array.length < length) {
    array = new Float32Array(length);
    scratch.set(purpose, array);
  }
  return array;
}

const dense = (data: Float32Array, rows: number, columns: number): Matrix => ({
  data,
  rows,
  columns,
  stride: columns,
});

/** One sample's row of a matrix. */
const sample = ({ data, stride }: Matrix, b: number): Float32Array =>
  data.subarray(b * stride, (b + 1) * stride);

/** The part [first, end) of `count` places at which `place · stride + shift` lies in [0, size). */
function reach(shift: number, stride: number, size: number, count: number): [number, number] {
  const first = Math.max(0, Math.ceil(-shift / stride));
  return [first, Math.max(first, Math.min(count, Math.ceil((size - shift) / stride)))];
}

/** Which input position each output position sees through each position of the window. */
interface Tap {
  readonly ky: number;
  readonly kx: number;
  /** Output rows and columns that see something inside the image, [first, end). */
  readonly rows: readonly [number, number];
  readonly columns: readonly [number, number];
}

function tapsOf({ kernel, stride, padding, inHeight, inWidth, outHeight, outWidth }: Geometry): Tap[] {
  return Array.from({ length: kernel * kernel }, (_, tap) => {
    const ky = Math.floor(tap / kernel);
    const kx = tap % kernel;
    return {
      ky,
      kx,
      rows: reach(ky - padding, stride, inHeight, outHeight),
      columns: reach(kx - padding, stride, inWidth, outWidth),
    };
  });
}

/**
 * Unfolds one sample: out[(ic, ky, kx)][(oy, ox)] = x[ic][oy·stride + ky - padding][ox·stride + kx - padding], or 0
 * outside the image. `rowStride` and `columnStride` say where an element lies.
 */
function unfold(
  x: Float32Array,
  geometry: Geometry,
  taps: readonly Tap[],
  out: { data: Float32Array; offset: number; rowStride: number; columnStride: number },
): void {
  const { inChannels, inWidth, outWidth, stride, padding } = geometry;
  const { data, columnStride } = out;
  for (let ic = 0; ic < inChannels; ic++) {
    taps.forEach(({ ky, kx, rows, columns }, tap) => {
      const row = out.offset + (ic * taps.length + tap) * out.rowStride;
      for (let oy = rows[0]; oy < rows[1]; oy++) {
        const from = ic * inPlane(geometry) + (oy * stride + ky - padding) * inWidth + kx - padding;
        const to = row + oy * outWidth * columnStride;
        for (let ox = columns[0]; ox < columns[1]; ox++) data[to + ox * columnStride] = x[from + ox * stride];
      }
    });
  }
}

/** The reverse view: folded[(oc, ky, kx)][(iy, ix)] = dy at the output position that sees (iy, ix) through (ky, kx), or 0. */
function unfoldGradient(dy: Float32Array, geometry: Geometry, taps: readonly Tap[], out: Float32Array): void {
  const { outChannels, inWidth, outWidth, stride, padding } = geometry;
  const plane = inPlane(geometry);
  for (let oc = 0; oc < outChannels; oc++) {
    taps.forEach(({ ky, kx, rows, columns }, tap) => {
      const row = (oc * taps.length + tap) * plane;
      for (let oy = rows[0]; oy < rows[1]; oy++) {
        const from = oc * outPlane(geometry) + oy * outWidth;
        const to = row + (oy * stride + ky - padding) * inWidth + kx - padding;
        for (let ox = columns[0]; ox < columns[1]; ox++) out[to + ox * stride] = dy[from + ox];
      }
    });
  }
}

/** Where the input of a tap lies, if it is inside the image: row `at`, column `at`. */
const inside = (at: number, size: number): boolean => at >= 0 && at < size;

function forwardDefined(
  x: Float32Array,
  weight: Matrix,
  geometry: Geometry,
  oc: number,
  out: Float32Array,
): void {
  const { inChannels, inHeight, inWidth, outWidth, kernel, stride, padding } = geometry;
  for (let i = 0; i < outPlane(geometry); i++) {
    const top = Math.floor(i / outWidth) * stride - padding;
    const left = (i % outWidth) * stride - padding;
    let sum = 0;
    let w = oc * weight.stride;
    for (let ic = 0; ic < inChannels; ic++) {
      for (let iy = top; iy < top + kernel; iy++) {
        for (let ix = left; ix < left + kernel; ix++, w++) {
          if (!inside(iy, inHeight) || !inside(ix, inWidth)) continue;
          sum = add(sum, mul(weight.data[w], x[(ic * inHeight + iy) * inWidth + ix]));
        }
      }
    }
    out[oc * outPlane(geometry) + i] = sum;
  }
}

/** y = round(x ∗ W + b), sums over ascending (ic, ky, kx). */
export function forward(
  x: Matrix,
  weight: Matrix,
  bias: Matrix | undefined,
  y: Matrix,
  geometry: Geometry,
  site: SiteRounder,
): void {
  const { batch, outChannels } = geometry;
  const taps = tapsOf(geometry);
  const terms = weight.columns;
  const plane = outPlane(geometry);
  const unfolded = reused('unfolded', terms * plane).fill(0, 0, terms * plane);
  const product = dense(reused('product', outChannels * plane), outChannels, plane);
  for (let b = 0; b < batch; b++) {
    const image = sample(x, b);
    unfold(image, geometry, taps, { data: unfolded, offset: 0, rowStride: plane, columnStride: 1 });
    multiply(asStored(weight), asStored(dense(unfolded, terms, plane)), terms, product, (oc) =>
      forwardDefined(image, weight, geometry, oc, product.data),
    );
    const row = sample(y, b);
    for (let i = 0; i < outChannels * plane; i++) {
      const sum = product.data[i];
      row[i] = site.round(bias ? add(sum, bias.data[Math.floor(i / plane)]) : sum);
    }
  }
}

function inputGradientDefined(
  dy: Float32Array,
  weight: Matrix,
  geometry: Geometry,
  ic: number,
  out: Float32Array,
): void {
  const { inWidth, outChannels, outHeight, outWidth, kernel, stride, padding } = geometry;
  const plane = inPlane(geometry);
  for (let i = 0; i < plane; i++) {
    const [iy, ix] = [Math.floor(i / inWidth) + padding, (i % inWidth) + padding];
    let sum = 0;
    for (let oc = 0; oc < outChannels; oc++) {
      let w = oc * weight.stride + ic * kernel * kernel;
      for (let ky = 0; ky < kernel; ky++) {
        for (let kx = 0; kx < kernel; kx++, w++) {
          const [oy, ox] = [(iy - ky) / stride, (ix - kx) / stride];
          if (!Number.isInteger(oy) || !Number.isInteger(ox)) continue;
          if (!inside(oy, outHeight) || !inside(ox, outWidth)) continue;
          sum = add(sum, mul(weight.data[w], dy[(oc * outHeight + oy) * outWidth + ox]));
        }
      }
    }
    out[ic * plane + i] = sum;
  }
}

/** [oc][ic, ky, kx] to [ic][oc, ky, kx]. */
function swapChannels(weight: Matrix, { inChannels, outChannels, kernel }: Geometry): Matrix {
  const taps = kernel * kernel;
  const swapped = dense(reused('weight', weight.rows * weight.columns), inChannels, outChannels * taps);
  for (let oc = 0; oc < outChannels; oc++) {
    for (let ic = 0; ic < inChannels; ic++) {
      const from = oc * weight.stride + ic * taps;
      swapped.data.set(weight.data.subarray(from, from + taps), ic * swapped.stride + oc * taps);
    }
  }
  return swapped;
}

/** dx = round(the correlation's transpose applied to dy), sums over ascending (oc, ky, kx). */
export function inputGradient(
  dy: Matrix,
  weight: Matrix,
  dx: Matrix,
  geometry: Geometry,
  site: SiteRounder,
): void {
  const { batch, inChannels } = geometry;
  const taps = tapsOf(geometry);
  const swapped = swapChannels(weight, geometry);
  const terms = swapped.columns;
  const plane = inPlane(geometry);
  const unfolded = reused('unfolded', terms * plane).fill(0, 0, terms * plane);
  const product = dense(reused('product', inChannels * plane), inChannels, plane);
  for (let b = 0; b < batch; b++) {
    const gradient = sample(dy, b);
    unfoldGradient(gradient, geometry, taps, unfolded);
    multiply(asStored(swapped), asStored(dense(unfolded, terms, plane)), terms, product, (ic) =>
      inputGradientDefined(gradient, weight, geometry, ic, product.data),
    );
    const row = sample(dx, b);
    for (let i = 0; i < inChannels * plane; i++) row[i] = site.round(product.data[i]);
  }
}

function weightGradientDefined(dy: Matrix, x: Matrix, geometry: Geometry, oc: number, out: Matrix): void {
  const { batch, inHeight, inWidth, outHeight, outWidth, kernel, stride, padding } = geometry;
  for (let column = 0; column < out.columns; column++) {
    const ic = Math.floor(column / (kernel * kernel));
    const ky = Math.floor(column / kernel) % kernel;
    const kx = column % kernel;
    let sum = 0;
    for (let b = 0; b < batch; b++) {
      for (let oy = 0; oy < outHeight; oy++) {
        const iy = oy * stride + ky - padding;
        if (!inside(iy, inHeight)) continue;
        const dyRow = b * dy.stride + (oc * outHeight + oy) * outWidth;
        const xRow = b * x.stride + (ic * inHeight + iy) * inWidth;
        for (let ox = 0; ox < outWidth; ox++) {
          const ix = ox * stride + kx - padding;
          if (inside(ix, inWidth)) sum = add(sum, mul(dy.data[dyRow + ox], x.data[xRow + ix]));
        }
      }
    }
    out.data[oc * out.stride + column] = sum;
  }
}

/** dW = round(Σ dy · x), sums over ascending (batch, y, x). */
export function weightGradient(
  dy: Matrix,
  x: Matrix,
  dWeight: Matrix,
  geometry: Geometry,
  site: SiteRounder,
): void {
  const { batch, outChannels } = geometry;
  const taps = tapsOf(geometry);
  const plane = outPlane(geometry);
  const terms = batch * plane;
  const { columns } = dWeight;
  const unfolded = reused('unfolded', terms * columns).fill(0, 0, terms * columns);
  const gradient = dense(reused('gradient', outChannels * terms), outChannels, terms);
  for (let b = 0; b < batch; b++) {
    unfold(sample(x, b), geometry, taps, {
      data: unfolded,
      offset: b * plane * columns,
      rowStride: 1,
      columnStride: columns,
    });
    for (let oc = 0; oc < outChannels; oc++) {
      const from = b * dy.stride + oc * plane;
      gradient.data.set(dy.data.subarray(from, from + plane), oc * terms + b * plane);
    }
  }
  multiply(asStored(gradient), asStored(dense(unfolded, terms, columns)), terms, dWeight, (oc) =>
    weightGradientDefined(dy, x, geometry, oc, dWeight),
  );
  for (let oc = 0; oc < outChannels; oc++) {
    const row = dWeight.data.subarray(oc * dWeight.stride, oc * dWeight.stride + columns);
    for (let i = 0; i < columns; i++) row[i] = site.round(row[i]);
  }
}

/** db = round(Σ dy), sums over ascending (batch, y, x). */
export function biasGradient(dy: Matrix, dBias: Matrix, geometry: Geometry, site: SiteRounder): void {
  const plane = outPlane(geometry);
  for (let oc = 0; oc < geometry.outChannels; oc++) {
    let sum = 0;
    for (let b = 0; b < geometry.batch; b++) {
      const row = b * dy.stride + oc * plane;
      for (let i = row; i < row + plane; i++) sum = add(sum, dy.data[i]);
    }
    dBias.data[oc] = site.round(sum);
  }
}
