/** What a WebGPU device is, and what a dispatch costs on it before a kernel has done anything. */
import dispatchShader from '../../shaders/bench/dispatch.wgsl';
import { findAdapter } from '../backends/webgpu';
import { MessageError } from '../numerics/message';

export interface DispatchTimes {
  /** Seconds per dispatch of a kernel that does nothing, many of them in one pass. */
  readonly empty: number;
  /** The same where each needs what the one before it has written. */
  readonly dependent: number;
}

export interface DeviceDescription {
  readonly name: string;
  readonly vendor: string;
  readonly architecture: string;
  /** A CPU that does a graphics card's work. */
  readonly software: boolean;
  /** Whether kernels may compute in FP16 (`shader-f16`). The engine emulates it all the same. */
  readonly nativeF16: boolean;
  readonly features: readonly string[];
}

const ROUNDS = 5;
/** Long enough for the clock, and for what a submit costs by itself. */
const BATCH_SECONDS = 0.05;
/** As many commands as drivers take in one pass without trouble. */
const LARGEST_BATCH = 1 << 16;

export interface FoundDevice {
  readonly description: DeviceDescription;
  readonly adapter: GPUAdapter;
}

/** The adapter that the backend would get, too. @throws {Error} in words when there is none */
export async function findDevice(gpu: GPU): Promise<FoundDevice> {
  const found = await findAdapter(gpu);
  if (found.kind === 'none') throw new MessageError(found.reason);
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (adapter === null) throw new Error('the WebGPU adapter has gone');
  const { info, features } = adapter;
  const description = {
    name: found.name,
    vendor: info.vendor,
    architecture: info.architecture,
    software: found.kind === 'software',
    nativeF16: features.has('shader-f16'),
    features: [...features].sort(),
  };
  return { description, adapter };
}

/** Runs so many dispatches and waits for them; gives the seconds from submitting to the end. */
type Batch = (dispatches: number) => Promise<number>;

function batchOf(device: GPUDevice, pipeline: GPUComputePipeline, bindings?: GPUBindGroup): Batch {
  return async (dispatches) => {
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    pass.setPipeline(pipeline);
    if (bindings) pass.setBindGroup(0, bindings);
    for (let i = 0; i < dispatches; i++) pass.dispatchWorkgroups(1);
    pass.end();
    const commands = encoder.finish();
    const start = performance.now();
    device.queue.submit([commands]);
    await device.queue.onSubmittedWorkDone();
    return (performance.now() - start) / 1000;
  };
}

/** Twice as many dispatches, less the time of half of them: what a submit and waiting for it cost drops out. */
async function secondsPerDispatch(batch: Batch): Promise<number> {
  let dispatches = 64;
  while (dispatches < LARGEST_BATCH && (await batch(dispatches)) < BATCH_SECONDS) dispatches *= 2;
  const differences: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const [half, whole] = [await batch(dispatches), await batch(2 * dispatches)];
    differences.push((whole - half) / dispatches);
  }
  return differences.sort((a, b) => a - b)[ROUNDS >> 1];
}

export async function measureDispatches(device: GPUDevice): Promise<DispatchTimes> {
  const module = device.createShaderModule({
    code: dispatchShader.text({ native_ftz: false, counting: false }),
  });
  const pipelineOf = (entryPoint: string): Promise<GPUComputePipeline> =>
    device.createComputePipelineAsync({ layout: 'auto', compute: { module, entryPoint } });
  const [empty, dependent] = await Promise.all([pipelineOf('empty'), pipelineOf('dependent')]);
  const counter = device.createBuffer({ size: 4, usage: GPUBufferUsage.STORAGE });
  const bindings = device.createBindGroup({
    layout: dependent.getBindGroupLayout(0),
    entries: [{ binding: 0, resource: { buffer: counter } }],
  });
  const times = {
    empty: await secondsPerDispatch(batchOf(device, empty)),
    dependent: await secondsPerDispatch(batchOf(device, dependent, bindings)),
  };
  counter.destroy();
  return times;
}
