/**
 * Max-pooling of images (NCHW) with windows that do not overlap. Exact: no value is rounded, so it has no cast site.
 * The first of equal values in row-major order is the maximum, and a NaN beats every number
 * (aten/src/ATen/native/cpu/MaxPoolKernel.cpp).
 */
import maxPoolShader from '../../shaders/ops/maxpool2d.wgsl';
import type { GraphBuilder } from '../graph/builder';
import { tensorAt, type Kernel } from '../graph/kernel';
import { columnsOf, padded, rowsOf, type Tensor } from '../graph/tensor';
import {
  backwardGeometry,
  forwardGeometry,
  geometryWords,
  slide,
  windowAttributes,
  type Geometry,
} from './images';

/** One vec4 of a row to an invocation. */
const vectors = (tensor: Tensor): number => (rowsOf(tensor) * padded(columnsOf(tensor))) / 4;

/** Offset within a sample of the largest value in the window of output (channel, oy, ox). */
function largest(
  data: Float32Array,
  sample: number,
  g: Geometry,
  channel: number,
  oy: number,
  ox: number,
): number {
  const at = (dy: number, dx: number): number =>
    (channel * g.inHeight + oy * g.stride + dy) * g.inWidth + ox * g.stride + dx;
  let best = at(0, 0);
  for (let dy = 0; dy < g.kernel; dy++) {
    for (let dx = 0; dx < g.kernel; dx++) {
      const value = data[sample + at(dy, dx)];
      if (value > data[sample + best] || Number.isNaN(value)) best = at(dy, dx);
    }
  }
  return best;
}

/** Calls `visit` with each output of a sample and the input that is its maximum, both as offsets in their samples. */
function forEachWindow(
  data: Float32Array,
  sample: number,
  g: Geometry,
  visit: (output: number, input: number) => void,
): void {
  let output = 0;
  for (let channel = 0; channel < g.outChannels; channel++) {
    for (let oy = 0; oy < g.outHeight; oy++) {
      for (let ox = 0; ox < g.outWidth; ox++) visit(output++, largest(data, sample, g, channel, oy, ox));
    }
  }
}

/** y = the maximum of each window. Constants: geometry. */
export const maxPool2dForward: Kernel = {
  name: 'maxpool2d.forward',
  shader: maxPoolShader,
  entryPoint: 'forward',
  uses: [],
  workgroupSize: 64,
  invocations: (call) => vectors(tensorAt(call.outputs, 0)),
  constants: (call) => geometryWords(forwardGeometry(call)),
  reference: ({ inputs: [x], outputs: [y] }, call) => {
    const g = forwardGeometry(call);
    for (let row = 0; row < y.rows; row++) {
      forEachWindow(x.data, row * x.stride, g, (output, input) => {
        y.data[row * y.stride + output] = x.data[row * x.stride + input];
      });
    }
  },
};

/** dx = dy at the maximum of each window, +0 elsewhere. Constants: geometry. */
export const maxPool2dInputGradient: Kernel = {
  name: 'maxpool2d.input.grad',
  shader: maxPoolShader,
  entryPoint: 'input_gradient',
  uses: [],
  workgroupSize: 64,
  invocations: (call) => vectors(tensorAt(call.outputs, 0)),
  constants: (call) => geometryWords(backwardGeometry(call)),
  reference: ({ inputs: [dy, x], outputs: [dx] }, call) => {
    const g = backwardGeometry(call);
    dx.data.fill(0);
    for (let row = 0; row < dx.rows; row++) {
      forEachWindow(x.data, row * x.stride, g, (output, input) => {
        dx.data[row * dx.stride + input] = dy.data[row * dy.stride + output];
      });
    }
  },
};

/**
 * Appends `MaxPool2d(kernel)` for images [batch, channels, height, width].
 *
 * @throws {RangeError} naming the layer, when the window does not fit
 */
export function maxPool2d(
  builder: GraphBuilder,
  x: Tensor,
  options: { readonly name: string; readonly kernel: number },
): Tensor {
  const { name, kernel } = options;
  const g = slide(name, x, { kernel, stride: kernel, padding: 0 });
  const attributes = windowAttributes(g);
  const y = builder.tensor(`${name}.output`, [g.batch, g.outChannels, g.outHeight, g.outWidth], {
    differentiable: x.differentiable,
  });
  y.site = x.site;
  builder.call(maxPool2dForward, { label: name, inputs: [x], outputs: [y], attributes, sites: [] });
  return builder.operation({
    inputs: [x],
    output: y,
    gradient: ({ outputGradient, wanted: [wanted] }) => {
      if (!wanted) return [null];
      const dx = builder.tensor(`${name}.input.grad`, x.shape);
      dx.site = outputGradient.site;
      const inputs = [outputGradient, x];
      builder.call(maxPool2dInputGradient, { label: name, inputs, outputs: [dx], attributes, sites: [] });
      return [dx];
    },
  });
}
