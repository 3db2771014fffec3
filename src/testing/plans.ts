/**
 * Runs the calls of a plan once, from given memory, and returns the memory afterwards: on the references of the
 * kernels, in WebAssembly, and on WebGPU in Node. Tests of kernels and optimizers compare the two bit for bit (`compareBackends`);
 * for a single kernel, kernels.ts makes the plan.
 */
import { AddressSpace } from '../backends/wasm/address-space';
import { planImage, scratchFor, type Segment } from '../backends/wasm/image';
import { LANE_BLOCK } from '../backends/wasm/call-structs';
import { exportName, ROW_BYTES } from '../backends/wasm/layout';
import { compileKernels, instantiate, kernelNames } from '../backends/wasm/module';
import { packControl } from '../backends/webgpu/control';
import { Memory } from '../backends/webgpu/memory';
import { openDevice, type OpenDevice } from '../backends/webgpu/device';
import { requestNodeGpu } from '../backends/webgpu/node';
import { Pipelines } from '../backends/webgpu/pipelines';
import { PreparedPlan, type EngineBuffers } from '../backends/webgpu/calls';
import { fuse, unfused } from '../backends/webgpu/fusion/fuse';
import { variantFor } from '../backends/webgpu/prepare';
import { executesInFours, QUADS_FEATURE } from '../backends/webgpu/quads';
import type { Matrix, Operand } from '../graph/kernel';
import { LANE_ROW_WORDS, type LaneSettings, type LaneState, type StateValues } from '../graph/lanes';
import { initialState, packLane, packState, scaleWords, unpackState } from '../training/lanes';
import type { Plan } from '../graph/plan';
import { accumulatorFor, IN_ORDER, NEAREST_EVEN, packPolicy, type LanePolicy } from '../graph/policy';
import { recordWords } from '../graph/records';
import type { ShaderConditions } from '../graph/shader';
import type { Accumulation } from '../numerics/accumulation';
import type { NumberFormat, Rounding } from '../numerics/formats';
import { expectedRounder } from './expected-rounder';

export interface PlanCase {
  readonly plan: Plan;
  /** One entry per lane. */
  readonly settings: readonly LaneSettings[];
  /** Format of each site by its id, per lane. */
  readonly formats: readonly (readonly NumberFormat[])[];
  /** Of each lane; to nearest even unless told. */
  readonly roundings?: readonly Rounding[];
  /** Of each lane, the sites at which it rounds otherwise (LanePolicy.roundings). */
  readonly siteRoundings?: readonly ReadonlyMap<number, Rounding>[];
  /** Of each lane; in FP32 in order unless told. */
  readonly accumulations?: readonly Accumulation[];
  /** Contents before the run by the plan's buffer names, [lane][elements]; +0 where none is given. */
  readonly buffers?: ReadonlyMap<string, Float32Array>;
  /** State before the run, per lane, where it is not the initial one. */
  readonly states?: readonly Partial<StateValues>[];
  /** The step's record before the run, [lane][recordWords]; zeros when none is given. */
  readonly records?: Uint32Array;
  /** Zero-based index of the step. */
  readonly step?: number;
}

export interface PlanResult {
  /** By the plan's buffer names: [lane][elements]. */
  readonly buffers: ReadonlyMap<string, Float32Array>;
  /** [lane][recordWords]. */
  readonly records: Uint32Array;
  readonly states: readonly StateValues[];
}

/** A copy of what a buffer holds before the run. */
function initialContents({ plan, settings, buffers }: PlanCase, name: string): Float32Array<ArrayBuffer> {
  const size = plan.buffers.get(name);
  if (!size) throw new Error(`no kernel of the plan uses ${name}`);
  const elements = new Float32Array(size.elements * (size.shared ? 1 : settings.length));
  const given = buffers?.get(name);
  if (given && given.length !== elements.length) {
    throw new RangeError(`${name} has ${elements.length} elements and was given ${given.length}`);
  }
  if (given) elements.set(given);
  return elements;
}

const initialRecords = ({ plan, settings, records }: PlanCase): Uint32Array<ArrayBuffer> =>
  records ? Uint32Array.from(records) : new Uint32Array(settings.length * recordWords(plan.sites.length));

/** What kernels read of a scale follows from the one that the scaler remembers. */
function stateBefore({ settings, states }: PlanCase, lane: number): LaneState {
  const state = { ...initialState(settings[lane]), ...states?.[lane] };
  return { ...state, ...scaleWords(state.scalerState.scale) };
}

const policies = ({ settings, formats, roundings, siteRoundings, accumulations }: PlanCase): LanePolicy[] =>
  settings.map(({ seed }, lane) => ({
    formats: formats[lane],
    rounding: roundings?.[lane] ?? NEAREST_EVEN,
    roundings: siteRoundings?.[lane],
    accumulation: accumulations?.[lane] ?? IN_ORDER,
    seed,
  }));

