/**
 * The kernels of the convolution. What the windows over the images see is written out as the rows of a matrix
 * ("im2col"), which turns all sums into products of matrices; ops/conv2d.ts tells what they compute and in which
 * order. The geometry is in the attributes of the calls.
 */
import conv2dShader from '../../shaders/ops/conv2d.wgsl';
import unfoldShader from '../../shaders/ops/unfold.wgsl';
import { tensorAt, type Kernel, type KernelCall, type Matrix, type SiteRounder } from '../graph/kernel';
import { rowsOf } from '../graph/tensor';
import { add } from '../numerics/f32';
import { geometryWords, inPlane, outPlane, type Geometry } from './images';
import { asStored, multiply, transposed } from './matmul';

/** The attributes of a call. */
export const geometryAttributes = (geometry: Geometry): KernelCall['attributes'] => ({ ...geometry });

function geometryOf({ attributes: a }: KernelCall): Geometry {
  const { batch, inChannels, inHeight, inWidth, outChannels, outHeight, outWidth } = a;
  const { kernel, stride, padding } = a;
  return {
    ...{ batch, inChannels, inHeight, inWidth, outChannels, outHeight, outWidth },
    ...{ kernel, stride, padding },
  };
}

const windowSize = ({ kernel }: Geometry): number => kernel * kernel;

/** Calls `visit` with every tap, output and input position that meet in one channel of one sample. */
function forEachMeeting(g: Geometry, visit: (tap: number, output: number, input: number) => void): void {
  for (let ky = 0; ky < g.kernel; ky++) {
    for (let kx = 0; kx < g.kernel; kx++) {
      for (let oy = 0; oy < g.outHeight; oy++) {
        const iy = oy * g.stride + ky - g.padding;
        if (iy < 0 || iy >= g.inHeight) continue;
        for (let ox = 0; ox < g.outWidth; ox++) {
          const ix = ox * g.stride + kx - g.padding;
          if (ix < 0 || ix >= g.inWidth) continue;
          visit(ky * g.kernel + kx, oy * g.outWidth + ox, iy * g.inWidth + ix);
        }
      }
    }
  }
}

/**
 * windows[(sample, oy, ox), (channel, ky, kx)] = what the window at (oy, ox) sees there, +0 outside the image.
 * Inputs: x. Outputs: windows. Constants: geometry.
 */
export const unfold: Kernel = {
  name: 'conv2d.unfold',
  shader: unfoldShader,
  entryPoint: 'unfold',
  uses: [],
  workgroupSize: 64,
  invocations: (call) => rowsOf(tensorAt(call.outputs, 0)),
  constants: (call) => geometryWords(geometryOf(call)),
  reference: ({ inputs: [x], outputs: [windows] }, call) => {
    const g = geometryOf(call);
    windows.data.fill(0);
    for (let sample = 0; sample < g.batch; sample++) {
      const first = sample * outPlane(g) * windows.stride;
      for (let channel = 0; channel < g.inChannels; channel++) {
        const from = sample * x.stride + channel * inPlane(g);
        const column = channel * windowSize(g);
        forEachMeeting(g, (tap, output, input) => {
          windows.data[first + output * windows.stride + column + tap] = x.data[from + input];
        });
      }
    }
  },
};

/**
 * windows[(sample, iy, ix), (out, ky, kx)] = the dy of the output that x at (iy, ix) met at this tap, +0 if none;
 * byInput[channel, (out, ky, kx)] = W[out, channel, ky, kx].
 * Inputs: dy, weight. Outputs: windows, byInput. Constants: geometry.
 */
export const unfoldGradient: Kernel = {
  name: 'conv2d.unfold.grad',
  shader: unfoldShader,
  entryPoint: 'unfold_gradient',
  uses: [],
  workgroupSize: 64,
  invocations: (call) => {
    const { inChannels, outChannels } = geometryOf(call);
    return rowsOf(tensorAt(call.outputs, 0)) + inChannels * outChannels;
  },
  constants: (call) => geometryWords(geometryOf(call)),
  reference: ({ inputs: [dy, weight], outputs: [windows, byInput] }, call) => {
    const g = geometryOf(call);
    const size = windowSize(g);
    windows.data.fill(0);
    for (let sample = 0; sample < g.batch; sample++) {
      const first = sample * inPlane(g) * windows.stride;
      for (let out = 0; out < g.outChannels; out++) {
        const from = sample * dy.stride + out * outPlane(g);
        forEachMeeting(g, (tap, output, input) => {
          windows.data[first + input * windows.stride + out * size + tap] = dy.data[from + output];
        });
      }
    }
    for (let out = 0; out < g.outChannels; out++) {
      for (let channel = 0; channel < g.inChannels; channel++) {
        const start = out * weight.stride + channel * size;
        byInput.data.set(weight.data.subarray(start, start + size), channel * byInput.stride + out * size);
      }
    }
  },
};

/** Each invocation computes four positions of four channels. */
const positionBlocks = (batch: number, channels: number, plane: number): number =>
  batch * Math.ceil(channels / 4) * Math.ceil(plane / 4);

const taps = ({ inChannels, kernel }: Geometry): number => inChannels * kernel * kernel;

/**
 * y = round(x ∗ W + b). Inputs: windows of x, W, b. Constants: batch, channels, positions of a channel, terms of a
 * sum, site.
 */
