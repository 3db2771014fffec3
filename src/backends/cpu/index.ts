/** The CPU backend: interprets plans with the kernels' references. What it computes is right by definition. */
import type { Backend } from '../../training/backend';
import { CpuRunner } from './runner';

export function createCpuBackend(): Backend {
  return {
    info: { kind: 'cpu', adapter: 'CPU (JavaScript)', notes: [] },
    // A CPU is not lost.
    lost: new Promise(() => undefined),
    prepare: async (program) => new CpuRunner(program),
    destroy: () => undefined,
  };
}