const stateValues = ({
  scale,
  inverseScale,
  scalerState,
  raised,
  optimizerSteps,
  skippedSteps,
  momentFactor,
}: StateValues): StateValues => ({
  scale,
  inverseScale,
  scalerState,
  raised,
  optimizerSteps,
  skippedSteps,
  momentFactor,
});

/** Runs the references of the kernels. */
export function runOnReference(planCase: PlanCase): PlanResult {
  const { plan, settings, step = 0 } = planCase;
  const buffers = new Map([...plan.buffers.keys()].map((name) => [name, initialContents(planCase, name)]));
  const records = initialRecords(planCase);
  const words = recordWords(plan.sites.length);
  const states = settings.map((_, lane) => stateBefore(planCase, lane));
  const lanes = policies(planCase);
  const matrix = (operand: Operand, lane: number): Matrix => {
    const { buffer, offset, laneStride, rowStride, rows, columns } = plan.view(operand);
    const start = offset + lane * laneStride;
    return {
      data: buffers.get(buffer)!.subarray(start, start + rows * rowStride),
      rows,
      columns,
      stride: rowStride,
    };
  };
  for (const call of plan.calls) {
    for (const [lane, state] of states.entries()) {
      const record = records.subarray(lane * words, (lane + 1) * words);
      const context = {
        inputs: call.inputs.map((operand) => matrix(operand, lane)),
        outputs: call.outputs.map((operand) => matrix(operand, lane)),
        rounders: call.sites.map((site) => expectedRounder(site, lanes[lane], { record, step })),
        accumulator: accumulatorFor(call, lanes[lane]),
        lane: state,
        record,
        step,
      };
      call.kernel.reference(context, call, plan);
    }
  }
  return { buffers, records, states: states.map(stateValues) };
}

/** A row of the `lanes` buffer as it is before the run. */
function laneRow(planCase: PlanCase, lane: number): Uint32Array<ArrayBuffer> {
  const row = packLane(planCase.settings[lane]);
  packState(stateBefore(planCase, lane), row);
  return row;
}

/** Whether all kernels of a plan are computed in WebAssembly; those that exist for tests alone are not. */
export async function hasWasmKernels({ calls }: Plan): Promise<boolean> {
  const names = kernelNames(await compileKernels());
  return calls.every(({ kernel }) => names.has(exportName(kernel)));
}

/** Runs the assembly's kernels. */
export async function runOnWasm(planCase: PlanCase): Promise<PlanResult> {
  const { plan, settings, step = 0 } = planCase;
  const space = new AddressSpace([plan], settings.length, null);
  const policy = packPolicy(plan, policies(planCase));
  const rows = space.reserve(ROW_BYTES * settings.length);
  const policyAddress = space.reserve(policy.byteLength);
  const scratch = space.reserve(scratchFor([plan]));
  const segments: Segment[] = [];
  const image = planImage(
    plan,
    { lanes: settings.length, slots: 1, constant: segments },
    { space, rows, policy: policyAddress, scratch },
  );
  const { memory, kernel } = instantiate(await compileKernels(), space.end + 64);
  const words = new Uint32Array(memory.buffer);
  const floats = new Float32Array(memory.buffer);
  const write = (address: number, data: Uint32Array): void => words.set(data, address / 4);
  for (const { address, words: data } of segments) write(address, data);
  write(policyAddress, policy);
  write(image.records.address, initialRecords(planCase));
  settings.forEach((_, lane) => write(rows + lane * ROW_BYTES, laneRow(planCase, lane)));
  const regions = bufferAddresses(plan, space);
  for (const [name, address] of regions) floats.set(initialContents(planCase, name), address / 4);
  image.lanes.forEach((block, lane) => {
    words[block / 4 + LANE_BLOCK.at.step] = step;
    words[block / 4 + LANE_BLOCK.at.record] = image.records.address + lane * image.records.words * 4;
    image.kernels.forEach((name, call) => kernel(name)(image.blocks[lane][call], block));
  });
  const records = image.records.address / 4;
  return {
    buffers: new Map(
      [...regions].map(([name, address]) => [
        name,
        floats.slice(address / 4, address / 4 + initialContents(planCase, name).length),
      ]),
    ),
    records: words.slice(records, records + settings.length * image.records.words),
    states: settings.map((_, lane) => {
      const row = (rows + lane * ROW_BYTES) / 4;
      return unpackState(words.subarray(row, row + LANE_ROW_WORDS), settings[lane]);
    }),
  };
}

/** Where each buffer of a plan begins. */
function bufferAddresses(plan: Plan, space: AddressSpace): ReadonlyMap<string, number> {
  const operands = plan.calls.flatMap((call) => [...call.inputs, ...call.outputs]);
  return new Map(
    operands.map((operand) => {
      const { buffer, offset } = plan.view(operand);
      return [buffer, space.address(plan, operand, 0) - 4 * offset];
    }),
  );
}

const STORAGE = (): number => GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;

