/**
 * Rectified linear unit, y = max(x, 0). Exact in every format, so it has no cast site: its output has the format of
 * its input. NaN passes in both directions, as in PyTorch (aten/src/ATen/native/cpu/Activation.cpp, threshold).
 */
import reluShader from '../../shaders/ops/relu.wgsl';
import type { Kernel } from '../graph/kernel';
import { activation } from './activation';
import { elementwise, forEachElement } from './elementwise';

/** y = x where x > 0 or NaN, else +0. */
export const reluForward: Kernel = {
  ...elementwise,
  name: 'relu.forward',
  shader: reluShader,
  entryPoint: 'forward',
  uses: [],
  reference: ({ inputs: [x], outputs: [y] }) => {
    forEachElement(y, (i) => {
      const value = x.data[i];
      y.data[i] = value <= 0 ? 0 : value;
    });
  },
};

/** dx = dy where y > 0 or NaN, else +0. A choice, not a product: 0 · inf must not become NaN. */
export const reluInputGradient: Kernel = {
  ...elementwise,
  name: 'relu.input.grad',
  shader: reluShader,
  entryPoint: 'input_gradient',
  uses: [],
  reference: ({ inputs: [dy, y], outputs: [dx] }) => {
    forEachElement(dx, (i) => {
      dx.data[i] = y.data[i] <= 0 ? 0 : dy.data[i];
    });
  },
};

/** Appends a ReLU. */
export const relu = activation({
  op: 'relu',
  forward: reluForward,
  inputGradient: reluInputGradient,
  exact: true,
});
