import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createDigester, digestedLanes } from '../../analysis/digest';
import { SiteWindow } from '../../analysis/window';
import type { EngineClient } from '../../engine/client';
import type {
  BackendChoice,
  EngineListener,
  FailureCode,
  Frame,
  LoadedExperiment,
  SiteInfo,
} from '../../engine/protocol';
import { serialize } from '../../experiment/codec';
import { defaultExperiment } from '../../experiment/defaults';
import type { Experiment, Intervention, LiveKey } from '../../experiment/experiment';
import { openingExperiment } from '../../experiment/presets';
import { COUNTER_WORDS } from '../../graph/records';
import type { Recording } from '../opening/recording';
import type { Address } from '../pages/address';
import { Controller } from './controller';
import { Link } from './link';
import { liveValue } from './live';
import { EMPTY_VIEWS } from './state';
import { createAppStore } from './store';
import { reasonOf } from '../../numerics/message';
import { words } from '../../testing/said';

const SITES: readonly Omit<SiteInfo, 'formats'>[] = [
  { id: 0, name: 'fc1.output', layer: 'fc1', role: 'output', count: 8 },
  { id: 1, name: 'fc1.weight.grad', layer: 'fc1', role: 'parameter gradient', count: 8 },
];

function loadedOf(experiment: Experiment, run: number): LoadedExperiment {
  return {
    run,
    experiment,
    backend: { kind: 'cpu', adapter: 'test', notes: [] },
    chosen: { code: 'asked' },
    fallbackReason: null,
    sites: SITES.map((site) => ({
      ...site,
      formats: experiment.lanes.map(({ format }) => format),
    })),
    castChanges: [],
    stepsPerEpoch: 8,
    trainingRows: 256,
    evaluationRows: 64,
    metric: 'loss',
    parameters: 8,
    dispatchesPerStep: 3,
  };
}

function frameOf(run: number, firstStep: number, steps: number, lanes: number, scale: number): Frame {
  const rows = steps * lanes;
  return {
    run,
    firstStep,
    steps,
    loss: Float32Array.from({ length: rows }, (_, row) => 1 / (1 + firstStep + Math.floor(row / lanes))),
    scale: new Float32Array(rows).fill(scale),
    scaleAfter: new Float32Array(rows).fill(scale),
    foundInf: new Uint8Array(rows),
    scalerState: new Uint32Array(),
    counters: new Uint32Array(rows * SITES.length * COUNTER_WORDS),
    evaluations: [],
    histograms: null,
    weight: null,
  };
}

/** An engine that computes nothing: it counts steps and writes down what it is told. */
class TestEngine implements EngineClient {
  readonly log: string[] = [];
  experiment: Experiment = defaultExperiment();
  scale = 2 ** 16;
  run = 0;
  stepCount = 0;
  failure: Error | null = null;
  /** What the status says that comes with the failure; null for none. */
  code: FailureCode | null = null;
  /** Recovering takes for ever. */
  slow = false;
  listener: EngineListener | null = null;
  /** Loads wait for it. */
  gate: Promise<void> = Promise.resolve();
  /** Answers to live changes wait for it. */
  answers: Promise<void> = Promise.resolve();

  subscribe = async (listener: EngineListener) => void (this.listener = listener);
  load = async (experiment: Experiment, backend: BackendChoice) => {
    const asked = backend === 'auto' ? '' : ` on ${backend}`;
    this.log.push(`load ${experiment.task} ${experiment.batch}${asked}`);
    await this.gate;
    this.maybeFail();
    this.experiment = experiment;
    this.stepCount = 0;
    return loadedOf(experiment, ++this.run);
  };
  private maybeFail(): void {
    const { failure, code, listener } = this;
    if (!failure) return;
    if (code) listener?.status({ state: 'failed', run: null, step: 0, code, message: reasonOf(failure) });
    throw failure;
  }
  start = async () => void this.log.push('start');
  pause = async () => void this.log.push('pause');
  step = async (steps: number) => {
    this.log.push(`step ${steps}`);
    this.advance(steps);
  };
  reset = async () => {
    this.log.push('reset');
    this.stepCount = 0;
    return ++this.run;
  };
  setSpeed = async () => undefined;
  watchWeight = async () => undefined;
  recover = async (experiment: Experiment, steps: number, backend: string) => {
    this.log.push(`recover ${backend}`);
    this.maybeFail();
    this.experiment = experiment;
    this.stepCount = 0;
    const loaded = loadedOf(experiment, ++this.run);
    if (steps > 0 && !this.slow) setTimeout(() => this.advance(steps), 1);
    return loaded;
  };
  intervene = async (lane: number | 'all', key: LiveKey, value: number): Promise<Intervention> => {
    this.log.push(`${key} ${value}`);
    if (key === 'scale') this.scale = value;
    const intervention = { step: this.stepCount, lane, key, value };
    await this.answers;
    return intervention;
  };

