/**
 * Convolution of images (cross-correlation, as every framework calls it): y[b][oc][oy][ox] = bias[oc] +
 * Σ x[b][ic][oy·stride + ky - padding][ox·stride + kx - padding] · W[oc][ic][ky][kx]. Images are NCHW; W is
 * [out channels, in channels, kernel, kernel], so a row of its matrix is one output channel.
 *
 * The order of every sum is fixed: from +0 in f32 over ascending (ic, ky, kx) forward, (oc, ky, kx) for the input
 * gradient, and (batch, y, x) for the parameter gradients; each product and each sum is rounded (numerics/f32.ts).
 * Terms outside the image are skipped, not added as zeros. The bias is added before the single rounding to the
 * site's format, as cuDNN's epilogue does under autocast.
 */
import conv2dShader from '../../shaders/ops/conv2d.wgsl';
import type { GraphBuilder } from '../graph/builder';
import { tensorAt, type Kernel, type KernelCall } from '../graph/kernel';
import type { Parameter, Tensor } from '../graph/tensor';
import { lowPrecisionInput } from './cast';
import { biasGradient, forward, inputGradient, weightGradient } from './conv2d-reference';
import {
  backwardGeometry,
  forwardGeometry,
  geometryOf,
  geometryWords,
  slide,
  windowAttributes,
  type Geometry,
} from './images';

const shared: Pick<Kernel, 'shader' | 'uses' | 'workgroupSize'> = {
  shader: conv2dShader,
  uses: ['formats', 'records'],
  workgroupSize: 64,
};

const blocks = (count: number, size: number): number => Math.ceil(count / size);

/** Each invocation computes 4 channels × 4 pixels of a row in each of 2 samples. */
const imageBlocks = (batch: number, channels: number, height: number, width: number): number =>
  blocks(batch, 2) * blocks(channels, 4) * height * blocks(width, 4);

const forwardKernel = (name: string, entryPoint: string): Kernel => ({
  ...shared,
  name,
  entryPoint,
  invocations: (call) => {
    const { batch, outChannels, outHeight, outWidth } = forwardGeometry(call);
    return imageBlocks(batch, outChannels, outHeight, outWidth);
  },
  constants: (call) => [...geometryWords(forwardGeometry(call)), call.sites[0].id],
  reference: ({ inputs: [x, weight, bias], outputs: [y], rounders: [site] }, call) =>
    forward(x, weight, bias, y, forwardGeometry(call), site),
});

/** y = round(x ∗ W + b). Constants: geometry, site. */
export const conv2dForward = forwardKernel('conv2d.forward', 'forward');
/** y = round(x ∗ W). Constants: geometry, site. */
export const conv2dForwardUnbiased = forwardKernel('conv2d.forward.unbiased', 'forward_unbiased');

/** dx = round(Σ dy · W). Constants: geometry, site. */
export const conv2dInputGradient: Kernel = {
  ...shared,
  name: 'conv2d.input.grad',
  entryPoint: 'input_gradient',
  invocations: (call) => {
    const { batch, inChannels, inHeight, inWidth } = backwardGeometry(call);
    return imageBlocks(batch, inChannels, inHeight, inWidth);
  },
  constants: (call) => [...geometryWords(backwardGeometry(call)), call.sites[0].id],
  reference: ({ inputs: [dy, weight], outputs: [dx], rounders: [site] }, call) =>
    inputGradient(dy, weight, dx, backwardGeometry(call), site),
};

const parameterGeometry = (call: KernelCall): Geometry =>
  geometryOf(call, tensorAt(call.inputs, 1), tensorAt(call.inputs, 0));

/** Each invocation computes 4 output channels × 4 columns of one row of the window. */
const weightBlocks = ({ outChannels, inChannels, kernel }: Geometry): number =>
  blocks(outChannels, 4) * inChannels * kernel * blocks(kernel, 4);

/** dW = round(Σ dy · x). Constants: geometry, site. */
export const conv2dWeightGradient: Kernel = {
  ...shared,
  name: 'conv2d.weight.grad',
  entryPoint: 'weight_gradient',
  invocations: (call) => weightBlocks(parameterGeometry(call)),
  constants: (call) => [...geometryWords(parameterGeometry(call)), call.sites[0].id],
  reference: ({ inputs: [dy, x], outputs: [dWeight], rounders: [site] }, call) =>
    weightGradient(dy, x, dWeight, parameterGeometry(call), site),
};

