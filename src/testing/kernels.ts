/**
 * Tests a single kernel: `compareKernel` executes one call on the kernel's reference, in WebAssembly and on WebGPU, and
 * demands the same bits of every buffer (pads included), every counter, the record header and the lanes' state.
 *
 *   await compareKernel(linearForward, {
 *     inputs: [
 *       { shape: [5, 3], values: [lane0, lane1] },       // dense Float32Arrays, one per lane …
 *       { shape: [2, 3], values: weights },              // … or one for all lanes
 *       { shape: [2], values: bias },
 *     ],
 *     outputs: [{ shape: [5, 2] }],
 *     sites: [{ formats: [FORMATS.fp32, FORMATS.fp16] }],  // one per output that is rounded; a format per lane
 *   });
 *
 * It returns what the reference computed, for tests that look at values. Inputs: inputs.ts.
 * Kernels over arenas (optimizers, cast of the parameters) need a plan of their own: see compareBackends.
 */
import type { Kernel, Operand } from '../graph/kernel';
import type { LaneSettings, StateValues } from '../graph/lanes';
import { packMatrix, unpackMatrix } from '../graph/packing';
import { plan as makePlan, type Plan } from '../graph/plan';
import { GraphBuilder } from '../graph/builder';
import type { ShaderConditions } from '../graph/shader';
import type { Parameter, Site, SiteRole, Tensor } from '../graph/tensor';
import { laneScaler } from '../training/lanes';
import type { Accumulation } from '../numerics/accumulation';
import type { NumberFormat, Rounding } from '../numerics/formats';
import { differences } from './equal-bits';
import {
  hasWasmKernels,
  runOnReference,
  runOnWasm,
  runOnWebGpu,
  type PlanCase,
  type PlanResult,
} from './plans';

export interface OperandCase {
  readonly shape: readonly number[];
  /** Dense values before the call, of all lanes or of each; +0 when not given. */
  readonly values?: Float32Array | readonly Float32Array[];
  /** One copy for all lanes, as data sets and tables are. */
  readonly shared?: boolean;
  /** Of an input, the formats of its values, one to each lane; FP32 unless told. */
  readonly formats?: readonly NumberFormat[];
}

export interface SiteCase {
  /** Of each lane. */
  readonly formats: readonly NumberFormat[];
  /** `output` unless told; at `parameter gradient` infinities and NaN set found-inf. */
  readonly role?: SiteRole;
}

export interface KernelCase {
  readonly inputs: readonly OperandCase[];
  readonly outputs: readonly OperandCase[];
  /** The i-th belongs to the i-th output. Also tells the number of lanes; without sites there is one lane. */
  readonly sites?: readonly SiteCase[];
  readonly attributes?: Readonly<Record<string, number>>;
  /** Per lane, where it differs from `DEFAULT_SETTINGS`. */
  readonly settings?: readonly Partial<LaneSettings>[];
  readonly states?: readonly Partial<StateValues>[];
  /** Of each lane; to nearest even unless told. */
  readonly roundings?: readonly Rounding[];
  /** Of each lane; in FP32 in order unless told. */
  readonly accumulations?: readonly Accumulation[];
  readonly step?: number;
}

export interface KernelResult extends PlanResult {
  readonly plan: Plan;
  /** Dense values: [output][lane]. */
  readonly outputs: readonly (readonly Float32Array[])[];
}

export const DEFAULT_SETTINGS: LaneSettings = {
  scaler: laneScaler('dynamic'),
  multiplier: 1,
  learningRate: 0.01,
  momentum: 0.9,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  singleTensor: false,
  kahan: false,
  seed: 1,
};

/** Operands that share a buffer can only be parameter gradients: puts the outputs into that arena. */
function moveToGradients(builder: GraphBuilder, outputs: readonly Tensor[], castSite: Site): void {
  outputs.forEach((gradient, index) => {
    const { name, shape } = gradient;
    const parameter: Parameter = {
      index,
      name,
      shape,
      initial: { kind: 'constant', value: 0 },
      master: gradient,
      cast: gradient,
      castSite,
      gradient,
    };
    builder.parameters.push(parameter);
    gradient.residence = { parameter, arena: 'gradients' };
  });
}

