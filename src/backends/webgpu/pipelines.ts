/**
 * Compiles kernels. Bind group layouts are explicit: `layout: 'auto'` would leave out the bindings that a variant of
 * a shader happens not to use, and every kernel could then need a different bind group.
 */
import type { EngineBinding } from '../../graph/kernel';
import { dividesByScale } from '../../training/scalers';
import { withRulesOf } from '../../training/scalers/rules-text';
import { isShaderVariant, type ProgramConditions, type ShaderConditions } from '../../graph/shader';
import type { Dispatch } from './dispatch';

/** Binding numbers of graph/kernel.ts. */
export const BINDING = { call: 0, control: 1, lanes: 2, policy: 3, records: 4, operands: 5 } as const;

/** What WebGPU guarantees to every compute stage (maxStorageBuffersPerShaderStage). */
const STORAGE_BUFFERS = 8;

export interface CompiledKernel {
  readonly variant: ShaderConditions;
  readonly pipeline: GPUComputePipeline;
  readonly layout: GPUBindGroupLayout;
}

/** Binding number of each operand, inputs then outputs; null for one that is bound with an earlier one. */
export function operandBindings({ kernel, inputs, outputs }: Dispatch): readonly (number | null)[] {
  return [...inputs, ...outputs].map((_, i) => {
    const output = i - inputs.length;
    return output > 0 && output < kernel.outputsInOneBuffer ? null : BINDING.operands + i;
  });
}

function layoutEntries(dispatch: Dispatch): GPUBindGroupLayoutEntry[] {
  const { kernel, inputs } = dispatch;
  const uses = (binding: EngineBinding): boolean => kernel.uses.includes(binding);
  const types: [number, GPUBufferBindingType][] = [
    [BINDING.call, 'uniform'],
    [BINDING.control, uses('controlWritable') ? 'storage' : 'uniform'],
  ];
  if (uses('lanes')) types.push([BINDING.lanes, 'storage']);
  if (uses('policy')) types.push([BINDING.policy, 'read-only-storage']);
  if (uses('records')) types.push([BINDING.records, 'storage']);
  operandBindings(dispatch).forEach((binding, i) => {
    if (binding !== null) types.push([binding, i < inputs.length ? 'read-only-storage' : 'storage']);
  });
  const storage = types.filter(([, type]) => type !== 'uniform').length;
  if (storage > STORAGE_BUFFERS) {
    throw new Error(
      `kernel ${kernel.name} binds ${storage} storage buffers; WebGPU guarantees ${STORAGE_BUFFERS}`,
    );
  }
  return types.map(([binding, type]) => ({ binding, visibility: GPUShaderStage.COMPUTE, buffer: { type } }));
}

/** The compiler's errors, each with the line of the linked shader that it is about. */
async function shaderErrors(module: GPUShaderModule, code: string): Promise<string[]> {
  const { messages } = await module.getCompilationInfo();
  const lines = code.split('\n');
  return messages
    .filter(({ type }) => type === 'error')
    .map(({ lineNum, message }) => `line ${lineNum}: ${message}\n    ${(lines[lineNum - 1] ?? '').trim()}`);
}

/** The variant of the kernels that a program needs. */
export interface ProgramVariant {
  readonly conditions: ProgramConditions;
  /** Of the kernels that add up products in the lanes' ways (Kernel.accumulates). */
  readonly constants: Readonly<Record<string, number>>;
  /** Kinds of the lanes' loss scalers, each once. */
  readonly scalers: readonly string[];
}

/** The compiled kernels of a device. Experiments share kernels, so most loads find everything compiled. */
export class Pipelines {
  readonly #device: GPUDevice;
  readonly #conditions: ShaderConditions;
  readonly #modules = new Map<string, GPUShaderModule>();
  /** By the linked shader, then by kernel. */
  readonly #compiled = new Map<string, Map<string, Promise<CompiledKernel>>>();

  constructor(device: GPUDevice, conditions: ShaderConditions) {
    this.#device = device;
    this.#conditions = conditions;
  }

  /** The kernel of a dispatch. All kernels asked for at once are compiled in parallel. */
  compile(dispatch: Dispatch, { conditions, constants, scalers }: ProgramVariant): Promise<CompiledKernel> {
    const wished = { ...conditions, ...dispatch.kernel.conditions, ...this.#conditions };
    const variant = isShaderVariant(wished) ? wished : { ...wished, quads: false };
    const text = dispatch.kernel.shader.text(variant);
    const code = dispatch.kernel.updatesScalers ? withRulesOf(scalers, text) : text;
    const general = dispatch.kernel.accumulates && conditions.general_accumulation === true;
    const divides = dispatch.kernel.unscales && scalers.some(dividesByScale);
    const used = { ...(general ? constants : {}), ...(divides ? { some_lane_divides: 1 } : {}) };
    const ofShader = this.#compiled.get(code) ?? new Map<string, Promise<CompiledKernel>>();
    this.#compiled.set(code, ofShader);
    const key = `${dispatch.kernel.name} ${dispatch.inputs.length} ${dispatch.outputs.length} ${JSON.stringify(used)}`;
    const compiled = ofShader.get(key) ?? this.#compile(dispatch, code, variant, used);
    ofShader.set(key, compiled);
    return compiled;
  }

  #module(path: string, code: string): GPUShaderModule {
    const known = this.#modules.get(code);
    if (known) return known;
    // The pipeline reports errors in the module; without a scope they would be reported a second time.
    this.#device.pushErrorScope('validation');
    const module = this.#device.createShaderModule({ label: path, code });
    void this.#device.popErrorScope();
    this.#modules.set(code, module);
    return module;
  }

  async #compile(
    dispatch: Dispatch,
    code: string,
    variant: ShaderConditions,
    constants: ProgramVariant['constants'],
  ): Promise<CompiledKernel> {
    const { name, shader, entryPoint } = dispatch.kernel;
    const layout = this.#device.createBindGroupLayout({ label: name, entries: layoutEntries(dispatch) });
    const module = this.#module(shader.path, code);
    try {
      const pipeline = await this.#device.createComputePipelineAsync({
        label: name,
        layout: this.#device.createPipelineLayout({ label: name, bindGroupLayouts: [layout] }),
        compute: { module, entryPoint, constants },
      });
      return { pipeline, layout, variant };
    } catch (error) {
      const details = await shaderErrors(module, code);
      const reason = details.length > 0 ? details.join('\n') : String(error);
      throw new Error(`kernel ${name} (shaders/${shader.path}) does not compile:\n${reason}`, {
        cause: error,
      });
    }
  }
}
