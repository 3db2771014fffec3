import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createWasmBackend } from '../backends/wasm';
import { defaultExperiment, lane } from '../experiment/defaults';
import { TASK_IDS, type Experiment } from '../experiment/experiment';
import { openingExperiment } from '../experiment/presets';
import { readPublic } from '../testing/data-files';
import { scalerSettings } from '../training/scalers';
import { systemClock } from '../engine/clock';
import { compile } from '../engine/compile';
import type { Frame } from '../engine/protocol';
import { jsonNumber, RUN_SCHEMA, runExperiment } from './report';
import { Session } from '../engine/session';
import { rejection, words } from '../testing/said';

/** The reference is slow, and slower on a busy machine. */
const SLOW = { timeout: 60_000 };

const changed: Experiment = {
  ...openingExperiment,
  lossWeightExponent: -18,
  interventions: [
    { step: 3, lane: 1, key: 'scale', value: 2 ** 20 },
    { step: 3, lane: 'all', key: 'learningRate', value: 0.1 },
    { step: 11, lane: 2, key: 'lossWeightExponent', value: -4 },
  ],
};

describe('a lane whose scaler raises', () => {
  it(
    'stops there, and the report says when and what',
    async () => {
      const numbers = { initialScale: 2 ** 40, minimumScale: 2 ** 38, hysteresis: 1 };
      const lanes = [lane('fp32'), lane('fp16', { scaler: scalerSettings('deepspeed', numbers) })];
      const experiment = { ...defaultExperiment('linear'), lanes };
      const report = await runExperiment(experiment, 8, await createWasmBackend(), readPublic);
      // Two halvings lead to the minimum, where the third overflow raises.
      expect(report.lanes[0].raised).toBeUndefined();
      expect(report.lanes[1]).toMatchObject({
        raised: { step: 2, code: 'minimum-reached' },
        skippedSteps: 8,
      });
      expect(report.lanes[1].scale.slice(1)).toEqual([2 ** 39, ...Array.from({ length: 6 }, () => 2 ** 38)]);
    },
    SLOW.timeout,
  );
});

describe('compile', () => {
  it('gives lanes with the same seed the same weights, and their own formats and settings', async () => {
    const lanes = [lane('fp32'), lane('e4m3fn', { gradientFormat: 'e5m2' }), lane('fp16', { seed: 99 })];
    const { program, stepsPerEpoch } = await compile({ ...changed, lanes, interventions: [] }, readPublic);
    const [first, second, third] = program.lanes;
    expect(second.initial).toEqual(first.initial);
    expect(third.initial).not.toEqual(first.initial);
    const formatOf = (name: string) => {
      const site = program.training.sites.find((candidate) => candidate.name === name);
      return site && second.formats[site.id].name;
    };
    expect(formatOf('fc1.weight')).toBe('e4m3fn');
    expect(formatOf('fc1.weight.grad')).toBe('e5m2');
    expect(formatOf('logits.grad')).toBe('e5m2');
    expect(stepsPerEpoch).toBe(8);
    // Sites of the evaluation come first in training, so that one policy table serves both.
    program.evaluation.sites.forEach(({ name }, id) => expect(program.training.sites[id].name).toBe(name));
  });

  it('starts from settings before any intervention, those in front of step 0 included', async () => {
    const interventions = [{ step: 0, lane: 'all', key: 'learningRate', value: 9 }] as const;
    const { program } = await compile({ ...changed, interventions }, readPublic);
    expect(program.lanes[0].settings.learningRate * 2 ** -18).toBe(Math.fround(0.2));
  });

  it('says which data could not be read', async () => {
    const missing = (): Promise<never> => Promise.reject(new Error('404'));
    expect(await rejection(compile(defaultExperiment('digits-cnn'), missing))).toMatch(
      /digits could not be loaded/,
    );
  });
});

