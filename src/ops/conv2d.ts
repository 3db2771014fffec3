/**
 * Two-dimensional convolution of NCHW images, as neural networks mean it (cross-correlation):
 * y[b, o, i, j] = Σ x[b, c, i·stride + ky - padding, j·stride + kx - padding] · W[o, c, ky, kx] + bias[o].
 *
 * Positions outside the image read as +0 and take part in the sums. Sums run in f32 from +0, each product and each
 * sum rounded (numerics/f32.ts), over c, ky, kx ascending, and the bias is added before the single rounding to the
 * site's format. dx sums over o, ky, kx ascending, dW over sample, row and column of the output ascending.
 *
 * The references write the windows out as a matrix ("im2col") and leave the sums to `multiply`.
 */
import conv2dShader from '../../shaders/ops/conv2d.wgsl';
import type { GraphBuilder } from '../graph/builder';
import { tensorAt, type Kernel, type KernelCall, type Matrix, type SiteRounder } from '../graph/kernel';
import type { Parameter, Tensor } from '../graph/tensor';
import { add } from '../numerics/f32';
import { lowPrecisionInput } from './cast';
import {
  backwardGeometry,
  forwardGeometry,
  geometryOf,
  geometryWords,
  inPlane,
  outPlane,
  slide,
  windowAttributes,
  type Geometry,
  type Window,
} from './images';
import { asStored, multiply, transposed } from './matmul';

/** Each invocation computes four positions of four channels. */
const positionBlocks = (batch: number, channels: number, plane: number): number =>
  batch * Math.ceil(channels / 4) * Math.ceil(plane / 4);

const taps = ({ inChannels, kernel }: Geometry): number => inChannels * kernel * kernel;

const siteWords = (call: KernelCall): number[] => [call.sites[0].id, call.sites[1]?.id ?? 0];

/** y = round(x ∗ W + b). Constants: geometry, site, and 0. */
export const conv2dForward: Kernel = {
  name: 'conv2d.forward',
  shader: conv2dShader,
  entryPoint: 'forward',
  uses: ['formats', 'records'],
  workgroupSize: 64,
  invocations: (call) => {
    const g = forwardGeometry(call);
    return positionBlocks(g.batch, g.outChannels, outPlane(g));
  },
  constants: (call) => [...geometryWords(forwardGeometry(call)), ...siteWords(call)],
  reference: ({ inputs: [x, weight, bias], outputs: [y], rounders: [site] }, call) => {
    const g = forwardGeometry(call);
    const plane = outPlane(g);
    const windows = matrix(taps(g), plane);
    for (let sample = 0; sample < g.batch; sample++) {
      const out = images(y, sample, g.outChannels, plane);
      unfold(sampleOf(x, sample), g, windows, 0);
      multiply(asStored(weight), asStored(windows), taps(g), out);
      for (let channel = 0; channel < g.outChannels; channel++) {
        for (let i = channel * plane; i < (channel + 1) * plane; i++) {
          out.data[i] = site.round(add(out.data[i], bias.data[channel]));
        }
      }
    }
  },
};

/** dx = round(the sum of dy · W over all places where an input was used). Constants: geometry, site, and 0. */
export const conv2dInputGradient: Kernel = {
  name: 'conv2d.input.grad',
  shader: conv2dShader,
  entryPoint: 'input_gradient',
  uses: ['formats', 'records'],
  workgroupSize: 64,
  invocations: (call) => {
    const g = backwardGeometry(call);
    return positionBlocks(g.batch, g.inChannels, inPlane(g));
  },
  constants: (call) => [...geometryWords(backwardGeometry(call)), ...siteWords(call)],
  reference: ({ inputs: [dy, weight], outputs: [dx], rounders: [site] }, call) => {
    const g = backwardGeometry(call);
    const plane = inPlane(g);
    const terms = g.outChannels * g.kernel * g.kernel;
    const byInput = weightByInput(weight, g);
    const meetings = matrix(terms, plane);
    for (let sample = 0; sample < g.batch; sample++) {
      const out = images(dx, sample, g.inChannels, plane);
      unfoldGradient(sampleOf(dy, sample), g, meetings);
      multiply(asStored(byInput), asStored(meetings), terms, out);
      for (let i = 0; i < g.inChannels * plane; i++) out.data[i] = site.round(out.data[i]);
    }
  },
};

