/**
 * A kernel is the unit that a plan calls: a WGSL entry point and, beside it, the reference that computes the
 * same bits on the CPU. Forward and backward kernels are of the same kind.
 */
import type { Accumulator } from '../numerics/accumulators';
import type { LaneState } from './lanes';
import type { Plan } from './plan';
import type { ProgramConditions, ShaderConditions, ShaderSource } from './shader';
import type { Arena, Site, Tensor } from './tensor';

/** An operand is a tensor, or a whole arena for kernels that treat all parameters at once. */
export type Operand = Tensor | Arena;

/**
 * Engine-wide buffers a kernel may bind, at fixed binding numbers (shaders/engine/*.wgsl declares them):
 *   0 `call`     uniform: one View (offset, lane stride, row stride, columns; u32 each) per operand, then `constants`
 *   1 `control`  uniform: step, record slot, the isolation zero
 *   2 `lanes`    storage: settings and scaler state of each lane (graph/lanes.ts)
 *   3 `policy`   storage, read: the policy table, one entry per (site, lane) (graph/policy.ts)
 *   4 `records`  storage, atomic: what this step counts and reports
 *   5 …          storage: the operands in order, inputs (read) then outputs (read_write)
 * WebGPU guarantees eight storage buffers to a kernel, so `uses` lists only what is needed.
 *
 * `controlWritable` is for the one kernel that advances the step: it gets the control block at binding 1 as storage,
 * read_write, instead of the uniform, so its shader declares its own variable of type Control there.
 */
export type EngineBinding = 'lanes' | 'policy' | 'records' | 'controlWritable';

/** The same storage as a matrix of one lane, as the reference sees it. */
export interface Matrix {
  readonly data: Float32Array;
  readonly rows: number;
  readonly columns: number;
  /** Elements from one row to the next. */
  readonly stride: number;
}

/** Rounds values at one site of one lane and counts what happens to them (records.ts). */
export interface SiteRounder {
  /**
   * Rounds `value` (f32) to the site's format, counts it, and returns it. NaN comes back canonical.
   *
   * @param index place of the value in the lane's tensor as it is stored, pads counted; stochastic rounding draws its
   *   random number for it
   */
  round(value: number, index: number): number;
  /** The same without counting: what is written over before the step is done. */
  roundUncounted(value: number, index: number): number;
}

export interface ReferenceContext {
  readonly inputs: readonly Matrix[];
  readonly outputs: readonly Matrix[];
  readonly rounders: readonly SiteRounder[];
  /** For kernels with `accumulates`, how the lane adds up products; null is FP32 in order. */
  readonly accumulator: Accumulator | null;
  /** Per-lane numbers, the same that the `lanes` buffer holds. */
  readonly lane: LaneState;
  /** This step's record of this lane: header, then counters (graph/records.ts). */
  readonly record: Uint32Array;
  /** Zero-based index of the running step. */
  readonly step: number;
}

export interface Kernel {
  /** Unique; names the pipeline. `linear.forward`. */
  readonly name: string;
  readonly shader: ShaderSource;
  readonly entryPoint: string;
  readonly uses: readonly EngineBinding[];
  /**
   * All outputs lie in the same buffer, as parameter gradients do: WebGPU forbids to bind a buffer twice where one
   * binding is writable. The buffer is then bound once, at the binding of the first output; the call's uniform still
   * has a view for every output, and the shader writes all of them through the one variable. Operands that are read
   * and written (an optimizer's arenas) are outputs only.
   */
  readonly outputsShareBuffer?: boolean;
  /**
   * Adds up products of elements of its first two inputs in the way the lane chose, and writes the sums at its first
   * site.
   */
  readonly accumulates?: boolean;
  /** Conditions of its shader that hold whatever the program needs. */
  readonly conditions?: ProgramConditions;
  /** Updates the loss scalers, by the rules of those that the program's lanes have (training/scalers/rules-text.ts). */
  readonly updatesScalers?: boolean;
  /** Takes the loss scale from gradients, which some scalers do by a division (shaders/training/unscale.wgsl). */
  readonly unscales?: boolean;
  /** Invocations in one workgroup, as in the shader's @workgroup_size(x). */
  readonly workgroupSize: number;
  /** Invocations that this variant needs in x for one lane; y is 1 and z is the lane. */
  invocations(call: KernelCall, plan: Plan, variant: ShaderConditions): number;
  /** u32 words that follow the operands' views in the call's uniform block: dimensions, site ids. */
  constants(call: KernelCall, plan: Plan): readonly number[];
  /** Computes one lane. The WGSL performs the same f32 operations in the same order. */
  reference(context: ReferenceContext, call: KernelCall, plan: Plan): void;
}

/** One entry of a plan. */
export interface KernelCall {
  readonly kernel: Kernel;
  /** The layer or purpose it serves, for messages: `fc1`. */
  readonly label: string;
  readonly inputs: readonly Operand[];
  readonly outputs: readonly Operand[];
  /** Sizes that the tensors' shapes do not tell: kernel width, stride, padding, … */
  readonly attributes: Readonly<Record<string, number>>;
  /** The sites its outputs are rounded at, in the order the reference's `rounders` have. */
  readonly sites: readonly Site[];
}

export const isTensor = (operand: Operand): operand is Tensor => typeof operand !== 'string';

/** The tensor at a position where the kernel knows that one stands. */
export function tensorAt(operands: readonly Operand[], index: number): Tensor {
  const operand = operands[index];
  if (operand === undefined || !isTensor(operand)) throw new Error(`operand ${index} is not a tensor`);
  return operand;
}
