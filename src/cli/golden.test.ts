/** The golden runs within the tolerances that their files state, on both backends. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { createCpuBackend } from '../backends/cpu';
import { createWebGpuBackend } from '../backends/webgpu';
import { requestNodeGpu } from '../backends/webgpu/node';
import type { Backend } from '../training/backend';
import { parseGolden } from './golden';
import { replayGolden } from './replay-golden';

type Exact = Record<
  'scale' | 'found_inf' | 'scale_after' | 'growth_tracker_after' | 'skipped_steps',
  unknown
>;

const COUNTS = ['nonzero_before', 'underflow', 'overflow', 'subnormal', 'nonfinite_after'] as const;

interface Expected {
  fp32: { loss: number[] };
  mixed: Exact & { loss: number[]; counts: Record<string, Record<(typeof COUNTS)[number], number[]>> };
}

const FILES = ['golden-linear-mse-adam-fp16.json', 'golden-mlp-digits-ce-sgd-fp16.json'];
const BACKENDS: Record<string, () => Backend | Promise<Backend>> = {
  CPU: () => createCpuBackend(),
  WebGPU: async () => createWebGpuBackend(await requestNodeGpu()),
};

const relative = (actual: unknown, wanted: number): number =>
  Math.abs(Number(actual) - wanted) / Math.abs(wanted);

const exactPart = ({ scale, found_inf, scale_after, growth_tracker_after, skipped_steps }: Exact) => ({
  scale,
  found_inf,
  scale_after,
  growth_tracker_after,
  skipped_steps,
});

describe.each(FILES)('%s', (file) => {
  test.each(Object.keys(BACKENDS))('%s', { timeout: 120_000 }, async (name) => {
    const path = new URL(`../training/testdata/${file}`, import.meta.url);
    const json = JSON.parse(readFileSync(path, 'utf8')) as { expected: Expected };
    const backend = await BACKENDS[name]();
    const { fp32, mixed } = await replayGolden(parseGolden(json), backend);
    backend.destroy();
    const { expected } = json;
    expect(exactPart(mixed)).toEqual(exactPart(expected.mixed));
    fp32.loss.forEach((loss, i) => expect(relative(loss, expected.fp32.loss[i])).toBeLessThan(1e-4));
    mixed.loss.forEach((loss, i) => {
      expect(relative(loss, expected.mixed.loss[i])).toBeLessThan(i < 10 ? 2e-3 : 2e-2);
    });
    const differences = Object.entries(expected.mixed.counts).flatMap(([site, counts]) =>
      COUNTS.flatMap((key) => counts[key].map((n, i) => Math.abs(n - mixed.counts[site][key][i]))),
    );
    expect(Math.max(...differences)).toBeLessThanOrEqual(4);
  });
});
