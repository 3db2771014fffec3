/** The benchmark's side in a page: `src/cli/bench.ts` opens it in a browser and calls `amp`. */
import { Bench, type Surroundings } from './measure';

const surroundings: Surroundings = {
  gpu: () => Promise.resolve((navigator as { gpu?: GPU }).gpu),
  readFile: async (path) => {
    const response = await fetch(`/${path}`);
    if (!response.ok) throw new Error(`the server answers ${response.status} for ${path}`);
    return new Uint8Array(await response.arrayBuffer());
  },
};

let open: Bench | null = null;

const amp = {
  async open(...[kind]: [Parameters<typeof Bench.open>[0]]): Promise<void> {
    open?.close();
    open = await Bench.open(kind, surroundings);
  },
  measure(...question: Parameters<Bench['measure']>): ReturnType<Bench['measure']> {
    if (!open) throw new Error('no backend is open');
    return open.measure(...question);
  },
};

declare global {
  var ampBench: typeof amp;
}
globalThis.ampBench = amp;
