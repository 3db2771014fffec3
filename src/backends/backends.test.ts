/** What every backend promises (training/backend.ts), one body for all, and that they give the same bits. */
import { afterAll, describe, expect, test } from 'vitest';
import {
  COUNTER,
  COUNTER_WORDS,
  HEADER,
  HEADER_WORDS,
  recordWords,
  type StepRecords,
} from '../graph/records';
import { fromBits } from '../numerics/f32';
import { FORMATS } from '../numerics/formats';
import { laneScaler } from '../training/lanes';
import { gaussian } from '../testing/inputs';
import { DEFAULT_SETTINGS } from '../testing/kernels';
import { decayProgram } from '../testing/programs';
import type { Runner } from '../training/backend';
import { createCpuBackend } from './cpu';
import { createWasmBackend } from './wasm';
import { createWebGpuBackend } from './webgpu';
import { requestNodeGpu } from './webgpu/node';
import { probeDevice } from '../examination/probe-device';

const OVERFLOWING = Float32Array.from([1e5, 2e4, -3, 1e-9, 0, 1, -2, 3, 1e-6, 5e-5, 7, 8, 9, 10, 11]);
const settings = {
  ...DEFAULT_SETTINGS,
  scaler: laneScaler('dynamic', { initialScale: 4, growthInterval: 3 }),
};

const program = decayProgram([
  { format: FORMATS.fp32, weights: gaussian(15, 1), settings: { scaler: laneScaler('none') } },
  { format: FORMATS.fp16, weights: OVERFLOWING, settings },
  { format: FORMATS.bf16, weights: gaussian(15, 2), settings },
]);
const SITE = program.training.sites.findIndex(({ role }) => role === 'parameter gradient');
const WORDS = recordWords(program.training.sites.length);

const webGpu = await createWebGpuBackend(await requestNodeGpu(), probeDevice);
const cpu = createCpuBackend();
const wasm = await createWasmBackend();
afterAll(() => webGpu.destroy());

/** Runs so many steps, in as few runs as possible, all of them in flight at once. */
async function runAll(runner: Runner, steps: number, atOnce = runner.maxSteps): Promise<Uint32Array> {
  const runs: Promise<StepRecords>[] = [];
  for (let step = 0; step < steps; step += atOnce) runs.push(runner.run(Math.min(atOnce, steps - step)));
  const words = (await Promise.all(runs)).flatMap((records) => [...records.words]);
  return Uint32Array.from(words);
}

function header(words: Uint32Array, step: number, lane: number, word: number): number {
  return words[(step * program.lanes.length + lane) * WORDS + word];
}

