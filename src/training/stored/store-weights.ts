/**
 * Adds the update that an optimizer proposed to the weights, each rounded as its lane stores it, and counts what became of
 * it. With Kahan's compensation (optimi, optimi/sgd.py: `kahan_comp`) the update goes into a buffer in the weight's
 * format, the weight takes as much of it as it can, and the buffer keeps the rest:
 *
 *   c -= update;  before = w;  w += c;  c += before - w
 */
import storeShader from '../../../shaders/training/stored/store_weights.wgsl';
import type { GraphBuilder } from '../../graph/builder';
import type { Kernel } from '../../graph/kernel';
import type { SiteRole } from '../../graph/tensor';
import { add, sub } from '../../numerics/f32';
import { optimizerInvocations, skipsStep } from '../optimizer';
import { UpdateMeter } from './meter';
import {
  arenaTensor,
  forEachElement,
  optimizerSite,
  parameterTable,
  rounderOf,
  siteOf,
  type RoundedRoles,
} from './sites';

const ROLES: readonly SiteRole[] = ['master weight', 'compensation', 'update'];

/** Constants: `parameterTable`. */
export const storeWeightsKernel: Kernel = {
  name: 'store weights',
  shader: storeShader,
  entryPoint: 'store_weights',
  uses: ['lanes', 'policy', 'records'],
  conditions: { general_rounding: true },
  workgroupSize: 64,
  invocations: (_, plan) => optimizerInvocations(plan),
  constants: (call, plan) => parameterTable(call, plan, ROLES),
  reference: (context, call, plan) => {
    if (skipsStep(context)) return;
    const { settings } = context.lane;
    const [gradients, updates] = context.inputs;
    const [parameters, previous, compensations] = context.outputs;
    for (const parameter of plan.parameters) {
      const [weight, compensation] = ROLES.map((role) => rounderOf(context, call, parameter, role));
      const site = siteOf(call, parameter, 'update');
      if (!site) throw new Error(`updates of ${parameter.name} are not counted anywhere`);
      const meter = new UpdateMeter(context.record, site, parameter);
      forEachElement(plan, parameter, (at, index) => {
        const before = parameters.data[at];
        const update = updates.data[at];
        let after: number;
        if (settings.kahan) {
          const owed = compensation.roundUncounted(sub(compensations.data[at], update), index);
          after = weight.round(add(before, owed), index);
          const taken = compensation.roundUncounted(sub(before, after), index);
          compensations.data[at] = compensation.round(add(owed, taken), index);
        } else {
          after = weight.round(sub(before, update), index);
        }
        previous.data[at] = before;
        parameters.data[at] = after;
        meter.count({ gradient: gradients.data[at], update, before, after }, index);
      });
      meter.finish();
    }
  },
};

/** Appends the call; the updates lie in their arena, and their sites are there already. */
export function storeWeights(builder: GraphBuilder, rounded: RoundedRoles): void {
  const sites = builder.parameters.flatMap((parameter) => {
    arenaTensor(builder, parameter, 'previous', 'previousParameters');
    const compensation = arenaTensor(builder, parameter, 'compensation', 'compensations');
    return [
      ...optimizerSite(builder, parameter.master, 'master weight', rounded),
      ...optimizerSite(builder, compensation, 'compensation', rounded),
      ...builder.sites.filter(
        ({ role, tensor }) => role === 'update' && tensor.residence?.parameter === parameter,
      ),
    ];
  });
  builder.call(storeWeightsKernel, {
    label: 'optimizer',
    inputs: ['gradients', 'updates'],
    outputs: ['parameters', 'previousParameters', 'compensations'],
    sites,
  });
}
