import { describe, expect, test } from 'vitest';
import { parseMachine, parseProcess, treeSeconds, usageBetween } from './cpu-time';

/** The line of a process as Linux writes it: user and system time are the 14th and the 15th field. */
const stat = (id: number, name: string, parent: number, user: number, system: number): string =>
  `${id} (${name}) S ${parent} ${parent} 1 0 -1 4194560 900 80 0 0 ${user} ${system} 700 600 20 0 3 0 10 90 80\n`;

const machineStat = (user: number): string =>
  `cpu  ${user} 20 300 4000 50 6 7 80 9 10\ncpu0 1 2 3 4 5 6 7 8 9 10\nintr 5\n`;

describe('what /proc tells', () => {
  test('user and system time of a process, in hundredths of a second', () => {
    expect(parseProcess(stat(42, 'chromium', 7, 150, 25))).toEqual({ id: 42, parent: 7, seconds: 1.75 });
  });

  test('a name may hold spaces and parentheses', () => {
    expect(parseProcess(stat(42, 'a) S 1 (b c', 7, 150, 25))).toEqual({ id: 42, parent: 7, seconds: 1.75 });
  });

  test('the machine is busy with everything but idling, waiting for disks, and what a host took away', () => {
    expect(parseMachine(machineStat(100))).toBeCloseTo((100 + 20 + 300 + 6 + 7) / 100);
  });
});

test('a tree is a process and all that descend from it', () => {
  const processes = [
    stat(10, 'browser', 1, 100, 0),
    stat(11, 'zygote', 10, 200, 0),
    stat(13, 'renderer', 11, 400, 0),
    stat(12, 'gpu', 10, 0, 800),
    stat(20, 'somebody else', 1, 10_000, 0),
  ].map(parseProcess);
  expect(treeSeconds(processes, 10)).toBe(15);
  expect(treeSeconds(processes, 11)).toBe(6);
  expect(treeSeconds(processes, 99)).toBe(0);
});

describe('between two snapshots', () => {
  const before = { own: 10, machine: 100 };

  test('others had what the machine was busy with and we were not', () => {
    expect(usageBetween(before, { own: 13, machine: 105 }, 4)).toEqual({ own: 3, others: 0.5 });
  });

  test('nobody has a negative share', () => {
    // Our counter is finer than the machine's, and what a process had goes with it.
    expect(usageBetween(before, { own: 13, machine: 102.99 }, 4)).toEqual({ own: 3, others: 0 });
    expect(usageBetween(before, { own: 9, machine: 101 }, 4)).toEqual({ own: 0, others: 0.25 });
  });

  test('what the system does not tell is not known', () => {
    const unknown = { own: null, machine: null };
    expect(usageBetween(unknown, unknown, 4)).toEqual({ own: null, others: null });
    expect(usageBetween({ own: 1, machine: null }, { own: 3, machine: null }, 4)).toEqual({
      own: 2,
      others: null,
    });
  });
});
