/**
 * SGD for lanes that keep unscaled gradients or momentum in a format of their own: it proposes an update, which
 * store-weights.ts adds to the weights. The operations are those of ../sgd.ts; each of torch's tensors
 * (torch/optim/sgd.py, _single_tensor_sgd) is a site.
 */
import sgdShader from '../../../shaders/training/stored/sgd.wgsl';
import type { Kernel } from '../../graph/kernel';
import type { SiteRole } from '../../graph/tensor';
import { add, mul } from '../../numerics/f32';
import { optimizerInvocations, skipsStep, unscaled, type Optimizer } from '../optimizer';
import {
  arenaTensor,
  forEachElement,
  optimizerSite,
  parameterTable,
  rounderOf,
  type RoundedRoles,
} from './sites';
import { storeWeights } from './store-weights';

const ROLES: readonly SiteRole[] = ['unscaled gradient', 'first moment', 'update'];

/** Constants: `parameterTable`. */
export const storedSgdKernel: Kernel = {
  name: 'sgd stored',
  shader: sgdShader,
  entryPoint: 'sgd_stored',
  uses: ['lanes', 'policy', 'records'],
  unscales: true,
  workgroupSize: 64,
  invocations: (_, plan) => optimizerInvocations(plan),
  constants: (call, plan) => parameterTable(call, plan, ROLES),
  reference: (context, call, plan) => {
    if (skipsStep(context)) return;
    const { lane } = context;
    const [gradients] = context.inputs;
    const [updates, buffers] = context.outputs;
    const learningRate = Math.fround(lane.settings.learningRate);
    const momentum = Math.fround(lane.settings.momentum);
    const remembers = lane.optimizerSteps > 0;
    for (const parameter of plan.parameters) {
      const [gradient, moment, update] = ROLES.map((role) => rounderOf(context, call, parameter, role));
      forEachElement(plan, parameter, (at, index) => {
        let direction = gradient.round(unscaled(lane, gradients.data[at]), index);
        if (momentum !== 0) {
          const kept = mul(momentum, buffers.data[at]);
          const between = lane.settings.singleTensor ? moment.roundUncounted(kept, index) : kept;
          direction = moment.round(remembers ? add(between, direction) : direction, index);
          buffers.data[at] = direction;
        }
        updates.data[at] = update.roundUncounted(mul(learningRate, direction), index);
      });
    }
  },
};

/** Without momentum there is no buffer, and nothing that could be rounded. */
export const storedSgd = (momentum: number, rounded: RoundedRoles): Optimizer => ({
  contents: new Map(),
  append: (builder) => {
    const sites = builder.parameters.flatMap((parameter) => {
      const gradient = arenaTensor(builder, parameter, 'grad.unscaled', 'updates');
      const update = arenaTensor(builder, parameter, 'update', 'updates');
      const buffer = arenaTensor(builder, parameter, 'momentum_buffer', 'firstMoments');
      return [
        ...optimizerSite(builder, gradient, 'unscaled gradient', rounded),
        ...(momentum === 0 ? [] : optimizerSite(builder, buffer, 'first moment', rounded)),
        ...optimizerSite(builder, update, 'update', rounded),
      ];
    });
    builder.call(storedSgdKernel, {
      label: 'optimizer',
      inputs: ['gradients'],
      outputs: ['updates', 'firstMoments'],
      sites,
    });
    storeWeights(builder, rounded);
  },
});
