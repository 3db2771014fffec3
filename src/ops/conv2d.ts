/**
 * Two-dimensional convolution of NCHW images, as neural networks mean it (cross-correlation):
 * y[b, o, i, j] = Σ x[b, c, i·stride + ky - padding, j·stride + kx - padding] · W[o, c, ky, kx] + bias[o].
 *
 * Positions outside the image read as +0 and take part in the sums. Sums run in f32 from +0, each product and each
 * sum rounded (numerics/f32.ts), over c, ky, kx ascending, and the bias is added before the single rounding to the
 * site's format. dx sums over o, ky, kx ascending, dW and dbias over sample, row and column of the output ascending.
 */
import type { GraphBuilder } from '../graph/builder';
import type { Parameter, Tensor } from '../graph/tensor';
import { operand } from './cast';
import {
  conv2dForward,
  conv2dForwardUnbiased,
  conv2dInputGradient,
  conv2dParameterGradient,
  conv2dWeightGradient,
  geometryAttributes,
  unfoldFor,
  unfoldGradientFor,
} from './conv2d-kernels';
import { inPlane, outPlane, slide, type Geometry, type Window } from './images';
import { layerParameters, parameterGradients, type ParameterOptions } from './parameters';

export interface Conv2dOptions extends ParameterOptions, Partial<Pick<Window, 'stride' | 'padding'>> {
  /** Output channels. */
  readonly out: number;
  /** Width and height of the window. */
  readonly kernel: number;
}

/**
 * Appends `Conv2d(in, out, kernel, stride, padding)` for images [batch, channels, height, width].
 *
 * @throws {RangeError} naming the layer, when sizes are impossible
 */
export function conv2d(builder: GraphBuilder, x: Tensor, options: Conv2dOptions): Tensor {
  const { name, out, kernel, stride = 1, padding = 0, bias: biased = true } = options;
  const g = slide(name, x, { kernel, stride, padding }, out);
  const input = operand(builder, x, { layer: name, op: 'conv2d', roundsBatch: true });
  const fan = g.inChannels * kernel * kernel;
  const parameters = layerParameters(builder, options, {
    shape: [out, g.inChannels, kernel, kernel],
    fans: { fanIn: fan, fanOut: out * kernel * kernel },
    op: 'conv2d',
  });
  const [weight] = parameters;
  const casts = parameters.map(({ cast }) => cast);
  const windows = builder.tensor(`${name}.windows`, [g.batch * fan, outPlane(g)], { differentiable: false });
  // Written out again, the values are what they were.
  windows.site = input.site;
  const y = builder.tensor(`${name}.output`, [g.batch, out, g.outHeight, g.outWidth]);
  const site = builder.site(y.name, y, { layer: name, role: 'output', op: 'conv2d', sources: [input.site] });
  const call = { label: name, attributes: geometryAttributes(g) };
  builder.call(unfoldFor(g), { ...call, inputs: [input], outputs: [windows], sites: [] });
  const product = biased ? conv2dForward : conv2dForwardUnbiased;
  builder.call(product, { ...call, inputs: [windows, ...casts], outputs: [y], sites: [site] });
  return builder.operation({
    inputs: [input, ...casts],
    output: y,
    gradient: ({ outputGradient, wanted }) => [
      wanted[0] ? inputGradient(builder, name, g, { input, weight, dy: outputGradient }) : null,
      ...productGradients(builder, name, g, { windows, parameters, dy: outputGradient }),
    ],
  });
}

function inputGradient(
  builder: GraphBuilder,
  layer: string,
  g: Geometry,
  { input, weight, dy }: { input: Tensor; weight: Parameter; dy: Tensor },
): Tensor {
  const terms = g.outChannels * g.kernel * g.kernel;
  const windows = builder.tensor(`${layer}.output.grad.windows`, [g.batch * terms, inPlane(g)]);
  const byInput = builder.tensor(`${layer}.weight.byInput`, [g.inChannels, terms]);
  windows.site = dy.site;
  byInput.site = weight.castSite;
  const dx = builder.tensor(`${layer}.input.grad`, input.shape);
  const site = builder.site(dx.name, dx, {
    layer,
    role: 'activation gradient',
    op: 'conv2d',
    sources: [input.site],
  });
  const call = { label: layer, attributes: geometryAttributes(g) };
  builder.call(unfoldGradientFor(g), {
    ...call,
    inputs: [dy, weight.cast],
    outputs: [windows, byInput],
    sites: [],
  });
  builder.call(conv2dInputGradient, { ...call, inputs: [windows, byInput], outputs: [dx], sites: [site] });
  return dx;
}

function productGradients(
  builder: GraphBuilder,
  layer: string,
  g: Geometry,
  { windows, parameters, dy }: { windows: Tensor; parameters: readonly Parameter[]; dy: Tensor },
): readonly Tensor[] {
  const gradients = parameterGradients(builder, parameters, { layer, op: 'conv2d' });
  builder.call(gradients.length === 2 ? conv2dParameterGradient : conv2dWeightGradient, {
    label: layer,
    inputs: [dy, windows],
    outputs: gradients,
    attributes: geometryAttributes(g),
    sites: gradients.flatMap(({ site }) => site ?? []),
  });
  return gradients;
}
