/**
 * Max-pooling of images (NCHW). The first of equal values in row-major order is the maximum, and a NaN beats every
 * number (aten/src/ATen/native/cpu/MaxPoolKernel.cpp).
 *
 * The maxima are exact and have no cast site. Neither has the gradient, as long as no two windows share an input;
 * where windows overlap, an input's gradient is the sum over the windows it is the maximum of, from +0 in f32, rows
 * and columns of the output ascending, and is rounded once.
 */
import maxPoolShader from '../../shaders/ops/maxpool2d.wgsl';
import type { GraphBuilder } from '../graph/builder';
import { tensorAt, type Kernel } from '../graph/kernel';
import { columnsOf, padded, rowsOf, type Tensor } from '../graph/tensor';
import { add } from '../numerics/f32';
import { operand } from './cast';
import {
  backwardGeometry,
  forwardGeometry,
  geometryWords,
  slide,
  windowAttributes,
  type Geometry,
  type PoolOptions,
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

/** dx = dy at the maximum of each window, +0 elsewhere, for windows that do not overlap. Constants: geometry. */
export const maxPool2dInputGradient: Kernel = {
  name: 'maxpool2d.input.grad',
  shader: maxPoolShader,
  entryPoint: 'input_gradient',
  uses: [],
  workgroupSize: 64,
  // One for each window, and for each place at the far edges where a window no longer fits.
  invocations: (call) => {
    const { batch, inChannels, inHeight, inWidth, stride } = backwardGeometry(call);
    return batch * inChannels * Math.ceil(inHeight / stride) * Math.ceil(inWidth / stride);
  },
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

/** dx = round(the sum of dy over the windows whose maximum an input is). Constants: geometry, site. */
export const maxPool2dSummedInputGradient: Kernel = {
  name: 'maxpool2d.input.grad.summed',
  shader: maxPoolShader,
  entryPoint: 'summed_input_gradient',
  uses: ['policy', 'records'],
  workgroupSize: 64,
  invocations: (call) => vectors(tensorAt(call.outputs, 0)),
  constants: (call) => [...geometryWords(backwardGeometry(call)), call.sites[0].id],
  reference: ({ inputs: [dy, x], outputs: [dx], rounders: [site] }, call) => {
    const g = backwardGeometry(call);
    dx.data.fill(0);
    for (let row = 0; row < dx.rows; row++) {
      const start = row * dx.stride;
      // Windows come in ascending order, so the terms of every sum do.
      forEachWindow(x.data, row * x.stride, g, (output, input) => {
        dx.data[start + input] = add(dx.data[start + input], dy.data[row * dy.stride + output]);
      });
      for (let i = start; i < start + dx.columns; i++) dx.data[i] = site.round(dx.data[i], i);
    }
  },
};

/**
 * Appends `MaxPool2d(kernel, stride)` for images [batch, channels, height, width]; the stride is the kernel's size
 * unless told.
 *
 * @throws {RangeError} naming the layer, when the window does not fit
 */
export function maxPool2d(builder: GraphBuilder, input: Tensor, options: PoolOptions): Tensor {
  const { name, kernel, stride = kernel } = options;
  const x = operand(builder, input, { layer: name, op: 'max_pool2d', passesType: true });
  const g = slide(name, x, { kernel, stride, padding: 0 });
  const y = builder.tensor(`${name}.output`, [g.batch, g.outChannels, g.outHeight, g.outWidth], {
    differentiable: x.differentiable,
  });
  y.site = x.site;
  const call = { label: name, attributes: windowAttributes(g) };
  builder.call(maxPool2dForward, { ...call, inputs: [x], outputs: [y], sites: [] });
  return builder.operation({
    inputs: [x],
    output: y,
    gradient: ({ outputGradient, wanted: [wanted] }) => {
      if (!wanted) return [null];
      const dx = builder.tensor(`${name}.input.grad`, x.shape);
      const operands = { ...call, inputs: [outputGradient, x], outputs: [dx] };
      if (stride >= kernel) {
        dx.site = outputGradient.site;
        builder.call(maxPool2dInputGradient, { ...operands, sites: [] });
      } else {
        const site = builder.site(dx.name, dx, {
          layer: name,
          role: 'activation gradient',
          op: 'max_pool2d',
          sources: [x.site],
        });
        builder.call(maxPool2dSummedInputGradient, { ...operands, sites: [site] });
      }
      return [dx];
    },
  });
}
