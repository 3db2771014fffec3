/**
 * Adam as torch.optim.Adam computes it (torch/optim/adam.py, _single_tensor_adam, and the kernels it calls):
 *
 *   m = lerp(m, g, 1 - β1)                 v = β2·v + ((1 - β2)·g)·g
 *   parameter -= (lr / (1 - β1^t)) · (m / (√v / √(1 - β2^t) + ε))
 *
 * with t counting executed steps only. The numbers in brackets that depend on t come from a table, because powers
 * are not exact on GPUs.
 */
import adamShader from '../../shaders/training/adam.wgsl';
import type { GraphBuilder } from '../graph/builder';
import type { Kernel, Matrix } from '../graph/kernel';
import type { LaneState } from '../graph/lanes';
import type { Tensor } from '../graph/tensor';
import { add, div, mul, sqrt, sub } from '../numerics/f32';
import { optimizerInvocations, skipsStep, unscaled, type Optimizer } from './optimizer';

/** Larger tables are cut off; their last column is then within 2 ppm of 1 for β = 0.9999. */
const MAX_COLUMNS = 2 ** 17;

/** Constants: vec4s of one lane's arena. */
export const adamKernel: Kernel = {
  name: 'adam',
  shader: adamShader,
  entryPoint: 'adam',
  uses: ['lanes', 'records'],
  unscales: true,
  workgroupSize: 64,
  invocations: (_, plan) => optimizerInvocations(plan),
  constants: (_, plan) => [plan.arenaStride / 4],
  reference: (context) => {
    if (skipsStep(context)) return;
    const { lane } = context;
    const [gradients, corrections] = context.inputs;
    const [parameters, firstMoments, secondMoments] = context.outputs;
    const { beta1, beta2, oneMinusBeta1, oneMinusBeta2, epsilon, stepSize, correction2 } = adamNumbers(
      lane,
      corrections,
    );
    for (let i = 0; i < parameters.columns; i++) {
      const gradient = unscaled(lane, gradients.data[i]);
      const m = lerp(firstMoments.data[i], gradient, oneMinusBeta1, beta1);
      const v = add(mul(beta2, secondMoments.data[i]), mul(mul(oneMinusBeta2, gradient), gradient));
      firstMoments.data[i] = m;
      secondMoments.data[i] = v;
      const denominator = add(div(sqrt(v), correction2), epsilon);
      parameters.data[i] = sub(parameters.data[i], mul(stepSize, div(m, denominator)));
    }
  },
};

/** The f32 numbers of a lane's step that do not depend on the element. */
export function adamNumbers({ settings, optimizerSteps }: LaneState, corrections: Matrix) {
  const { learningRate, beta1, beta2, epsilon } = settings;
  const column = Math.min(optimizerSteps, corrections.columns - 1);
  return {
    beta1: Math.fround(beta1),
    beta2: Math.fround(beta2),
    oneMinusBeta1: Math.fround(1 - beta1),
    oneMinusBeta2: Math.fround(1 - beta2),
    epsilon: Math.fround(epsilon),
    stepSize: mul(Math.fround(learningRate), corrections.data[column]),
    correction2: corrections.data[corrections.stride + column],
  };
}

/** ATen's lerp (aten/src/ATen/native/Lerp.h) takes the formula that is exact at the nearer end. */
export function lerp(start: number, end: number, weight: number, oneMinusWeight: number): number {
  const difference = sub(end, start);
  return weight < 0.5 ? add(start, mul(weight, difference)) : sub(end, mul(difference, oneMinusWeight));
}

/**
 * Adam's bias corrections as a dense [2, steps] matrix: f32(1 / (1 - β1^t)) and f32(√(1 - β2^t)), t from 1 on, up to
 * the step from which on both are 1 in f32. The last column serves all later steps.
 */
export function biasCorrections(beta1: number, beta2: number): Float32Array {
  const first: number[] = [];
  const second: number[] = [];
  let power1 = 1;
  let power2 = 1;
  do {
    power1 *= beta1;
    power2 *= beta2;
    first.push(Math.fround(1 / (1 - power1)));
    second.push(Math.fround(Math.sqrt(1 - power2)));
  } while ((first.at(-1) !== 1 || second.at(-1) !== 1) && first.length < MAX_COLUMNS);
  return Float32Array.from([...first, ...second]);
}

export interface Betas {
  readonly beta1: number;
  readonly beta2: number;
}

/** The bias corrections as a shared tensor of a program. */
export interface CorrectionTable {
  readonly columns: number;
  readonly contents: ReadonlyMap<string, Float32Array>;
}

const CORRECTIONS = 'bias corrections';

/** The lanes share β1 and β2, for the sake of the table; the other numbers are theirs. */
export function biasCorrectionTable({ beta1, beta2 }: Betas): CorrectionTable {
  const table = biasCorrections(beta1, beta2);
  return { columns: table.length / 2, contents: new Map([[CORRECTIONS, table]]) };
}

export const appendCorrections = (builder: GraphBuilder, { columns }: CorrectionTable): Tensor =>
  builder.tensor(CORRECTIONS, [2, columns], { differentiable: false, shared: true });

export function adam(betas: Betas): Optimizer {
  const table = biasCorrectionTable(betas);
  return {
    contents: table.contents,
    append: (builder) => {
      builder.call(adamKernel, {
        label: 'optimizer',
        inputs: ['gradients', appendCorrections(builder, table)],
        outputs: ['parameters', 'firstMoments', 'secondMoments'],
        sites: [],
      });
    },
  };
}
