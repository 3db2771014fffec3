/**
 * Rectified linear unit, y = max(x, 0). Exact in every format, so it has no cast site: its output has the format of
 * its input. NaN passes in both directions, as in PyTorch (aten/src/ATen/native/cpu/Activation.cpp, threshold).
 */
import reluShader from '../../shaders/ops/relu.wgsl';
import type { GraphBuilder } from '../graph/builder';
import type { Kernel } from '../graph/kernel';
import type { Tensor } from '../graph/tensor';
import { operand } from './cast';
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
export function relu(builder: GraphBuilder, input: Tensor, options: { name: string }): Tensor {
  const { name } = options;
  const x = operand(builder, input, { layer: name, op: 'relu', passesType: true });
  const y = builder.tensor(`${name}.output`, x.shape, { differentiable: x.differentiable });
  y.site = x.site;
  builder.call(reluForward, { label: name, inputs: [x], outputs: [y], sites: [] });
  return builder.operation({
    inputs: [x],
    output: y,
    gradient: ({ outputGradient, wanted: [wanted] }) => {
      if (!wanted) return [null];
      const dx = builder.tensor(`${name}.input.grad`, x.shape);
      dx.site = outputGradient.site;
      builder.call(reluInputGradient, {
        label: name,
        inputs: [outputGradient, y],
        outputs: [dx],
        sites: [],
      });
      return [dx];
    },
  });
}
