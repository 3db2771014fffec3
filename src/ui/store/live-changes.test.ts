import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Intervention } from '../../experiment/experiment';
import { type LiveChange, LiveChanges } from './live-changes';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const scale = (value: number, lane = 1): LiveChange => ({ lane, key: 'scale', value });

function setUp() {
  const log: string[] = [];
  const host = {
    /** Answers wait for it. */
    answer: Promise.resolve(),
    /** The run is there to take changes. */
    running: true,
    isMeant: (): boolean => false,
    send: async (change: LiveChange, isMeant: () => boolean): Promise<Intervention | null> => {
      log.push(`${change.lane} ${change.value}`);
      host.isMeant = isMeant;
      await host.answer;
      return host.running ? { ...change, step: 10 } : null;
    },
    accepted: ({ step, value }: Intervention) => void log.push(`accepted ${value} at ${step}`),
    refused: ({ value }: LiveChange, reason: unknown) => void log.push(`refused ${value}: ${String(reason)}`),
  };
  return {
    log,
    host,
    changes: new LiveChanges(host),
    after: (ms: number) => vi.advanceTimersByTimeAsync(ms),
  };
}

describe('a value that is typed or chosen', () => {
  test('is sent at once, and is in force where the engine says', async () => {
    const { log, changes, after } = setUp();
    changes.request(scale(4));
    expect(log).toEqual(['1 4']);
    await after(0);
    expect(log).toEqual(['1 4', 'accepted 4 at 10']);
  });

  test('waits where one was sent less than a quarter of a second before, and gives way to a newer one', async () => {
    const { log, host, changes, after } = setUp();
    host.running = false;
    changes.request(scale(4));
    await after(100);
    changes.request(scale(5));
    await after(100);
    changes.request(scale(6));
    await after(49);
    expect(log).toEqual(['1 4']);
    await after(1);
    expect(log).toEqual(['1 4', '1 6']);
    await after(250);
    changes.request(scale(7));
    expect(log).toEqual(['1 4', '1 6', '1 7']);
  });

  test('does not wait for another number', () => {
    const { log, changes } = setUp();
    changes.request(scale(4));
    changes.request(scale(4, 2));
    changes.request({ lane: 1, key: 'learningRate', value: 0.5 });
    expect(log).toEqual(['1 4', '2 4', '1 0.5']);
  });

  test('is handed back with the reason where it is refused', async () => {
    const { log, host, changes, after } = setUp();
    host.answer = Promise.reject(new Error('no such lane'));
    changes.request(scale(4));
    await after(0);
    expect(log).toEqual(['1 4', 'refused 4: Error: no such lane']);
  });
});

describe('a gesture', () => {
  test('sends one value, where the hand lets go', async () => {
    const { log, host, changes, after } = setUp();
    host.running = false;
    for (const value of [4, 5, 6]) {
      changes.request(scale(value), 'move');
      await after(5000);
    }
    expect(log).toEqual([]);
    changes.request(scale(7), 'end');
    await after(5000);
    expect(log).toEqual(['1 7']);
  });

  test('takes the place of a value that waits', async () => {
    const { log, host, changes, after } = setUp();
    host.running = false;
    changes.request(scale(4));
    changes.request(scale(5));
    changes.request(scale(6), 'move');
    await after(5000);
    expect(log).toEqual(['1 4']);
  });
});

test('what waits can be sent before its time, once, and is answered then', async () => {
  const { log, changes, after } = setUp();
  changes.request(scale(4), 'move');
  await changes.flush();
  expect(log).toEqual(['1 4', 'accepted 4 at 10']);
  await after(1000);
  expect(log).toHaveLength(2);
});

describe('when the experiment is replaced', () => {
  test('what waits is forgotten', async () => {
    const { log, host, changes, after } = setUp();
    host.running = false;
    changes.request(scale(4));
    changes.request(scale(5));
    changes.request(scale(6, 2), 'move');
    changes.clear();
    await after(1000);
    await changes.flush();
    expect(log).toEqual(['1 4']);
  });

  test.each(['an answer', 'a refusal'])('%s to what was sent before is not passed on', async (kind) => {
    const { log, host, changes, after } = setUp();
    let answer: () => void = () => undefined;
    host.answer = new Promise<void>((resolve, reject) => {
      answer = kind === 'an answer' ? resolve : () => reject(new Error('the run is gone'));
    });
    changes.request(scale(4));
    expect(host.isMeant()).toBe(true);
    changes.clear();
    expect(host.isMeant()).toBe(false);
    answer();
    await after(0);
    expect(log).toEqual(['1 4']);
  });

  test('nobody waits for answers to what was sent before', async () => {
    const { log, host, changes } = setUp();
    host.answer = new Promise(() => undefined);
    changes.request(scale(4));
    changes.clear();
    await changes.flush();
    expect(log).toEqual(['1 4']);
  });
});
