/**
 * Average-pooling of images (NCHW) without padding. The sum of a window runs over its rows and columns ascending,
 * from +0 in f32, is divided by the number of its elements, and is rounded once. autocast lists no pooling, so it
 * runs in the type of its input (aten/src/ATen/autocast_mode.h).
 */
import averagePoolShader from '../../shaders/ops/average_pool2d.wgsl';
import type { GraphBuilder } from '../graph/builder';
import { tensorAt, type Kernel } from '../graph/kernel';
import { columnsOf, padded, rowsOf, type Tensor } from '../graph/tensor';
import { add, div } from '../numerics/f32';
import { operand } from './cast';
import {
  backwardGeometry,
  forwardGeometry,
  geometryWords,
  slide,
  windowAttributes,
  type PoolOptions,
} from './images';

/** One vec4 of a row to an invocation. */
const vectors = (tensor: Tensor): number => (rowsOf(tensor) * padded(columnsOf(tensor))) / 4;

/** y = round(mean of each window). Constants: geometry, site. */
export const averagePool2dForward: Kernel = {
  name: 'averagepool2d.forward',
  shader: averagePoolShader,
  entryPoint: 'forward',
  uses: ['policy', 'records'],
  workgroupSize: 64,
  invocations: (call) => vectors(tensorAt(call.outputs, 0)),
  constants: (call) => [...geometryWords(forwardGeometry(call)), call.sites[0].id],
  reference: ({ inputs: [x], outputs: [y], rounders: [site] }, call) => {
    const g = forwardGeometry(call);
    const plane = g.outHeight * g.outWidth;
    for (let row = 0; row < y.rows; row++) {
      for (let i = 0; i < y.columns; i++) {
        const top = Math.floor((i % plane) / g.outWidth) * g.stride;
        const first = (Math.floor(i / plane) * g.inHeight + top) * g.inWidth + (i % g.outWidth) * g.stride;
        let sum = 0;
        for (let ky = 0; ky < g.kernel; ky++) {
          for (let kx = 0; kx < g.kernel; kx++) {
            sum = add(sum, x.data[row * x.stride + first + ky * g.inWidth + kx]);
          }
        }
        const at = row * y.stride + i;
        y.data[at] = site.round(div(sum, g.kernel ** 2), at);
      }
    }
  },
};

/**
 * dx = round(the sum of dy / elements of a window over the windows that an input is in, rows and columns of the output
 * ascending). Constants: geometry, site.
 */
export const averagePool2dInputGradient: Kernel = {
  name: 'averagepool2d.input.grad',
  shader: averagePoolShader,
  entryPoint: 'input_gradient',
  uses: ['policy', 'records'],
  workgroupSize: 64,
  invocations: (call) => vectors(tensorAt(call.outputs, 0)),
  constants: (call) => [...geometryWords(backwardGeometry(call)), call.sites[0].id],
  reference: ({ inputs: [dy], outputs: [dx], rounders: [site] }, call) => {
    const g = backwardGeometry(call);
    const inPlane = g.inHeight * g.inWidth;
    /** Windows that hold a position, along one axis: from the first to the last. */
    const windows = (position: number, count: number): [number, number] => [
      Math.max(0, Math.ceil((position - g.kernel + 1) / g.stride)),
      Math.min(count - 1, Math.floor(position / g.stride)),
    ];
    for (let row = 0; row < dx.rows; row++) {
      for (let i = 0; i < dx.columns; i++) {
        const channel = Math.floor(i / inPlane);
        const [firstY, lastY] = windows(Math.floor((i % inPlane) / g.inWidth), g.outHeight);
        const [firstX, lastX] = windows(i % g.inWidth, g.outWidth);
        let sum = 0;
        for (let oy = firstY; oy <= lastY; oy++) {
          for (let ox = firstX; ox <= lastX; ox++) {
            const output = (channel * g.outHeight + oy) * g.outWidth + ox;
            sum = add(sum, div(dy.data[row * dy.stride + output], g.kernel ** 2));
          }
        }
        const at = row * dx.stride + i;
        dx.data[at] = site.round(sum, at);
      }
    }
  },
};

/**
 * Appends `AvgPool2d(kernel, stride)` for images [batch, channels, height, width].
 *
 * @throws {RangeError} naming the layer, when the window does not fit
 */
export function averagePool2d(builder: GraphBuilder, input: Tensor, options: PoolOptions): Tensor {
  const { name, kernel, stride = kernel } = options;
  const x = operand(builder, input, { layer: name, op: 'avg_pool2d' });
  const g = slide(name, x, { kernel, stride, padding: 0 });
  const attributes = windowAttributes(g);
  const y = builder.tensor(`${name}.output`, [g.batch, g.outChannels, g.outHeight, g.outWidth], {
    differentiable: x.differentiable,
  });
  const site = builder.site(y.name, y, { layer: name, role: 'output', op: 'avg_pool2d', sources: [x.site] });
  builder.call(averagePool2dForward, { label: name, inputs: [x], outputs: [y], attributes, sites: [site] });
  return builder.operation({
    inputs: [x],
    output: y,
    gradient: ({ outputGradient, wanted: [wanted] }) => {
      if (!wanted) return [null];
      const dx = builder.tensor(`${name}.input.grad`, x.shape);
      const dxSite = builder.site(dx.name, dx, {
        layer: name,
        role: 'activation gradient',
        op: 'avg_pool2d',
        sources: [x.site],
      });
      const inputs = [outputGradient];
      builder.call(averagePool2dInputGradient, {
        label: name,
        inputs,
        outputs: [dx],
        attributes,
        sites: [dxSite],
      });
      return [dx];
    },
  });
}
