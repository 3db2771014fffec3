/**
 * What the device is told to do: dispatches. Ordinarily each stands for one call of a plan; the rules of fusion/ make
 * one of several.
 */
import type { EngineBinding, Kernel, KernelCall, Operand } from '../../graph/kernel';
import type { Plan } from '../../graph/plan';
import type { ProgramConditions, ShaderConditions, ShaderSource } from '../../graph/shader';

/** An entry point and what is bound to it. Binding numbers are those of graph/kernel.ts. */
export interface DispatchKernel {
  /** Unique; names the pipeline. */
  readonly name: string;
  readonly shader: ShaderSource;
  readonly entryPoint: string;
  readonly uses: readonly EngineBinding[];
  /** Kernel.accumulates. */
  readonly accumulates: boolean;
  /** Kernel.conditions. */
  readonly conditions?: ProgramConditions;
  /** Kernel.updatesScalers. */
  readonly updatesScalers: boolean;
  /** Kernel.unscales. */
  readonly unscales: boolean;
  /**
   * So many outputs, the first ones, lie in one buffer, which is bound once, at the binding of the first of them
   * (Kernel.outputsShareBuffer).
   */
  readonly outputsInOneBuffer: number;
  /** Invocations in one workgroup, as in the shader's @workgroup_size(x). */
  readonly workgroupSize: number;
}

export interface Dispatch {
  readonly kernel: DispatchKernel;
  /** The layer or purpose it serves, for messages. */
  readonly label: string;
  readonly inputs: readonly Operand[];
  readonly outputs: readonly Operand[];
  /** u32 words that follow the operands' views in the uniform block. */
  readonly constants: readonly number[];
  /** Invocations that a variant needs in x for one lane. */
  readonly invocations: (variant: ShaderConditions) => number;
}

/** A kernel with this number of outputs as a dispatch runs it. */
export function dispatchKernel(kernel: Kernel, outputs: number): DispatchKernel {
  const { name, shader, entryPoint, uses, conditions, outputsShareBuffer, workgroupSize } = kernel;
  const { accumulates = false, updatesScalers = false, unscales = false } = kernel;
  const outputsInOneBuffer = outputsShareBuffer ? outputs : 1;
  return {
    name,
    shader,
    entryPoint,
    uses,
    accumulates,
    updatesScalers,
    unscales,
    conditions,
    outputsInOneBuffer,
    workgroupSize,
  };
}

/** A call by itself. */
export function dispatchOf(call: KernelCall, plan: Plan): Dispatch {
  const { kernel, label, inputs, outputs } = call;
  return {
    kernel: dispatchKernel(kernel, outputs.length),
    label,
    inputs,
    outputs,
    constants: kernel.constants(call, plan),
    invocations: (variant) => kernel.invocations(call, plan, variant),
  };
}
