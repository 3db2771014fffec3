/**
 * Hyperbolic tangent. Autocast has it on neither list, so it runs in the format of its input: computed in f32 and
 * rounded once.
 */
import tanhShader from '../../shaders/ops/tanh.wgsl';
import type { Kernel } from '../graph/kernel';
import * as elementary from '../numerics/elementary';
import { mul, sub } from '../numerics/f32';
import { activation } from './activation';
import { elementwiseAtSite, forEachElement } from './elementwise';

/** y = round(tanh(x)). */
export const tanhForward: Kernel = {
  ...elementwiseAtSite,
  name: 'tanh.forward',
  shader: tanhShader,
  entryPoint: 'forward',
  reference: ({ inputs: [x], outputs: [y], rounders: [site] }) => {
    forEachElement(y, (i) => {
      y.data[i] = site.round(elementary.tanh(x.data[i]), i);
    });
  },
};

/** dx = round(dy · (1 - y·y)), in f32 up to the rounding (tanh_backward in aten's BinaryOpsKernel.cpp). */
export const tanhInputGradient: Kernel = {
  ...elementwiseAtSite,
  name: 'tanh.input.grad',
  shader: tanhShader,
  entryPoint: 'input_gradient',
  reference: ({ inputs: [dy, y], outputs: [dx], rounders: [site] }) => {
    forEachElement(dx, (i) => {
      dx.data[i] = site.round(mul(dy.data[i], sub(1, mul(y.data[i], y.data[i]))), i);
    });
  },
};

/** Appends a tanh. */
export const tanh = activation({
  op: 'tanh',
  forward: tanhForward,
  inputGradient: tanhInputGradient,
  exact: false,
});
