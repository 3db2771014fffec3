/**
 * Adam for lanes that keep unscaled gradients or moments in a format of their own: it proposes an update, which
 * store-weights.ts adds to the weights. The operations are those of ../adam.ts; each of torch's tensors
 * (torch/optim/adam.py, _single_tensor_adam) is a site, and what one of its operations writes over is rounded in the
 * format of the moments where a lane has them one by one.
 */
import adamShader from '../../../shaders/training/stored/adam.wgsl';
import type { Kernel } from '../../graph/kernel';
import type { SiteRole } from '../../graph/tensor';
import { add, div, mul, sqrt } from '../../numerics/f32';
import { adamNumbers, appendCorrections, biasCorrectionTable, lerp, type Betas } from '../adam';
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

const ROLES: readonly SiteRole[] = ['unscaled gradient', 'first moment', 'second moment', 'update'];

/** Constants: `parameterTable`. */
export const storedAdamKernel: Kernel = {
  name: 'adam stored',
  shader: adamShader,
  entryPoint: 'adam_stored',
  uses: ['lanes', 'policy', 'records'],
  unscales: true,
  workgroupSize: 64,
  invocations: (_, plan) => optimizerInvocations(plan),
  constants: (call, plan) => parameterTable(call, plan, ROLES),
  reference: (context, call, plan) => {
    if (skipsStep(context)) return;
    const { lane } = context;
    const [gradients, corrections] = context.inputs;
    const [updates, firsts, seconds] = context.outputs;
    const { beta1, beta2, oneMinusBeta1, oneMinusBeta2, epsilon, stepSize, correction2 } = adamNumbers(
      lane,
      corrections,
    );
    for (const parameter of plan.parameters) {
      const [gradient, first, second, update] = ROLES.map((role) =>
        rounderOf(context, call, parameter, role),
      );
      forEachElement(plan, parameter, (at, index) => {
        const between = (value: number): number =>
          lane.settings.singleTensor ? second.roundUncounted(value, index) : value;
        const g = gradient.round(unscaled(lane, gradients.data[at]), index);
        const m = first.round(lerp(firsts.data[at], g, oneMinusBeta1, beta1), index);
        const kept = between(mul(beta2, seconds.data[at]));
        const v = second.round(add(kept, mul(mul(oneMinusBeta2, g), g)), index);
        firsts.data[at] = m;
        seconds.data[at] = v;
        const root = between(div(between(sqrt(v)), correction2));
        const proposed = mul(stepSize, div(m, between(add(root, epsilon))));
        updates.data[at] = update.roundUncounted(proposed, index);
      });
    }
  },
};

export function storedAdam(betas: Betas, rounded: RoundedRoles): Optimizer {
  const table = biasCorrectionTable(betas);
  return {
    contents: table.contents,
    append: (builder) => {
      const sites = builder.parameters.flatMap((parameter) => {
        const gradient = arenaTensor(builder, parameter, 'grad.unscaled', 'updates');
        const first = arenaTensor(builder, parameter, 'exp_avg', 'firstMoments');
        const second = arenaTensor(builder, parameter, 'exp_avg_sq', 'secondMoments');
        const update = arenaTensor(builder, parameter, 'update', 'updates');
        return [
          ...optimizerSite(builder, gradient, 'unscaled gradient', rounded),
          ...optimizerSite(builder, first, 'first moment', rounded),
          ...optimizerSite(builder, second, 'second moment', rounded),
          ...optimizerSite(builder, update, 'update', rounded),
        ];
      });
      builder.call(storedAdamKernel, {
        label: 'optimizer',
        inputs: ['gradients', appendCorrections(builder, table)],
        outputs: ['updates', 'firstMoments', 'secondMoments'],
        sites,
      });
      storeWeights(builder, rounded);
    },
  };
}