function engineBuffers(device: GPUDevice, planCase: PlanCase): EngineBuffers {
  const { plan, settings, step = 0 } = planCase;
  const filled = (label: string, words: Uint32Array, usage: number): GPUBuffer => {
    const buffer = device.createBuffer({ label, size: Math.max(words.byteLength, 16), usage });
    device.queue.writeBuffer(buffer, 0, words);
    return buffer;
  };
  const lanes = new Uint32Array(settings.length * LANE_ROW_WORDS);
  settings.forEach((_, lane) => lanes.set(laneRow(planCase, lane), lane * LANE_ROW_WORDS));
  const words = recordWords(plan.sites.length);
  const control = packControl({ step, lanes: settings.length, recordWords: words, slots: 1 });
  return {
    control: filled('control', control, STORAGE() | GPUBufferUsage.UNIFORM),
    lanes: filled('lanes', lanes, STORAGE()),
    policy: filled('policy', packPolicy(plan, policies(planCase)), STORAGE()),
    records: filled('records', initialRecords(planCase), STORAGE()),
  };
}

let shared: Promise<OpenDevice> | undefined;

/** One device for all tests of a file. */
function openTestDevice(): Promise<OpenDevice> {
  shared ??= requestNodeGpu().then((gpu) => openDevice(gpu, [QUADS_FEATURE]));
  return shared;
}

export const testDevice = async (): Promise<GPUDevice> => (await openTestDevice()).device;

/**
 * The variants of kernels that products of matrices have on this machine: with explicit flushing and, where the device
 * can, without it and shared among four invocations, which hardware GPUs do not do (backends/webgpu/quads.ts).
 */
export async function productVariants(): Promise<readonly ShaderConditions[]> {
  const { device, info } = await openTestDevice();
  const explicit = { native_ftz: false, counting: true };
  return (await executesInFours(device, info))
    ? [explicit, { native_ftz: true, counting: true, quads: true }]
    : [explicit];
}

const pipelines = new Map<string, Pipelines>();

function pipelinesFor(device: GPUDevice, conditions: ShaderConditions): Pipelines {
  const key = JSON.stringify(conditions);
  const known = pipelines.get(key) ?? new Pipelines(device, conditions);
  pipelines.set(key, known);
  return known;
}

async function readWords(device: GPUDevice, source: GPUBuffer): Promise<ArrayBuffer> {
  const usage = GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST;
  const staging = device.createBuffer({ size: source.size, usage });
  const encoder = device.createCommandEncoder();
  encoder.copyBufferToBuffer(source, 0, staging, 0, source.size);
  device.queue.submit([encoder.finish()]);
  await staging.mapAsync(GPUMapMode.READ);
  const copy = staging.getMappedRange().slice(0);
  staging.destroy();
  return copy;
}

/**
 * Runs the WGSL of the kernels in Node.
 *
 * @param fusion whether fused kernels stand for several calls, as the backend has it; tests of kernels have them one by
 *   one. What no fused kernel touches is missing in the result then
 * @throws {Error} with WebGPU's message when it finds anything invalid
 */
export async function runOnWebGpu(
  planCase: PlanCase,
  conditions: ShaderConditions = { native_ftz: false, counting: true },
  { fusion = false }: { readonly fusion?: boolean } = {},
): Promise<PlanResult> {
  const { plan, settings } = planCase;
  const device = await testDevice();
  const variant = variantFor(plan.calls, policies(planCase), settings);
  const { dispatches, unused } = fusion ? fuse(plan, variant.conditions) : unfused(plan);
  const memory = new Memory(device, settings.length, [plan], new Map([[plan, unused]]));
  const engine = engineBuffers(device, planCase);
  const operands = new Map<string, Operand>();
  for (const operand of dispatches.flatMap(({ inputs, outputs }) => [...inputs, ...outputs])) {
    operands.set(plan.view(operand).buffer, operand);
  }
  for (const [name, operand] of operands) memory.write(plan, operand, initialContents(planCase, name));
  const prepared = await PreparedPlan.prepare(plan, dispatches, {
    device,
    pipelines: pipelinesFor(device, conditions),
    memory,
    engine,
    lanes: settings.length,
    variant,
  });
  device.pushErrorScope('validation');
  const encoder = device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  prepared.encode(pass);
  pass.end();
  device.queue.submit([encoder.finish()]);
  const error = await device.popErrorScope();
  if (error) throw new Error(error.message);

  const buffers = new Map<string, Float32Array>();
  for (const [name, operand] of operands) {
    buffers.set(name, new Float32Array(await readWords(device, memory.buffer(plan, operand))));
  }
  const records = new Uint32Array(await readWords(device, engine.records));
  const rows = new Uint32Array(await readWords(device, engine.lanes));
  const states = settings.map((_, lane) =>
    unpackState(rows.subarray(lane * LANE_ROW_WORDS, (lane + 1) * LANE_ROW_WORDS), settings[lane]),
  );
  memory.destroy();
  prepared.destroy();
  for (const buffer of Object.values(engine)) (buffer as GPUBuffer).destroy();
  return { buffers, records, states };
}
