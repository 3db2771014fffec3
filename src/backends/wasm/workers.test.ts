import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { compile } from '../../engine/compile';
import { lane, DEFAULT_DYNAMIC, defaultExperiment } from '../../experiment/defaults';
import type { LaneConfig } from '../../experiment/experiment';
import { FORMATS } from '../../numerics/formats';
import type { Backend, Runner } from '../../training/backend';
import type { Program } from '../../training/program';
import { createCpuBackend } from '../cpu';
import { FakeLocks } from '../testing/fake-locks';
import { FakeShareWorker } from '../testing/fake-share-worker';
import { createWasmBackend } from '.';
import { ShareWorker } from './share-worker';
import { messageText } from '../../i18n/said';
import { message, MessageError, type Message } from '../../numerics/message';

const LANES: readonly LaneConfig[] = [
  lane('fp32'),
  lane('fp16', { scaler: { ...DEFAULT_DYNAMIC, initialScale: 2 ** 40, growthInterval: 4 } }),
  lane('bf16'),
  lane('fp16', { rounding: 'stochastic' }),
  lane('fp32', { seed: 7 }),
];

async function programOf(lanes: readonly LaneConfig[]): Promise<Program> {
  const noFiles = (): Promise<never> => Promise.reject(new Error('there is no network'));
  const experiment = { ...defaultExperiment('regression'), lossWeightExponent: -12, lanes };
  return (await compile(experiment, noFiles)).program;
}

interface Situation {
  /** What a worker's end of the channel is; makes a good one by default. */
  readonly worker?: (locks: Pick<LockManager, 'request'>, index: number) => ShareWorker;
  readonly hasLocks?: boolean;
}

async function withWorkers(
  count: number,
  { worker = (locks) => new ShareWorker(locks), hasLocks = true }: Situation = {},
) {
  const manager = new FakeLocks();
  const workers: FakeShareWorker[] = [];
  const backend = await createWasmBackend({
    workers: {
      count,
      locks: hasLocks ? manager.ofThread().locks : undefined,
      spawn: () => {
        const spawned = new FakeShareWorker(manager, (locks) => worker(locks, workers.length));
        workers.push(spawned);
        return spawned;
      },
    },
  });
  onTestFinished(() => backend.destroy());
  return { backend, workers };
}

/** Everything that a run can be asked and told, and all that it answers. */
async function transcript(runner: Runner, program: Program): Promise<unknown> {
  const last = program.lanes.length - 1;
  const answers: Promise<unknown>[] = [runner.evaluate(), runner.run(5), runner.run(3), runner.histograms()];
  runner.setScale(last, 2 ** 20);
  runner.setSettings(0, { ...program.lanes[0].settings, learningRate: 0.01 });
  answers.push(runner.run(4));
  runner.setFormats(
    last,
    program.training.sites.map(() => FORMATS.e5m2),
  );
  runner.rescaleMoments(0, 2);
  answers.push(runner.run(4), runner.evaluate(), runner.histograms());
  answers.push(...program.lanes.map((_, index) => runner.read('fc1.weight.master', index)));
  runner.reset();
  answers.push(runner.run(6), runner.read('head.weight.master', last));
  return Promise.all(answers);
}

const transcriptOn = async (backend: Backend, program: Program): Promise<unknown> => {
  const runner = await backend.prepare(program);
  const answers = await transcript(runner, program);
  runner.destroy();
  return answers;
};

describe('results do not depend on the number of workers', () => {
  test.each([1, 2, 3, 4, 5])('%i lanes', async (lanes) => {
    const program = await programOf(LANES.slice(0, lanes));
    const expected = await transcriptOn(createCpuBackend(), program);
    for (const count of [1, 2, 3]) {
      const { backend, workers } = await withWorkers(count);
      expect(await transcriptOn(backend, program)).toEqual(expected);
      expect(backend.info.notes).toEqual([]);
      expect(workers).toHaveLength(Math.min(count, lanes));
    }
  });

  test('workers are kept for the next program, and as many as it needs are added', async () => {
    const { backend, workers } = await withWorkers(3);
    const one = await programOf(LANES.slice(0, 1));
    const all = await programOf(LANES);
    const expected = await transcriptOn(createCpuBackend(), all);
    await transcriptOn(backend, one);
    expect(workers).toHaveLength(1);
    expect(await transcriptOn(backend, all)).toEqual(expected);
    expect(workers).toHaveLength(3);
    await transcriptOn(backend, one);
    expect(workers.map(({ terminated }) => terminated)).toEqual([false, false, false]);
    backend.destroy();
    expect(workers.map(({ terminated }) => terminated)).toEqual([true, true, true]);
  });

  test('two programs at the same time do not mix, and closing one leaves the other', async () => {
    const { backend } = await withWorkers(2);
    const programs = [await programOf(LANES.slice(0, 1)), await programOf(LANES)];
    const expected = [];
    for (const program of programs) expected.push(await transcriptOn(createCpuBackend(), program));
    const runners = await Promise.all(programs.map((program) => backend.prepare(program)));
    const found = await Promise.all(runners.map((runner, i) => transcript(runner, programs[i])));
    expect(found).toEqual(expected);
    runners[1].destroy();
    runners[0].reset();
    expect(await transcript(runners[0], programs[0])).toEqual(expected[0]);
  });
});

