/**
 * Trains with our own backends, for a while whenever it is asked to, in Node as in a page. Lanes take turns between FP32
 * and FP16 with PyTorch's scaler; one lane is FP32.
 */
import { compile } from '../engine/compile';
import { DEFAULT_LANES, defaultExperiment, defaultOptimizer } from '../experiment/defaults';
import type { Experiment, TaskId } from '../experiment/experiment';
import type { Backend, Runner } from '../training/backend';
import { BENCH_BACKENDS, type BenchBackendId, type Surroundings } from './backends';
import type { Timing } from './rounds';

/** What one contestant of ours trains. */
export interface Training {
  readonly backend: BenchBackendId;
  readonly counting: boolean;
  readonly task: TaskId;
  readonly lanes: number;
  readonly optimizer: OptimizerChoice;
}

/** The task's own, or Adam with PyTorch's constants for every task, which is what the peers do. */
export const OPTIMIZER_CHOICES = ['own', 'adam'] as const;
export type OptimizerChoice = (typeof OPTIMIZER_CHOICES)[number];

/** A training that can be measured, by its number. */
export interface Prepared {
  readonly id: number;
  readonly adapter: string;
  /** An earlier checkout's runners may not tell. */
  readonly dispatchesPerStep: number | null;
  /** Seconds until the first step was done: for opening the backend where it was not open yet, compiling, memory. */
  readonly secondsToFirstStep: number;
}

/** Runs that are queued at once; results are read back behind them, as the engine does. */
const IN_FLIGHT = 4;

const PEERS_ADAM = { kind: 'adam', learningRate: 1e-3, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 } as const;

export const optimizerOf = (task: TaskId, choice: OptimizerChoice): Experiment['optimizer'] =>
  choice === 'own' ? defaultOptimizer(task) : PEERS_ADAM;

export const experimentOf = (task: TaskId, lanes: number, optimizer: OptimizerChoice): Experiment => ({
  ...defaultExperiment(task),
  optimizer: optimizerOf(task, optimizer),
  lanes: Array.from({ length: lanes }, (_, i) => DEFAULT_LANES[i % DEFAULT_LANES.length]),
});

/** Trains so many steps and waits for all results. */
async function timed(runner: Runner, steps: number): Promise<Timing> {
  const start = performance.now();
  const pending: Promise<unknown>[] = [];
  for (let done = 0; done < steps; done += runner.maxSteps) {
    if (pending.length === IN_FLIGHT) await pending.shift();
    pending.push(runner.run(Math.min(runner.maxSteps, steps - done)));
  }
  await Promise.all(pending);
  return { steps, seconds: (performance.now() - start) / 1000 };
}

/** As many steps as take about so long. */
async function stepsFor(runner: Runner, wanted: number): Promise<number> {
  for (let steps = 1; ; steps *= 2) {
    const { seconds } = await timed(runner, steps);
    if (seconds >= wanted / 4) return Math.max(1, Math.round((steps * wanted) / seconds));
  }
}

interface Running {
  readonly runner: Runner;
  readonly steps: number;
}

/** Keeps any number of trainings ready to be measured, each for a moment whenever it is asked to. */
export class Bench {
  readonly #surroundings: Surroundings;
  readonly #backends = new Map<string, Promise<Backend>>();
  readonly #running: Running[] = [];

  constructor(surroundings: Surroundings) {
    this.#surroundings = surroundings;
  }

  /**
   * Compiles a training and warms it up.
   * @param seconds how long one measurement of it is to take, about
   * @throws {Error} when the backend cannot be opened or the program does not fit it
   */
  async prepare({ backend, counting, task, lanes, optimizer }: Training, seconds: number): Promise<Prepared> {
    const start = performance.now();
    const opened = await this.#open(backend, counting);
    const { program } = await compile(experimentOf(task, lanes, optimizer), this.#surroundings.readFile);
    const runner = await opened.prepare(program);
    await timed(runner, 1);
    const secondsToFirstStep = (performance.now() - start) / 1000;
    const id = this.#running.push({ runner, steps: await stepsFor(runner, seconds) }) - 1;
    const { adapter } = opened.info;
    return { id, adapter, dispatchesPerStep: runner.dispatchesPerStep ?? null, secondsToFirstStep };
  }

  measure(id: number): Promise<Timing> {
    const { runner, steps } = this.#running[id];
    return timed(runner, steps);
  }

  /** Lets go of everything that was prepared; their numbers mean nothing any more. */
  clear(): void {
    for (const { runner } of this.#running.splice(0)) runner.destroy();
  }

  #open(id: BenchBackendId, counting: boolean): Promise<Backend> {
    const key = `${id} ${counting}`;
    const opened = this.#backends.get(key) ?? BENCH_BACKENDS[id].open(this.#surroundings, counting);
    this.#backends.set(key, opened);
    return opened;
  }
}