/**
 * dW = round(Σ dy · x over samples and positions), db = round(Σ dy). Constants: geometry, weight site, bias site.
 */
export const conv2dParameterGradient: Kernel = {
  name: 'conv2d.parameter.grad',
  shader: conv2dShader,
  entryPoint: 'parameter_gradient',
  uses: ['formats', 'records'],
  outputsShareBuffer: true,
  // There are few weights and long sums: small workgroups spread them over more cores.
  workgroupSize: 16,
  invocations: (call) => {
    const g = parameterGeometry(call);
    // The additional column of blocks computes the bias gradient.
    return Math.ceil(g.outChannels / 4) * (Math.ceil(taps(g) / 4) + 1);
  },
  constants: (call) => [...geometryWords(parameterGeometry(call)), ...siteWords(call)],
  reference: ({ inputs: [dy, x], outputs: [dWeight, dBias], rounders: [weightSite, biasSite] }, call) => {
    const g = parameterGeometry(call);
    const plane = outPlane(g);
    const windows = matrix(taps(g), g.batch * plane);
    const gradients = matrix(g.outChannels, g.batch * plane);
    for (let sample = 0; sample < g.batch; sample++) {
      unfold(sampleOf(x, sample), g, windows, sample * plane);
      const { data } = images(dy, sample, g.outChannels, plane);
      for (let channel = 0; channel < g.outChannels; channel++) {
        const from = data.subarray(channel * plane, (channel + 1) * plane);
        gradients.data.set(from, channel * gradients.stride + sample * plane);
      }
    }
    multiply(asStored(gradients), transposed(windows), g.batch * plane, dWeight);
    roundAll(dWeight, weightSite);
    for (let channel = 0; channel < g.outChannels; channel++) {
      let sum = 0;
      for (let i = 0; i < g.batch * plane; i++)
        sum = add(sum, gradients.data[channel * gradients.stride + i]);
      dBias.data[channel] = biasSite.round(sum);
    }
  },
};

const parameterGeometry = (call: KernelCall): Geometry =>
  geometryOf(call, tensorAt(call.inputs, 1), tensorAt(call.inputs, 0));

const matrix = (rows: number, columns: number): Matrix => ({
  data: new Float32Array(rows * columns),
  rows,
  columns,
  stride: columns,
});

const sampleOf = ({ data, stride }: Matrix, sample: number): Float32Array =>
  data.subarray(sample * stride, (sample + 1) * stride);

/** The channels of one sample as the rows of a matrix. */
const images = (x: Matrix, sample: number, channels: number, plane: number): Matrix => ({
  data: sampleOf(x, sample),
  rows: channels,
  columns: plane,
  stride: plane,
});

function roundAll({ data, rows, columns, stride }: Matrix, site: SiteRounder): void {
  for (let row = 0; row < rows; row++) {
    for (let i = row * stride; i < row * stride + columns; i++) data[i] = site.round(data[i]);
  }
}

/** Writes what each tap (row) sees at each output position (column, from `first` on); +0 outside the image. */
function unfold(x: Float32Array, g: Geometry, windows: Matrix, first: number): void {
  const { kernel, stride, padding } = g;
  let row = first;
  for (let channel = 0; channel < g.inChannels; channel++) {
    for (let ky = 0; ky < kernel; ky++) {
      for (let kx = 0; kx < kernel; kx++, row += windows.stride) {
        for (let oy = 0; oy < g.outHeight; oy++) {
          const iy = oy * stride + ky - padding;
          if (iy < 0 || iy >= g.inHeight) continue;
          const line = (channel * g.inHeight + iy) * g.inWidth;
          for (let ox = 0; ox < g.outWidth; ox++) {
            const ix = ox * stride + kx - padding;
            if (ix >= 0 && ix < g.inWidth) windows.data[row + oy * g.outWidth + ox] = x[line + ix];
          }
        }
      }
    }
  }
}

