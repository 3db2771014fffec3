/**
 * The reference, WebAssembly and WebGPU agree bit for bit on whole runs: losses, scales, counters of every site,
 * weights. The reference is slow, so the whole of a run is compared between the other two, and its beginning with all.
 * `npm run verify:agreement` compares every task with every optimizer and all kinds of lanes; here they take turns.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createCpuBackend } from '../backends/cpu';
import { createWasmBackend } from '../backends/wasm';
import { createWebGpuBackend } from '../backends/webgpu';
import { requestNodeGpu } from '../backends/webgpu/node';
import { defaultExperiment, lane, DEFAULT_DYNAMIC } from '../experiment/defaults';
import { TASK_IDS, type Experiment } from '../experiment/experiment';
import { HEADER, recordWords } from '../graph/records';
import type { ReadFile } from '../tasks/task';
import { expectAgreement } from '../testing/agreement';
import { ALL_CASES, experimentFor, SOME_CASES } from '../testing/agreement-cases';
import { compile } from './compile';
import { runExperiment } from '../cli/report';
import { probeDevice } from '../examination/probe-device';

const read: ReadFile = (path) => Promise.resolve(new Uint8Array(readFileSync(join('public', path))));
const everything = import.meta.env.MODE === 'agreement';

const STEPS = 500;
/** Enough for overflows, growth and the first live change (testing/agreement-cases.ts). */
const REFERENCE_STEPS = everything ? STEPS : 80;

test.each(everything ? ALL_CASES : SOME_CASES)(
  '$task with $optimizer: $lanes',
  { timeout: everything ? 3_600_000 : 300_000 },
  async (agreementCase) => {
    const experiment = experimentFor(agreementCase);
    const wasm = await createWasmBackend();
    const webGpu = await createWebGpuBackend(await requestNodeGpu(), probeDevice);
    await expectAgreement(experiment, REFERENCE_STEPS, [createCpuBackend(), wasm], read);
    const records = await expectAgreement(experiment, STEPS, [wasm, webGpu], read);
    webGpu.destroy();
    const { program } = await compile(experiment, read);
    const length = recordWords(program.training.sites.length);
    const dynamic = experiment.lanes.findIndex(({ scaler }) => scaler.kind === 'dynamic');
    // A run in which nothing overflowed and nothing grew would show less.
    const foundInf = records.map((words) => words[dynamic * length + HEADER.foundInf]);
    expect(foundInf).toContain(1);
    expect(foundInf).toContain(0);
  },
);

const REPORTED_STEPS = 60;

const reported = (task: Experiment['task']): Experiment => ({
  ...defaultExperiment(task),
  lossWeightExponent: -12,
  lanes: [
    lane('fp32'),
    lane('fp16', { scaler: { ...DEFAULT_DYNAMIC, initialScale: 2 ** 40, growthInterval: 4 } }),
  ],
  interventions: [{ step: 3, lane: 1, key: 'scale', value: 2 ** 30 }],
});

test.each(TASK_IDS)('%s: reports, with evaluations', { timeout: 240_000 }, async (task) => {
  const experiment = reported(task);
  const cpu = await runExperiment(experiment, REPORTED_STEPS, createCpuBackend(), read);
  expect(cpu.lanes[1].foundInf).toContain(1);
  const webGpu = await createWebGpuBackend(await requestNodeGpu(), probeDevice);
  for (const backend of [await createWasmBackend(), webGpu]) {
    const { lanes } = await runExperiment(experiment, REPORTED_STEPS, backend, read);
    expect(lanes, `on ${backend.info.kind}`).toEqual(cpu.lanes);
  }
  webGpu.destroy();
});