export const conv2dForward: Kernel = {
  name: 'conv2d.forward',
  shader: conv2dShader,
  entryPoint: 'forward',
  uses: ['formats', 'records'],
  workgroupSize: 64,
  invocations: (call) => {
    const g = geometryOf(call);
    return positionBlocks(g.batch, g.outChannels, outPlane(g));
  },
  constants: (call) => {
    const g = geometryOf(call);
    return [g.batch, g.outChannels, outPlane(g), taps(g), call.sites[0].id];
  },
  reference: ({ inputs: [windows, weight, bias], outputs: [y], rounders: [site] }, call) => {
    const g = geometryOf(call);
    for (let sample = 0; sample < g.batch; sample++) {
      const out = channelsOf(y, sample, outPlane(g), g.outChannels);
      multiply(asStored(weight), transposed(rowsFrom(windows, sample * outPlane(g))), taps(g), out);
      for (let channel = 0; channel < out.rows; channel++) {
        for (let i = channel * out.stride; i < channel * out.stride + out.columns; i++) {
          out.data[i] = site.round(add(out.data[i], bias.data[channel]));
        }
      }
    }
  },
};

/** dx = round(Σ dy · W). Inputs: windows of dy, W by input. Constants as of `conv2dForward`. */
export const conv2dInputGradient: Kernel = {
  name: 'conv2d.input.grad',
  shader: conv2dShader,
  entryPoint: 'input_gradient',
  uses: ['formats', 'records'],
  workgroupSize: 64,
  invocations: (call) => {
    const g = geometryOf(call);
    return positionBlocks(g.batch, g.inChannels, inPlane(g));
  },
  constants: (call) => {
    const g = geometryOf(call);
    return [g.batch, g.inChannels, inPlane(g), g.outChannels * windowSize(g), call.sites[0].id];
  },
  reference: ({ inputs: [windows, byInput], outputs: [dx], rounders: [site] }, call) => {
    const g = geometryOf(call);
    const terms = g.outChannels * windowSize(g);
    for (let sample = 0; sample < g.batch; sample++) {
      const out = channelsOf(dx, sample, inPlane(g), g.inChannels);
      multiply(asStored(byInput), transposed(rowsFrom(windows, sample * inPlane(g))), terms, out);
      roundAll(out, site);
    }
  },
};

/**
 * dW = round(Σ dy · x), db = round(Σ dy), over samples and positions. Inputs: dy, windows of x. Constants: batch,
 * channels, positions of a channel, taps, weight site, bias site.
 */
export const conv2dParameterGradient: Kernel = {
  name: 'conv2d.parameter.grad',
  shader: conv2dShader,
  entryPoint: 'parameter_gradient',
  uses: ['formats', 'records'],
  outputsShareBuffer: true,
  workgroupSize: 16,
  invocations: (call) => {
    const g = geometryOf(call);
    // One more block of taps computes the bias gradient.
    return Math.ceil(g.outChannels / 4) * (Math.ceil(taps(g) / 4) + 1);
  },
  constants: (call) => {
    const g = geometryOf(call);
    const [weightSite, biasSite] = call.sites;
    return [g.batch, g.outChannels, outPlane(g), taps(g), weightSite.id, biasSite.id];
  },
  reference: (
    { inputs: [dy, windows], outputs: [dWeight, dBias], rounders: [weightSite, biasSite] },
    call,
  ) => {
    const g = geometryOf(call);
    const byChannel = gatherChannels(dy, g);
    multiply(asStored(byChannel), asStored(windows), byChannel.columns, dWeight);
    roundAll(dWeight, weightSite);
    for (let channel = 0; channel < g.outChannels; channel++) {
      let sum = 0;
      const start = channel * byChannel.stride;
      for (let i = start; i < start + byChannel.columns; i++) sum = add(sum, byChannel.data[i]);
      dBias.data[channel] = biasSite.round(sum);
    }
  },
};

/** The channels of one sample as the rows of a matrix. */
const channelsOf = (x: Matrix, sample: number, plane: number, channels: number): Matrix => ({
  data: x.data.subarray(sample * x.stride, (sample + 1) * x.stride),
  rows: channels,
  columns: plane,
  stride: plane,
});

const rowsFrom = (matrix: Matrix, first: number): Matrix => ({
  ...matrix,
  data: matrix.data.subarray(first * matrix.stride),
  rows: matrix.rows - first,
});

/** dy as a matrix with a row for each channel and a column for each (sample, position). */
function gatherChannels(dy: Matrix, { batch, outChannels, ...g }: Geometry): Matrix {
  const plane = g.outHeight * g.outWidth;
  const columns = batch * plane;
  const data = new Float32Array(outChannels * columns);
  for (let sample = 0; sample < batch; sample++) {
    for (let channel = 0; channel < outChannels; channel++) {
      const start = sample * dy.stride + channel * plane;
      data.set(dy.data.subarray(start, start + plane), channel * columns + sample * plane);
    }
  }
  return { data, rows: outChannels, columns, stride: columns };
}

function roundAll({ data, rows, columns, stride }: Matrix, site: SiteRounder): void {
  for (let row = 0; row < rows; row++) {
    for (let i = row * stride; i < row * stride + columns; i++) data[i] = site.round(data[i]);
  }
}
