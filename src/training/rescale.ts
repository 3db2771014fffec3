/**
 * Moves what an optimizer remembers of gradients into another unit. A loss weight λ is the unit of all gradients; where
 * it changes while a run goes on, momentum and Adam's first moment are multiplied by λ new / λ old and Adam's second
 * moment by its square, so that FP32 does not notice. λ is a power of two: the products are exact.
 */
import rescaleShader from '../../shaders/training/rescale.wgsl';
import type { Kernel, KernelCall } from '../graph/kernel';
import type { Plan } from '../graph/plan';
import type { Arena } from '../graph/tensor';
import { mul } from '../numerics/f32';
import { optimizerInvocations } from './optimizer';

/** Powers of the gradient's unit in which the arenas are. */
const POWERS: readonly (readonly [Arena, 1 | 2])[] = [
  ['firstMoments', 1],
  ['secondMoments', 2],
];

/** arena = arena · factor^power, all parameters of a lane. Constants: vec4s of one lane's arena, power. */
export const rescaleKernel: Kernel = {
  name: 'rescale moments',
  shader: rescaleShader,
  entryPoint: 'rescale',
  uses: ['lanes'],
  workgroupSize: 64,
  invocations: (_, plan) => optimizerInvocations(plan),
  constants: ({ attributes }, plan) => [plan.arenaStride / 4, attributes.power],
  reference: ({ outputs: [arena], lane }, { attributes }) => {
    const { momentFactor } = lane;
    const factor = attributes.power === 2 ? mul(momentFactor, momentFactor) : momentFactor;
    for (let i = 0; i < arena.columns; i++) arena.data[i] = mul(arena.data[i], factor);
  },
};

/** The calls that rescale what the optimizer of a training plan remembers. Run between steps, not part of one. */
export function rescalePlan(training: Plan): Plan {
  const written = new Set(training.calls.flatMap(({ outputs }) => outputs));
  const calls = POWERS.filter(([arena]) => written.has(arena)).map(([arena, power]): KernelCall => ({
    kernel: rescaleKernel,
    label: arena,
    inputs: [],
    outputs: [arena],
    attributes: { power },
    sites: [],
  }));
  return { ...training, base: training, calls };
}
