/** Whatever formats a person picks, for whatever place, and whatever framework's autocast: all backends agree. */
import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createCpuBackend } from '../backends/cpu';
import { createWasmBackend } from '../backends/wasm';
import { createWebGpuBackend } from '../backends/webgpu';
import { requestNodeGpu } from '../backends/webgpu/node';
import { probeDevice } from '../examination/probe-device';
import { DEFAULT_DYNAMIC, defaultExperiment, lane } from '../experiment/defaults';
import type { Experiment, LaneConfig, TaskId } from '../experiment/experiment';
import { AUTOCASTS } from '../precision';
import type { ReadFile } from '../tasks/task';
import { expectAgreement } from '../testing/agreement';
import { compile } from './compile';

const read: ReadFile = (path) => Promise.resolve(new Uint8Array(readFileSync(join('public', path))));

const FORMATS = ['fp32', 'fp16', 'bf16', 'tf32', 'e4m3fn', 'e4m3fn_sat', 'e5m2', 'e3m7', 'e6m9_ftz'];
const format = fc.constantFrom(...FORMATS);

/** Layers and sites of the tasks, and some that there are not. */
const PLACES: Readonly<Partial<Record<TaskId, readonly string[]>>> = {
  regression: [
    'fc1',
    'fc2',
    'head',
    'loss',
    'fc2.output',
    'fc2.tanh.output',
    'fc3.weight.grad',
    'logits.grad',
    'none',
  ],
  'digits-cnn': [
    'input',
    'conv1',
    'conv1.relu',
    'conv2',
    'pool',
    'head',
    'loss',
    'head.weight',
    'conv2.input.grad',
  ],
};

function laneOf(task: TaskId): fc.Arbitrary<LaneConfig> {
  const record = fc.record({
    format,
    gradientFormat: format,
    autocast: fc.constantFrom(...AUTOCASTS.map(({ id }) => id)),
    siteFormats: fc.dictionary(fc.constantFrom(...PLACES[task]!), format, {
      noNullPrototype: true,
      maxKeys: 4,
    }),
    scaled: fc.boolean(),
  });
  return record.map(({ scaled, format: name, ...config }) =>
    lane(name, { ...config, scaler: scaled ? { ...DEFAULT_DYNAMIC, growthInterval: 2 } : { kind: 'none' } }),
  );
}

const experimentOf = (task: TaskId): fc.Arbitrary<Experiment> =>
  fc
    .array(laneOf(task), { minLength: 1, maxLength: 4 })
    .map((lanes) => ({ ...defaultExperiment(task), batch: task === 'regression' ? 5 : 1, lanes }));

test.each([
  ['regression', 6],
  ['digits-cnn', 3],
] as const)('%s with arbitrary formats', { timeout: 300_000 }, async (task, numRuns) => {
  const wasm = await createWasmBackend();
  const webGpu = await createWebGpuBackend(await requestNodeGpu(), probeDevice);
  await fc.assert(
    fc.asyncProperty(experimentOf(task), async (experiment) => {
      await expectAgreement(experiment, 4, [wasm, createCpuBackend(), webGpu], read);
    }),
    { numRuns },
  );
  webGpu.destroy();
});

const siteNames = async (...lanes: LaneConfig[]): Promise<readonly string[]> => {
  const { program } = await compile({ ...defaultExperiment('digits-mlp'), lanes }, read);
  return program.training.sites.map(({ name }) => name);
};

test('lanes whose casts are those of PyTorch have the same calls as before', async () => {
  const usual = await siteNames(lane('fp32'), lane('fp16'));
  const others = AUTOCASTS.filter(({ id }) =>
    ['pytorch-cpu', 'apex-o1', 'apex-o2', 'bf16-masters'].includes(id),
  );
  expect(await siteNames(...others.map(({ id }) => lane('bf16', { autocast: id })))).toEqual(usual);
  expect(usual).not.toContain('loss');
});

test('a layer in FP32 by hand is read and written in FP32, and the next one casts', async () => {
  const usual = await siteNames(lane('fp16'));
  const added = (await siteNames(lane('fp32'), lane('fp16', { siteFormats: { fc1: 'fp32' } }))).filter(
    (name) => !usual.includes(name),
  );
  expect(added).toEqual(['head.input']);
});

test('a lane in one format has the bits of that lane beside others that need casts', async () => {
  const experiment = (...lanes: LaneConfig[]): Experiment => ({ ...defaultExperiment(), batch: 5, lanes });
  const wasm = await createWasmBackend();
  const weights = async (...lanes: LaneConfig[]): Promise<Float32Array> => {
    const { program } = await compile(experiment(...lanes), read);
    const runner = await wasm.prepare(program);
    await runner.run(20);
    const values = await runner.read('fc1.weight.master', 0);
    runner.destroy();
    return values;
  };
  const others = [
    lane('fp16', { autocast: 'half' }),
    lane('e4m3fn_sat', { gradientFormat: 'e5m2_sat', autocast: 'transformer-engine' }),
    lane('bf16', { siteFormats: { fc2: 'fp16', 'fc3.output': 'e5m2' } }),
  ];
  for (const first of [lane('fp32'), lane('fp16'), lane('bf16', { rounding: 'stochastic' })]) {
    expect(await weights(first, ...others)).toEqual(await weights(first));
  }
});
