/** What the benchmark is to show, and whether a run of it has: one table, and a function from rows to verdicts. */
import type { TaskId } from '../experiment/experiment';
import { countingShare, cpuPerStep, median, secondsPerStep, type Quantity, type Row } from './rounds';

type Bound = { readonly atLeast: number } | { readonly atMost: number };

interface Aim {
  readonly what: string;
  readonly bound: Bound;
  /** What decides. CPU time where both sides have one thread; where they have more, or an adapter, only time tells. */
  readonly of: Quantity;
  /** Undefined while rows that it needs are missing, or what they cost is unknown. */
  readonly measured: (rows: readonly Row[], of: Quantity) => number | undefined;
}

export interface Verdict {
  readonly what: string;
  readonly bound: Bound;
  /** What has decided. */
  readonly of: Quantity;
  readonly time: number;
  /** Undefined where CPU time is unknown. */
  readonly cpuTime: number | undefined;
  readonly met: boolean;
}

interface Selection {
  readonly who: string;
  readonly task: TaskId;
  readonly lanes: number;
}

const select = (who: string, task: TaskId, lanes: number): Selection => ({ who, task, lanes });

const counted = (rows: readonly Row[], { who, task, lanes }: Selection): Row | undefined =>
  rows.find((row) => row.who === who && row.task === task && row.lanes === lanes && row.counting);

/** What a step of one costs, divided by what a step of the other does. */
const costRatio =
  (numerator: Selection, denominator: Selection) =>
  (rows: readonly Row[], of: Quantity): number | undefined => {
    const [above, below] = [counted(rows, numerator), counted(rows, denominator)];
    if (above === undefined || below === undefined) return undefined;
    if (of === 'time') return secondsPerStep(above) / secondsPerStep(below);
    const [cpuAbove, cpuBelow] = [cpuPerStep(above), cpuPerStep(below)];
    return cpuAbove === null || cpuBelow === null ? undefined : cpuAbove / cpuBelow;
  };

/** How many times as fast as `than` something is. */
const timesAsFast = (subject: Selection, than: Selection): Aim['measured'] => costRatio(than, subject);

/** The part of a step that counting takes: the median over all numbers of lanes, because a difference is noisy. */
const countingPart =
  (who: string, task: TaskId) =>
  (rows: readonly Row[], of: Quantity): number | undefined => {
    const shares = rows
      .filter((row) => row.who === who && row.task === task)
      .map((row) => countingShare(rows, row, of))
      .filter((share) => share !== null);
    return shares.length === 0 ? undefined : median(shares);
  };

const wasm = (task: TaskId, lanes: number): Selection => select('wasm', task, lanes);
const webgpu = (task: TaskId, lanes: number): Selection => select('webgpu', task, lanes);

const aim = (what: string, bound: Bound, of: Quantity, measured: Aim['measured']): Aim => ({
  what,
  bound,
  of,
  measured,
});
const atLeast = (limit: number): Bound => ({ atLeast: limit });
const atMost = (limit: number): Bound => ({ atMost: limit });

/** WebGPU of an earlier checkout (`--before`). */
export const BEFORE = 'webgpu-before';

const LARGE_TASKS = ['spirals', 'digits-mlp', 'digits-cnn'] as const;

export const AIMS: readonly Aim[] = [
  ...(
    [
      ['spirals', 'js-hand', 3],
      ['spirals', 'tfjs-wasm', 5],
      ['digits-mlp', 'js-hand', 7],
      ['digits-mlp', 'tfjs-wasm', 4],
    ] as const
  ).map(([task, peer, times]) =>
    aim(
      `${task}, 1 lane: wasm as fast as ${peer}, times`,
      atLeast(times),
      'CPU time',
      timesAsFast(wasm(task, 1), select(peer, task, 1)),
    ),
  ),
  aim(
    'digits-cnn, 2 lanes: wasm as fast as webgpu before, times',
    atLeast(15),
    'time',
    timesAsFast(wasm('digits-cnn', 2), select(BEFORE, 'digits-cnn', 2)),
  ),
  ...LARGE_TASKS.flatMap((task) => [
    aim(`${task}, wasm: 2 lanes : 1 lane`, atMost(1.3), 'time', costRatio(wasm(task, 2), wasm(task, 1))),
    aim(`${task}, wasm: 40 lanes : 2 lanes`, atMost(21), 'time', costRatio(wasm(task, 40), wasm(task, 2))),
  ]),
  ...(['spirals', 'digits-mlp'] as const).map((task) =>
    aim(
      `${task}: webgpu with 2 lanes as fast as wgsl-regop with 1, times`,
      atLeast(0.5),
      'time',
      timesAsFast(webgpu(task, 2), select('wgsl-regop', task, 1)),
    ),
  ),
  ...LARGE_TASKS.map((task) =>
    aim(
      `${task}, 2 lanes: webgpu as fast as before, times`,
      // No slower than before, as far as a measurement can tell.
      atLeast(0.95),
      'time',
      timesAsFast(webgpu(task, 2), select(BEFORE, task, 2)),
    ),
  ),
  ...(
    [
      ['wasm', 'CPU time'],
      ['webgpu', 'time'],
    ] as const
  ).flatMap(([who, of]) =>
    LARGE_TASKS.map((task) =>
      aim(`${task}, ${who}: part of a step for counting`, atMost(0.15), of, countingPart(who, task)),
    ),
  ),
];

const isWithin = (value: number, bound: Bound): boolean =>
  'atLeast' in bound ? value >= bound.atLeast : value <= bound.atMost;

function judge({ what, bound, of, measured }: Aim, rows: readonly Row[]): Verdict | undefined {
  const [time, cpuTime] = [measured(rows, 'time'), measured(rows, 'CPU time')];
  if (time === undefined) return undefined;
  return of === 'time' || cpuTime === undefined
    ? { what, bound, of: 'time', time, cpuTime, met: isWithin(time, bound) }
    : { what, bound, of, time, cpuTime, met: isWithin(cpuTime, bound) };
}

/** A verdict on each aim for which everything was measured. */
export const verdicts = (rows: readonly Row[]): readonly Verdict[] =>
  AIMS.map((each) => judge(each, rows)).filter((verdict) => verdict !== undefined);
