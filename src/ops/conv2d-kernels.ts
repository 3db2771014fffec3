/**
 * The kernels of the convolution. What the windows over the images see is written out as a matrix ("im2col"), which turns all sums into products of matrices; ops/conv2d.ts tells what they compute and in which
 * order. The geometry is in the attributes of the calls.
 */
import conv2dShader from '../../shaders/ops/conv2d.wgsl';
import unfoldShader from '../../shaders/ops/unfold.wgsl';
import type { Kernel, KernelCall, Matrix, ReferenceContext } from '../graph/kernel';
import { add } from '../numerics/f32';
import { roundElements } from './elementwise';
import { geometryWords, inPlane, outPlane, type Geometry } from './images';
import { accumulate, asStored, multiply, multiplyIn, transposed } from './matmul';
import { tileCount } from './tiles';

/** The attributes of a call. */
export const geometryAttributes = (geometry: Geometry): KernelCall['attributes'] => ({ ...geometry });

export const geometryOf = ({ attributes: a }: KernelCall): Geometry => ({
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

/** Four positions of one channel to an invocation. */
const unfoldInvocations = (batch: number, channels: number, plane: number): number =>
  batch * channels * Math.ceil(plane / 4);

/**
 * windows[(sample, channel, ky, kx), (oy, ox)] = what the window at (oy, ox) sees there, +0 outside the image.
 * Inputs: x. Outputs: windows. Constants: geometry.
 */
export const unfold: Kernel = {
  name: 'conv2d.unfold',
  shader: unfoldShader,
  entryPoint: 'unfold',
  uses: [],
  workgroupSize: 64,
  invocations: (call) => {
    const g = geometryOf(call);
    return unfoldInvocations(g.batch, g.inChannels, outPlane(g));
  },
  constants: (call) => geometryWords(geometryOf(call)),
  reference: ({ inputs: [x], outputs: [windows] }, call) => {
    const g = geometryOf(call);
    windows.data.fill(0);
    for (let sample = 0; sample < g.batch; sample++) {
      for (let channel = 0; channel < g.inChannels; channel++) {
        const from = sample * x.stride + channel * inPlane(g);
        const row = (sample * g.inChannels + channel) * windowSize(g);
        forEachMeeting(g, (tap, output, input) => {
          windows.data[(row + tap) * windows.stride + output] = x.data[from + input];
        });
      }
    }
  },
};

/**
 * windows[(sample, out, ky, kx), (iy, ix)] = the dy of the output that x at (iy, ix) met at this tap, +0 if none;
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
    const g = geometryOf(call);
    return unfoldInvocations(g.batch, g.outChannels, inPlane(g)) + g.inChannels * g.outChannels;
  },
  constants: (call) => geometryWords(geometryOf(call)),
  reference: ({ inputs: [dy, weight], outputs: [windows, byInput] }, call) => {
    const g = geometryOf(call);
    const size = windowSize(g);
    windows.data.fill(0);
    for (let sample = 0; sample < g.batch; sample++) {
      for (let out = 0; out < g.outChannels; out++) {
        const from = sample * dy.stride + out * outPlane(g);
        const row = (sample * g.outChannels + out) * size;
        forEachMeeting(g, (tap, output, input) => {
          windows.data[(row + tap) * windows.stride + input] = dy.data[from + output];
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

/** The same with fewer loads, for windows that move by one along rows of whole vec4s. */
export const unfoldMoving: Kernel = { ...unfold, name: 'conv2d.unfold.moving', entryPoint: 'unfold_moving' };
export const unfoldGradientMoving: Kernel = {
  ...unfoldGradient,
  name: 'conv2d.unfold.grad.moving',
  entryPoint: 'unfold_gradient_moving',
};

export const unfoldFor = ({ stride, outWidth }: Geometry): Kernel =>
  stride === 1 && outWidth % 4 === 0 ? unfoldMoving : unfold;

export const unfoldGradientFor = ({ stride, inWidth }: Geometry): Kernel =>
  stride === 1 && inWidth % 4 === 0 ? unfoldGradientMoving : unfoldGradient;

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

const product: Pick<Kernel, 'shader' | 'uses' | 'accumulates' | 'workgroupSize'> = {
  shader: conv2dShader,
  uses: ['policy', 'records'],
  accumulates: true,
  workgroupSize: 64,
};

const sizesOf = (sizes: (g: Geometry) => ProductSizes): Pick<Kernel, 'invocations' | 'constants'> => ({
  invocations: (call, _, variant) => {
    const { batch, channels, plane } = sizes(geometryOf(call));
    return batch * tileCount(plane, channels, variant);
  },
  constants: (call) => {
    const { batch, channels, plane, terms } = sizes(geometryOf(call));
    return [batch, channels, plane, terms, call.sites[0].id];
  },
});

/** images = weights · windows, sample by sample; `finish` turns each sum into what is stored. */
function multiplySamples(
  { inputs: [windows, weights], outputs: [images], accumulator }: ReferenceContext,
  { batch, channels, plane, terms }: ProductSizes,
  finish: (sum: number, channel: number, index: number) => number,
): void {
  for (let sample = 0; sample < batch; sample++) {
    const data = images.data.subarray(sample * images.stride, (sample + 1) * images.stride);
    const rows = { ...windows, data: windows.data.subarray(sample * terms * windows.stride) };
    const out = { data, rows: channels, columns: plane, stride: plane };
    const byPosition = { data, rows: plane, columns: channels, rowStride: 1, columnStride: plane };
    // The first operands are those of the windows, so that their products make the transpose.
    if (accumulator) accumulate(accumulator, transposed(rows), transposed(weights), terms, byPosition);
    else multiply(asStored(weights), asStored(rows), terms, out);
    const first = sample * images.stride;
    for (let i = 0; i < channels * plane; i++) data[i] = finish(data[i], Math.floor(i / plane), first + i);
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
  reference: (context, call) => {
    const [, , bias] = context.inputs;
    const [site] = context.rounders;
    multiplySamples(context, outputSizes(geometryOf(call)), (sum, channel, index) =>
      site.round(add(sum, bias.data[channel]), index),
    );
  },
};

/** y = round(x ∗ W). Inputs: windows of x, W. Constants as of `conv2dForward`. */
export const conv2dForwardUnbiased: Kernel = {
  ...product,
  name: 'conv2d.forward.unbiased',
  entryPoint: 'forward_unbiased',
  ...sizesOf(outputSizes),
  reference: (context, call) => {
    const [site] = context.rounders;
    multiplySamples(context, outputSizes(geometryOf(call)), (sum, _, index) => site.round(sum, index));
  },
};

/** dx = round(Σ dy · W). Inputs: windows of dy, W by input. Constants as of `conv2dForward`. */
export const conv2dInputGradient: Kernel = {
  ...product,
  name: 'conv2d.input.grad',
  entryPoint: 'forward_unbiased',
  ...sizesOf(inputSizes),
  reference: (context, call) => {
    const [site] = context.rounders;
    multiplySamples(context, inputSizes(geometryOf(call)), (sum, _, index) => site.round(sum, index));
  },
};

/** Sums are long and the weights few, so the workgroups are small. */
const gradient: Pick<Kernel, 'shader' | 'uses' | 'accumulates' | 'outputsShareBuffer' | 'workgroupSize'> = {
  shader: conv2dShader,
  uses: ['policy', 'records'],
  accumulates: true,
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
  invocations: (call, _, variant) => {
    const { channels, terms } = outputSizes(geometryOf(call));
    // Those after the tiles compute the bias gradient.
    return tileCount(channels, terms, variant) + Math.ceil(channels / 4);
  },
  constants: gradientWords,
  reference: (context, call) => {
    const sizes = outputSizes(geometryOf(call));
    const dBias = context.outputs[1];
    const biasSite = context.rounders[1];
    const byChannel = joinChannels(context.inputs[0], sizes);
    multiplyJoined(context, byChannel, sizes);
    for (let channel = 0; channel < byChannel.rows; channel++) {
      let sum = 0;
      const start = channel * byChannel.stride;
      for (let i = start; i < start + byChannel.columns; i++) sum = add(sum, byChannel.data[i]);
      dBias.data[channel] = biasSite.round(sum, channel);
    }
  },
};

/** dW alone. Inputs: dy, windows of x. Constants: batch, channels, positions of a channel, taps, site. */
export const conv2dWeightGradient: Kernel = {
  ...gradient,
  name: 'conv2d.weight.grad',
  entryPoint: 'weight_gradient',
  invocations: (call, _, variant) => {
    const { channels, terms } = outputSizes(geometryOf(call));
    return tileCount(channels, terms, variant);
  },
  constants: gradientWords,
  reference: (context, call) => {
    const sizes = outputSizes(geometryOf(call));
    multiplyJoined(context, joinChannels(context.inputs[0], sizes), sizes);
  },
};

/** A matrix with `rows` rows of batch · plane values, row by row those of all samples; `at` tells where they are. */
function join(
  { data }: Matrix,
  rows: number,
  { batch, plane }: ProductSizes,
  at: (sample: number, row: number) => number,
): Matrix {
  const columns = batch * plane;
  const joined = new Float32Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    for (let sample = 0; sample < batch; sample++) {
      const start = at(sample, row);
      joined.set(data.subarray(start, start + plane), row * columns + sample * plane);
    }
  }
  return { data: joined, rows, columns, stride: columns };
}

const joinChannels = (dy: Matrix, sizes: ProductSizes): Matrix =>
  join(dy, sizes.channels, sizes, (sample, channel) => sample * dy.stride + channel * sizes.plane);

/** dW = round(dy · transpose(windows)), where a row of either has the positions of all samples. */
function multiplyJoined(context: ReferenceContext, dy: Matrix, sizes: ProductSizes): void {
  const windows = context.inputs[1];
  const dWeight = context.outputs[0];
  const byTap = join(
    windows,
    sizes.terms,
    sizes,
    (sample, tap) => (sample * sizes.terms + tap) * windows.stride,
  );
  multiplyIn(context.accumulator, asStored(dy), transposed(byTap), dy.columns, dWeight);
  roundElements(dWeight, context.rounders[0]);
}
