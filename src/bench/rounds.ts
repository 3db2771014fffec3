/**
 * Measuring by turns: in each round everything that is compared has its turn, so that a machine that slows down or is
 * busy with something else for a while does the same to all of them.
 */
import type { TaskId } from '../experiment/experiment';
import { usageBetween, type CpuSnapshot } from './cpu-time';
import { errorText } from '../i18n/said';

/** What a row of the benchmark is about. */
export interface Subject {
  /** A backend of ours, or the name of a peer. */
  readonly who: string;
  readonly task: TaskId;
  readonly lanes: number;
  /** False for a backend of ours that leaves its counters out. */
  readonly counting: boolean;
}

/** Training steps and the seconds that they took, results read back. */
export interface Timing {
  readonly steps: number;
  readonly seconds: number;
}

/** What is known before anything is measured. */
export interface Setup {
  /** What computes, for people. */
  readonly adapter: string;
  /** WebGPU dispatches or kernel calls of one step; null where nobody knows. */
  readonly dispatchesPerStep: number | null;
  /** From asking for it to the end of its first step; null where nobody knows. */
  readonly secondsToFirstStep: number | null;
}

/** What can take its turn. */
export interface Contestant {
  readonly subject: Subject;
  readonly setup: Setup;
  measure(): Promise<Timing>;
}

export interface Round extends Timing {
  /** CPU time of what was measured, in seconds; null where unknown. */
  readonly cpuSeconds: number | null;
  /** Cores that other programs kept busy meanwhile; null where unknown. */
  readonly others: number | null;
}

export interface Row extends Subject, Setup {
  readonly rounds: readonly Round[];
}

export interface Failure {
  readonly subject: Subject;
  readonly message: string;
}

export interface Measured {
  readonly rows: readonly Row[];
  /** What broke off, and why. */
  readonly failures: readonly Failure[];
}

/** @param values at least one */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Null where any value is unknown. */
function medianIfKnown(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length < values.length ? null : median(known);
}

const secondsPerStepOf = ({ seconds, steps }: Round): number => seconds / steps;
const cpuPerStepOf = ({ cpuSeconds, steps }: Round): number | null =>
  cpuSeconds === null ? null : cpuSeconds / steps;

/** The median of all rounds, in seconds. A row has at least one round. */
export const secondsPerStep = ({ rounds }: Row): number => median(rounds.map(secondsPerStepOf));

/** The median of all rounds, in CPU seconds; null where CPU time is unknown. */
export const cpuPerStep = ({ rounds }: Row): number | null => medianIfKnown(rounds.map(cpuPerStepOf));

/** Cores that other programs kept busy, the median of all rounds; null where unknown. */
export const othersOf = ({ rounds }: Row): number | null => medianIfKnown(rounds.map(({ others }) => others));

/** Steps per second of the slowest and of the fastest round. */
export function extremes({ rounds }: Row): readonly [slowest: number, fastest: number] {
  const speeds = rounds.map((round) => 1 / secondsPerStepOf(round));
  return [Math.min(...speeds), Math.max(...speeds)];
}

/** The row of the same backend that leaves its counters out. */
export const uncountedRow = (rows: readonly Row[], { who, task, lanes }: Row): Row | undefined =>
  rows.find((row) => row.who === who && row.task === task && row.lanes === lanes && !row.counting);

/** What costs are compared by. */
export type Quantity = 'time' | 'CPU time';

/**
 * A graphics card takes no CPU time, and the threads of a software adapter wait for each other in loops, so that theirs
 * depends on how many cores are free. CPU time tells what everything else costs, however busy the machine.
 */
const quantityFor = (who: string): Quantity => (who === 'webgpu' ? 'time' : 'CPU time');

const costPerStep = (round: Round, of: Quantity): number | null =>
  of === 'time' ? secondsPerStepOf(round) : cpuPerStepOf(round);

/**
 * Part of a step that counting takes; null for what was not measured without. Each round is compared with the same
 * round of the other row, which came right after it.
 * @param of what is compared; by default what tells most about this backend here
 */
export function countingShare(
  rows: readonly Row[],
  row: Row,
  of: Quantity = cpuPerStep(row) === null ? 'time' : quantityFor(row.who),
): number | null {
  const without = uncountedRow(rows, row)?.rounds ?? [];
  const shares = row.rounds.slice(0, without.length).map((round, i) => {
    const [counted, uncounted] = [costPerStep(round, of), costPerStep(without[i], of)];
    return counted === null || uncounted === null || counted === 0 ? null : 1 - uncounted / counted;
  });
  return row.counting && shares.length > 0 ? medianIfKnown(shares) : null;
}

/** Why something could not be measured. Libraries append where in their code it happened, which nobody here reads. */
export const failureOf = (subject: Subject, error: unknown): Failure => ({
  subject,
  message: errorText(error).split('\n')[0],
});

async function measureRound(contestant: Contestant, clock: () => CpuSnapshot): Promise<Round> {
  const start = performance.now();
  const before = clock();
  const timing = await contestant.measure();
  const after = clock();
  const { own, others } = usageBetween(before, after, (performance.now() - start) / 1000);
  return { ...timing, cpuSeconds: own, others };
}

/**
 * @param clock tells the CPU time that has been taken so far
 * @param patience seconds after which a contestant that is too slow for its share has no further turn
 */
export async function takeTurns(
  contestants: readonly Contestant[],
  { rounds, clock, patience }: { rounds: number; clock: () => CpuSnapshot; patience: number },
): Promise<Measured> {
  const turns = contestants.map((contestant) => ({
    contestant,
    done: [] as Round[],
    failure: undefined as Failure | undefined,
  }));
  for (let round = 0; round < rounds; round++) {
    for (const turn of turns) {
      const spent = turn.done.reduce((sum, { seconds }) => sum + seconds, 0);
      if (turn.failure !== undefined || spent > patience) continue;
      try {
        turn.done.push(await measureRound(turn.contestant, clock));
      } catch (error) {
        turn.failure = failureOf(turn.contestant.subject, error);
      }
    }
  }
  return {
    rows: turns
      .filter(({ failure }) => failure === undefined)
      .map(({ contestant: { subject, setup }, done }) => ({ ...subject, ...setup, rounds: done })),
    failures: turns.map(({ failure }) => failure).filter((failure) => failure !== undefined),
  };
}
