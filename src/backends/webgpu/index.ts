/** The WebGPU backend: the kernels' WGSL on the visitor's GPU. In a page `gpu` is navigator.gpu; Node: see node.ts. */
import type { Backend } from '../../training/backend';
import { openDevice, WebGpuUnavailable } from './device';
import { DeviceHealth } from './health';
import { Pipelines } from './pipelines';
import { prepare } from './prepare';
import { executesInFours, QUADS_FEATURE } from './quads';
import { WebGpuRunner } from './runner';
import { message, type Message } from '../../numerics/message';

declare module '../../numerics/message' {
  interface Messages {
    'card-inexact': { name: string; findings: Message };
  }
}

export { findAdapter, type AdapterFound } from './device';
export { WebGpuUnavailable };

export interface WebGpuOptions {
  /** False leaves out the counters, so that a benchmark can tell what they cost. */
  readonly counting?: boolean;
  /** False dispatches every call of a plan by itself, so that a test can compare. */
  readonly fusion?: boolean;
}

/** What has to be known of a device before it computes; `examination/probe-device.ts` finds it out. */
export interface DeviceVerdict {
  /** The device flushes subnormals exactly as `numerics/f32.ts` does: kernels can be the `native_ftz` variant. */
  readonly nativeFtz: boolean;
  /** Every case agrees to the bit, in the variant that `nativeFtz` selects. If false, do not compute here. */
  readonly faithful: boolean;
  readonly notes: readonly Message[];
}

/**
 * @param examine what examines the device first; every caller but a test gives `probeDevice`
 * @throws {WebGpuUnavailable} when there is no WebGPU, no adapter or no device, or when the device computes other
 *   bits than the reference; the message is for people
 */
export async function createWebGpuBackend(
  gpu: GPU | undefined,
  examine: (device: GPUDevice) => Promise<DeviceVerdict>,
  { counting = true, fusion = true }: WebGpuOptions = {},
): Promise<Backend> {
  const { device, name, info, lost } = await openDevice(gpu, [QUADS_FEATURE]);
  const [verdict, quads] = await Promise.all([examine(device), executesInFours(device, info)]);
  const { nativeFtz, faithful, notes } = verdict;
  if (!faithful) {
    device.destroy();
    const findings = message('sentences', { all: notes });
    throw new WebGpuUnavailable(message('card-inexact', { name, findings }));
  }
  const pipelines = new Pipelines(device, { native_ftz: nativeFtz, counting, quads });
  const health = new DeviceHealth(device, lost);
  return {
    info: { kind: 'webgpu', adapter: `WebGPU (${name})`, notes },
    lost,
    async prepare(program) {
      const parts = await prepare(program, { device, pipelines, fusion });
      return new WebGpuRunner(device, health, program, parts);
    },
    destroy: () => device.destroy(),
  };
}
