/**
 * Scalers look for an overflow in different places. Most test the scaled gradients, and the cast that wrote them knows
 * (the sites of parameter gradients set found-inf). The others have this call in front of the optimizer, and a plan has
 * it only if some lane's scaler asks for it. What it finds adds to what the casts have found: an infinity or NaN
 * among the gradients is one in everything that is computed from them.
 *
 *   unscaled gradients   is one of them infinite or NaN after unscaling? (jmp/_src/loss_scale.py, all_finite of the
 *                        unscaled tree; flax/training/dynamic_scale.py)
 *   gradient norm        is the norm of all of them, unscaled? (fairseq/optim/fp16_optimizer.py, clip_grad_norm, then
 *                        DynamicLossScaler.check_overflow)
 *   gradient sum         is the f32 sum of one tensor? It can overflow where no element has
 *                        (deepspeed/runtime/utils.py, CheckOverflow._has_inf_or_nan: float(x.float().sum()))
 *
 * No framework promises an order of its sums. Here 64 · 4 partial sums take every 256th element in ascending order,
 * in storage order with the pads, which are +0; they are added up as a tree, and then the four that are left.
 */
import overflowCheckShader from '../../shaders/training/overflow_check.wgsl';
import type { GraphBuilder } from '../graph/builder';
import type { Kernel, Matrix, ReferenceContext } from '../graph/kernel';
import type { LaneState } from '../graph/lanes';
import { arenaLayout, type Plan, type View } from '../graph/plan';
import { HEADER } from '../graph/records';
import { columnsOf, rowsOf } from '../graph/tensor';
import { add, mul, sqrt } from '../numerics/f32';
import { MAX_PARAMETERS } from './cast-parameters';
import { needsOverflowCheck } from './lanes';
import { unscaled } from './optimizer';
import { scalerOf } from './scalers';

/** Invocations of the shader's one workgroup, times the components of a vec4. */
const PARTIAL_SUMS = 256;

/** What is added up for an element of a gradient. */
function termOf(gradient: number, lane: LaneState): number {
  const { looksAt } = scalerOf(lane.settings.scaler.kind);
  if (looksAt === 'gradient norm') return mul(gradient, gradient);
  if (looksAt === 'gradient sum') return gradient;
  return Number.isFinite(unscaled(lane, gradient)) ? 0 : NaN;
}

/** The terms of one parameter's gradient, added up in the order that is fixed above. */
function sumOf({ data }: Matrix, { offset, rows, columns, rowStride }: View, lane: LaneState): number {
  let sums = new Float32Array(PARTIAL_SUMS);
  for (let i = 0; i < rows * rowStride; i++) {
    const isPad = i % rowStride >= columns;
    const partial = i % PARTIAL_SUMS;
    if (!isPad) sums[partial] = add(sums[partial], termOf(data[offset + i], lane));
  }
  for (let half = PARTIAL_SUMS / 2; half >= 4; half /= 2) {
    sums = sums.subarray(0, half).map((sum, i) => add(sum, sums[half + i]));
  }
  return add(add(sums[0], sums[1]), add(sums[2], sums[3]));
}

function overflows({ inputs: [gradients], lane }: ReferenceContext, plan: Plan): boolean {
  const totals = plan.parameters.map(({ master }) => sumOf(gradients, plan.view(master), lane));
  if (scalerOf(lane.settings.scaler.kind).looksAt !== 'gradient norm')
    return totals.some((total) => !Number.isFinite(total));
  const squares = totals.reduce((sum, total) => add(sum, total), 0);
  return !Number.isFinite(mul(sqrt(squares), lane.inverseScale));
}

/**
 * Constants: number of parameters and three zeros, then for each its first vec4 in the arena, rows, columns and a zero.
 */
export const overflowCheckKernel: Kernel = {
  name: 'overflow check',
  shader: overflowCheckShader,
  entryPoint: 'overflow_check',
  uses: ['lanes', 'records'],
  unscales: true,
  workgroupSize: 64,
  invocations: () => 1,
  constants: (_, { parameters }) => {
    const { offsets } = arenaLayout(parameters);
    const words = new Uint32Array(4 + 4 * MAX_PARAMETERS);
    words[0] = parameters.length;
    parameters.forEach(({ master }, i) => {
      words.set([offsets[i] / 4, rowsOf(master), columnsOf(master)], 4 + 4 * i);
    });
    return [...words];
  },
  reference: (context, _, plan) => {
    if (needsOverflowCheck(context.lane.settings.scaler.kind) && overflows(context, plan))
      context.record[HEADER.foundInf] = 1;
  },
};

export const overflowCheck = (builder: GraphBuilder): void => {
  builder.call(overflowCheckKernel, { label: 'scaler', inputs: ['gradients'], outputs: [], sites: [] });
};
