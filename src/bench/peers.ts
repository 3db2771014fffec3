/** What is known here of the libraries that others would use instead (`--peers`). */
import type { TaskId } from '../experiment/experiment';

/** The peers' names of workloads with the same network and batch as our tasks; all of them train with Adam. */
export const WORKLOADS: Partial<Record<TaskId, string>> = {
  linear: 'W1',
  spirals: 'W2',
  'digits-mlp': 'W3',
  'digits-cnn': 'W4',
};

/** The ones that our aims name, and what somebody would pick today. */
export const USUAL_PEERS = ['js-hand', 'tfjs-wasm', 'wgsl-regop', 'convnetjs', 'jax-webgpu'];

/** What is not the same in a peer's training as in ours, for whoever reads the table. */
export const DIFFERENCES =
  'Peers have one FP32 lane, the same network, batch size and Adam. They train on one batch over and over, count nothing ' +
  'and read one loss in 100 steps; ours gathers a new batch in each step, counts every rounding and reads a record of each step.';

/** Reads what `node bench.mjs --list` prints: a peer a line, its name and its workloads. */
export const parsePeerList = (listing: string): ReadonlyMap<string, readonly string[]> =>
  new Map(
    listing
      .split('\n')
      .map((line) => line.trim().split(/\s+/))
      .filter(([name]) => name !== '')
      .map(([name, ...workloads]) => [name, workloads]),
  );