  /** Steps of which every other one grows, and every other one is skipped. */
  advanceSettled(steps: number): void {
    const { stepCount, experiment, scale, run } = this;
    const lanes = experiment.lanes.length;
    const frame = frameOf(run, stepCount, steps, lanes, scale);
    this.stepCount += steps;
    for (let row = 0; row < steps * lanes; row++) {
      const grows = Math.floor(row / lanes) % 2 === 0;
      frame.scale[row] = grows ? scale : 2 * scale;
      frame.scaleAfter[row] = grows ? 2 * scale : scale;
      frame.foundInf[row] = grows ? 0 : 1;
    }
    void this.listener?.frame(frame);
  }

  advance(steps: number, run = this.run): void {
    const { stepCount, experiment, scale } = this;
    this.stepCount += steps;
    void this.listener?.frame(frameOf(run, stepCount, steps, experiment.lanes.length, scale));
  }
}

class TestAddress implements Address {
  hash = '';
  readonly entries: string[] = [];
  changed: () => void = () => undefined;
  read = () => this.hash;
  write = (hash: string, entry: 'push' | 'replace') => {
    this.hash = hash;
    this.entries.push(entry);
  };
  watch = (changed: () => void) => void (this.changed = changed);
  full = (hash: string) => `https://example.org/#${hash}`;
}

function recordingOf(steps: number): Recording {
  const loaded = loadedOf(openingExperiment, 0);
  const lanes = openingExperiment.lanes.length;
  const frame = frameOf(0, 0, steps, lanes, 2 ** 16);
  const window = new SiteWindow(lanes, SITES.length);
  window.append(frame);
  return {
    loaded,
    digest: createDigester(loaded.sites, digestedLanes(openingExperiment))(frame),
    evaluations: [],
    window,
    histograms: {
      step: steps,
      scale: Array<number>(lanes).fill(2 ** 16),
      sites: [1],
      counts: new Uint32Array(lanes * 256),
    },
  };
}

