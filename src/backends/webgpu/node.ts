/**
 * WebGPU in Node, through Dawn (the `webgpu` package): the CLI and the tests run the same kernels as the page.
 * The system's own driver is used where there is one, otherwise the software driver of an installed Chromium;
 * AMP_GPU=software asks for the latter.
 *
 * Call it from a process's main thread: Dawn reads the environment with getenv, which does not see what a worker
 * thread writes to process.env.
 */
import { existsSync, readdirSync } from 'node:fs';
import { constants } from 'node:os';
import { create, globals } from 'webgpu';
import { INSTALL_HINT, softwareVulkan } from './chromium';

/** Where the Vulkan loader looks for the drivers that a Linux system has installed. */
const MANIFEST_FOLDERS = ['/etc/vulkan/icd.d', '/usr/share/vulkan/icd.d', '/usr/local/share/vulkan/icd.d'];

/** dlopen's RTLD_NODELETE, which Node does not name: the library stays when Node finds that it is no add-on. */
const RTLD_NODELETE = 0x1000;

/**
 * Loads a shared library into the process, where Dawn's own dlopen of the same name then finds it. Setting
 * LD_LIBRARY_PATH would do as well, but only before the process starts.
 */
function loadLibrary(library: string): boolean {
  try {
    process.dlopen({ exports: {} }, library, constants.dlopen.RTLD_NOW | RTLD_NODELETE);
    return true;
  } catch (error) {
    // Every library that is not a Node add-on ends here, loaded or not.
    return error instanceof Error && error.message.includes('did not self-register');
  }
}

const hasSystemDriver = (): boolean =>
  process.env.VK_ICD_FILENAMES !== undefined ||
  process.env.VK_DRIVER_FILES !== undefined ||
  MANIFEST_FOLDERS.some((folder) => existsSync(folder) && readdirSync(folder).length > 0);

/** Rounds that Dawn may ask in a row before it has to wait, so that what takes no time costs no millisecond. */
const EAGER_ROUNDS = 20;
/** A pause of this many milliseconds between two rounds means that Dawn had nothing to wait for. */
const IDLE_MS = 5;

const isNative = (callback: unknown): boolean =>
  /\[native code\]/.test(Function.prototype.toString.call(callback));

/**
 * Dawn's binding asks its devices for news in a loop of `setImmediate` for as long as anything is pending. That takes a
 * whole core, on which a software adapter could compute. So its callbacks, which are the native ones, come once in a
 * millisecond when they have come often enough.
 */
function pollGently(): void {
  const { setImmediate: original, setTimeout: later } = globalThis;
  let rounds = 0;
  let last = 0;
  const gentle = (callback: (...args: unknown[]) => void, ...args: unknown[]): unknown => {
    if (!isNative(callback)) return original(callback, ...args);
    const now = performance.now();
    rounds = now - last > IDLE_MS ? 0 : rounds + 1;
    last = now;
    return rounds < EAGER_ROUNDS ? original(callback, ...args) : later(callback, 1, ...args);
  };
  globalThis.setImmediate = Object.assign(gentle, original) as typeof setImmediate;
}

/** Devices do not keep the instance they come from alive, and crash or hang once it is collected. */
const instances: GPU[] = [];

function createInstance(options: string[]): GPU {
  const gpu = create(options);
  instances.push(gpu);
  return gpu;
}

async function gpuWithAdapter(): Promise<GPU | undefined> {
  const gpu = createInstance([]);
  return (await gpu.requestAdapter()) === null ? undefined : gpu;
}

async function findGpu(): Promise<GPU> {
  if (process.platform !== 'linux') {
    const gpu = await gpuWithAdapter();
    if (gpu === undefined) throw new Error('this machine has no WebGPU adapter');
    return gpu;
  }
  const software = softwareVulkan();
  const hasLoader = loadLibrary('libvulkan.so.1') || (software !== undefined && loadLibrary(software.loader));
  if (hasLoader && process.env.AMP_GPU !== 'software' && hasSystemDriver()) {
    const gpu = await gpuWithAdapter();
    if (gpu !== undefined) return gpu;
  }
  if (hasLoader && software !== undefined) {
    process.env.VK_ICD_FILENAMES = software.manifest;
    const gpu = await gpuWithAdapter();
    if (gpu !== undefined) return gpu;
  }
  throw new Error(
    `no WebGPU adapter: there is no usable Vulkan driver and no Chromium to borrow one from; ${INSTALL_HINT}`,
  );
}

let found: Promise<GPU> | undefined;

/**
 * What `navigator.gpu` is in a browser, with an adapter behind it. Also defines the constants that code for
 * browsers expects globally (GPUBufferUsage and the like).
 */
export function requestNodeGpu(): Promise<GPU> {
  Object.assign(globalThis, globals);
  if (!found) pollGently();
  found ??= findGpu();
  return found;
}

export async function requestNodeDevice(descriptor?: GPUDeviceDescriptor): Promise<GPUDevice> {
  const adapter = await (await requestNodeGpu()).requestAdapter();
  if (adapter === null) throw new Error('the WebGPU adapter has gone');
  return adapter.requestDevice(descriptor);
}

/**
 * A device that compiles and validates like any other and executes nothing. It needs no driver and has every
 * optional feature, so it checks shaders on any machine.
 */
export async function requestNullDevice(): Promise<GPUDevice> {
  Object.assign(globalThis, globals);
  const adapter = await createInstance(['backend=null']).requestAdapter();
  if (adapter === null) throw new Error('Dawn was built without its null backend');
  return adapter.requestDevice({
    requiredFeatures: [...adapter.features] as GPUFeatureName[],
  });
}
