/** Brings together what one run of the benchmark compares, our backends and the peers, and lets it take turns. */
import { BEFORE } from '../bench/aims';
import { BENCH_BACKENDS } from '../bench/backends';
import type { CpuSnapshot } from '../bench/cpu-time';
import { Bench, type Prepared, type Training } from '../bench/measure';
import { WORKLOADS } from '../bench/peers';
import {
  failureOf,
  takeTurns,
  type Contestant,
  type Failure,
  type Measured,
  type Subject,
  type Timing,
} from '../bench/rounds';
import { requestNodeGpu } from '../backends/webgpu/node';
import type { TaskId } from '../experiment/experiment';
import type { BenchOptions } from './bench-arguments';
import { earlierSources } from './bench-before';
import { BenchBrowser } from './bench-browser';
import { ownClock, treeClock } from './bench-clock';
import { BenchPage } from './bench-page';
import { BenchPeers, choosePeers } from './bench-peers';
import { readDataFile } from './data';

/** Where our backends train: this process or a page. */
interface Trainer {
  prepare(training: Training, seconds: number): Promise<Prepared>;
  measure(id: number): Promise<Timing>;
  clear(): void | Promise<void>;
}

export interface Place {
  readonly trainer: Trainer;
  /** The sources of an earlier checkout. */
  readonly before: Trainer | undefined;
  readonly peers: BenchPeers | undefined;
  readonly clock: () => CpuSnapshot;
  /** The browser's version; undefined in Node. */
  readonly browser: string | undefined;
  close(): Promise<void>;
}

/** What is to be measured, before it is known whether it can be. */
interface Candidate {
  readonly subject: Subject;
  readonly prepare: () => Promise<Contestant>;
}

/** @throws {UsageError} when the folder of the peers, or of an earlier checkout, is none */
export async function openPlace({ where, peers, before }: BenchOptions): Promise<Place> {
  if (where === 'node') {
    const trainer = new Bench({ gpu: requestNodeGpu, readFile: readDataFile });
    const nothing = { before: undefined, peers: undefined, browser: undefined };
    return { trainer, ...nothing, clock: ownClock, close: async () => undefined };
  }
  const chosen = peers && choosePeers(peers);
  const sources = before === undefined ? undefined : earlierSources(before);
  const browser = await BenchBrowser.launch();
  const page = await BenchPage.open(browser);
  const earlier = sources && (await BenchPage.open(browser, sources));
  const pages = peers && chosen && (await BenchPeers.serve(peers.folder, chosen, browser));
  return {
    trainer: page,
    before: earlier,
    peers: pages,
    clock: treeClock(browser.processId),
    browser: browser.version,
    close: async () => {
      pages?.close();
      await earlier?.close();
      await page.close();
      await browser.close();
    },
  };
}

function ours(trainer: Trainer, training: Training, who: string, seconds: number): Candidate {
  const { task, lanes, counting } = training;
  const subject = { who, task, lanes, counting };
  return {
    subject,
    prepare: async () => {
      const { id, ...setup } = await trainer.prepare(training, seconds);
      return { subject, setup, measure: () => trainer.measure(id) };
    },
  };
}

function candidatesFor(task: TaskId, options: BenchOptions, place: Place): readonly Candidate[] {
  const { backends, lanes: laneCounts, optimizer } = options;
  const seconds = options.seconds / options.rounds;
  const { trainer, before, peers } = place;
  const current = backends.flatMap((backend) =>
    laneCounts.flatMap((lanes) =>
      (BENCH_BACKENDS[backend].counterFree ? [true, false] : [true]).map((counting) =>
        ours(trainer, { backend, counting, task, lanes, optimizer }, backend, seconds),
      ),
    ),
  );
  const earlier =
    before === undefined
      ? []
      : laneCounts.map((lanes) =>
          ours(before, { backend: 'webgpu', counting: true, task, lanes, optimizer }, BEFORE, seconds),
        );
  const workload = WORKLOADS[task];
  const others =
    peers === undefined || workload === undefined
      ? []
      : peers.able(workload).map((who) => {
          const subject = { who, task, lanes: 1, counting: true };
          return { subject, prepare: () => peers.prepare(subject, workload, seconds) };
        });
  return [...current, ...earlier, ...others];
}

/** Everything that trains one task, by turns. */
export async function measureTask(task: TaskId, options: BenchOptions, place: Place): Promise<Measured> {
  const contestants: Contestant[] = [];
  const failures: Failure[] = [];
  for (const { subject, prepare } of candidatesFor(task, options, place)) {
    try {
      contestants.push(await prepare());
    } catch (error) {
      failures.push(failureOf(subject, error));
    }
  }
  const { rounds, seconds } = options;
  const measured = await takeTurns(contestants, { rounds, clock: place.clock, patience: 2 * seconds });
  await place.trainer.clear();
  await place.before?.clear();
  await place.peers?.clear();
  return { rows: measured.rows, failures: [...failures, ...measured.failures] };
}
