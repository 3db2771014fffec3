/**
 * The program behind `npm run -s bench`: training steps per second of every task with 1 to 40 lanes on each backend, how
 * many dispatches a step is, and what share of a step counting takes. Not a test: these figures depend on the machine
 * and on what else it does, so compare ratios within one run.
 *
 * Lanes take turns between FP32 and FP16 with PyTorch's scaler; one lane is FP32. Each figure is the median of rounds in
 * which everything that is compared takes its turn.
 */
import { createCpuBackend } from '../backends/cpu';
import { createWebGpuBackend } from '../backends/webgpu';
import { requestNodeGpu } from '../backends/webgpu/node';
import { compile } from '../engine/compile';
import { DEFAULT_LANES, defaultExperiment } from '../experiment/defaults';
import { TASK_IDS, type TaskId } from '../experiment/experiment';
import type { Backend, Runner } from '../training/backend';
import type { Program } from '../training/program';
import { oneOf, positiveInteger, readArguments } from './arguments';
import { BACKENDS, type BackendKind } from './backend';
import { readDataFile } from './data';
import { UsageError } from './errors';
import { writeJson } from './files';

const LANE_COUNTS = [1, 2, 4, 16, 40];
const ROUNDS = 5;

interface Row {
  readonly task: TaskId;
  readonly backend: BackendKind;
  readonly adapter: string;
  readonly lanes: number;
  readonly stepsPerSecond: number;
  readonly dispatchesPerStep: number;
  /** Part of a step's time that counting takes; null on the CPU, whose reference always counts. */
  readonly countingShare: number | null;
}

async function programOf(task: TaskId, lanes: number): Promise<Program> {
  const repeated = Array.from({ length: lanes }, (_, i) => DEFAULT_LANES[i % DEFAULT_LANES.length]);
  const { program } = await compile({ ...defaultExperiment(task), lanes: repeated }, readDataFile);
  return program;
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

/** The backend, and where counting can be left out, the same without it. */
async function open(kind: BackendKind): Promise<readonly Backend[]> {
  if (kind === 'cpu') return [createCpuBackend()];
  const gpu = await requestNodeGpu();
  return [await createWebGpuBackend(gpu), await createWebGpuBackend(gpu, { counting: false })];
}

function print({ task, backend, lanes, stepsPerSecond, dispatchesPerStep, countingShare }: Row): void {
  const share = countingShare === null ? '–' : `${(100 * countingShare).toFixed(0)} %`;
  const cells = [
    task.padEnd(12),
    backend.padEnd(8),
    `${lanes}`.padStart(5),
    stepsPerSecond.toFixed(1).padStart(9),
  ];
  console.log([...cells, `${dispatchesPerStep}`.padStart(10), share.padStart(9)].join(' '));
}

/** The items of a comma-separated option, or all. */
const listOf = <T>(text: string | undefined, all: readonly T[], read: (item: string) => T): readonly T[] =>
  text === undefined ? all : text.split(',').map(read);

async function bench(argv: readonly string[]): Promise<void> {
  const args = readArguments(argv, {
    usage: `bench [--tasks ${TASK_IDS.join(',')}] [--lanes ${LANE_COUNTS.join(',')}] [--backends cpu,webgpu] [--seconds 5] [--out bench.json]`,
    positionals: [],
    required: [],
    optional: ['tasks', 'lanes', 'backends', 'seconds', 'out'],
  });
  const tasks = listOf(args.option('tasks'), TASK_IDS, (item) => oneOf('tasks', item, TASK_IDS));
  const lanes = listOf(args.option('lanes'), LANE_COUNTS, (item) => positiveInteger('lanes', item, 40));
  const kinds = listOf(args.option('backends'), BACKENDS, (item) => oneOf('backends', item, BACKENDS));
  const seconds = positiveInteger('seconds', args.option('seconds') ?? '5', 600);
  const rows: Row[] = [];
  console.log('task         backend  lanes   steps/s dispatches counting');
  for (const backend of kinds) {
    const backends = await open(backend);
    for (const task of tasks) {
      for (const count of lanes) {
        const program = await programOf(task, count);
        const [counted, uncounted] = await compare(program, backends, seconds);
        const row: Row = {
          task,
          backend,
          adapter: backends[0].info.adapter,
          lanes: count,
          stepsPerSecond: 1 / counted,
          dispatchesPerStep: program.training.calls.length,
          countingShare: backends.length > 1 ? 1 - uncounted / counted : null,
        };
        rows.push(row);
        print(row);
      }
    }
    for (const one of backends) one.destroy();
  }
  const out = args.option('out');
  if (out !== undefined) await writeJson(out, { schema: 'amp-playground/bench/1', seconds, rows });
}

try {
  await bench(process.argv.slice(2));
  // Dawn keeps the process alive as long as its device exists.
  process.exit(0);
} catch (error) {
  console.error(`bench: ${error instanceof Error ? error.message : String(error)}`);
  process.exit(error instanceof UsageError ? 2 : 1);
}
