/** The benchmark's side in a page: `src/cli/bench-page.ts` opens it in a browser and calls `ampBench`. */
import { Bench } from './measure';

declare global {
  var ampBench: Bench;
}

globalThis.ampBench = new Bench({
  workers: {
    count: navigator.hardwareConcurrency,
    locks: navigator.locks,
    spawn: () => new Worker(new URL('../backends/wasm/share.worker.ts', import.meta.url), { type: 'module' }),
  },
  gpu: () => Promise.resolve((navigator as { gpu?: GPU }).gpu),
  readFile: async (path) => {
    const response = await fetch(`/${path}`);
    if (!response.ok) throw new Error(`the server answers ${response.status} for ${path}`);
    return new Uint8Array(await response.arrayBuffer());
  },
});
