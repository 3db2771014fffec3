import { describe, expect, it } from 'vitest';
import { MAX_INTERVENTIONS } from '../experiment/bounds';
import { openingExperiment } from '../experiment/presets';
import type { Experiment, Intervention } from '../experiment/experiment';
import type { EngineStatus, Frame } from './protocol';
import { Session } from './session';
import { FakeClock } from './testing/fake-clock';
import { FAKE_COUNTER_WORDS, fakeScale, FakeRunner, type FakeRunnerOptions } from './testing/fake-runner';
import { refusal, words } from '../testing/said';
import { message, type Message } from '../numerics/message';

/** What is said of a device that has not answered for so long. */
const silence = (unit: 'seconds' | 'minutes', values: Record<string, number>): Message =>
  message('device-silent', { who: words('The graphics card'), duration: { code: unit, values } });

const experiment: Experiment = { ...openingExperiment, lanes: openingExperiment.lanes.slice(0, 2) };

/** A session on a fake runner, with everything that it tells its listener. */
function setUp(
  options: Partial<FakeRunnerOptions> & {
    interventions?: readonly Intervention[];
    speed?: number;
    /** The page takes as long for a frame. */
    msPerFrame?: number;
  } = {},
) {
  const clock = new FakeClock();
  const runner = new FakeRunner({ clock, ...options });
  const frames: Frame[] = [];
  const frameTimes: number[] = [];
  const statuses: EngineStatus[] = [];
  /** When the device was given up. */
  const abandoned: number[] = [];
  let failing = false;
  const session = new Session({
    experiment: { ...experiment, interventions: options.interventions ?? [] },
    runner,
    evaluationInterval: 20,
    metric: 'accuracy',
    watchable: { lanes: 2, sizes: new Map([['fc.weight', 2]]) },
    clock,
    run: 7,
    speed: options.speed ?? null,
    device: words('The graphics card'),
    onSilence: () => abandoned.push(clock.now()),
    listener: {
      frame: (frame) => {
        frames.push(frame);
        frameTimes.push(clock.now());
        if (options.msPerFrame === undefined) return;
        if (failing) return Promise.reject(new Error('broken on purpose'));
        return new Promise((resolve) => void clock.after(options.msPerFrame ?? 0, resolve));
      },
      status: (status) => statuses.push(status),
    },
  });
  session.open();
  const losses = (run = session.run): number[] =>
    frames.filter((frame) => frame.run === run).flatMap((frame) => [...frame.loss]);
  const fail = (): void => void (failing = true);
  return { clock, runner, frames, frameTimes, statuses, abandoned, session, losses, fail };
}

const runs = (log: readonly string[]): string[] => log.filter((entry) => entry.startsWith('run'));

