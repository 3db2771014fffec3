/** What the losses share: their interface, the gradient they start from, and the mean over the batch. */
import lossMeanShader from '../../shaders/ops/loss_mean.wgsl';
import type { GraphBuilder } from '../graph/builder';
import { tensorAt, type Kernel } from '../graph/kernel';
import type { LaneState } from '../graph/lanes';
import { HEADER } from '../graph/records';
import { rowsOf, type Site, type Tensor } from '../graph/tensor';
import { add, div, mul, toBits } from '../numerics/f32';

/** Losses before the mean. */
export interface RowLosses {
  /** [batch, 4], per row: its loss, two numbers that the gradient needs, and 1 if it is classified correctly, else 0. */
  readonly stats: Tensor;
  /** The mean is the sum over the rows divided by this. */
  readonly divisor: number;
}

export interface Loss {
  /** Its operation, for autocast. */
  readonly op: string;
  /** Whether targets are values that are compared with the output, and not numbers of classes. */
  readonly comparesTargets: boolean;
  /** Appends the losses of the rows, computed in f32. */
  forward(builder: GraphBuilder, output: Tensor, target: Tensor): RowLosses;
  /**
   * Appends the gradient of the scaled loss, (loss · multiplier) · scale, with respect to `output`: computed in f32
   * and rounded at site `logits.grad`, where real hardware casts it back to the type of the output.
   *
   * @param seed the gradient of the loss itself where some lane rounds it (rounded-loss.ts); otherwise the kernel makes
   *   it of the lane's loss weight and scale
   */
  gradient(
    builder: GraphBuilder,
    output: Tensor,
    target: Tensor,
    losses: RowLosses,
    seed: Tensor | null,
  ): Tensor;
}

/** The gradient of the scaled loss with respect to the loss: the loss weight times the loss scale. */
export const gradientSeed = ({ settings, scale }: LaneState): number =>
  mul(Math.fround(settings.multiplier), scale);

/** The tensor that `Loss.gradient` writes, with its site. */
export function logitsGradient(
  builder: GraphBuilder,
  output: Tensor,
  op: string,
): { gradient: Tensor; site: Site } {
  const gradient = builder.tensor('logits.grad', output.shape);
  const site = builder.site(gradient.name, gradient, {
    layer: 'loss',
    role: 'activation gradient',
    op,
    sources: [output.site],
  });
  return { gradient, site };
}

/** The tensor that `Loss.forward` writes. */
export const rowStats = (builder: GraphBuilder, output: Tensor): Tensor =>
  builder.tensor('loss.rows', [rowsOf(output), 4], { differentiable: false });

/**
 * Writes the mean loss, without multiplier and scale, and the number of correct rows into the record's header.
 * One invocation: the rows are summed in ascending order. Constants: rows, divisor.
 */
export const lossMean: Kernel = {
  name: 'loss.mean',
  shader: lossMeanShader,
  entryPoint: 'loss_mean',
  uses: ['records'],
  workgroupSize: 1,
  invocations: () => 1,
  constants: (call) => [rowsOf(tensorAt(call.inputs, 0)), call.attributes.divisor],
  reference: ({ inputs: [stats], record }, { attributes }) => {
    let sum = 0;
    let correct = 0;
    for (let row = 0; row < stats.rows; row++) {
      sum = add(sum, stats.data[row * stats.stride]);
      if (stats.data[row * stats.stride + 3] === 1) correct++;
    }
    record[HEADER.loss] = toBits(div(sum, attributes.divisor));
    record[HEADER.correct] = correct;
  },
};

/** Appends the mean of the losses. */
export function mean(builder: GraphBuilder, { stats, divisor }: RowLosses): void {
  builder.call(lossMean, { label: 'loss', inputs: [stats], outputs: [], sites: [], attributes: { divisor } });
}
