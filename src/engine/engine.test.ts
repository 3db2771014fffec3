import { describe, expect, it } from 'vitest';
import type { Experiment } from '../experiment/experiment';
import { openingExperiment } from '../experiment/presets';
import type { Backend, BackendInfo } from '../training/backend';
import { WasmUnavailable } from '../backends/wasm';
import type { AdapterFound } from '../backends/webgpu';
import { compile } from './compile';
import { Engine } from './engine';
import type { EngineStatus, Frame } from './protocol';
import { FakeClock } from './testing/fake-clock';
import { FakeRunner } from './testing/fake-runner';
import { MessageError, type Message } from '../numerics/message';
import { refusal, rejection, words } from '../testing/said';
import { messageText } from '../i18n/said';

const HARDWARE: AdapterFound = { kind: 'hardware', name: 'acme' };
const SOFTWARE: AdapterFound = { kind: 'software', name: 'SwiftShader' };
const NONE: AdapterFound = { kind: 'none', reason: words('There is no graphics card.') };

const noFiles = (): Promise<never> => Promise.reject(new Error('there is no network'));

/** An engine whose backends count instead of train. */
function setUp(
  options: {
    webgpu?: 'missing' | 'too small' | 'silent';
    wasm?: 'no simd' | 'too small';
    adapter?: AdapterFound | 'silent';
  } = {},
) {
  const clock = new FakeClock();
  const runners: FakeRunner[] = [];
  const opened: BackendInfo['kind'][] = [];
  const destroyed: BackendInfo['kind'][] = [];
  /** Of every graphics card that was opened. */
  const loseDevice: ((reason: Message) => void)[] = [];
  let answerLate: (runner: FakeRunner) => void = () => undefined;
  const openBackend = async (kind: BackendInfo['kind']): Promise<Backend> => {
    if (kind === 'webgpu' && options.webgpu === 'missing')
      throw new MessageError(words('This browser has no WebGPU.'));
    if (kind === 'wasm' && options.wasm === 'no simd') throw new WasmUnavailable(words('There is no SIMD.'));
    opened.push(kind);
    const lost = new Promise<Message>((resolve) => {
      if (kind === 'webgpu') loseDevice.push(resolve);
    });
    const prepare = async (): Promise<FakeRunner> => {
      if (kind === 'webgpu' && options.webgpu === 'silent')
        return new Promise((resolve) => (answerLate = resolve));
      if (kind === 'webgpu' && options.webgpu === 'too small') throw new RangeError('The card has no 9 GB.');
      if (kind === 'wasm' && options.wasm === 'too small') throw new RangeError('WebAssembly gets no 9 GB.');
      const runner = new FakeRunner({ clock, lanes: 3, msPerStep: 2 });
      runners.push(runner);
      return runner;
    };
    return {
      info: { kind, adapter: `a ${kind}`, notes: [] },
      lost,
      prepare,
      destroy: () => destroyed.push(kind),
    };
  };
  let searches = 0;
  const engine = new Engine({
    clock,
    openBackend,
    findAdapter: () => {
      searches++;
      const { adapter = HARDWARE } = options;
      return adapter === 'silent' ? new Promise(() => undefined) : Promise.resolve(adapter);
    },
    compile: (experiment) => compile(experiment, noFiles),
  });
  const frames: Frame[] = [];
  const statuses: EngineStatus[] = [];
  engine.subscribe({ frame: (frame) => void frames.push(frame), status: (status) => statuses.push(status) });
  const losses = (run: number): number[] =>
    frames.filter((frame) => frame.run === run).flatMap((frame) => [...frame.loss]);
  const lose = (message: string): void => {
    runners.at(-1)?.lose(message);
    loseDevice.at(-1)?.(words(message));
  };
  /** What a card that was given up still makes ready. */
  const lateRunner = (): FakeRunner => {
    const runner = new FakeRunner({ clock, lanes: 3 });
    answerLate(runner);
    return runner;
  };
  return {
    clock,
    engine,
    runners,
    opened,
    destroyed,
    frames,
    statuses,
    losses,
    lose,
    loseDevice,
    lateRunner,
    searches: () => searches,
  };
}

