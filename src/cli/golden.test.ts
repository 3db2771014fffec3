/** The golden runs within the tolerances that their files state, on both backends. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { createCpuBackend } from '../backends/cpu';
import { createWebGpuBackend } from '../backends/webgpu';
import { requestNodeGpu } from '../backends/webgpu/node';
import type { Backend } from '../training/backend';
import { parseGolden } from './golden';
import { replayGolden } from './replay-golden';

interface Expected {
  fp32: { loss: number[]; final_eval: { loss: number; correct?: number } };
  mixed: Record<
    'loss' | 'scale' | 'found_inf' | 'scale_after' | 'growth_tracker_after' | 'skipped_steps',
    number[]
  > & {
    counts: Record<string, Record<string, number | number[]>>;
  };
}

const FILES = ['golden-linear-mse-adam-fp16.json', 'golden-mlp-digits-ce-sgd-fp16.json'];
const BACKENDS: Record<string, () => Backend | Promise<Backend>> = {
  CPU: () => createCpuBackend(),
  WebGPU: async () => createWebGpuBackend(await requestNodeGpu()),
};

const relative = (actual: number, wanted: number): number => Math.abs(actual - wanted) / Math.abs(wanted);

describe.each(FILES)('%s', (file) => {
  test.each(Object.keys(BACKENDS))('%s', { timeout: 60_000 }, async (name) => {
    const json = JSON.parse(
      readFileSync(new URL(`../training/testdata/${file}`, import.meta.url), 'utf8'),
    ) as { expected: Expected };
    const backend = await BACKENDS[name]();
    const { fp32, mixed } = await replayGolden(parseGolden(json), backend);
    backend.destroy();
    const { expected } = json;
    for (const key of [
      'scale',
      'found_inf',
      'scale_after',
      'growth_tracker_after',
      'skipped_steps',
    ] as const) {
      expect(mixed[key], key).toEqual(expected.mixed[key]);
    }
    fp32.loss.forEach((loss, i) => expect(relative(Number(loss), expected.fp32.loss[i])).toBeLessThan(1e-4));
    mixed.loss.forEach((loss, i) => {
      expect(relative(Number(loss), expected.mixed.loss[i])).toBeLessThan(i < 10 ? 2e-3 : 2e-2);
    });
    for (const [site, counts] of Object.entries(expected.mixed.counts)) {
      const actual = Object.entries(mixed.counts[site]);
      expect(actual.map(([key]) => key).sort()).toEqual(Object.keys(counts).sort());
      for (const [key, values] of actual) {
        if (typeof values === 'number') expect(values).toBe(counts[key]);
        else
          values.forEach((n: number, i: number) =>
            expect(Math.abs(n - (counts[key] as number[])[i])).toBeLessThanOrEqual(4),
          );
      }
    }
  });
});
