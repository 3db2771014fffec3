/** What `npm run bench` is asked to measure. */
import { BENCH_BACKENDS, type BenchBackendId } from '../bench/backends';
import { OPTIMIZER_CHOICES, type OptimizerChoice } from '../bench/measure';
import { USUAL_PEERS } from '../bench/peers';
import { TASK_IDS, type TaskId } from '../experiment/experiment';
import { oneOf, positiveInteger, readArguments } from './arguments';
import { UsageError } from './errors';

const LANE_COUNTS = [1, 2, 16, 40];
const LARGEST_LANE_COUNT = 40;
const PLACES = ['node', 'chromium'] as const;
const BACKEND_IDS = Object.keys(BENCH_BACKENDS).filter((id): id is BenchBackendId => id in BENCH_BACKENDS);

export interface BenchOptions {
  readonly where: (typeof PLACES)[number];
  readonly tasks: readonly TaskId[];
  readonly lanes: readonly number[];
  readonly backends: readonly BenchBackendId[];
  /** How long each contestant trains in all. */
  readonly seconds: number;
  readonly rounds: number;
  readonly optimizer: OptimizerChoice;
  /** An earlier checkout of this project, whose WebGPU backend is measured, too. */
  readonly before: string | undefined;
  readonly peers: { readonly folder: string; readonly names: readonly string[] } | undefined;
  /** Steps for which a device is compared with the reference. */
  readonly agreementSteps: number;
  readonly out: string | undefined;
}

const USAGE =
  `bench [--in ${PLACES.join('|')}] [--tasks ${TASK_IDS.join(',')}] [--lanes ${LANE_COUNTS.join(',')}] ` +
  `[--backends ${BACKEND_IDS.join(',')}] [--seconds 5] [--rounds 5] [--optimizer ${OPTIMIZER_CHOICES.join('|')}] ` +
  `[--peers FOLDER [--only ${USUAL_PEERS.join(',')}]] [--before CHECKOUT] [--agreement-steps 50] [--out bench.json]`;

/** The items of a comma-separated option, each once, or all. */
const listOf = <T>(text: string | undefined, all: readonly T[], read: (item: string) => T): readonly T[] =>
  text === undefined ? all : [...new Set(text.split(',').map(read))];

/** @throws {UsageError} for whatever cannot be meant */
export function benchOptions(argv: readonly string[]): BenchOptions {
  const args = readArguments(argv, {
    usage: USAGE,
    positionals: [],
    required: [],
    optional: [
      'in',
      'tasks',
      'lanes',
      'backends',
      'seconds',
      'rounds',
      'optimizer',
      'before',
      'peers',
      'only',
      'agreement-steps',
      'out',
    ],
  });
  const folder = args.option('peers');
  const only = args.option('only');
  if (only !== undefined && folder === undefined) throw new UsageError('--only chooses among --peers');
  const before = args.option('before');
  // Both are pages, and what they are compared with has to run in the same browser.
  const pages = [folder === undefined ? '' : '--peers', before === undefined ? '' : '--before'].filter(
    Boolean,
  );
  const where = oneOf('in', args.option('in') ?? (pages.length === 0 ? 'node' : 'chromium'), PLACES);
  if (pages.length > 0 && where === 'node') throw new UsageError(`${pages[0]} needs --in chromium`);
  const wholeNumber = (name: string, usual: number, largest: number): number =>
    positiveInteger(name, args.option(name) ?? `${usual}`, largest);
  return {
    where,
    tasks: listOf(args.option('tasks'), TASK_IDS, (item) => oneOf('tasks', item, TASK_IDS)),
    lanes: listOf(args.option('lanes'), LANE_COUNTS, (item) =>
      positiveInteger('lanes', item, LARGEST_LANE_COUNT),
    ),
    backends: listOf(args.option('backends'), BACKEND_IDS, (item) => oneOf('backends', item, BACKEND_IDS)),
    seconds: wholeNumber('seconds', 5, 600),
    rounds: wholeNumber('rounds', 5, 100),
    optimizer: oneOf(
      'optimizer',
      args.option('optimizer') ?? (folder === undefined ? 'own' : 'adam'),
      OPTIMIZER_CHOICES,
    ),
    before,
    peers: folder === undefined ? undefined : { folder, names: listOf(only, USUAL_PEERS, (name) => name) },
    agreementSteps: wholeNumber('agreement-steps', 50, 10_000),
    out: args.option('out'),
  };
}