function buildPlan(kernel: Kernel, kernelCase: KernelCase): { plan: Plan; operands: readonly Tensor[] } {
  const builder = new GraphBuilder();
  const tensors = (cases: readonly OperandCase[], name: string): Tensor[] =>
    cases.map(({ shape, shared }, i) => builder.tensor(`${name} ${i}`, shape, { shared: shared ?? false }));
  const inputs = tensors(kernelCase.inputs, 'input');
  const outputs = tensors(kernelCase.outputs, 'output');
  const sites = (kernelCase.sites ?? []).map(({ role = 'output' }, i) =>
    builder.site(`site ${i}`, outputs[i], { layer: 'layer', role, op: 'test', sources: [] }),
  );
  kernelCase.inputs.forEach(({ formats }, i) => {
    if (!formats) return;
    const options = { layer: 'layer', role: 'input', op: 'test', sources: [] } as const;
    builder.site(`input site ${i}`, inputs[i], options);
  });
  if (kernel.outputsShareBuffer) moveToGradients(builder, outputs, sites[0]);
  builder.call(kernel, { label: 'test', inputs, outputs, sites, attributes: kernelCase.attributes ?? {} });
  return { plan: makePlan(builder), operands: [...inputs, ...outputs] };
}

/** Formats of the sites that `buildPlan` registers, in that order. */
const formatsByRegistration = ({ inputs, sites = [] }: KernelCase): (readonly NumberFormat[])[] => [
  ...sites.map(({ formats }) => formats),
  ...inputs.flatMap(({ formats }) => (formats ? [formats] : [])),
];

/** The memory before the call, by buffer. */
function contents(
  plan: Plan,
  operands: readonly Tensor[],
  cases: readonly OperandCase[],
  lanes: number,
): Map<string, Float32Array> {
  const buffers = new Map<string, Float32Array>();
  operands.forEach((operand, i) => {
    const view = plan.view(operand);
    const { elements, shared } = plan.buffers.get(view.buffer)!;
    const copies = shared ? 1 : lanes;
    const buffer = buffers.get(view.buffer) ?? new Float32Array(elements * copies);
    buffers.set(view.buffer, buffer);
    const { values } = cases[i];
    if (!values) return;
    for (let lane = 0; lane < copies; lane++) {
      const dense = values instanceof Float32Array ? values : values[lane];
      packMatrix(dense, view, buffer.subarray(lane * elements, (lane + 1) * elements));
    }
  });
  return buffers;
}

/** Throws an error with every difference from the reference; returns what the reference computed. */
export async function compareBackends(
  planCase: PlanCase,
  conditions?: ShaderConditions,
): Promise<PlanResult> {
  const expected = runOnReference(planCase);
  const compare = (name: string, actual: PlanResult): void => {
    const found = differences(planCase.plan, expected, actual);
    if (found.length > 0) throw new Error(`${name} differs from the reference:\n${found.join('\n')}`);
  };
  if (await hasWasmKernels(planCase.plan)) compare('WebAssembly', await runOnWasm(planCase));
  compare('WebGPU', await runOnWebGpu(planCase, conditions));
  return expected;
}

/** A case as a plan with its memory, and the operands in it: inputs, then outputs. */
export function planCaseOf(
  kernel: Kernel,
  kernelCase: KernelCase,
): { planCase: PlanCase; operands: readonly Tensor[] } {
  const { plan, operands } = buildPlan(kernel, kernelCase);
  const lanes = kernelCase.sites?.[0]?.formats.length ?? kernelCase.settings?.length ?? 1;
  const perLane = Array.from({ length: lanes }, (_, lane) => lane);
  const cases = [...kernelCase.inputs, ...kernelCase.outputs];
  const planCase = {
    plan,
    settings: perLane.map((lane) => ({ ...DEFAULT_SETTINGS, ...kernelCase.settings?.[lane] })),
    formats: perLane.map((lane) => formatsByRegistration(kernelCase).map((formats) => formats[lane])),
    buffers: contents(plan, operands, cases, lanes),
    roundings: kernelCase.roundings,
    accumulations: kernelCase.accumulations,
    states: kernelCase.states,
    step: kernelCase.step,
  };
  return { planCase, operands };
}

export async function compareKernel(
  kernel: Kernel,
  kernelCase: KernelCase,
  conditions?: ShaderConditions,
): Promise<KernelResult> {
  const { planCase, operands } = planCaseOf(kernel, kernelCase);
  const { plan, settings } = planCase;
  const result = await compareBackends(planCase, conditions);
  const dense = (operand: Operand): Float32Array[] => {
    const view = plan.view(operand);
    const { elements } = plan.buffers.get(view.buffer)!;
    const buffer = result.buffers.get(view.buffer)!;
    return settings.map((_, lane) =>
      unpackMatrix(view, buffer.subarray(lane * elements, (lane + 1) * elements)),
    );
  };
  return { ...result, plan, outputs: operands.slice(kernelCase.inputs.length).map(dense) };
}