describe('workers that do not start', () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  async function expectComputedHere(backend: Backend, reason: RegExp): Promise<void> {
    const program = await programOf(LANES.slice(0, 2));
    const expected = await transcriptOn(createCpuBackend(), program);
    expect(await transcriptOn(backend, program)).toEqual(expected);
    const notes = backend.info.notes.map(messageText);
    expect(notes).toEqual([expect.stringMatching(reason)]);
    expect(notes[0]).toMatch(/computed in one thread, with the same bits/);
  }

  test('because there are none', async () => {
    const spawn = () => {
      throw new Error('not in this frame');
    };
    const backend = await createWasmBackend({ workers: { count: 2, locks: undefined, spawn } });
    await expectComputedHere(backend, /did not start: not in this frame/);
  });

  test('because their script is not there', async () => {
    const { backend, workers } = await withWorkers(2);
    const prepared = programOf(LANES.slice(0, 2)).then((program) => backend.prepare(program));
    await vi.waitUntil(() => workers.length === 2);
    workers[1].dispatchEvent(new Event('error'));
    await prepared;
    expect(workers.map(({ terminated }) => terminated)).toEqual([true, true]);
    await expectComputedHere(backend, /The script of a thread could not be loaded/);
    // They are not asked again.
    expect(workers).toHaveLength(2);
  });

  test('because they do not take the kernels', async () => {
    class Refusing extends ShareWorker {
      override connect(): void {
        throw new Error('no kernels, please');
      }
    }
    const { backend } = await withWorkers(2, { worker: (locks) => new Refusing(locks) });
    await expectComputedHere(backend, /did not start: no kernels, please/);
  });

  test('because they never answer', async () => {
    class Silent extends ShareWorker {
      override hold(): Promise<void> {
        asked = true;
        return new Promise(() => undefined);
      }
    }
    let asked = false;
    const { backend } = await withWorkers(1, { worker: (locks) => new Silent(locks) });
    const program = await programOf(LANES.slice(0, 1));
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const prepared = backend.prepare(program);
    while (!asked) await new Promise((resolve) => setImmediate(resolve));
    await vi.advanceTimersByTimeAsync(20_000);
    await prepared;
    vi.useRealTimers();
    await expectComputedHere(backend, /did not start within 20 seconds/);
  });

  test('are those that end while they are given their lanes', async () => {
    class Ending extends ShareWorker {
      override open(): void {
        workers[0].die();
      }
    }
    const { backend, workers } = await withWorkers(1, { worker: (locks) => new Ending(locks) });
    await expectComputedHere(backend, /ended without a word/);
  });
});

test('a worker without enough memory is a failure in words, and the workers go on with the next program', async () => {
  class Poor extends ShareWorker {
    override open(...image: Parameters<ShareWorker['open']>): void {
      if (rich) super.open(...image);
      else throw new MessageError(message('wasm-memory', { size: '9000 MiB' }));
    }
  }
  let rich = false;
  const { backend, workers } = await withWorkers(2, { worker: (locks) => new Poor(locks) });
  const program = await programOf(LANES.slice(0, 2));
  await expect(backend.prepare(program)).rejects.toThrow('wasm-memory {"size":"9000 MiB"}');
  rich = true;
  const expected = await transcriptOn(createCpuBackend(), program);
  expect(await transcriptOn(backend, program)).toEqual(expected);
  expect(workers).toHaveLength(2);
});

describe('a worker that ends in the middle of a run', () => {
  const ends: [string, (worker: FakeShareWorker) => void, Message][] = [
    ['without a word', (worker) => worker.die(), message('thread-gone', {})],
    [
      'with an error',
      (worker) => worker.dispatchEvent(Object.assign(new Event('error'), { message: 'out of memory' })),
      message('thread-stopped', { cause: 'out of memory' }),
    ],
    [
      'with a message that cannot be read',
      (worker) => worker.dispatchEvent(new Event('messageerror')),
      message('thread-unreadable', {}),
    ],
  ];

  test.each(ends)('%s: the backend is lost, and whoever waits hears of it', async (_, end, reason) => {
    const { backend, workers } = await withWorkers(2);
    const runner = await backend.prepare(await programOf(LANES.slice(0, 2)));
    await runner.run(3);
    workers[1].hang();
    const asked = runner.run(5);
    end(workers[1]);
    await expect(asked).rejects.toMatchObject({ said: reason });
    expect(await backend.lost).toEqual(reason);
    expect(workers.map(({ terminated }) => terminated)).toEqual([true, true]);
    await expect(runner.evaluate()).rejects.toMatchObject({ said: reason });
    // A change has nobody to tell, and a closed run nothing to free.
    runner.setScale(0, 4);
    runner.destroy();
  });

  test('is not an error of the thread that has started it', async () => {
    const { backend, workers } = await withWorkers(1);
    await backend.prepare(await programOf(LANES.slice(0, 1)));
    const event = new Event('error', { cancelable: true });
    workers[0].dispatchEvent(event);
    expect(event.defaultPrevented).toBe(true);
  });

  test('goes on without locks where there are none', async () => {
    const { backend } = await withWorkers(2, { hasLocks: false });
    const program = await programOf(LANES.slice(0, 2));
    await transcriptOn(backend, program);
    expect(backend.info.notes).toEqual([]);
  });
});