/** Writes the output gradient that each input position (column) met at each output channel and tap (row). */
function unfoldGradient(dy: Float32Array, g: Geometry, meetings: Matrix): void {
  const { kernel, stride, padding } = g;
  let row = 0;
  for (let channel = 0; channel < g.outChannels; channel++) {
    for (let ky = 0; ky < kernel; ky++) {
      for (let kx = 0; kx < kernel; kx++, row += meetings.stride) {
        for (let oy = 0; oy < g.outHeight; oy++) {
          const iy = oy * stride + ky - padding;
          if (iy < 0 || iy >= g.inHeight) continue;
          const line = (channel * g.outHeight + oy) * g.outWidth;
          for (let ox = 0; ox < g.outWidth; ox++) {
            const ix = ox * stride + kx - padding;
            if (ix >= 0 && ix < g.inWidth) meetings.data[row + iy * g.inWidth + ix] = dy[line + ox];
          }
        }
      }
    }
  }
}

/** W[o, c, ky, kx] as a matrix with a row for each c and the columns o, ky, kx. */
function weightByInput(weight: Matrix, g: Geometry): Matrix {
  const window = g.kernel * g.kernel;
  const byInput = matrix(g.inChannels, g.outChannels * window);
  for (let out = 0; out < g.outChannels; out++) {
    for (let channel = 0; channel < g.inChannels; channel++) {
      const start = out * weight.stride + channel * window;
      const row = weight.data.subarray(start, start + window);
      byInput.data.set(row, channel * byInput.stride + out * window);
    }
  }
  return byInput;
}

export interface Conv2dOptions extends Partial<Pick<Window, 'stride' | 'padding'>> {
  readonly name: string;
  /** Output channels. */
  readonly out: number;
  /** Width and height of the window. */
  readonly kernel: number;
}

/**
 * Appends `Conv2d(in, out, kernel, stride, padding)` for images [batch, channels, height, width]; initial values as
 * PyTorch's default, U(-1/√fan, 1/√fan) with fan = in · kernel² for weight and bias.
 *
 * @throws {RangeError} naming the layer, when sizes are impossible
 */
export function conv2d(builder: GraphBuilder, x: Tensor, options: Conv2dOptions): Tensor {
  const { name, out, kernel, stride = 1, padding = 0 } = options;
  const g = slide(name, x, { kernel, stride, padding }, out);
  const input = lowPrecisionInput(builder, x, name);
  const bound = 1 / Math.sqrt(taps(g));
  const weight = builder.parameter(name, 'weight', [out, g.inChannels, kernel, kernel], bound, 'low');
  const bias = builder.parameter(name, 'bias', [out], bound, 'low');
  const y = builder.tensor(`${name}.output`, [g.batch, out, g.outHeight, g.outWidth]);
  const site = builder.site(y.name, y, { layer: name, role: 'output', autocast: 'low', source: null });
  const attributes = windowAttributes(g);
  const inputs = [input, weight.cast, bias.cast];
  builder.call(conv2dForward, { label: name, inputs, outputs: [y], attributes, sites: [site] });
  return builder.operation({
    inputs,
    output: y,
    gradient: ({ outputGradient, wanted }) => [
      wanted[0] ? inputGradient(builder, name, input, weight, outputGradient, attributes) : null,
      ...parameterGradients(builder, name, input, [weight, bias], outputGradient, attributes),
    ],
  });
}

function inputGradient(
  builder: GraphBuilder,
  layer: string,
  input: Tensor,
  weight: Parameter,
  dy: Tensor,
  attributes: KernelCall['attributes'],
): Tensor {
  const dx = builder.tensor(`${layer}.input.grad`, input.shape);
  const site = builder.site(dx.name, dx, {
    layer,
    role: 'activation gradient',
    autocast: 'follow',
    source: input.site,
  });
  const inputs = [dy, weight.cast];
  builder.call(conv2dInputGradient, { label: layer, inputs, outputs: [dx], attributes, sites: [site] });
  return dx;
}

function parameterGradients(
  builder: GraphBuilder,
  layer: string,
  input: Tensor,
  parameters: readonly Parameter[],
  dy: Tensor,
  attributes: KernelCall['attributes'],
): readonly Tensor[] {
  const gradients = parameters.map(({ name, shape }) => builder.tensor(`${name}.grad`, shape));
  const sites = gradients.map((gradient, i) =>
    builder.site(gradient.name, gradient, {
      layer,
      role: 'parameter gradient',
      autocast: 'follow',
      source: parameters[i].castSite,
    }),
  );
  const inputs = [dy, input];
  builder.call(conv2dParameterGradient, { label: layer, inputs, outputs: gradients, attributes, sites });
  return gradients;
}