function setUp(hash = serialize(defaultExperiment())) {
  const address = new TestAddress();
  address.hash = hash;
  const engine = new TestEngine();
  const link = new Link(address);
  const store = createAppStore(link.open().experiment);
  const copied: string[] = [];
  const controller = new Controller({
    store,
    engine,
    link,
    recording: recordingOf(100),
    schedule: (callback) => void setTimeout(() => callback(Date.now()), 16),
    copy: async (text) => void copied.push(text),
    words: {
      copied: (what) => (what === 'run' ? 'copied' : 'Link copied.'),
      event: ({ kind, step: at }) => `${kind} ${at}`,
      diagnosis: ({ diagnosis }) => diagnosis.code,
      ready: ({ task }, running) => `${task} ${running ? 'runs' : 'waits'}`,
    },
  });
  const settle = (milliseconds = 50): Promise<unknown> => vi.advanceTimersByTimeAsync(milliseconds);
  const step = (): number => store.getState().views.counters.step;
  return { address, engine, store, copied, controller, settle, step };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('a link', () => {
  test('is loaded and started, and leaves the address as it was', async () => {
    const { address, engine, controller, settle, step } = setUp();
    await controller.boot();
    await settle();
    engine.advance(5);
    await settle(1000);
    expect(engine.log).toEqual(['load regression 32', 'start']);
    expect(step()).toBe(5);
    expect(address.entries).toEqual([]);
  });

  test('that is opened while another runs replaces it', async () => {
    const { address, engine, store, controller, settle } = setUp();
    await controller.boot();
    await settle();
    address.hash = serialize(defaultExperiment('spirals'));
    address.changed();
    await settle();
    expect(store.getState().experiment.task).toBe('spirals');
    expect(engine.log).toEqual(['load regression 32', 'start', 'load spirals 64', 'start']);
  });

  test('to which one goes back runs as it was left, and not at all while the run is paused', async () => {
    const { address, engine, store, controller, settle } = setUp();
    const [regression, spirals, linear] = (['regression', 'spirals', 'linear'] as const).map((task) =>
      defaultExperiment(task),
    );
    const visit = async (experiment: Experiment): Promise<boolean> => {
      address.hash = serialize(experiment);
      address.changed();
      await settle();
      return store.getState().running;
    };
    await controller.boot();
    await settle();
    controller.pause();
    controller.load(spirals, { start: true, entry: 'push' });
    await settle();
    expect(await visit(regression)).toBe(false);
    expect(await visit(spirals)).toBe(false);
    controller.start();
    await settle();
    // It runs, but was left paused.
    expect(await visit(regression)).toBe(false);
    controller.start();
    await settle();
    expect(await visit(spirals)).toBe(true);
    expect(await visit(linear)).toBe(true);
    expect(engine.log.filter((entry) => entry === 'start')).toHaveLength(6);
    expect(engine.log.at(-1)).toBe('start');
  });

  test('with damage opens with a notice that names the key', async () => {
    const { store, controller } = setUp('v=1&b=zero');
    await controller.boot();
    expect(store.getState().linkNotices.map(({ key }) => key)).toEqual(['b']);
  });
});

describe('the recorded opening', () => {
  test('plays until the engine is ready, which then goes on from there', async () => {
    const { engine, store, controller, settle, step } = setUp('');
    let open: () => void = () => undefined;
    engine.gate = new Promise((resolve) => (open = resolve));
    await controller.boot();
    await settle(500);
    const shown = step();
    expect(shown).toBeGreaterThan(10);
    expect(shown).toBeLessThan(100);
    expect(store.getState().phase).toBe('recorded');
    open();
    await settle(50);
    expect(store.getState().phase).toBe('live');
    const caughtUp = engine.stepCount;
    expect(caughtUp).toBeGreaterThanOrEqual(shown);
    expect(engine.log.slice(1)).toEqual([`step ${caughtUp}`, 'start']);
    engine.advance(3);
    await settle(1000);
    expect(step()).toBe(caughtUp + 3);
  });

  test('can be paused before the engine is ready', async () => {
    const { engine, controller, settle, step } = setUp('');
    let open: () => void = () => undefined;
    engine.gate = new Promise((resolve) => (open = resolve));
    await controller.boot();
    await settle(500);
    controller.pause();
    await settle(200);
    const shown = step();
    open();
    await settle(500);
    expect(engine.log).not.toContain('start');
    expect(engine.stepCount).toBe(shown);
    expect(step()).toBe(shown);
  });

  test('stands still when the engine does not start, and goes on from there when it does', async () => {
    const { engine, store, controller, settle, step } = setUp('');
    let end: (error: Error) => void = () => undefined;
    engine.gate = new Promise((_, reject) => (end = reject));
    await controller.boot();
    await settle(500);
    engine.listener?.status({ state: 'failed', run: null, step: 0, code: 'engine', message: words('gone') });
    end(new Error('the worker has ended'));
    await settle(200);
    const shown = step();
    await settle(500);
    expect(step()).toBe(shown);
    expect(store.getState()).toMatchObject({
      phase: 'stopped',
      running: false,
      problem: { kind: 'failed', message: words('gone'), before: null },
    });
    controller.start();
    await settle(1000);
    expect(engine.log.slice(1)).toEqual(['recover auto', 'start']);
    expect(engine.stepCount).toBe(shown);
    expect(store.getState()).toMatchObject({ phase: 'live', running: true, problem: null });
  });
});

describe('a run', () => {
  async function running() {
    const all = setUp();
    await all.controller.boot();
    await all.settle();
    all.engine.advance(10);
    await all.settle(1000);
    all.engine.log.length = 0;
    return all;
  }

  test('is heard of when something happens for the first time, not for ever', async () => {
    const { engine, store, settle } = await running();
    const heard: string[] = [];
    store.subscribe(({ announcement }, before) => {
      if (announcement !== before.announcement) heard.push(announcement);
    });
    // A settled scaler: every other step is skipped, and the scale grows again in between.
    for (let frame = 0; frame < 75; frame++) {
      engine.advanceSettled(8);
      await settle(800);
    }
    // The first of the skips and of the growths. A minute later nothing more has been said.
    expect(heard).toEqual(['backoff 11', 'growth 24']);
  });

  test('is reset to step 0, and late frames of before do not count', async () => {
    const { engine, controller, settle, step } = await running();
    controller.reset();
    await settle();
    expect(step()).toBe(0);
    engine.stepCount = 10;
    engine.advance(5, engine.run - 1);
    await settle(1000);
    expect(step()).toBe(0);
    controller.start();
    await settle();
    expect(engine.log).toEqual(['reset', 'start']);
  });

  test('takes a step after a pause', async () => {
    const { engine, store, controller, settle, step } = await running();
    controller.step();
    await settle(1000);
    expect(engine.log).toEqual(['step 1']);
    expect(store.getState().running).toBe(false);
    expect(step()).toBe(11);
  });

  test('takes live changes at once, without a restart, and writes them into the link', async () => {
    const { address, engine, store, controller, settle } = await running();
    controller.intervene(1, 'scale', 2 ** 4);
    expect(liveValue(store.getState(), 1, 'scale')).toBe(2 ** 4);
    await settle(1000);
    expect(engine.log).toEqual(['scale 16']);
    expect(store.getState().experiment.interventions).toEqual([
      { step: 10, lane: 1, key: 'scale', value: 16 },
    ]);
    expect(address.entries).toEqual(['replace']);
    expect(address.hash).toBe(serialize(store.getState().experiment));
    // Paused, no record shows the new scale; after a step one does, and nothing is pending any more.
    expect(liveValue(store.getState(), 1, 'scale')).toBe(2 ** 4);
    engine.advance(1);
    await settle(1000);
    expect(store.getState().pending).toEqual({});
    expect(liveValue(store.getState(), 1, 'scale')).toBe(2 ** 4);
  });

  test('gets only the newest of values that are chosen fast', async () => {
    const { engine, controller, settle } = await running();
    for (let exponent = 15; exponent >= 4; exponent--) controller.intervene(1, 'scale', 2 ** exponent);
    await settle(1000);
    expect(engine.log).toEqual(['scale 32768', 'scale 16']);
  });

  test('gets one value from a drag, where it ends, and the controls show all of them', async () => {
    const { engine, store, controller, settle } = await running();
    for (let exponent = 15; exponent >= 4; exponent--) {
      controller.intervene(1, 'scale', 2 ** exponent, { gesture: 'move' });
      expect(liveValue(store.getState(), 1, 'scale')).toBe(2 ** exponent);
      engine.advance(10);
      await settle(1000);
    }
    expect(engine.log).toEqual([]);
    controller.intervene(1, 'scale', 2 ** 4, { gesture: 'end' });
    await settle(1000);
    expect(engine.log).toEqual(['scale 16']);
    expect(store.getState().experiment.interventions).toHaveLength(1);
  });

  test('has a change before the step that was asked for after it', async () => {
    const { engine, copied, store, controller, settle } = await running();
    controller.intervene(1, 'scale', 2 ** 4, { gesture: 'move' });
    controller.step();
    controller.intervene(1, 'scale', 2 ** 5, { gesture: 'move' });
    await controller.share();
    await settle();
    expect(engine.log).toEqual(['scale 16', 'step 1', 'scale 32']);
    expect(copied).toEqual([`https://example.org/#${serialize(store.getState().experiment)}`]);
    expect(store.getState().experiment.interventions.map(({ step }) => step)).toEqual([10, 11]);
  });

  test('takes no answer that belongs to the experiment before it', async () => {
    const { engine, store, address, controller, settle } = await running();
    let answer: () => void = () => undefined;
    engine.answers = new Promise((resolve) => (answer = resolve));
    controller.intervene(1, 'scale', 2 ** 4);
    await settle();
    controller.load(defaultExperiment('spirals'), { start: true, entry: 'push' });
    await settle();
    answer();
    await settle(1000);
    expect(store.getState().experiment).toEqual(defaultExperiment('spirals'));
    expect(store.getState().loaded?.experiment).toEqual(defaultExperiment('spirals'));
    expect(address.hash).toBe(serialize(defaultExperiment('spirals')));
  });

  test('is not told of a refusal that belongs to the experiment before it', async () => {
    const { engine, store, controller, settle } = await running();
    let refuse: (error: Error) => void = () => undefined;
    engine.answers = new Promise((_, reject) => (refuse = reject));
    controller.intervene(1, 'scale', 2 ** 4);
    await settle();
    engine.gate = new Promise(() => undefined);
    controller.load(defaultExperiment('spirals'), { start: true, entry: 'push' });
    controller.intervene(1, 'scale', 2 ** 5);
    refuse(new Error('the run has stopped'));
    await settle(5000);
    expect(store.getState().announcement).toBe('regression runs');
    expect(liveValue(store.getState(), 1, 'scale')).toBe(2 ** 5);
  });

  test('keeps a change that was on its way when it is reset', async () => {
    const { engine, store, controller, settle } = await running();
    controller.intervene(1, 'scale', 2 ** 4, { gesture: 'move' });
    controller.reset();
    await settle(1000);
    expect(engine.log).toEqual(['scale 16', 'reset']);
    const interventions = [{ step: 10, lane: 1, key: 'scale', value: 16 }];
    expect(store.getState()).toMatchObject({
      experiment: { interventions },
      loaded: { experiment: { interventions } },
      pending: {},
    });
  });

  test('does not wait for an answer that belongs to the experiment before it', async () => {
    const { engine, copied, controller, settle } = await running();
    engine.answers = new Promise(() => undefined);
    controller.intervene(1, 'scale', 2 ** 4);
    await settle();
    controller.load(defaultExperiment('spirals'), { start: true, entry: 'push' });
    await settle();
    void controller.share();
    await settle();
    expect(copied).toEqual([`https://example.org/#${serialize(defaultExperiment('spirals'))}`]);
  });

  test('gets no change that was made for the experiment before it', async () => {
    const { engine, store, controller, settle } = await running();
    controller.intervene(1, 'scale', 2 ** 4, { gesture: 'move' });
    controller.load(defaultExperiment('spirals'), { start: true, entry: 'push' });
    await settle(1000);
    controller.start();
    await settle(1000);
    controller.intervene(1, 'scale', 2 ** 5);
    controller.load(defaultExperiment('linear'), { start: true, entry: 'push' });
    await settle(1000);
    expect(engine.log.filter((entry) => entry.startsWith('scale'))).toEqual([]);
    expect(store.getState().experiment).toEqual(defaultExperiment('linear'));
  });

  test('restarts with a changed structure, and what was changed live becomes part of the start', async () => {
    const { address, engine, store, controller, settle } = await running();
    controller.intervene('all', 'learningRate', 0.5);
    await settle(500);
    engine.advance(1);
    await settle(500);
    controller.restructure((experiment) => ({ ...experiment, batch: 16 }));
    await settle();
    expect(engine.log).toEqual(['learningRate 0.5', 'load regression 16', 'start']);
    expect(engine.experiment.optimizer.learningRate).toBe(0.5);
    expect(engine.experiment.interventions).toEqual([]);
    expect(address.entries.at(-1)).toBe('push');
    expect(store.getState().views.counters.step).toBe(0);
  });

  test('takes along no notice that belongs to the one before it', async () => {
    const { store, controller, settle } = setUp('v=1&b=zero');
    await controller.boot();
    await settle();
    store.setState({ dismissed: ['1 behind'] });
    controller.load(defaultExperiment('spirals'), { start: true, entry: 'push' });
    expect(store.getState()).toMatchObject({ linkNotices: [], dismissed: [] });
  });

  test('is heard of anew when another begins', async () => {
    const { engine, store, controller, settle } = await running();
    const heard: string[] = [];
    store.subscribe(({ announcement }, before) => {
      if (announcement !== before.announcement) heard.push(announcement);
    });
    engine.advanceSettled(8);
    await settle(3000);
    controller.load(defaultExperiment('spirals'), { start: true, entry: 'push' });
    await settle(3000);
    engine.advanceSettled(8);
    await settle(3000);
    expect(heard).toEqual(['backoff 11', 'spirals runs', 'backoff 1']);
  });

  test('that was asked for last wins', async () => {
    const { engine, store, controller, settle } = await running();
    controller.load(defaultExperiment('spirals'), { start: true, entry: 'push' });
    controller.load(defaultExperiment('linear'), { start: true, entry: 'push' });
    await settle();
    expect(store.getState().loaded?.experiment.task).toBe('linear');
    expect(engine.log.filter((entry) => entry === 'start')).toHaveLength(1);
  });

  test('gives way at once: nothing of it is on show while another experiment is prepared', async () => {
    const { engine, store, controller, settle, step } = await running();
    let open: () => void = () => undefined;
    engine.gate = new Promise((resolve) => (open = resolve));
    const { run } = engine;
    controller.load(defaultExperiment('spirals'), { start: true, entry: 'push' });
    const expectNothing = (): void => {
      expect(store.getState()).toMatchObject({ phase: 'preparing', loaded: null, views: EMPTY_VIEWS });
      expect(store.getState().experiment.task).toBe('spirals');
    };
    expectNothing();
    // The engine has not heard of it yet, and goes on with the run before.
    engine.advance(3, run);
    engine.listener?.status({ state: 'running', run, step: 13, stepsPerSecond: 99 });
    engine.listener?.status({ state: 'failed', run, step: 13, code: 'device', message: words('lost') });
    await settle(1000);
    expectNothing();
    expect(store.getState()).toMatchObject({ stepsPerSecond: null, problem: null, running: true });
    open();
    await settle();
    expect(store.getState()).toMatchObject({ phase: 'live', problem: null });
    expect(store.getState().loaded?.experiment.task).toBe('spirals');
    expect(step()).toBe(0);
  });

  test('that fails before the page knows of it is not taken for one that runs', async () => {
    const { engine, store, controller, settle } = await running();
    const next = engine.run + 1;
    engine.gate = Promise.resolve().then(() =>
      engine.listener?.status({
        state: 'failed',
        run: next,
        step: 0,
        code: 'device',
        message: words('lost'),
      }),
    );
    controller.load(defaultExperiment('spirals'), { start: true, entry: 'push' });
    await settle();
    expect(store.getState()).toMatchObject({
      phase: 'stopped',
      problem: { kind: 'lost', message: words('lost') },
    });
  });

  describe('that cannot be loaded', () => {
    async function refused(code: FailureCode | null) {
      const all = await running();
      const { engine, controller, settle } = all;
      engine.failure = new Error('does not fit');
      engine.code = code;
      controller.load(defaultExperiment('digits-cnn'), { start: true, entry: 'push' });
      await settle();
      engine.failure = null;
      return all;
    }

    test('says why, once, in a dialog that can be closed', async () => {
      const { store, controller } = await refused('unreachable');
      expect(store.getState()).toMatchObject({
        phase: 'failed',
        running: false,
        loaded: null,
        problemOpen: true,
        problem: { kind: 'failed', code: 'unreachable', message: words('does not fit'), instead: null },
      });
      controller.closeProblem();
      expect(store.getState()).toMatchObject({ phase: 'failed', problemOpen: false });
    });

    test.each([
      ['unreachable', null],
      ['device', null],
      ['engine', 'cpu'],
      [null, null],
    ] as const)('because of %s: what may help: %s', async (code, instead) => {
      const { store, controller, engine, settle } = await refused(code);
      expect(store.getState().problem).toMatchObject({ code: code ?? 'engine', instead });
      engine.failure = new Error('not there either');
      controller.recover('cpu');
      await settle();
      expect(store.getState().problem).toMatchObject({ message: words('not there either'), instead: null });
    });

    test('leads back to the run before, where it stood', async () => {
      const { store, controller, engine, address, settle, step } = await refused('device');
      expect(store.getState().problem?.before).toEqual(defaultExperiment());
      engine.log.length = 0;
      controller.goBack();
      expect(step()).toBe(10);
      expect(store.getState()).toMatchObject({ phase: 'resuming', running: true, problem: null });
      await settle(1000);
      expect(engine.log).toEqual(['recover auto', 'start']);
      expect(address.hash).toBe(serialize(defaultExperiment()));
      expect(store.getState().phase).toBe('live');
      engine.advance(2);
      await settle(1000);
      expect(step()).toBe(12);
    });

    test('leads back to a paused run, which stays paused, and to a lane that it has', async () => {
      const { store, controller, engine, settle } = await running();
      controller.pause();
      engine.failure = new Error('does not fit');
      const { lanes } = defaultExperiment();
      const four = { ...defaultExperiment('spirals'), lanes: [...lanes, lanes[0], lanes[1]] };
      controller.load(four, { start: true, entry: 'push' });
      controller.look({ selectedLane: 3 });
      await settle();
      engine.failure = null;
      controller.goBack();
      await settle(1000);
      expect(store.getState()).toMatchObject({ phase: 'live', running: false, selectedLane: 1 });
      expect(store.getState().views.scale?.lane).toBe(1);
      expect(engine.log).not.toContain('start');
    });

    test('leads back to a run that had stopped, too', async () => {
      const { store, controller, engine, settle, step } = await running();
      engine.listener?.status({
        state: 'failed',
        run: engine.run,
        step: 10,
        code: 'device',
        message: words(''),
      });
      engine.failure = new Error('does not fit');
      controller.load(defaultExperiment('spirals'), { start: true, entry: 'push' });
      await settle();
      engine.failure = null;
      controller.goBack();
      await settle(1000);
      expect(store.getState()).toMatchObject({ phase: 'live', running: true });
      expect(step()).toBe(10);
    });

    test('is tried again with Step, which makes one', async () => {
      const { store, controller, engine, settle, step } = await refused('engine');
      controller.step();
      await settle(1000);
      expect(store.getState()).toMatchObject({ phase: 'live', running: false });
      expect(step()).toBe(1);
      expect(engine.log).not.toContain('start');
    });

    test('is tried again with Run, and with what was changed meanwhile', async () => {
      const { store, controller, engine, settle } = await refused('engine');
      engine.log.length = 0;
      controller.start();
      await settle();
      expect(engine.log).toEqual(['load digits-cnn 64', 'start']);
      expect(store.getState()).toMatchObject({ phase: 'live', running: true, problem: null });
      expect(store.getState().experiment.task).toBe('digits-cnn');
    });

    test('starts with a live number that is changed before it is tried again', async () => {
      const { store, controller, engine, settle } = await refused('engine');
      controller.intervene('all', 'learningRate', 0.25, { gesture: 'move' });
      controller.intervene('all', 'learningRate', 0.5, { gesture: 'end' });
      await settle();
      expect(store.getState().phase).toBe('live');
      expect(store.getState().experiment.optimizer.learningRate).toBe(0.5);
      expect(engine.log).not.toContain('learningRate 0.25');
    });

    test('does not keep Back from starting the run before', async () => {
      const { store, address, settle } = await refused('unreachable');
      address.hash = serialize(defaultExperiment());
      address.changed();
      await settle();
      expect(store.getState()).toMatchObject({ phase: 'live', running: true, problem: null });
    });
  });

  test('is computed again after the device was lost, without losing what is on show', async () => {
    const { engine, store, controller, settle, step } = await running();
    const lost = {
      state: 'failed',
      run: engine.run,
      step: 10,
      code: 'device',
      message: words('lost'),
    } as const;
    engine.listener?.status(lost);
    expect(store.getState()).toMatchObject({
      phase: 'stopped',
      problem: { kind: 'lost', code: 'device', message: words('lost'), before: null },
    });
    controller.closeProblem();
    expect(step()).toBe(10);
    controller.recover('cpu');
    expect(store.getState()).toMatchObject({ phase: 'resuming', running: true });
    await settle(1000);
    expect(engine.log).toEqual(['recover cpu', 'start']);
    expect(step()).toBe(10);
    engine.advance(2);
    await settle(1000);
    expect(step()).toBe(12);
  });

  describe('on another backend', () => {
    test('goes on where it is, with what was on its way, and stays there', async () => {
      const { engine, store, controller, settle, step } = await running();
      await controller.chooseBackend('wasm');
      expect(store.getState()).toMatchObject({ phase: 'resuming', running: true, backendChoice: 'wasm' });
      expect(step()).toBe(10);
      await settle(1000);
      expect(engine.log).toEqual(['recover wasm', 'start']);
      expect(store.getState()).toMatchObject({ phase: 'live', running: true });
      engine.log.length = 0;
      controller.load(defaultExperiment('spirals'), { start: true, entry: 'push' });
      await settle();
      expect(engine.log).toEqual(['load spirals 64 on wasm', 'start']);
    });

    test('catches up with what the run before had sent until it was closed', async () => {
      const { engine, controller, store, settle, step } = await running();
      const { run } = engine;
      const recover = engine.recover;
      engine.recover = async (...asked) => {
        engine.advance(4, run);
        return recover(...asked);
      };
      await controller.chooseBackend('wasm');
      await settle(1000);
      expect(step()).toBe(14);
      expect(engine.log).toEqual(['recover wasm', 'step 4', 'start']);
      expect(store.getState().phase).toBe('live');
    });

    test('stays paused', async () => {
      const { engine, controller, store, settle } = await running();
      controller.pause();
      await settle();
      engine.log.length = 0;
      await controller.chooseBackend('webgpu');
      await settle(1000);
      expect(engine.log).toEqual(['recover webgpu']);
      expect(store.getState()).toMatchObject({ phase: 'live', running: false });
    });

    test('keeps a live change that was on its way', async () => {
      const { engine, controller, store, settle } = await running();
      controller.intervene(1, 'scale', 2 ** 20);
      await controller.chooseBackend('cpu');
      await settle(1000);
      expect(engine.log).toEqual([`scale ${2 ** 20}`, 'recover cpu', 'start']);
      expect(store.getState().experiment.interventions).toHaveLength(1);
      expect(engine.experiment.interventions).toHaveLength(1);
    });

    test('can be chosen anew while it takes long, and after a failure', async () => {
      const { engine, controller, store, settle } = await running();
      engine.slow = true;
      await controller.chooseBackend('cpu');
      await settle();
      expect(store.getState().phase).toBe('resuming');
      engine.slow = false;
      await controller.chooseBackend('auto');
      await settle(1000);
      expect(store.getState()).toMatchObject({ phase: 'live', backendChoice: 'auto' });
      engine.listener?.status({
        state: 'failed',
        run: engine.run,
        step: 10,
        code: 'device',
        message: words(''),
      });
      await controller.chooseBackend('wasm');
      await settle(1000);
      expect(engine.log).toEqual(['recover cpu', 'recover auto', 'start', 'recover wasm', 'start']);
      expect(store.getState()).toMatchObject({ phase: 'live', running: true, problem: null });
    });

    test('is not the choice of a person whom a failure led there', async () => {
      const { engine, controller, store, settle } = await running();
      engine.listener?.status({
        state: 'failed',
        run: engine.run,
        step: 10,
        code: 'device',
        message: words(''),
      });
      controller.recover('cpu');
      await settle(1000);
      expect(store.getState().backendChoice).toBe('auto');
      controller.load(defaultExperiment('spirals'), { start: true, entry: 'push' });
      await settle();
      expect(engine.log).toContain('load spirals 64');
    });
  });

  test('that is lost again while it is computed again has not come to life', async () => {
    const { engine, store, controller, settle } = await running();
    const lose = (): void =>
      engine.listener?.status({
        state: 'failed',
        run: engine.run,
        step: 3,
        code: 'device',
        message: words('lost'),
      });
    lose();
    engine.slow = true;
    controller.recover('auto');
    await settle(500);
    expect(store.getState().phase).toBe('resuming');
    lose();
    await settle(500);
    expect(store.getState()).toMatchObject({ phase: 'stopped', problem: { kind: 'lost' } });
    expect(engine.log).not.toContain('start');
  });

  test('is shared with its live changes', async () => {
    const { copied, store, controller, settle } = await running();
    controller.intervene(1, 'scale', 2 ** 4);
    await settle(200);
    await controller.share();
    expect(copied).toEqual([`https://example.org/#${serialize(store.getState().experiment)}`]);
    expect(store.getState().copied).toBe(true);
    await settle(2000);
    expect(store.getState().announcement).toBe('copied');
  });
});