/** dW = round(Σ dy · x) and db = round(Σ dy). Constants: geometry, weight site, bias site. */
export const conv2dParameterGradient: Kernel = {
  ...shared,
  name: 'conv2d.parameter.grad',
  entryPoint: 'parameter_gradient',
  outputsShareBuffer: true,
  // The last invocations compute the bias gradient.
  invocations: (call) => {
    const geometry = parameterGeometry(call);
    return weightBlocks(geometry) + blocks(geometry.outChannels, 4);
  },
  constants: (call) => [
    ...geometryWords(parameterGeometry(call)),
    call.sites[0].id,
    call.sites[1].id,
  ],
  reference: ({ inputs: [dy, x], outputs: [dWeight, dBias], rounders: [weightSite, biasSite] }, call) => {
    const geometry = parameterGeometry(call);
    weightGradient(dy, x, dWeight, geometry, weightSite);
    biasGradient(dy, dBias, geometry, biasSite);
  },
};

export interface Conv2dOptions {
  readonly name: string;
  /** Output channels. */
  readonly out: number;
  /** Width and height of the window. */
  readonly kernel: number;
  /** 1 unless told. */
  readonly stride?: number;
  /** Rows and columns of positions around the image; 0 unless told. */
  readonly padding?: number;
  /** true unless told. */
  readonly bias?: boolean;
}

/**
 * Appends `Conv2d(in, out, kernel, stride, padding)`; initial values as PyTorch's default, U(-bound, bound) with
 * bound = 1/√(in · kernel²) for weight and bias.
 *
 * @param x images [batch, channels, height, width]
 * @returns images [batch, out, ⌊(height + 2·padding - kernel) / stride⌋ + 1, …]
 * @throws {RangeError} when the sizes are impossible
 */
export function conv2d(builder: GraphBuilder, x: Tensor, options: Conv2dOptions): Tensor {
  const { name, out, kernel, stride = 1, padding = 0, bias: biased = true } = options;
  const geometry = slide(name, x, { kernel, stride, padding }, out);
  const { batch, inChannels, outHeight, outWidth } = geometry;
  const input = lowPrecisionInput(builder, x, name);
  const bound = 1 / Math.sqrt(inChannels * kernel * kernel);
  const weight = builder.parameter(name, 'weight', [out, inChannels, kernel, kernel], bound, 'low');
  const parameters = biased ? [weight, builder.parameter(name, 'bias', [out], bound, 'low')] : [weight];
  const y = builder.tensor(`${name}.output`, [batch, out, outHeight, outWidth]);
  const site = builder.site(y.name, y, { layer: name, role: 'output', autocast: 'low', source: null });
  const attributes = windowAttributes(geometry);
  const inputs = [input, ...parameters.map(({ cast }) => cast)];
  builder.call(biased ? conv2dForward : conv2dForwardUnbiased, {
    label: name,
    inputs,
    outputs: [y],
    sites: [site],
    attributes,
  });
  return builder.operation({
    inputs,
    output: y,
    gradient: ({ outputGradient, wanted }) => {
      const gradient = { builder, name, input, outputGradient, attributes };
      const dx = wanted[0] ? appendInputGradient(gradient, weight) : null;
      return [dx, ...appendParameterGradients(gradient, parameters)];
    },
  });
}

interface Backward {
  readonly builder: GraphBuilder;
  readonly name: string;
  readonly input: Tensor;
  readonly outputGradient: Tensor;
  readonly attributes: KernelCall['attributes'];
}

function appendInputGradient(backward: Backward, weight: Parameter): Tensor {
  const { builder, name, input, outputGradient, attributes } = backward;
  const dx = builder.tensor(`${name}.input.grad`, input.shape);
  const site = builder.site(dx.name, dx, {
    layer: name,
    role: 'activation gradient',
    autocast: 'follow',
    source: input.site,
  });
  builder.call(conv2dInputGradient, {
    label: name,
    inputs: [outputGradient, weight.cast],
    outputs: [dx],
    sites: [site],
    attributes,
  });
  return dx;
}

function appendParameterGradients(backward: Backward, parameters: readonly Parameter[]): Tensor[] {
  const { builder, name, input, outputGradient, attributes } = backward;
  const gradients = parameters.map((parameter) => {
    const gradient = builder.tensor(`${parameter.name}.grad`, parameter.shape);
    builder.site(gradient.name, gradient, {
      layer: name,
      role: 'parameter gradient',
      autocast: 'follow',
      source: parameter.castSite,
    });
    return gradient;
  });
  builder.call(parameters.length === 2 ? conv2dParameterGradient : conv2dWeightGradient, {
    label: name,
    inputs: [outputGradient, input],
    outputs: gradients,
    sites: gradients.flatMap((gradient) => gradient.site ?? []),
    attributes,
  });
  return gradients;
}
