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

const geometryOf = ({ attributes: a }: KernelCall): Geometry => ({
  batch: a.batch,
  inChannels: a.inChannels,
  inHeight: a.inHeight,
  inWidth: a.inWidth,
  outChannels: a.outChannels,
  outHeight: a.outHeight,
  outWidth: a.outWidth,
  kernel: a.kernel,
  stride: a.stride,
  padding: a.padding,
});

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

/** Sizes of a product of weights and windows: in each sample, channels by positions. */
interface ProductSizes {
  readonly batch: number;
  readonly channels: number;
  readonly plane: number;
  /** Terms of each sum. */
  readonly terms: number;
}

const outputSizes = (g: Geometry): ProductSizes => ({
  batch: g.batch,
  channels: g.outChannels,
  plane: outPlane(g),
  terms: g.inChannels * windowSize(g),
});

const inputSizes = (g: Geometry): ProductSizes => ({
  batch: g.batch,
  channels: g.inChannels,
  plane: inPlane(g),
  terms: g.outChannels * windowSize(g),
});

const product: Pick<Kernel, 'shader' | 'uses' | 'workgroupSize'> = {
  shader: conv2dShader,
  uses: ['formats', 'records'],
  workgroupSize: 64,
};

/** Each invocation computes four positions of four channels. */
const sizesOf = (sizes: (g: Geometry) => ProductSizes): Pick<Kernel, 'invocations' | 'constants'> => ({
  invocations: (call) => {
    const { batch, channels, plane } = sizes(geometryOf(call));
    return batch * Math.ceil(channels / 4) * Math.ceil(plane / 4);
  },
  constants: (call) => {
    const { batch, channels, plane, terms } = sizes(geometryOf(call));
    return [batch, channels, plane, terms, call.sites[0].id];
  },
});

/** images = weights · transpose(windows), sample by sample; `finish` turns each sum into what is stored. */
function multiplySamples(
  weights: Matrix,
  windows: Matrix,
  images: Matrix,
  { batch, channels, plane, terms }: ProductSizes,
  finish: (sum: number, channel: number) => number,
): void {
  for (let sample = 0; sample < batch; sample++) {
    const data = images.data.subarray(sample * images.stride, (sample + 1) * images.stride);
    const rows = { ...windows, data: windows.data.subarray(sample * plane * windows.stride) };
    const out = { data, rows: channels, columns: plane, stride: plane };
    multiply(asStored(weights), transposed(rows), terms, out);
    for (let i = 0; i < channels * plane; i++) data[i] = finish(data[i], Math.floor(i / plane));
  }
}

/**
 * y = round(x ∗ W + b). Inputs: windows of x, W, b. Constants: batch, channels, positions of a channel, terms of a
 * sum, site.
 */
export const conv2dForward: Kernel = {
  ...product,
  name: 'conv2d.forward',
  entryPoint: 'forward',
  ...sizesOf(outputSizes),
  reference: ({ inputs: [windows, weight, bias], outputs: [y], rounders: [site] }, call) => {
    multiplySamples(weight, windows, y, outputSizes(geometryOf(call)), (sum, channel) =>
      site.round(add(sum, bias.data[channel])),
    );
  },
};

/** y = round(x ∗ W). Inputs: windows of x, W. Constants as of `conv2dForward`. */
export const conv2dForwardUnbiased: Kernel = {
  ...product,
  name: 'conv2d.forward.unbiased',
  entryPoint: 'forward_unbiased',
  ...sizesOf(outputSizes),
  reference: ({ inputs: [windows, weight], outputs: [y], rounders: [site] }, call) => {
    multiplySamples(weight, windows, y, outputSizes(geometryOf(call)), (sum) => site.round(sum));
  },
};

/** dx = round(Σ dy · W). Inputs: windows of dy, W by input. Constants as of `conv2dForward`. */
export const conv2dInputGradient: Kernel = {
  ...product,
  name: 'conv2d.input.grad',
  entryPoint: 'forward_unbiased',
  ...sizesOf(inputSizes),
  reference: ({ inputs: [windows, byInput], outputs: [dx], rounders: [site] }, call) => {
    multiplySamples(byInput, windows, dx, inputSizes(geometryOf(call)), (sum) => site.round(sum));
  },
};

/** Each invocation computes four taps of four output channels; sums are long, so that workgroups are small. */
const gradient: Pick<Kernel, 'shader' | 'uses' | 'outputsShareBuffer' | 'workgroupSize'> = {
  shader: conv2dShader,
  uses: ['formats', 'records'],
  outputsShareBuffer: true,
  workgroupSize: 16,
};

const gradientWords = (call: KernelCall): number[] => {
  const { batch, channels, plane, terms } = outputSizes(geometryOf(call));
  return [batch, channels, plane, terms, ...call.sites.map(({ id }) => id)];
};

/**
 * dW = round(Σ dy · x), db = round(Σ dy), over samples and positions. Inputs: dy, windows of x. Constants: batch,
 * channels, positions of a channel, taps, weight site, bias site.
 */
export const conv2dParameterGradient: Kernel = {
  ...gradient,
  name: 'conv2d.parameter.grad',
  entryPoint: 'parameter_gradient',
  invocations: (call) => {
    const { channels, terms } = outputSizes(geometryOf(call));
    // One more block of taps computes the bias gradient.
    return Math.ceil(channels / 4) * (Math.ceil(terms / 4) + 1);
  },
  constants: gradientWords,
  reference: (
    { inputs: [dy, windows], outputs: [dWeight, dBias], rounders: [weightSite, biasSite] },
    call,
  ) => {
    const byChannel = gatherChannels(dy, geometryOf(call));
    multiply(asStored(byChannel), asStored(windows), byChannel.columns, dWeight);
    roundAll(dWeight, weightSite);
    for (let channel = 0; channel < byChannel.rows; channel++) {
      let sum = 0;
      const start = channel * byChannel.stride;
      for (let i = start; i < start + byChannel.columns; i++) sum = add(sum, byChannel.data[i]);
      dBias.data[channel] = biasSite.round(sum);
    }
  },
};

/** dW alone. Inputs: dy, windows of x. Constants: batch, channels, positions of a channel, taps, site. */
export const conv2dWeightGradient: Kernel = {
  ...gradient,
  name: 'conv2d.weight.grad',
  entryPoint: 'weight_gradient',
  invocations: (call) => {
    const { channels, terms } = outputSizes(geometryOf(call));
    return Math.ceil(channels / 4) * Math.ceil(terms / 4);
  },
  constants: gradientWords,
  reference: ({ inputs: [dy, windows], outputs: [dWeight], rounders: [site] }, call) => {
    const byChannel = gatherChannels(dy, geometryOf(call));
    multiply(asStored(byChannel), asStored(windows), byChannel.columns, dWeight);
    roundAll(dWeight, site);
  },
};

/** dy as a matrix with a row for each channel and a column for each (sample, position). */
function gatherChannels(dy: Matrix, { batch, outChannels, outHeight, outWidth }: Geometry): Matrix {
  const plane = outHeight * outWidth;
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
