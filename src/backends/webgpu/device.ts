/** Asks for an adapter and a device, and says in words what stands in the way. */

import { message, MessageError, reasonOf, type Message } from '../../numerics/message';

declare module '../../numerics/message' {
  interface Messages {
    'webgpu-missing': Record<never, never>;
    'webgpu-no-answer': { seconds: number; what: Message };
    'a-graphics-card': Record<never, never>;
    'access-to-the-card': Record<never, never>;
    'webgpu-failed': { cause: Message };
    'webgpu-no-adapter': Record<never, never>;
    'webgpu-refused': { cause: Message };
    'card-lost': { reason: string };
    'card-lost-silently': Record<never, never>;
  }
}

/** WebGPU cannot be used here, and another backend can take over. */
export class WebGpuUnavailable extends MessageError {
  override readonly name = 'WebGpuUnavailable';
}

/** A driver that hangs answers neither yes nor no. Software adapters on busy machines take some seconds. */
const PATIENCE_MS = 30_000;

/**
 * @param late takes what comes after nobody waits for it any more
 * @throws {WebGpuUnavailable} when nothing has been heard of the request for a long time
 */
async function answered<T>(
  request: Promise<T>,
  what: Message,
  late: (answer: T) => void = () => undefined,
): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const silence = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const seconds = PATIENCE_MS / 1000;
      // What goes wrong then has been told already: there is no device.
      void request.then(late, () => undefined);
      reject(new WebGpuUnavailable(message('webgpu-no-answer', { seconds, what })));
    }, PATIENCE_MS);
  });
  try {
    return await Promise.race([request, silence]);
  } finally {
    clearTimeout(timer);
  }
}

async function requestAdapter(gpu: GPU | undefined): Promise<GPUAdapter> {
  if (!gpu) throw new WebGpuUnavailable(message('webgpu-missing', {}));
  let adapter: GPUAdapter | null;
  try {
    adapter = await answered(
      gpu.requestAdapter({ powerPreference: 'high-performance' }),
      message('a-graphics-card', {}),
    );
  } catch (cause) {
    if (cause instanceof WebGpuUnavailable) throw cause;
    throw new WebGpuUnavailable(message('webgpu-failed', { cause: reasonOf(cause) }), { cause });
  }
  if (!adapter) {
    throw new WebGpuUnavailable(message('webgpu-no-adapter', {}));
  }
  return adapter;
}

/**
 * WebGPU guarantees buffers of 128 MiB to a kernel. Larger data sets fit where the adapter can do more; the other
 * guaranteed limits are all the engine needs.
 */
async function requestDevice(adapter: GPUAdapter, wished: readonly GPUFeatureName[]): Promise<GPUDevice> {
  const { maxBufferSize, maxStorageBufferBindingSize } = adapter.limits;
  try {
    const request = adapter.requestDevice({
      requiredLimits: { maxBufferSize, maxStorageBufferBindingSize },
      requiredFeatures: wished.filter((feature) => adapter.features.has(feature)),
    });
    return await answered(request, message('access-to-the-card', {}), (device) => device.destroy());
  } catch (cause) {
    if (cause instanceof WebGpuUnavailable) throw cause;
    throw new WebGpuUnavailable(message('webgpu-refused', { cause: reasonOf(cause) }), { cause });
  }
}

/** The adapter's name for people. Browsers hide most of it; Dawn outside a browser tells the driver's description. */
export function adapterName({ vendor, architecture, device, description }: GPUAdapterInfo): string {
  const name = description || [vendor, architecture || device].filter(Boolean).join(' ') || 'unnamed';
  return /swiftshader/i.test(name) ? 'SwiftShader' : name;
}

/** What WebGPU has to offer, as far as it can be told without opening it. */
export type AdapterFound =
  | { readonly kind: 'hardware'; readonly name: string }
  | { readonly kind: 'software'; readonly name: string }
  | { readonly kind: 'none'; readonly reason: Message };

/** Drivers that compute on the CPU: of Chromium, Mesa and Windows. */
const SOFTWARE = /swiftshader|llvmpipe|lavapipe|softpipe|\bwarp\b|basic render/i;

function isSoftware(adapter: GPUAdapter): boolean {
  const { isFallbackAdapter, vendor, architecture, device, description } = adapter.info;
  // Chromium before 136 has it on the adapter alone.
  const { isFallbackAdapter: earlier } = adapter as { isFallbackAdapter?: boolean };
  return (
    isFallbackAdapter ||
    earlier === true ||
    SOFTWARE.test([vendor, architecture, device, description].join(' '))
  );
}

/** Asks for an adapter and does not open it, which is quick. */
export async function findAdapter(gpu: GPU | undefined): Promise<AdapterFound> {
  try {
    const adapter = await requestAdapter(gpu);
    return { kind: isSoftware(adapter) ? 'software' : 'hardware', name: adapterName(adapter.info) };
  } catch (error) {
    if (error instanceof WebGpuUnavailable) return { kind: 'none', reason: error.said };
    throw error;
  }
}

export interface OpenDevice {
  readonly device: GPUDevice;
  readonly name: string;
  readonly info: GPUAdapterInfo;
  /** Resolves with a message when the device is lost without having been destroyed. */
  readonly lost: Promise<Message>;
}

/**
 * @param wished features to open the device with where the adapter has them; the engine needs none
 * @throws {WebGpuUnavailable}
 */
export async function openDevice(
  gpu: GPU | undefined,
  wished: readonly GPUFeatureName[] = [],
): Promise<OpenDevice> {
  const adapter = await requestAdapter(gpu);
  const device = await requestDevice(adapter, wished);
  const lost = new Promise<Message>((resolve) => {
    void device.lost.then(({ reason, message: words }) => {
      if (reason === 'destroyed') return;
      resolve(words ? message('card-lost', { reason: words }) : message('card-lost-silently', {}));
    });
  });
  return { device, name: adapterName(adapter.info), info: adapter.info, lost };
}
