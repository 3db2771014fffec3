/**
 * Hyperbolic tangent. Autocast has it on neither list, so it runs in the format of its input: computed in f32 and
 * rounded once.
 */
import tanhShader from '../../shaders/ops/tanh.wgsl';
import type { GraphBuilder } from '../graph/builder';
import type { Kernel } from '../graph/kernel';
import type { Tensor } from '../graph/tensor';
import * as elementary from '../numerics/elementary';
import { mul, sub } from '../numerics/f32';
import { operand } from './cast';
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

/** Appends a tanh; `layer` is the one that charts count it to. */
export function tanh(
  builder: GraphBuilder,
  input: Tensor,
  options: { name: string; layer?: string },
): Tensor {
  const { name, layer = name } = options;
  const x = operand(builder, input, { name: `${name}.input`, layer, op: 'tanh' });
  const y = builder.tensor(`${name}.output`, x.shape, { differentiable: x.differentiable });
  const site = builder.site(y.name, y, { layer, role: 'output', op: 'tanh', sources: [x.site] });
  builder.call(tanhForward, { label: name, inputs: [x], outputs: [y], sites: [site] });
  return builder.operation({
    inputs: [x],
    output: y,
    gradient: ({ outputGradient, wanted: [wanted] }) => {
      if (!wanted) return [null];
      const dx = builder.tensor(`${name}.input.grad`, x.shape);
      const dxSite = builder.site(dx.name, dx, {
        layer,
        role: 'activation gradient',
        op: 'tanh',
        sources: [x.site],
      });
      builder.call(tanhInputGradient, {
        label: name,
        inputs: [outputGradient, y],
        outputs: [dx],
        sites: [dxSite],
      });
      return [dx];
    },
  });
}