describe('Session', () => {
  it('opens paused, with an evaluation of the initial weights', async () => {
    const { clock, frames, statuses, runner } = setUp();
    await clock.advance(100);
    expect(runner.log).toEqual(['evaluate 0']);
    expect(frames).toHaveLength(1);
    expect(frames[0]).toMatchObject({
      run: 7,
      firstStep: 0,
      steps: 0,
      evaluations: [{ step: 0, accuracy: [0, 0] }],
    });
    expect(statuses).toEqual([{ state: 'paused', run: 7, step: 0 }]);
  });

  it('hands over more steps at a time until a chunk takes about 12 ms, three chunks ahead', async () => {
    const { clock, runner, session } = setUp({ msPerStep: 0.5, maxSteps: 256 });
    session.start();
    await clock.advance(2000);
    const sizes = runs(runner.log).map((entry) => Number(entry.split('+')[1]));
    expect(sizes[0]).toBe(1);
    // 24 steps take 12 ms, but an evaluation is due every 20.
    expect(Math.max(...sizes)).toBe(20);
    expect(sizes.slice(-10)).toEqual(Array.from({ length: 10 }, () => 20));
    expect(runner.mostWaiting).toBe(3);
  });

  it('catches up as fast as it can, and keeps to the limit of speed from there', async () => {
    const { clock, session, statuses } = setUp({ msPerStep: 1, speed: 10 });
    session.catchUp(200);
    await clock.advance(1000);
    expect(statuses.at(-1)).toEqual({ state: 'paused', run: 7, step: 200 });
    session.start();
    await clock.advance(2000);
    session.pause();
    await clock.advance(100);
    expect(session.step).toBeGreaterThanOrEqual(219);
    expect(session.step).toBeLessThanOrEqual(222);
  });

  it('does not get far ahead of a page that takes long for a frame, and loses nothing', async () => {
    const { clock, session, frames, losses } = setUp({ msPerStep: 0.1, msPerFrame: 200 });
    session.start();
    await clock.advance(2000);
    // Two at a time, and what was handed over before; without a limit it would be one every 16 ms.
    expect(frames.length).toBeGreaterThan(10);
    expect(frames.length).toBeLessThanOrEqual(40);
    session.pause();
    await clock.advance(1000);
    const fast = setUp({ msPerStep: 0.1 });
    fast.session.runSteps(session.step);
    await fast.clock.advance(3000);
    expect(losses()).toEqual(fast.losses());
  });

  it('does not wait for ever for a frame that the page fails to draw', async () => {
    const { clock, session, frames, fail } = setUp({ msPerStep: 0.1, msPerFrame: 0 });
    fail();
    session.start();
    await clock.advance(500);
    expect(frames.length).toBeGreaterThan(10);
  });

  it('never hands over more steps than the runner takes', async () => {
    const { clock, runner, session } = setUp({ msPerStep: 0.1, maxSteps: 7 });
    session.runSteps(60);
    await clock.advance(1000);
    expect(session.step).toBe(60);
    expect(runs(runner.log)).toContain('run 20+7');
  });

  it('takes single steps on a slow device, and lets messages in between them where it computes itself', async () => {
    const { clock, runner, session, statuses } = setUp({ msPerStep: 40, synchronous: true });
    session.start();
    await clock.advance(400);
    expect(new Set(runs(runner.log).map((entry) => entry.split('+')[1]))).toEqual(new Set(['1']));
    session.pause();
    await clock.advance(1000);
    const step = runs(runner.log).length;
    expect(step).toBeLessThan(15);
    expect(statuses.at(-1)).toEqual({ state: 'paused', run: 7, step });
  });

  it('sends every step once, in order, with its counters, at most one frame in 16 ms', async () => {
    const { clock, session, frames, frameTimes, statuses } = setUp({ msPerStep: 0.1 });
    session.start();
    await clock.advance(500);
    session.pause();
    await clock.advance(500);
    let next = 0;
    for (const frame of frames) {
      expect(frame.firstStep).toBe(next);
      expect(frame.counters.length).toBe(frame.steps * 2 * FAKE_COUNTER_WORDS);
      const expected = Array.from({ length: frame.steps }, (_, i) => next + i);
      expect(expected.map((_, i) => frame.counters[i * 2 * FAKE_COUNTER_WORDS])).toEqual(expected);
      next += frame.steps;
    }
    expect(statuses.at(-1)).toEqual({ state: 'paused', run: 7, step: next });
    const gaps = frameTimes.slice(1, -1).map((time, i) => time - frameTimes[i]);
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(16);
  });

  it('evaluates at every multiple of the interval and takes histograms now and then and when it pauses', async () => {
    const { clock, runner, session, frames } = setUp({ msPerStep: 1 });
    session.runSteps(65);
    await clock.advance(1000);
    const evaluated = frames.flatMap((frame) => frame.evaluations.map(({ step }) => step));
    expect(evaluated).toEqual([0, 20, 40, 60]);
    expect(runner.log.at(-1)).toBe('histograms 65');
    expect(frames.at(-1)?.histograms?.step).toBe(65);
    session.pause();
    await clock.advance(100);
    // A frame without steps stands where the next one will begin.
    expect(frames.at(-1)).toMatchObject({ firstStep: 65, steps: 0 });
  });

  it('says at which scale the gradients of a histogram were computed, whichever frame brings it', async () => {
    const { clock, session, frames } = setUp({ msPerStep: 7 });
    session.start();
    await clock.advance(3000);
    session.pause();
    await clock.advance(500);
    const histograms = frames.flatMap((frame) => (frame.histograms ? [{ frame, ...frame.histograms }] : []));
    expect(histograms.length).toBeGreaterThan(5);
    expect(histograms.some(({ frame, step }) => step !== frame.firstStep + frame.steps)).toBe(true);
    for (const { step, scale } of histograms)
      expect(scale).toEqual([0, 1].map((lane) => fakeScale(step - 1, lane)));
  });

  it('steps exactly as often as asked, from wherever it is', async () => {
    const { clock, session, statuses, losses } = setUp({ msPerStep: 3 });
    session.runSteps(3);
    await clock.advance(100);
    session.runSteps(1);
    session.runSteps(1);
    await clock.advance(100);
    expect(statuses.at(-1)).toEqual({ state: 'paused', run: 7, step: 5 });
    expect(losses()).toHaveLength(10);
  });

  it('keeps to a speed limit, and follows when it changes', async () => {
    const { clock, session } = setUp({ msPerStep: 0.1, speed: 10 });
    session.start();
    await clock.advance(2050);
    expect(session.step).toBeGreaterThanOrEqual(20);
    expect(session.step).toBeLessThanOrEqual(22);
    session.setSpeed(null);
    await clock.advance(500);
    expect(session.step).toBeGreaterThan(1000);
  });

  it('gives the same numbers however it is cut into chunks, stopped and started', async () => {
    const interventions: Intervention[] = [
      { step: 0, lane: 1, key: 'scale', value: 2 ** 9 },
      { step: 33, lane: 'all', key: 'learningRate', value: 0.05 },
      { step: 33, lane: 1, key: 'growthInterval', value: 5 },
      { step: 40, lane: 'all', key: 'scale', value: 2 ** 4 },
    ];
    const fast = setUp({ interventions, msPerStep: 0.1 });
    fast.session.runSteps(100);
    await fast.clock.advance(5000);
    const slow = setUp({ interventions, msPerStep: 30, synchronous: true });
    slow.session.start();
    await slow.clock.advance(700);
    slow.session.pause();
    await slow.clock.advance(700);
    slow.session.runSteps(100 - slow.session.step);
    await slow.clock.advance(5000);
    expect(fast.losses()).toHaveLength(200);
    expect(slow.losses()).toEqual(fast.losses());
    const changes = fast.runner.log.filter((entry) => /^(scale|settings)/.test(entry));
    expect(changes).toEqual(['scale 1 512', 'settings 0', 'settings 1', 'settings 1', 'scale 1 16']);
    // Every chunk ends where an intervention is due.
    const starts = runs(fast.runner.log).map((entry) => Number(/\d+/.exec(entry)?.[0]));
    expect(starts).toEqual(expect.arrayContaining([0, 20, 33, 40, 60, 80]));
  });

  it('records a live change at the next step that was not handed over, and a replay gives the same run', async () => {
    const live = setUp({ msPerStep: 2 });
    live.session.start();
    await live.clock.advance(123);
    const made = live.session.intervene(1, 'scale', 2 ** 5);
    await live.clock.advance(200);
    live.session.pause();
    await live.clock.advance(200);
    expect(made.step).toBeGreaterThan(30);
    expect(live.session.experiment.interventions).toEqual([made]);
    const replay = setUp({ interventions: [made], msPerStep: 7, synchronous: true });
    replay.session.runSteps(live.session.step);
    await replay.clock.advance(10_000);
    expect(replay.losses()).toEqual(live.losses());
  });

  it('keeps only the last of several changes before the same step', () => {
    const { session } = setUp();
    session.intervene(1, 'scale', 4);
    session.intervene(1, 'learningRate', 0.1);
    session.intervene(1, 'scale', 8);
    expect(session.experiment.interventions.map(({ key, value }) => [key, value])).toEqual([
      ['learningRate', 0.1],
      ['scale', 8],
    ]);
  });

  it('refuses changes that mean nothing, in words', () => {
    const { session } = setUp();
    expect(refusal(() => session.intervene(0, 'scale', 4))).toMatch(
      /scale cannot change in lane 0 \(FP32 baseline\)/,
    );
    expect(refusal(() => session.intervene(5, 'learningRate', 0.1))).toMatch(/no lane 5/);
    expect(refusal(() => session.intervene(1, 'backoffFactor', 1))).toMatch(/above 0 and below 1/);
    expect(refusal(() => session.intervene(1, 'scale', Number.NaN))).toMatch(/not NaN/);
    expect(session.experiment.interventions).toEqual([]);
  });

  it('resets in the middle of a run without a trace of the steps that were under way', async () => {
    const { clock, session, frames, statuses, losses } = setUp({ msPerStep: 5 });
    session.start();
    await clock.advance(300);
    session.intervene(1, 'scale', 8);
    await clock.advance(100);
    const before = losses(7);
    const run = session.reset(true);
    await clock.advance(300);
    expect(run).toBe(8);
    expect(statuses.at(-1)).toEqual({ state: 'paused', run: 8, step: 0 });
    session.runSteps(before.length / 2);
    await clock.advance(3000);
    expect(losses(8)).toEqual(before);
    expect(frames.find((frame) => frame.run === 8)?.firstStep).toBe(0);
    session.reset(false);
    expect(session.experiment.interventions).toEqual([]);
  });

  it('says what failed and stops', async () => {
    const { clock, session, runner, statuses } = setUp({ msPerStep: 5 });
    session.start();
    await clock.advance(200);
    const { step } = session;
    runner.lose('the GPU was reset');
    await clock.advance(200);
    expect(statuses.at(-1)).toEqual({
      state: 'failed',
      run: 7,
      step,
      code: 'device',
      message: words('the GPU was reset'),
    });
    const { length } = runner.log;
    session.start();
    session.runSteps(3);
    await clock.advance(200);
    expect(runner.log).toHaveLength(length);
    expect(refusal(() => session.intervene(1, 'scale', 2))).toMatch(/the GPU was reset/);
  });

  describe('on a device that does not answer any more', () => {
    const hung = async (msPerStep = 5) => {
      const all = setUp({ msPerStep });
      all.session.start();
      await all.clock.advance(50 * msPerStep);
      all.runner.hang();
      return all;
    };

    it('fails after half a minute, in words, and gives the device up', async () => {
      const { clock, session, statuses, abandoned } = await hung();
      await clock.advance(29_000);
      expect(statuses.at(-1)).toMatchObject({ state: 'running' });
      await clock.advance(2500);
      expect(statuses.at(-1)).toMatchObject({
        state: 'failed',
        step: session.step,
        code: 'device',
        message: silence('seconds', { seconds: 30 }),
      });
      expect(abandoned).toHaveLength(1);
    });

    it('waits ten times as long as an answer ever took', async () => {
      const { clock, statuses } = await hung(20_000);
      await clock.advance(150_000);
      expect(statuses.at(-1)).toMatchObject({ state: 'running' });
      await clock.advance(100_000);
      expect(statuses.at(-1)).toMatchObject({ state: 'failed' });
    });

    it('waits some minutes for the first answer', async () => {
      const { clock, runner, session, statuses } = setUp();
      runner.hang();
      session.start();
      await clock.advance(590_000);
      expect(statuses.at(-1)).toMatchObject({ state: 'running' });
      await clock.advance(11_000);
      expect(statuses.at(-1)).toMatchObject({
        state: 'failed',
        message: silence('minutes', { minutes: 10 }),
      });
    });

    it('does not count hours in which the computer slept', async () => {
      const { clock, statuses } = await hung();
      for (let i = 0; i < 10; i++) {
        clock.compute(3_600_000);
        await clock.advance(1000);
      }
      expect(statuses.at(-1)).toMatchObject({ state: 'running' });
    });

    it('waits while it is paused, as behind a hidden tab', async () => {
      const { clock, session, abandoned } = await hung();
      session.pause();
      await clock.advance(600_000);
      expect(abandoned).toEqual([]);
      session.start();
      await clock.advance(31_000);
      expect(abandoned).toHaveLength(1);
    });

    it('is not accused when nothing is asked of it', async () => {
      const { clock, session, abandoned } = setUp({ speed: 0.01 });
      session.start();
      await clock.advance(200_000);
      expect(session.step).toBeGreaterThan(1);
      expect(abandoned).toEqual([]);
    });
  });

  it('lets a live change take the place of another when it holds as many as it can', () => {
    const interventions = Array.from({ length: MAX_INTERVENTIONS - 1 }, (_, i): Intervention => {
      return { step: i + 1, lane: 1, key: 'scale', value: 2 };
    });
    const { session } = setUp({ interventions });
    session.intervene(1, 'scale', 4);
    session.intervene(1, 'scale', 8);
    expect(session.experiment.interventions).toHaveLength(MAX_INTERVENTIONS);
    expect(session.experiment.interventions[0]).toMatchObject({ step: 0, value: 8 });
    expect(refusal(() => session.intervene(1, 'growthInterval', 8))).toMatch(/can hold 1000 live changes/);
  });

  it('runs forty lanes as well', async () => {
    const { clock, session, losses } = setUp({ lanes: 40, msPerStep: 1 });
    session.runSteps(3);
    await clock.advance(100);
    expect(losses()).toHaveLength(120);
  });

  it('sends the weight that is looked at, while it runs and when it stands still', async () => {
    const { clock, frames, session } = setUp();
    const weights = () => frames.flatMap(({ weight }) => weight ?? []);
    session.watchWeight({ lane: 1, parameter: 'fc.weight', index: 1 });
    await clock.advance(100);
    // Nothing has been updated yet.
    expect(weights()).toEqual([]);
    session.runSteps(5);
    await clock.advance(1000);
    expect(weights().at(-1)).toMatchObject({ lane: 1, parameter: 'fc.weight', index: 1, step: 5 });
    session.watchWeight({ lane: 0, parameter: 'fc.weight', index: 0 });
    await clock.advance(100);
    expect(weights().at(-1)).toMatchObject({ lane: 0, index: 0, step: 5 });
  });

  it.each([
    { lane: 2, parameter: 'fc.weight', index: 0 },
    { lane: 0, parameter: 'fc.bias', index: 0 },
    { lane: 0, parameter: 'fc.weight', index: 2 },
    null,
  ])('sends no weight that is not there: %j', async (weight) => {
    const { clock, frames, session, statuses } = setUp();
    session.watchWeight(weight);
    session.runSteps(5);
    await clock.advance(1000);
    expect(frames.every((frame) => frame.weight === null)).toBe(true);
    expect(statuses.at(-1)?.state).toBe('paused');
  });
});
