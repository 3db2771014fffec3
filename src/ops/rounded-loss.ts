/**
 * A loss that is not FP32, as after `model.half()`. Its kernel computes in FP32, as fused loss kernels do, and what it
 * writes is rounded: the mean, and the gradient of the logits. Between the two stands the gradient of the loss itself. The
 * scaled loss is loss · λ · scale with an FP32 scale; the gradient that is handed back to loss · λ has the type of the loss,
 * so it is the rounded scale, and that of the loss is this times λ, rounded again (torch.amp.GradScaler.scale).
 */
import roundedLossShader from '../../shaders/ops/rounded_loss.wgsl';
import type { GraphBuilder, PossibleSite } from '../graph/builder';
import { tensorAt, type Kernel } from '../graph/kernel';
import { HEADER } from '../graph/records';
import { rowsOf, type Site, type Tensor } from '../graph/tensor';
import { add, div, mul, toBits } from '../numerics/f32';
import type { RowLosses } from './loss';

/** As `lossMean`, rounded; also writes the mean into a tensor. Constants: rows, divisor, site. */
export const roundedMean: Kernel = {
  name: 'loss.mean.rounded',
  shader: roundedLossShader,
  entryPoint: 'mean',
  uses: ['policy', 'records'],
  workgroupSize: 1,
  invocations: () => 1,
  constants: ({ inputs, attributes, sites }) => [
    rowsOf(tensorAt(inputs, 0)),
    attributes.divisor,
    sites[0].id,
  ],
  reference: ({ inputs: [stats], outputs: [mean], rounders: [site], record }, { attributes }) => {
    let sum = 0;
    let correct = 0;
    for (let row = 0; row < stats.rows; row++) {
      sum = add(sum, stats.data[row * stats.stride]);
      if (stats.data[row * stats.stride + 3] === 1) correct++;
    }
    mean.data[0] = site.round(div(sum, attributes.divisor), 0);
    record[HEADER.loss] = toBits(mean.data[0]);
    record[HEADER.correct] = correct;
  },
};

/** scaled = round(scale), seed = round(λ · scaled). Constants: the two sites. */
export const lossSeed: Kernel = {
  name: 'loss.seed',
  shader: roundedLossShader,
  entryPoint: 'seed',
  uses: ['lanes', 'policy', 'records'],
  workgroupSize: 1,
  invocations: () => 1,
  constants: ({ sites }) => sites.map(({ id }) => id),
  reference: ({ outputs: [scaled, seed], rounders: [scaledSite, seedSite], lane }) => {
    scaled.data[0] = scaledSite.round(lane.scale, 0);
    seed.data[0] = seedSite.round(mul(Math.fround(lane.settings.multiplier), scaled.data[0]), 0);
  },
};

const lossSite = (op: string, output: Tensor): PossibleSite => ({
  name: 'loss',
  layer: 'loss',
  role: 'loss',
  op,
  sources: [output.site],
});

/** Whether some lane rounds the loss of this output. */
export const isRounded = (builder: GraphBuilder, op: string, output: Tensor): boolean =>
  builder.demand.rounds(lossSite(op, output));

/** Appends the mean of the losses, rounded at site `loss`. */
export function appendRoundedMean(
  builder: GraphBuilder,
  { stats, divisor }: RowLosses,
  op: string,
  output: Tensor,
): void {
  const { name, ...options } = lossSite(op, output);
  const mean = builder.tensor(name, [1, 1], { differentiable: false });
  const site = builder.site(name, mean, { ...options, conditional: true });
  builder.call(roundedMean, {
    label: 'loss',
    inputs: [stats],
    outputs: [mean],
    sites: [site],
    attributes: { divisor },
  });
}

/** Appends the gradient of the scaled loss with respect to the loss, [1, 1]. */
export function appendSeed(builder: GraphBuilder, op: string): Tensor {
  const loss = builder.sites.find(({ role }) => role === 'loss') ?? null;
  const gradient = (name: string): { readonly tensor: Tensor; readonly site: Site } => {
    const tensor = builder.tensor(name, [1, 1]);
    const options = {
      layer: 'loss',
      role: 'activation gradient',
      op,
      sources: [loss],
      conditional: true,
    } as const;
    return { tensor, site: builder.site(name, tensor, options) };
  };
  const [scaled, seed] = [gradient('loss.scaled.grad'), gradient('loss.grad')];
  builder.call(lossSeed, {
    label: 'loss',
    inputs: [],
    outputs: [scaled.tensor, seed.tensor],
    sites: [scaled.site, seed.site],
  });
  return seed.tensor;
}
