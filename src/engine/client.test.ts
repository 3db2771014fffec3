import { describe, expect, test } from 'vitest';
import { FakeLocks } from '../backends/testing/fake-locks';
import { openingExperiment } from '../experiment/presets';
import { Client } from './client';
import { EngineStopped } from './connection';
import type { EngineStatus, Frame } from './protocol';
import { FakeClock } from './testing/fake-clock';
import { FakeWorker } from './testing/fake-worker';
import { message } from '../numerics/message';

interface Situation {
  /** How many workers' scripts cannot be loaded before one can. */
  missing?: number;
  kind?: 'cpu' | 'webgpu';
  locks?: boolean;
}

function setUp({ missing = 0, kind = 'webgpu', locks = true }: Situation = {}) {
  const clock = new FakeClock();
  const manager = new FakeLocks();
  const workers: FakeWorker[] = [];
  const page = { hidden: false };
  const client = new Client({
    clock,
    pageAddress: 'https://example.org/',
    locks: locks ? manager.ofThread().locks : undefined,
    startWorker: () => {
      const worker = new FakeWorker(clock, manager, kind, workers.length < missing);
      workers.push(worker);
      return worker;
    },
    isHidden: () => page.hidden,
    drawn: () => Promise.resolve(),
  });
  const frames: Frame[] = [];
  const statuses: EngineStatus[] = [];
  void client.subscribe({
    frame: (frame) => void frames.push(frame),
    status: (status) => statuses.push(status),
  });
  /** Lets time pass, and messages arrive. */
  const pass = async (milliseconds: number): Promise<void> => {
    for (let passed = 0; passed <= milliseconds; passed += 250) {
      await clock.advance(Math.min(250, milliseconds - passed));
      for (let turn = 0; turn < 4; turn++) await new Promise((resolve) => setImmediate(resolve));
    }
  };
  const lossesOf = (run: number): number[] =>
    frames.filter((frame) => frame.run === run).flatMap((frame) => [...frame.loss]);
  const failures = () => statuses.filter(({ state }) => state === 'failed');
  return { client, clock, workers, page, frames, statuses, failures, pass, lossesOf };
}

describe('a script that cannot be loaded', () => {
  test('is told, and the next load tries again', async () => {
    const { client, workers, failures } = setUp({ missing: 1 });
    await expect(client.load(openingExperiment, 'auto')).rejects.toMatchObject({ code: 'unreachable' });
    expect(failures()).toEqual([
      {
        state: 'failed',
        run: null,
        step: 0,
        code: 'unreachable',
        message: message('engine-script', {}),
      },
    ]);
    expect((await client.load(openingExperiment, 'auto')).run).toBe(1);
    expect(workers).toHaveLength(2);
  });

  test('does not keep waiting who asks when that is known already', async () => {
    const { client, failures, pass } = setUp({ missing: 2 });
    await pass(0);
    await expect(client.start()).rejects.toBeInstanceOf(EngineStopped);
    await expect(client.load(openingExperiment, 'auto')).rejects.toBeInstanceOf(EngineStopped);
    expect(failures()).toHaveLength(2);
  });
});

/** A run with a live change that has come to some step. */
async function running(situation: Situation = {}) {
  const all = setUp(situation);
  const { client, pass } = all;
  const loaded = await client.load(openingExperiment, 'auto');
  await client.start();
  await pass(500);
  const change = await client.intervene(1, 'scale', 2 ** 20);
  await pass(500);
  const experiment = { ...openingExperiment, interventions: [change] };
  return { ...all, loaded, experiment };
}

describe('a worker that is gone without a word', () => {
  test('is noticed at once, whatever it was asked is rejected, and another one goes on with the same numbers', async () => {
    const { client, workers, failures, pass, lossesOf, experiment } = await running();
    const before = lossesOf(1);
    expect(before.length).toBeGreaterThan(100);
    workers[0].hang();
    const asked = client.intervene(1, 'scale', 2);
    workers[0].die();
    await expect(asked).rejects.toThrow('engine-gone');
    await pass(0);
    const step = before.length / 3;
    expect(failures()).toEqual([
      { state: 'failed', run: null, step, code: 'engine', message: message('engine-gone', {}) },
    ]);
    await expect(client.pause()).rejects.toBeInstanceOf(EngineStopped);
    const recovered = await client.recover(experiment, step, 'auto');
    await pass(5000);
    expect(recovered.run).toBe(2);
    expect(lossesOf(2)).toEqual(before);
    expect(workers.map(({ terminated }) => terminated)).toEqual([true, false]);
  });

  test('takes the limit of its speed with it to the next', async () => {
    const { client, workers, statuses, pass } = setUp();
    await client.setSpeed(4);
    await client.load(openingExperiment, 'auto');
    await pass(0);
    workers[0].die();
    await client.load(openingExperiment, 'auto');
    await client.start();
    await pass(2100);
    await client.pause();
    await pass(500);
    expect(statuses.at(-1)).toMatchObject({ state: 'paused', step: 9 });
  });

  test('is not heard any more', async () => {
    const { workers, frames, pass } = await running();
    workers[0].throws('boom');
    const { length } = frames;
    workers[0].wake();
    await pass(1000);
    expect(frames).toHaveLength(length);
  });
});

test('a worker that throws is ended, since nobody knows what it is worth', async () => {
  const { workers, failures } = await running();
  workers[0].throws('Uncaught TypeError: x is undefined');
  expect(failures()).toMatchObject([
    { code: 'engine', message: message('engine-stopped', { cause: 'Uncaught TypeError: x is undefined' }) },
  ]);
  expect(workers[0].terminated).toBe(true);
});

test('a message that cannot be read ends it too', async () => {
  const { workers, failures } = await running();
  workers[0].dispatchEvent(new Event('messageerror'));
  expect(failures()).toMatchObject([{ code: 'engine' }]);
});

describe('a worker that does not answer', () => {
  test('is given up after a minute', async () => {
    const { client, workers, failures, pass } = await running({ locks: false });
    workers[0].hang();
    const asked = client.pause();
    void asked.catch(() => undefined);
    await pass(55_000);
    expect(failures()).toEqual([]);
    await pass(15_000);
    expect(failures()).toMatchObject([
      {
        code: 'engine',
        message: message('engine-silent', { duration: message('seconds', { seconds: 60 }) }),
      },
    ]);
    await expect(asked).rejects.toBeInstanceOf(EngineStopped);
  });

  test('behind a hidden tab is waited for, until it is seen again', async () => {
    const { workers, page, failures, pass } = await running({ locks: false });
    page.hidden = true;
    workers[0].hang();
    await pass(100_000);
    expect(failures()).toEqual([]);
    page.hidden = false;
    await pass(50_000);
    expect(failures()).toEqual([]);
    await pass(15_000);
    expect(failures()).toHaveLength(1);
  });

  test('is waited for where it computes by itself, which may take minutes', async () => {
    const { workers, failures, pass } = await running({ locks: false, kind: 'cpu' });
    workers[0].hang();
    await pass(100_000);
    expect(failures()).toEqual([]);
  });

  test('has not been asked while this thread slept', async () => {
    const { clock, workers, failures, pass } = await running({ locks: false });
    workers[0].hang();
    for (let i = 0; i < 20; i++) {
      clock.compute(3_600_000);
      await pass(1000);
    }
    expect(failures()).toEqual([]);
  });
});
