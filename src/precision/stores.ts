/**
 * Where the weights live: in which formats an optimizer reads and writes what lasts from one step to the next. Autocast
 * decides about the operations; this decides about the weights themselves, the gradients that the optimizer is given
 * and its own memory. Names of formats are those of numerics/formats.ts.
 */
import type { NumberFormat } from '../numerics/formats';

export const WEIGHT_UPDATES = ['nearest', 'stochastic', 'kahan'] as const;
/**
 * How the sum of weight and update is stored: rounded to nearest even; rounded up or down by chance, so that it is right
 * on average; or to nearest, with a compensation buffer in the weight's format that keeps what rounding took away
 * (optimi, https://optimi.benjaminwarner.dev/kahan_summation).
 */
export type WeightUpdate = (typeof WEIGHT_UPDATES)[number];

export const OPTIMIZER_KERNELS = ['fused', 'single-tensor'] as const;
/**
 * `fused`: one kernel computes in FP32 and rounds what it stores (torch `fused=True`, Apex FusedAdam). `single-tensor`:
 * one operation after the other as in torch/optim/adam.py, each of which writes a tensor in the format of its operands.
 */
export type OptimizerKernel = (typeof OPTIMIZER_KERNELS)[number];

export interface Stores {
  /** Format of the weights that the optimizer changes. */
  readonly weights: string;
  /** Whether they are a master copy, which autocast casts for the operations; without one these read them as they are. */
  readonly masters: boolean;
  /** Format of the unscaled gradients that the optimizer is given. */
  readonly gradients: string;
  /** Format of momentum, or of Adam's first and second moments. */
  readonly moments: string;
  /** Format that β1, β2 and ε have been rounded to. */
  readonly constants: string;
  /** Format of the update before it is added to the weight; FP32 where one operation computes and adds it. */
  readonly updates: string;
  readonly kernel: OptimizerKernel;
  readonly update: WeightUpdate;
}

/** What torch.optim has under autocast: FP32 throughout, and casts of the weights for the operations. */
export const FP32_STORES: Stores = {
  weights: 'fp32',
  masters: true,
  gradients: 'fp32',
  moments: 'fp32',
  constants: 'fp32',
  updates: 'fp32',
  kernel: 'fused',
  update: 'nearest',
};

/** What torch.optim has after `model.half()` or `model.bfloat16()`: everything in the format of the parameters. */
export const pureStores = ({ name }: Pick<NumberFormat, 'name'>): Stores => ({
  ...FP32_STORES,
  weights: name,
  masters: false,
  gradients: name,
  moments: name,
  kernel: 'single-tensor',
});
