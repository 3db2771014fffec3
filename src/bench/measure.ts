/**
 * What `npm run bench` measures, in Node as in a page: training steps per second, dispatches a step, and what share of
 * a step counting takes. These figures depend on the machine and on what else it does, so compare ratios within one run.
 *
 * Lanes take turns between FP32 and FP16 with PyTorch's scaler; one lane is FP32. Each figure is the median of rounds in
 * which everything that is compared takes its turn.
 */
import { createCpuBackend } from '../backends/cpu';
import { createWebGpuBackend } from '../backends/webgpu';
import { compile } from '../engine/compile';
import { DEFAULT_LANES, defaultExperiment } from '../experiment/defaults';
import type { TaskId } from '../experiment/experiment';
import type { ReadFile } from '../tasks/task';
import type { Backend, BackendInfo, Runner } from '../training/backend';
import type { Program } from '../training/program';

const ROUNDS = 5;

export interface Row {
  readonly task: TaskId;
  readonly backend: BackendInfo['kind'];
  readonly adapter: string;
  readonly lanes: number;
  readonly stepsPerSecond: number;
  readonly dispatchesPerStep: number;
  /** Part of a step's time that counting takes; null on the CPU, whose reference always counts. */
  readonly countingShare: number | null;
}

const now = (): number => performance.now() / 1000;

/** Seconds that so many steps take, results read back. */
async function timed(runner: Runner, steps: number): Promise<number> {
  const start = now();
  const pending: Promise<unknown>[] = [];
  for (let done = 0; done < steps; done += runner.maxSteps) {
    pending.push(runner.run(Math.min(runner.maxSteps, steps - done)));
  }
  await Promise.all(pending);
  return now() - start;
}

/** As many steps as take about so long. */
async function stepsFor(runner: Runner, seconds: number): Promise<number> {
  let steps = 1;
  for (;;) {
    const taken = await timed(runner, steps);
    if (taken >= seconds / 4) return Math.max(1, Math.round((steps * seconds) / taken));
    steps *= 2;
  }
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

/** Seconds per step of each backend, in turns. */
async function compare(
  program: Program,
  backends: readonly Backend[],
  seconds: number,
): Promise<readonly number[]> {
  const runners: { readonly runner: Runner; readonly steps: number; readonly times: number[] }[] = [];
  for (const backend of backends) {
    const runner = await backend.prepare(program);
    runners.push({ runner, steps: await stepsFor(runner, seconds / ROUNDS), times: [] });
  }
  for (let round = 0; round < ROUNDS; round++) {
    for (const { runner, steps, times } of runners) times.push((await timed(runner, steps)) / steps);
  }
  for (const { runner } of runners) runner.destroy();
  return runners.map(({ times }) => median(times));
}

/** Where a benchmark runs. */
export interface Surroundings {
  readonly gpu: () => Promise<GPU | undefined>;
  readonly readFile: ReadFile;
}

/** Measures one backend after the other, each, where that is possible, beside the same backend without counting. */
export class Bench {
  readonly #surroundings: Surroundings;
  #kind: BackendInfo['kind'] = 'cpu';
  #backends: readonly Backend[] = [];

  constructor(surroundings: Surroundings) {
    this.#surroundings = surroundings;
  }

  /** Closes the backend that was measured before, and opens this one. */
  async open(kind: BackendInfo['kind']): Promise<void> {
    this.close();
    this.#kind = kind;
    if (kind === 'cpu') {
      this.#backends = [createCpuBackend()];
      return;
    }
    const gpu = await this.#surroundings.gpu();
    this.#backends = [await createWebGpuBackend(gpu), await createWebGpuBackend(gpu, { counting: false })];
  }

  /**
   * @param seconds how long to train in all, about
   * @throws {Error} when no backend is open
   */
  async measure(task: TaskId, lanes: number, seconds: number): Promise<Row> {
    if (this.#backends.length === 0) throw new Error('no backend is open');
    const repeated = Array.from({ length: lanes }, (_, i) => DEFAULT_LANES[i % DEFAULT_LANES.length]);
    const { program } = await compile(
      { ...defaultExperiment(task), lanes: repeated },
      this.#surroundings.readFile,
    );
    const [counted, uncounted] = await compare(program, this.#backends, seconds);
    return {
      task,
      backend: this.#kind,
      adapter: this.#backends[0].info.adapter,
      lanes,
      stepsPerSecond: 1 / counted,
      dispatchesPerStep: program.training.calls.length,
      countingShare: this.#backends.length > 1 ? 1 - uncounted / counted : null,
    };
  }

  close(): void {
    for (const backend of this.#backends) backend.destroy();
    this.#backends = [];
  }
}
