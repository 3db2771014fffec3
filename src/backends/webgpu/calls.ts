/** Makes the dispatches of a plan ready: pipelines, bind groups, call uniforms, workgroup counts. */
import type { Operand } from '../../graph/kernel';
import { VIEW_LAYOUT } from '../../graph/layout/tables';
import type { Plan } from '../../graph/plan';
import type { Dispatch } from './dispatch';
import { inErrorScope } from './error-scope';
import type { Memory } from './memory';
import {
  BINDING,
  operandBindings,
  type CompiledKernel,
  type Pipelines,
  type ProgramVariant,
} from './pipelines';
import { message, MessageError } from '../../numerics/message';

declare module '../../numerics/message' {
  interface Messages {
    'too-many-workgroups': { call: string; needed: number; most: number };
  }
}

/** The buffers at bindings 1 to 4. */
export interface EngineBuffers {
  readonly control: GPUBuffer;
  readonly lanes: GPUBuffer;
  readonly policy: GPUBuffer;
  readonly records: GPUBuffer;
}

interface ReadyDispatch {
  readonly pipeline: GPUComputePipeline;
  readonly bindGroup: GPUBindGroup;
  /** Workgroups in x. */
  readonly workgroups: number;
}

const nameOf = ({ kernel, label }: Dispatch): string => `kernel ${kernel.name} of ${label}`;

/** The dispatch's uniform block: a view per operand, then the constants. */
function uniformWords({ inputs, outputs, constants }: Dispatch, plan: Plan): number[] {
  const operands = [...inputs, ...outputs];
  const views = new Uint32Array(operands.length * VIEW_LAYOUT.words);
  operands.forEach((operand, i) => {
    const { offset, laneStride, rowStride, columns } = plan.view(operand);
    VIEW_LAYOUT.write(views, { offset, laneStride, rowStride, columns }, i * VIEW_LAYOUT.words);
  });
  return [...views, ...constants];
}

/** WebGPU's own message about a buffer bound twice names neither the kernel nor what to do. */
function checkAliasing(dispatch: Dispatch, plan: Plan): void {
  const bufferOf = (operand: Operand): string => plan.view(operand).buffer;
  const inputs = new Set(dispatch.inputs.map(bufferOf));
  const outputs = dispatch.outputs.map(bufferOf);
  const both = outputs.find((buffer) => inputs.has(buffer));
  if (both !== undefined) {
    throw new Error(
      `${nameOf(dispatch)} reads and writes ${both}; an operand that is both has to be an output only`,
    );
  }
  const { outputsInOneBuffer } = dispatch.kernel;
  const together = new Set(outputs.slice(0, outputsInOneBuffer));
  const bound = [...together, ...outputs.slice(outputsInOneBuffer)];
  if (together.size > 1 || new Set(bound).size < bound.length) {
    const must = outputsInOneBuffer > 1 ? 'one and the same buffer' : 'a buffer for each output';
    throw new Error(
      `${nameOf(dispatch)} expects ${must} (outputsShareBuffer), but writes ${outputs.join(', ')}`,
    );
  }
}

export interface PlanOptions {
  readonly device: GPUDevice;
  readonly pipelines: Pipelines;
  readonly memory: Memory;
  readonly engine: EngineBuffers;
  readonly lanes: number;
  /** Variant of the kernels that the program's lanes need. */
  readonly variant: ProgramVariant;
}

export class PreparedPlan {
  readonly #dispatches: readonly ReadyDispatch[];
  readonly #uniforms: GPUBuffer;
  readonly #lanes: number;

  private constructor(dispatches: readonly ReadyDispatch[], uniforms: GPUBuffer, lanes: number) {
    this.#dispatches = dispatches;
    this.#uniforms = uniforms;
    this.#lanes = lanes;
  }

