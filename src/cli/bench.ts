/**
 * The program behind `npm run -s bench`: training steps per second of every task with 1 to 40 lanes on each backend, how
 * many dispatches a step is, and what share of a step counting takes (src/bench/measure.ts). Not a test.
 *
 * `--in chromium` measures in a page of the installed browser, headless and on its software adapter, which is what
 * figures in docs/decisions.md mean; the default is Node with Dawn.
 */
import { Bench, type Row } from '../bench/measure';
import { requestNodeGpu } from '../backends/webgpu/node';
import { TASK_IDS } from '../experiment/experiment';
import { oneOf, positiveInteger, readArguments } from './arguments';
import { BACKENDS } from './backend';
import { BenchPage } from './bench-page';
import { readDataFile } from './data';
import { UsageError } from './errors';
import { writeJson } from './files';

const LANE_COUNTS = [1, 2, 4, 16, 40];
const PLACES = ['node', 'chromium'] as const;

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
    usage: `bench [--in ${PLACES.join('|')}] [--tasks ${TASK_IDS.join(',')}] [--lanes ${LANE_COUNTS.join(',')}] [--backends ${BACKENDS.join(',')}] [--seconds 5] [--out bench.json]`,
    positionals: [],
    required: [],
    optional: ['in', 'tasks', 'lanes', 'backends', 'seconds', 'out'],
  });
  const where = oneOf('in', args.option('in') ?? 'node', PLACES);
  const tasks = listOf(args.option('tasks'), TASK_IDS, (item) => oneOf('tasks', item, TASK_IDS));
  const lanes = listOf(args.option('lanes'), LANE_COUNTS, (item) => positiveInteger('lanes', item, 40));
  const kinds = listOf(args.option('backends'), BACKENDS, (item) => oneOf('backends', item, BACKENDS));
  const seconds = positiveInteger('seconds', args.option('seconds') ?? '5', 600);
  const rows: Row[] = [];
  const place =
    where === 'node' ? new Bench({ gpu: requestNodeGpu, readFile: readDataFile }) : await BenchPage.launch();
  console.log('task         backend  lanes   steps/s dispatches counting');
  for (const backend of kinds) {
    await place.open(backend);
    for (const task of tasks) {
      for (const count of lanes) {
        const row = await place.measure(task, count, seconds);
        rows.push(row);
        print(row);
      }
    }
  }
  await place.close();
  const out = args.option('out');
  if (out !== undefined) await writeJson(out, { schema: 'amp-playground/bench/1', in: where, seconds, rows });
}

try {
  await bench(process.argv.slice(2));
  // Dawn keeps the process alive as long as its device exists.
  process.exit(0);
} catch (error) {
  console.error(`bench: ${error instanceof Error ? error.message : String(error)}`);
  process.exit(error instanceof UsageError ? 2 : 1);
}
