/** What a rule of fusion is; rules.ts has them all. */
import type { Kernel, KernelCall } from '../../../graph/kernel';
import type { Plan } from '../../../graph/plan';
import type { Tensor } from '../../../graph/tensor';
import type { Dispatch, DispatchKernel } from '../dispatch';

export interface FusionContext {
  readonly plan: Plan;
  /** Windows that no dispatch writes or reads (windows.ts), and the images that are read instead. */
  readonly spared: ReadonlyMap<Tensor, Tensor>;
}

export interface Rule {
  /** The calls it takes stand in a row in the plan: at each place a call of one of these kernels. */
  readonly kernels: readonly (readonly Kernel[])[];
  /**
   * Its entry points add up products in FP32 in order. Other ways to add up take so long that a dispatch more or less
   * is nothing beside them, and would double the shaders.
   */
  readonly inOrder: boolean;
  /** The dispatches that stand for such calls; null where their operands are not as the rule needs them. */
  fuse(calls: readonly KernelCall[], context: FusionContext): readonly Dispatch[] | null;
}

/** Names a dispatch by the calls it stands for. */
export const fusedKernel = (
  calls: readonly KernelCall[],
  kernel: Omit<
    DispatchKernel,
    'name' | 'accumulates' | 'updatesScalers' | 'unscales' | 'outputsInOneBuffer'
  > &
    Partial<Pick<DispatchKernel, 'accumulates' | 'outputsInOneBuffer'>>,
): DispatchKernel => ({
  accumulates: false,
  updatesScalers: false,
  unscales: false,
  outputsInOneBuffer: 1,
  ...kernel,
  name: calls.map(({ kernel: { name } }) => name).join(' + '),
});