describe.each([cpu, wasm, webGpu])('$info.kind', (backend) => {
  test('one long run gives the records of many short ones, over the end of the ring', async () => {
    const long = await backend.prepare(program);
    const short = await backend.prepare(program);
    const steps = 2 * long.maxSteps + 10;
    const expected = await runAll(short, steps, 7);
    expect(await runAll(long, steps)).toEqual(expected);
    expect(expected.length).toBe(steps * 3 * WORDS);
    long.destroy();
    short.destroy();
  });

  test('records tell which steps they are of', async () => {
    const runner = await backend.prepare(program);
    const [first, second] = await Promise.all([runner.run(3), runner.run(2)]);
    expect([first.firstStep, first.steps, first.lanes, first.sites]).toEqual([0, 3, 3, 2]);
    expect([second.firstStep, second.steps]).toEqual([3, 2]);
    runner.destroy();
  });

  test('a gradient that overflows is counted, found, skipped, and the scale backs off', async () => {
    const runner = await backend.prepare(program);
    const { words } = await runner.run(2);
    const counters = words.subarray(WORDS + HEADER_WORDS + SITE * COUNTER_WORDS);
    // The master weight is beyond FP16 already, so it is the cast of the weight that overflows.
    expect(counters[COUNTER.infinite]).toBe(1);
    expect(header(words, 0, 1, HEADER.foundInf)).toBe(1);
    expect(fromBits(header(words, 0, 1, HEADER.scale))).toBe(4);
    expect(fromBits(header(words, 1, 1, HEADER.scale))).toBe(2);
    expect(await runner.read('decay.weight.master', 1)).toEqual(OVERFLOWING);
    expect(header(words, 0, 2, HEADER.foundInf)).toBe(0);
    expect(await runner.read('decay.weight.master', 2)).not.toEqual(gaussian(15, 2));
    runner.destroy();
  });

  test('reset gives the same bits again, whatever was changed before', async () => {
    const runner = await backend.prepare(program);
    const first = await runAll(runner, 20);
    runner.setScale(1, 1024);
    runner.setSettings(2, { ...settings, learningRate: 0.5 });
    runner.setFormats(0, [FORMATS.e5m2, FORMATS.e5m2]);
    expect(await runAll(runner, 5)).not.toEqual(first.subarray(0, 5 * 3 * WORDS));
    runner.reset();
    expect(await runAll(runner, 20)).toEqual(first);
    runner.destroy();
  });

  test('changes take effect between the runs they were made between', async () => {
    const runner = await backend.prepare(program);
    const runs = [runner.run(1)];
    runner.setScale(0, 8);
    runs.push(runner.run(1));
    runner.setScale(0, 16);
    runner.setScale(0, 32);
    runs.push(runner.run(2));
    runner.setScale(0, 64);
    const records = await Promise.all(runs);
    const scales = records.flatMap(({ words, steps }) =>
      Array.from({ length: steps }, (_, step) => fromBits(header(words, step, 0, HEADER.scale))),
    );
    expect(scales).toEqual([1, 8, 32, 32]);
    runner.destroy();
  });

  test('settings and formats of one lane leave the others alone', async () => {
    const [runner, untouched] = [await backend.prepare(program), await backend.prepare(program)];
    runner.setSettings(2, { ...settings, learningRate: 0.25 });
    runner.setFormats(2, [FORMATS.e4m3fn, FORMATS.e4m3fn]);
    await Promise.all([runner.run(10), untouched.run(10)]);
    const weights = (of: Runner): Promise<Float32Array[]> =>
      Promise.all([0, 1, 2].map((lane) => of.read('decay.weight', lane)));
    const [changed, same] = [await weights(runner), await weights(untouched)];
    expect(changed.slice(0, 2)).toEqual(same.slice(0, 2));
    expect(changed[2]).not.toEqual(same[2]);
    runner.destroy();
    untouched.destroy();
  });

  test('histograms count the gradients as they are stored', async () => {
    const runner = await backend.prepare(program);
    await runner.run(2);
    const { step, sites, counts } = await runner.histograms();
    expect(step).toBe(2);
    expect(sites).toEqual([SITE]);
    for (const lane of [0, 1, 2]) {
      const expected = new Uint32Array(256);
      const bits = new Uint32Array((await runner.read('decay.weight.grad', lane)).buffer);
      for (const u of bits) expected[(u >>> 23) & 255]++;
      expect(counts.subarray(lane * 256, (lane + 1) * 256)).toEqual(expected);
    }
    const again = await runner.histograms();
    expect(again.counts).toEqual(counts);
    runner.destroy();
  });

  test('an evaluation does not disturb training', async () => {
    const [runner, untouched] = [await backend.prepare(program), await backend.prepare(program)];
    const runs = [runner.run(4)];
    const evaluation = runner.evaluate();
    runs.push(runner.run(4));
    const words = (await Promise.all(runs)).flatMap((records) => [...records.words]);
    expect(Uint32Array.from(words)).toEqual((await untouched.run(8)).words);
    expect((await evaluation).step).toBe(4);
    runner.destroy();
    untouched.destroy();
  });

  test('refuses what it cannot do', async () => {
    const runner = await backend.prepare(program);
    await expect(runner.run(0)).rejects.toThrow(RangeError);
    await expect(runner.run(runner.maxSteps + 1)).rejects.toThrow(RangeError);
    await expect(runner.run(1.5)).rejects.toThrow(RangeError);
    await expect(runner.read('nothing', 0)).rejects.toThrow(/no tensor nothing/);
    runner.destroy();
  });
});

test.each([wasm, webGpu])('$info.kind gives the bits of the reference', async (backend) => {
  const runners = [await cpu.prepare(program), await backend.prepare(program)];
  for (const runner of runners) {
    await runAll(runner, 150);
    runner.setScale(1, 0.25);
    runner.setFormats(2, [FORMATS.e5m2, FORMATS.e4m3fn_sat]);
  }
  const [expected, actual] = await Promise.all(runners.map((runner) => runAll(runner, 100)));
  expect(actual).toEqual(expected);
  for (const lane of [0, 1, 2]) {
    const [a, b] = await Promise.all(runners.map((runner) => runner.read('decay.weight.master', lane)));
    expect(b).toEqual(a);
  }
  for (const runner of runners) runner.destroy();
});
