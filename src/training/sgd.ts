/**
 * Stochastic gradient descent with momentum, as torch.optim.SGD computes it (torch/optim/sgd.py,
 * _single_tensor_sgd): the buffer is the gradient itself at the first executed step and momentum·buffer + gradient
 * from then on; parameter -= learning rate · buffer. Without momentum there is no buffer.
 */
import sgdShader from '../../shaders/training/sgd.wgsl';
import type { Kernel } from '../graph/kernel';
import { add, mul, sub } from '../numerics/f32';
import { optimizerInvocations, skipsStep, unscaled, type Optimizer } from './optimizer';

/** Constants: vec4s of one lane's arena. */
export const sgdKernel: Kernel = {
  name: 'sgd',
  shader: sgdShader,
  entryPoint: 'sgd',
  uses: ['lanes', 'records'],
  unscales: true,
  workgroupSize: 64,
  invocations: (_, plan) => optimizerInvocations(plan),
  constants: (_, plan) => [plan.arenaStride / 4],
  reference: (context) => {
    if (skipsStep(context)) return;
    const { lane } = context;
    const [gradients] = context.inputs;
    const [parameters, buffers] = context.outputs;
    const learningRate = Math.fround(lane.settings.learningRate);
    const momentum = Math.fround(lane.settings.momentum);
    const remembers = momentum !== 0 && lane.optimizerSteps > 0;
    for (let i = 0; i < parameters.columns; i++) {
      const gradient = unscaled(lane, gradients.data[i]);
      const buffer = remembers ? add(mul(momentum, buffers.data[i]), gradient) : gradient;
      buffers.data[i] = buffer;
      parameters.data[i] = sub(parameters.data[i], mul(learningRate, buffer));
    }
  },
};

/** Learning rate and momentum are numbers of the lanes. */
export const sgd = (): Optimizer => ({
  contents: new Map(),
  append: (builder) => {
    builder.call(sgdKernel, {
      label: 'optimizer',
      inputs: ['gradients'],
      outputs: ['parameters', 'firstMoments'],
      sites: [],
    });
  },
});
