/** The CPU and the GPU agree bit for bit on whole runs: losses, scales, counters of every site, weights. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createCpuBackend } from '../backends/cpu';
import { createWebGpuBackend } from '../backends/webgpu';
import { requestNodeGpu } from '../backends/webgpu/node';
import { defaultExperiment, lane, DEFAULT_DYNAMIC } from '../experiment/defaults';
import { TASK_IDS, type Experiment } from '../experiment/experiment';
import type { ReadFile } from '../tasks/task';
import { runExperiment } from './report';

const read: ReadFile = (path) => Promise.resolve(new Uint8Array(readFileSync(join('public', path))));

/** Steps enough for skips, growth, a live change and evaluations. */
const STEPS = 100;

const experimentOf = (task: Experiment['task']): Experiment => ({
  ...defaultExperiment(task),
  lossWeightExponent: -12,
  lanes: [
    lane('fp32'),
    lane('fp16', { scaler: { ...DEFAULT_DYNAMIC, initialScale: 2 ** 40, growthInterval: 4 } }),
    lane('bf16'),
  ],
  interventions: [{ step: 3, lane: 1, key: 'scale', value: 2 ** 30 }],
});

test.each(TASK_IDS)('%s', { timeout: 240_000 }, async (task) => {
  const experiment = experimentOf(task);
  const cpu = await runExperiment(experiment, STEPS, createCpuBackend(), read);
  const backend = await createWebGpuBackend(await requestNodeGpu());
  const gpu = await runExperiment(experiment, STEPS, backend, read);
  backend.destroy();
  expect(cpu.lanes[1].foundInf).toContain(1);
  expect(gpu.lanes).toEqual(cpu.lanes);
});
