/** The backends that a benchmark can measure. */
import { createCpuBackend } from '../backends/cpu';
import { createWasmBackend, type WorkerHost } from '../backends/wasm';
import { createWebGpuBackend } from '../backends/webgpu';
import type { ReadFile } from '../tasks/task';
import type { Backend } from '../training/backend';
import { probeDevice } from '../examination/probe-device';

/** Where a benchmark runs: Node or a page. */
export interface Surroundings {
  readonly gpu: () => Promise<GPU | undefined>;
  readonly readFile: ReadFile;
  /** For WebAssembly; where there are none, all lanes are computed in one thread. */
  readonly workers?: WorkerHost;
}

interface BenchBackend {
  /** Whether it can leave its counters out, which shows what they cost. */
  readonly counterFree: boolean;
  open(surroundings: Surroundings, counting: boolean): Promise<Backend>;
}

export const BENCH_BACKENDS = {
  cpu: { counterFree: false, open: async () => createCpuBackend() },
  wasm: {
    counterFree: true,
    open: ({ workers }, counting) => createWasmBackend({ workers, counting }),
  },
  webgpu: {
    counterFree: true,
    open: async ({ gpu }, counting) => createWebGpuBackend(await gpu(), probeDevice, { counting }),
  },
} as const satisfies Record<string, BenchBackend>;

export type BenchBackendId = keyof typeof BENCH_BACKENDS;