  /**
   * Compiles what is not compiled yet, everything in parallel.
   *
   * @param dispatches what stands for the calls of the plan (fusion/fuse.ts)
   * @throws {Error} naming the kernel, when one does not compile or its operands cannot be bound
   */
  static async prepare(
    plan: Plan,
    dispatches: readonly Dispatch[],
    options: PlanOptions,
  ): Promise<PreparedPlan> {
    const { device, pipelines, lanes, variant } = options;
    for (const dispatch of dispatches) checkAliasing(dispatch, plan);
    const kernels = await Promise.all(dispatches.map((dispatch) => pipelines.compile(dispatch, variant)));
    const counts = dispatches.map((dispatch, i) => workgroups(dispatch, kernels[i], device.limits));
    const { buffer, offsets, sizes } = uniformBuffer(
      device,
      dispatches.map((dispatch) => uniformWords(dispatch, plan)),
    );
    const { made: ready, error } = await inErrorScope(device, 'validation', () =>
      dispatches.map((dispatch, i) => {
        const uniform = { buffer, offset: offsets[i], size: sizes[i] };
        return {
          pipeline: kernels[i].pipeline,
          bindGroup: bindGroup(dispatch, plan, kernels[i], uniform, options),
          workgroups: counts[i],
        };
      }),
    );
    if (error) {
      buffer.destroy();
      throw new Error(error.message);
    }
    return new PreparedPlan(ready, buffer, lanes);
  }

  get dispatches(): number {
    return this.#dispatches.length;
  }

  /** Encodes the calls once. WebGPU orders the memory accesses of successive dispatches by itself. */
  encode(pass: GPUComputePassEncoder): void {
    for (const { pipeline, bindGroup, workgroups } of this.#dispatches) {
      pass.setPipeline(pipeline);
      pass.setBindGroup(0, bindGroup);
      pass.dispatchWorkgroups(workgroups, 1, this.#lanes);
    }
  }

  destroy(): void {
    this.#uniforms.destroy();
  }
}

/** All call uniforms in one buffer. */
function uniformBuffer(
  device: GPUDevice,
  blocks: readonly (readonly number[])[],
): { buffer: GPUBuffer; offsets: number[]; sizes: number[] } {
  const alignment = device.limits.minUniformBufferOffsetAlignment;
  const offsets: number[] = [];
  // A uniform block is a multiple of 16 bytes long.
  const sizes = blocks.map((block) => Math.ceil(Math.max(block.length, 1) / 4) * 16);
  let end = 0;
  for (const size of sizes) {
    offsets.push(end);
    end += Math.ceil(size / alignment) * alignment;
  }
  const words = new Uint32Array(end / 4);
  blocks.forEach((block, i) => words.set(block, offsets[i] / 4));
  const usage = GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST;
  const buffer = device.createBuffer({ label: 'call uniforms', size: Math.max(end, 16), usage });
  device.queue.writeBuffer(buffer, 0, words);
  return { buffer, offsets, sizes };
}

function bindGroup(
  dispatch: Dispatch,
  plan: Plan,
  compiled: CompiledKernel,
  uniform: GPUBufferBinding,
  { device, memory, engine }: PlanOptions,
): GPUBindGroup {
  const { uses } = dispatch.kernel;
  const entries: GPUBindGroupEntry[] = [
    { binding: BINDING.call, resource: uniform },
    { binding: BINDING.control, resource: { buffer: engine.control } },
  ];
  if (uses.includes('lanes')) entries.push({ binding: BINDING.lanes, resource: { buffer: engine.lanes } });
  if (uses.includes('policy')) entries.push({ binding: BINDING.policy, resource: { buffer: engine.policy } });
  if (uses.includes('records'))
    entries.push({ binding: BINDING.records, resource: { buffer: engine.records } });
  const operands = [...dispatch.inputs, ...dispatch.outputs];
  operandBindings(dispatch).forEach((binding, i) => {
    if (binding !== null) entries.push({ binding, resource: { buffer: memory.buffer(plan, operands[i]) } });
  });
  return device.createBindGroup({ label: nameOf(dispatch), layout: compiled.layout, entries });
}

function workgroups(dispatch: Dispatch, { variant }: CompiledKernel, limits: GPUSupportedLimits): number {
  const needed = Math.ceil(dispatch.invocations(variant) / dispatch.kernel.workgroupSize);
  if (needed > limits.maxComputeWorkgroupsPerDimension) {
    const values = { call: nameOf(dispatch), needed, most: limits.maxComputeWorkgroupsPerDimension };
    throw new MessageError(message('too-many-workgroups', values));
  }
  return needed;
}
