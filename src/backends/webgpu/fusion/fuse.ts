/**
 * Fusion: makes of a plan's calls fewer dispatches. It is a pass of this backend, and the plan knows nothing of it: plan
 * and references are the same for all backends, and only here is a dispatch dear.
 */
import type { Plan } from '../../../graph/plan';
import type { ShaderConditions } from '../../../graph/shader';
import { dispatchOf, type Dispatch } from '../dispatch';
import type { FusionContext, Rule } from './rule';
import { RULES } from './rules';
import { sparedWindows } from './windows';

export interface FusedPlan {
  readonly dispatches: readonly Dispatch[];
  /** Names of the buffers that calls of the plan read or write, and no dispatch. */
  readonly unused: ReadonlySet<string>;
}

/** A dispatch for each call. */
export const unfused = (plan: Plan): FusedPlan => ({
  dispatches: plan.calls.map((call) => dispatchOf(call, plan)),
  unused: new Set(),
});

/** From the first call to the last, the first rule that takes the next calls makes a dispatch of them. */
export function fuse(plan: Plan, conditions: Pick<ShaderConditions, 'general_accumulation'>): FusedPlan {
  const inOrder = conditions.general_accumulation !== true;
  const rules = RULES.filter((rule) => inOrder || !rule.inOrder);
  const context: FusionContext = { plan, spared: inOrder ? sparedWindows(plan) : new Map() };
  const dispatches: Dispatch[] = [];
  for (let i = 0; i < plan.calls.length;) {
    const taken = firstFusion(rules, i, context);
    dispatches.push(...(taken?.dispatches ?? [dispatchOf(plan.calls[i], plan)]));
    i += taken?.calls ?? 1;
  }
  return { dispatches, unused: unusedBuffers(plan, dispatches) };
}

/** What the first rule makes that takes the calls from `start` on, and how many of them. */
function firstFusion(
  rules: readonly Rule[],
  start: number,
  context: FusionContext,
): { readonly dispatches: readonly Dispatch[]; readonly calls: number } | null {
  for (const rule of rules) {
    const calls = context.plan.calls.slice(start, start + rule.kernels.length);
    const ofItsKernels =
      calls.length === rule.kernels.length &&
      calls.every(({ kernel }, place) => rule.kernels[place].includes(kernel));
    const dispatches = ofItsKernels ? rule.fuse(calls, context) : null;
    if (dispatches) return { dispatches, calls: calls.length };
  }
  return null;
}

function unusedBuffers(plan: Plan, dispatches: readonly Dispatch[]): Set<string> {
  const buffersOf = (list: readonly Pick<Dispatch, 'inputs' | 'outputs'>[]): Set<string> =>
    new Set(
      list.flatMap(({ inputs, outputs }) =>
        [...inputs, ...outputs].map((operand) => plan.view(operand).buffer),
      ),
    );
  const used = buffersOf(dispatches);
  return new Set([...buffersOf(plan.calls)].filter((buffer) => !used.has(buffer)));
}