describe('Engine', () => {
  it('describes what it has loaded', async () => {
    const { engine, clock, statuses, frames } = setUp();
    const loaded = await engine.load(openingExperiment, 'auto');
    await clock.advance(50);
    expect(loaded).toMatchObject({
      run: 1,
      experiment: openingExperiment,
      backend: { kind: 'webgpu', adapter: 'a webgpu' },
      fallbackReason: null,
      stepsPerEpoch: 8,
      trainingRows: 256,
      evaluationRows: 256,
      metric: 'loss',
      parameters: 2 * 16 + 16 + 2 * (16 * 16 + 16) + 16 + 1,
    });
    const site = loaded.sites.find(({ name }) => name === 'fc1.weight.grad');
    expect(site).toMatchObject({ layer: 'fc1', role: 'parameter gradient', count: 32 });
    expect(site?.formats).toEqual(['fp32', 'fp16', 'fp16']);
    expect(loaded.sites.map(({ id }) => id)).toEqual(loaded.sites.map((_, i) => i));
    expect(loaded.dispatchesPerStep).toBeGreaterThan(10);
    expect(statuses).toEqual([{ state: 'loading' }, { state: 'paused', run: 1, step: 0 }]);
    expect(frames.map(({ run, evaluations }) => [run, evaluations.length])).toEqual([[1, 1]]);
  });

  it('opens the device once when it was warmed up before', async () => {
    const { engine, opened } = setUp();
    await engine.warmUp();
    expect(opened).toEqual(['webgpu']);
    await engine.load(openingExperiment, 'auto');
    expect(opened).toEqual(['webgpu']);
  });

  it('says why it does not run on WebGPU although the warm-up failed unheard', async () => {
    const { engine } = setUp({ webgpu: 'missing' });
    await engine.warmUp();
    const loaded = await engine.load(openingExperiment, 'auto');
    expect(loaded.fallbackReason && messageText(loaded.fallbackReason)).toBe('This browser has no WebGPU.');
  });

  it.each([
    ['hardware', HARDWARE, 'webgpu', { code: 'hardware' }],
    ['a software adapter', SOFTWARE, 'wasm', { code: 'software-adapter', adapter: 'SwiftShader' }],
    ['no adapter', NONE, 'wasm', { code: 'no-adapter', reason: words('There is no graphics card.') }],
  ] as const)(
    'chooses by itself where there is %s, and opens nothing else',
    async (_, adapter, kind, chosen) => {
      const { engine, opened } = setUp({ adapter });
      await engine.warmUp();
      expect(await engine.load(openingExperiment, 'auto')).toMatchObject({
        backend: { kind },
        chosen,
        fallbackReason: null,
      });
      expect(opened).toEqual([kind]);
    },
  );

  it.each([SOFTWARE, NONE])('takes the reference where WebAssembly has no SIMD: $kind', async (adapter) => {
    const { engine } = setUp({ adapter, wasm: 'no simd' });
    expect(await engine.load(openingExperiment, 'auto')).toMatchObject({
      backend: { kind: 'cpu' },
      chosen: { code: 'no-simd' },
      fallbackReason: { code: 'sentences', values: { all: [words('There is no SIMD.')] } },
    });
  });

  it('takes WebAssembly where looking for an adapter takes too long', async () => {
    const { engine, clock, searches } = setUp({ adapter: 'silent' });
    const load = engine.load(openingExperiment, 'auto');
    await clock.advance(11_000);
    expect(await load).toMatchObject({
      backend: { kind: 'wasm' },
      chosen: {
        code: 'no-adapter',
        reason: { code: 'silence', values: { duration: { code: 'seconds', values: { seconds: 10 } } } },
      },
    });
    await engine.load(openingExperiment, 'auto');
    expect(searches()).toBe(1);
  });

  it('looks again for an adapter after there was none, and after a card was lost', async () => {
    const options: { adapter: AdapterFound } = { adapter: NONE };
    const { engine, clock, lose, searches } = setUp(options);
    expect((await engine.load(openingExperiment, 'auto')).backend.kind).toBe('wasm');
    options.adapter = HARDWARE;
    expect((await engine.load(openingExperiment, 'auto')).backend.kind).toBe('webgpu');
    await engine.load(openingExperiment, 'auto');
    expect(searches()).toBe(2);
    options.adapter = SOFTWARE;
    lose('the GPU process crashed');
    await clock.advance(100);
    expect((await engine.load(openingExperiment, 'auto')).backend.kind).toBe('wasm');
  });

  it.each([
    ['auto', 'missing', undefined, 'wasm', 'This browser has no WebGPU.'],
    ['auto', 'too small', undefined, 'wasm', 'The card has no 9 GB.'],
    ['webgpu', 'missing', undefined, 'wasm', 'This browser has no WebGPU.'],
    ['webgpu', 'missing', 'no simd', 'cpu', 'This browser has no WebGPU. There is no SIMD.'],
    ['webgpu', 'too small', 'too small', 'cpu', 'The card has no 9 GB. WebAssembly gets no 9 GB.'],
    ['wasm', undefined, 'no simd', 'cpu', 'There is no SIMD.'],
    ['wasm', undefined, 'too small', 'cpu', 'WebAssembly gets no 9 GB.'],
  ] as const)('asked for %s, WebGPU %s, WebAssembly %s: %s', async (choice, webgpu, wasm, kind, reason) => {
    const { engine } = setUp({ webgpu, wasm });
    const loaded = await engine.load(openingExperiment, choice);
    expect(loaded).toMatchObject({
      backend: { kind },
      chosen: { code: 'failed', wished: choice === 'auto' ? 'webgpu' : choice },
    });
    expect(loaded.fallbackReason && messageText(loaded.fallbackReason)).toBe(reason);
  });

  it.each(['cpu', 'wasm', 'webgpu'] as const)(
    'takes %s when it is asked for, on a software adapter too, and looks for none',
    async (choice) => {
      const { engine, opened, searches } = setUp({ adapter: SOFTWARE });
      expect(await engine.load(openingExperiment, choice)).toMatchObject({
        backend: { kind: choice },
        chosen: { code: 'asked' },
        fallbackReason: null,
      });
      expect(opened).toEqual([choice]);
      expect(searches()).toBe(0);
    },
  );

  it('frees the program before, and keeps the device', async () => {
    const { engine, opened, runners } = setUp();
    await engine.load(openingExperiment, 'auto');
    engine.start();
    const { run } = await engine.load({ ...openingExperiment, seed: 4 }, 'auto');
    expect(run).toBe(2);
    expect(runners.map(({ destroyed }) => destroyed)).toEqual([true, false]);
    expect(opened).toEqual(['webgpu']);
  });

  it('loads the newest of several experiments that wait', async () => {
    const { engine, runners } = setUp();
    const seeds = [1, 2, 3].map((seed) => engine.load({ ...openingExperiment, seed }, 'auto'));
    const results = await Promise.allSettled(seeds);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'fulfilled']);
    expect(runners).toHaveLength(1);
  });

  it('rejects in words what it cannot load, and goes on with the next', async () => {
    const { engine, statuses } = setUp();
    const digits: Experiment = { ...openingExperiment, task: 'digits-mlp' };
    expect(await rejection(engine.load(digits, 'auto'))).toMatch(/digits could not be loaded .*no network/);
    expect(statuses.at(-1)).toMatchObject({ state: 'failed', run: null });
    expect(refusal(() => engine.start())).toMatch(/no experiment is loaded/);
    await expect(engine.load(openingExperiment, 'auto')).resolves.toMatchObject({ fallbackReason: null });
  });

  it('says that the device is lost, and recovers to the same step with the same numbers', async () => {
    const { engine, clock, statuses, losses, lose, opened, runners } = setUp();
    await engine.load(openingExperiment, 'auto');
    engine.start();
    await clock.advance(300);
    const change = await engine.intervene(1, 'scale', 2 ** 20);
    await clock.advance(300);
    lose('the GPU process crashed');
    await clock.advance(100);
    const failed = statuses.at(-1);
    expect(failed).toMatchObject({ state: 'failed', message: words('the GPU process crashed') });
    const before = losses(1);
    const changed: Experiment = { ...openingExperiment, interventions: [change] };
    const loaded = await engine.recover(changed, before.length / 3, 'auto');
    await clock.advance(5000);
    expect(opened).toEqual(['webgpu', 'webgpu']);
    expect(runners.at(-1)?.log).toContain(`scale 1 ${2 ** 20}`);
    expect(loaded.experiment.interventions).toHaveLength(1);
    expect(statuses.at(-1)).toEqual({ state: 'paused', run: loaded.run, step: before.length / 3 });
    expect(losses(loaded.run)).toEqual(before);
  });

  it('gives a device up that does not answer, and recovers on a new one', async () => {
    const { engine, clock, statuses, losses, opened, runners, destroyed } = setUp();
    await engine.load(openingExperiment, 'auto');
    engine.start();
    await clock.advance(600);
    runners[0].hang();
    await clock.advance(35_000);
    expect(statuses.at(-1)).toMatchObject({ state: 'failed', code: 'device' });
    expect(destroyed).toEqual(['webgpu']);
    const before = losses(1);
    const { run } = await engine.recover(openingExperiment, before.length / 3, 'auto');
    await clock.advance(5000);
    expect(opened).toEqual(['webgpu', 'webgpu']);
    expect(losses(run)).toEqual(before);
  });

  it('runs on WebAssembly when the device does not answer while an experiment is prepared', async () => {
    const { engine, clock, destroyed, lateRunner } = setUp({ webgpu: 'silent' });
    const load = engine.load(openingExperiment, 'auto');
    await clock.advance(125_000);
    const loaded = await load;
    expect(loaded.backend.kind).toBe('wasm');
    expect(loaded.fallbackReason && messageText(loaded.fallbackReason)).toBe(
      'WebGPU did not answer for 2 minutes when it was asked to prepare the experiment.',
    );
    expect(destroyed).toEqual(['webgpu']);
    const late = lateRunner();
    await clock.advance(0);
    expect(late.destroyed).toBe(true);
  });

  it('keeps the device that came after a lost one', async () => {
    const { engine, clock, opened, runners, loseDevice } = setUp();
    await engine.load(openingExperiment, 'auto');
    engine.start();
    await clock.advance(600);
    runners[0].hang();
    await clock.advance(35_000);
    await engine.load(openingExperiment, 'auto');
    loseDevice[0](words('the GPU process crashed at last'));
    await clock.advance(0);
    await engine.load(openingExperiment, 'auto');
    expect(opened).toEqual(['webgpu', 'webgpu']);
  });

  it('evaluates the initial weights first, even when it is started at once', async () => {
    const { engine, clock, runners } = setUp();
    await engine.load(openingExperiment, 'auto');
    engine.start();
    await clock.advance(100);
    expect(runners[0].log.slice(0, 2)).toEqual(['evaluate 0', 'run 0+1']);
    expect(runners[0].log.length).toBeGreaterThan(5);
  });

  it('keeps the speed limit when another experiment is loaded', async () => {
    const { engine, clock, statuses } = setUp();
    engine.setSpeed(5);
    await engine.load(openingExperiment, 'auto');
    engine.start();
    await clock.advance(1050);
    engine.pause();
    await clock.advance(100);
    expect(statuses.at(-1)).toEqual({ state: 'paused', run: 1, step: 6 });
  });

  it('numbers a reset as a new run', async () => {
    const { engine, clock, frames } = setUp();
    await engine.load(openingExperiment, 'auto');
    engine.step(3);
    await clock.advance(100);
    expect(engine.reset(true)).toBe(2);
    await clock.advance(100);
    expect(frames.at(-1)).toMatchObject({ run: 2, firstStep: 0, steps: 0 });
    expect((await engine.load(openingExperiment, 'auto')).run).toBe(3);
  });
});
