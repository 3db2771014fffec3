import { expect, test } from 'vitest';
import type { CpuSnapshot } from './cpu-time';
import {
  countingShare,
  cpuPerStep,
  othersOf,
  secondsPerStep,
  takeTurns,
  type Contestant,
  type Row,
} from './rounds';

const nothing = (): CpuSnapshot => ({ own: null, machine: null });

const setup = { adapter: 'an adapter', dispatchesPerStep: 3, secondsToFirstStep: 0.5 };

const contestant = (who: string, measure: Contestant['measure']): Contestant => ({
  subject: { who, task: 'linear', lanes: 1, counting: true },
  setup,
  measure,
});

function row(counting: boolean, rounds: Row['rounds']): Row {
  return { who: 'wasm', task: 'linear', lanes: 1, counting, ...setup, rounds };
}

test('all have a turn before any has another', async () => {
  const order: string[] = [];
  const noted = (who: string): Contestant =>
    contestant(who, async () => {
      order.push(who);
      return { steps: 10, seconds: 0.5 };
    });
  const { rows } = await takeTurns(['a', 'b', 'c'].map(noted), { rounds: 2, clock: nothing, patience: 60 });
  expect(order).toEqual(['a', 'b', 'c', 'a', 'b', 'c']);
  expect(rows.map(({ who, rounds }) => [who, rounds.length])).toEqual([
    ['a', 2],
    ['b', 2],
    ['c', 2],
  ]);
});

test('what breaks off is told, and the others go on', async () => {
  const good = contestant('good', async () => ({ steps: 1, seconds: 1 }));
  const bad = contestant('bad', () => Promise.reject(new Error('the tab has crashed\n    at somewhere')));
  const { rows, failures } = await takeTurns([bad, good], { rounds: 2, clock: nothing, patience: 60 });
  expect(rows.map(({ who }) => who)).toEqual(['good']);
  expect(failures).toEqual([{ subject: bad.subject, message: 'the tab has crashed' }]);
});

test('what is far too slow has fewer turns', async () => {
  const slow = contestant('slow', async () => ({ steps: 1, seconds: 20 }));
  const { rows } = await takeTurns([slow], { rounds: 5, clock: nothing, patience: 30 });
  expect(rows[0].rounds).toHaveLength(2);
});

test('CPU time is what was taken during the turn', async () => {
  let taken = 0;
  const busy = contestant('busy', async () => {
    taken += 3;
    return { steps: 6, seconds: 2 };
  });
  const clock = (): CpuSnapshot => ({ own: taken, machine: 100 + taken });
  const { rows } = await takeTurns([busy], { rounds: 3, clock, patience: 60 });
  expect(cpuPerStep(rows[0])).toBe(0.5);
  expect(othersOf(rows[0])).toBe(0);
});

test('medians are not moved by one round that was disturbed', () => {
  const rounds = [4, 1, 2].map((seconds) => ({ steps: 2, seconds, cpuSeconds: seconds / 2, others: 0 }));
  expect(secondsPerStep(row(true, rounds))).toBe(1);
  expect(cpuPerStep(row(true, rounds))).toBe(0.5);
  // Of an even number, between the two in the middle.
  expect(secondsPerStep(row(true, rounds.slice(0, 2)))).toBe(1.25);
});

test('what counting takes: by CPU time, by time where that says nothing, and not without the other row', () => {
  const counted = row(true, [{ steps: 1, seconds: 4, cpuSeconds: 2, others: 0 }]);
  const uncounted = row(false, [{ steps: 1, seconds: 2, cpuSeconds: 1.5, others: 0 }]);
  expect(countingShare([counted, uncounted], counted)).toBe(0.25);
  const blind = { ...uncounted, rounds: [{ steps: 1, seconds: 2, cpuSeconds: null, others: null }] };
  // Unknown on one side is unknown; on both sides time has to do.
  expect(countingShare([counted, blind], counted)).toBeNull();
  const bothBlind = { ...counted, rounds: [{ steps: 1, seconds: 4, cpuSeconds: null, others: null }] };
  expect(countingShare([bothBlind, blind], bothBlind)).toBe(0.5);
  // A graphics card's work is in no CPU time.
  const [onCard, without] = [counted, uncounted].map((each) => ({ ...each, who: 'webgpu' }));
  expect(countingShare([onCard, without], onCard)).toBe(0.5);
  expect(countingShare([counted], counted)).toBeNull();
  expect(countingShare([counted, { ...uncounted, lanes: 2 }], counted)).toBeNull();
});