describe('runExperiment', SLOW, () => {
  it('reports every step of every lane, and what happened at every site', async () => {
    const report = await runExperiment(changed, 15, await createWasmBackend(), readPublic);
    expect(report).toMatchObject({
      schema: RUN_SCHEMA,
      experiment: changed,
      backend: { kind: 'wasm', adapter: 'WebAssembly (SIMD)' },
    });
    const [, scaled, unscaled] = report.lanes;
    expect(report.lanes.map(({ name }) => name)).toEqual([
      'FP32 baseline',
      'FP16 + GradScaler',
      'FP16, no scaler',
    ]);
    expect(scaled.scale.slice(0, 5)).toEqual([2 ** 40, 2 ** 39, 2 ** 38, 2 ** 20, 2 ** 20]);
    expect(scaled.foundInf.slice(0, 5)).toEqual([1, 1, 1, 0, 0]);
    expect(scaled.skippedSteps).toBe(3);
    expect(scaled.heldOutLoss.step).toEqual([0, 15]);
    expect(scaled.accuracy).toEqual({ step: [], value: [] });
    const site = unscaled.sites['fc1.weight.grad'];
    expect(site.count).toBe(32);
    expect(site.underflow).toHaveLength(15);
    // From step 11 on, λ = 2^-4 instead of 2^-18.
    expect(unscaled.sites['fc3.input.grad'].underflow[10]).toBeGreaterThan(100);
    expect(unscaled.sites['fc3.input.grad'].underflow[11]).toBeLessThan(20);
    expect(JSON.parse(JSON.stringify(report))).toEqual(report);
  });

  it('hashes the final parameters in order of name', async () => {
    const experiment = { ...openingExperiment, lanes: [lane('fp32')] };
    const { lanes } = await runExperiment(experiment, 0, await createWasmBackend(), readPublic);
    const { program } = await compile(experiment, readPublic);
    const hash = createHash('sha256');
    for (const name of [...program.lanes[0].initial.keys()].sort())
      hash.update(program.lanes[0].initial.get(name)!);
    expect(lanes[0].weightsSha256).toBe(hash.digest('hex'));
  });

  it('writes what JSON has no number for as the golden runs do', () => {
    expect([1.5, Number.NaN, Infinity, -Infinity].map(jsonNumber)).toEqual([1.5, 'nan', 'inf', '-inf']);
  });

  it('gives the same numbers as a session that is stopped, stepped and reset', async () => {
    const report = await runExperiment(changed, 24, await createWasmBackend(), readPublic);
    const { program, task } = await compile(changed, readPublic);
    const frames: Frame[] = [];
    const paused: (() => void)[] = [];
    const session = new Session({
      experiment: changed,
      runner: await (await createWasmBackend()).prepare(program),
      evaluationInterval: task.evaluationInterval,
      metric: task.metric,
      watchable: { lanes: 0, sizes: new Map() },
      clock: systemClock(),
      run: 1,
      speed: null,
      device: words('The reference'),
      onSilence: () => undefined,
      listener: {
        frame: (frame) => void frames.push(frame),
        status: ({ state }) => {
          if (state === 'paused') paused.splice(0).forEach((resolve) => resolve());
        },
      },
    });
    const untilPaused = () => new Promise<void>((resolve) => paused.push(resolve));
    session.runSteps(9);
    await untilPaused();
    session.reset(true);
    session.start();
    session.pause();
    await untilPaused();
    session.runSteps(24 - session.step);
    await untilPaused();
    const losses = frames.filter(({ run }) => run === 2).flatMap(({ loss }) => [...loss]);
    const expected = report.lanes[0].loss.flatMap((_, step) => report.lanes.map(({ loss }) => loss[step]));
    expect(losses).toEqual(expected);
  });
});

describe('the tasks', SLOW, () => {
  const steps = { regression: 100, spirals: 150, 'digits-mlp': 30, 'digits-cnn': 45, linear: 300 };

  it.each(TASK_IDS)('%s learns', async (task) => {
    const experiment = { ...defaultExperiment(task), lanes: [lane('fp32')] };
    const { lanes } = await runExperiment(experiment, steps[task], await createWasmBackend(), readPublic);
    const loss = lanes[0].heldOutLoss.value.map(Number);
    expect(loss.at(-1)).toBeLessThan(0.75 * loss[0]);
    for (const accuracy of lanes[0].accuracy.value.slice(-1)) expect(accuracy).toBeGreaterThan(0.7);
  });
});
