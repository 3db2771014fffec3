/** The compiled kernels. The build embeds them (scripts/assembly-plugin.ts). */
// oxlint-disable-next-line import/default -- the query makes it another module, declared in src/kernels.d.ts
import binary from './assembly/index.ts?kernels';
import { message, MessageError } from '../../numerics/message';

declare module '../../numerics/message' {
  interface Messages {
    'wasm-missing': Record<never, never>;
    'wasm-no-simd': Record<never, never>;
    'wasm-memory': { size: string };
  }
}

/** The reason why this machine cannot run the kernels. */
export class WasmUnavailable extends MessageError {
  override readonly name = 'WasmUnavailable';
}

/** A module with nothing but a function that uses v128 (i32.const 0, i8x16.splat, drop). */
const SIMD_PROBE = Uint8Array.from(
  [
    [0, 97, 115, 109, 1, 0, 0, 0],
    [1, 4, 1, 96, 0, 0],
    [3, 2, 1, 0],
    [10, 9, 1, 7, 0, 65, 0, 253, 15, 26, 11],
  ].flat(),
);

const bytesOf = (base64: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));

let compiling: Promise<WebAssembly.Module> | undefined;

/** @throws {WasmUnavailable} where there is no WebAssembly with 128-bit SIMD */
export function compileKernels(): Promise<WebAssembly.Module> {
  if (typeof WebAssembly === 'undefined') {
    return Promise.reject(new WasmUnavailable(message('wasm-missing', {})));
  }
  if (!WebAssembly.validate(SIMD_PROBE)) {
    return Promise.reject(new WasmUnavailable(message('wasm-no-simd', {})));
  }
  compiling ??= WebAssembly.compile(bytesOf(binary));
  return compiling;
}

export type KernelFunction = (call: number, lane: number) => void;

/** The kernels of a module by export name. */
export const kernelNames = (module: WebAssembly.Module): ReadonlySet<string> =>
  new Set(
    WebAssembly.Module.exports(module)
      .filter(({ kind }) => kind === 'function')
      .map(({ name }) => name),
  );

/** Static data of the kernels lies below this address. */
export const FIRST_FREE = 2 ** 16;

export interface Instance {
  readonly memory: WebAssembly.Memory;
  readonly kernel: (name: string) => KernelFunction;
  /** Whether kernels count what happens to the values that they round; they do at first. */
  readonly setCounting: (on: boolean) => void;
}

const PAGE = 2 ** 16;

/**
 * @param bytes of memory, from address 0
 * @throws {MessageError} when there is not so much
 */
export function instantiate(module: WebAssembly.Module, bytes: number): Instance {
  let memory: WebAssembly.Memory;
  try {
    memory = new WebAssembly.Memory({ initial: Math.ceil(bytes / PAGE) });
  } catch (error) {
    const size = `${Math.ceil(bytes / 2 ** 20)} MiB`;
    throw new MessageError(message('wasm-memory', { size }), { cause: error });
  }
  const { exports } = new WebAssembly.Instance(module, { env: { memory, abort: aborted } });
  const { heapBase } = exports;
  if (!(heapBase instanceof WebAssembly.Global) || heapBase.value > FIRST_FREE) {
    throw new Error('the kernels have more static data than there is room for');
  }
  const exported = (name: string): ((...values: number[]) => void) => {
    const found = exports[name];
    if (typeof found !== 'function') throw new Error(`there is no kernel ${name}`);
    return found as (...values: number[]) => void;
  };
  return { memory, kernel: exported, setCounting: (on) => exported('set_counting')(Number(on)) };
}

function aborted(): never {
  throw new Error('a WebAssembly kernel gave up');
}
