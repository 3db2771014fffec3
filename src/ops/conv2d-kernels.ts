/**
 * The kernels of the convolution. Windows over the images are written out as the rows of a matrix ("im2col"), which
 * turns all sums into products of matrices; ops/conv2d.ts tells what they compute and in which order.
 */
import conv2dShader from '../../shaders/ops/conv2d.wgsl';
import unfoldShader from '../../shaders/ops/unfold.wgsl';
import { tensorAt, type Kernel, type KernelCall, type Matrix } from '../graph/kernel';
import { columnsOf, rowsOf } from '../graph/tensor';
import { add } from '../numerics/f32';
import { geometryOf, geometryWords, inPlane, outPlane, type Geometry } from './images';
import { asStored, multiply, transposed } from './matmul';

/** Calls `visit` with every tap (ky, kx), output and input position that meet in one channel of one sample. */
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

const window = ({ kernel }: Geometry): number => kernel * kernel;

/** The samples of a call of `unfold` are in its first input, and the windows in its first output. */
const unfoldGeometry = (call: KernelCall): Geometry => {
  const { outChannels, outHeight, outWidth } = call.attributes;
  const x = tensorAt(call.inputs, 0);
  return geometryOf(call, x, { shape: [x.shape[0], outChannels, outHeight, outWidth] });
};

/**
 * windows[(sample, oy, ox), (channel, ky, kx)] = what the window at (oy, ox) sees there, +0 outside of the image.
 * Inputs: x. Outputs: windows. Constants: geometry.
 */
export const unfold: Kernel = {
  name: 'conv2d.unfold',
  shader: unfoldShader,
  entryPoint: 'unfold',
  uses: [],
  workgroupSize: 64,
  invocations: (call) => rowsOf(tensorAt(call.outputs, 0)),
  constants: (call) => geometryWords(unfoldGeometry(call)),
  reference: ({ inputs: [x], outputs: [windows] }, call) => {
    const g = unfoldGeometry(call);
    windows.data.fill(0);
    for (let sample = 0; sample < g.batch; sample++) {
      const first = sample * outPlane(g) * windows.stride;
      for (let channel = 0; channel < g.inChannels; channel++) {
        const from = sample * x.stride + channel * inPlane(g);
        forEachMeeting(g, (tap, output, input) => {
          const column = channel * window(g) + tap;
          windows.data[first + output * windows.stride + column] = x.data[from + input];
        });
      }
    }
  },
};
