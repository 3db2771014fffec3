/** The golden runs within the tolerances that their files state, on all backends. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { createCpuBackend } from '../backends/cpu';
import { createWasmBackend } from '../backends/wasm';
import { createWebGpuBackend } from '../backends/webgpu';
import { requestNodeGpu } from '../backends/webgpu/node';
import type { Backend } from '../training/backend';
import { decode } from '../numerics/codes';
import { fromBits } from '../numerics/f32';
import { FORMATS } from '../numerics/formats';
import { goldenProgram, parseGolden } from './golden';
import { replayGolden } from './replay-golden';
import { probeDevice } from '../examination/probe-device';

type Exact = Record<
  'scale' | 'found_inf' | 'scale_after' | 'growth_tracker_after' | 'skipped_steps',
  unknown
>;

const COUNTS = ['nonzero_before', 'underflow', 'overflow', 'subnormal', 'nonfinite_after'] as const;

interface Codes {
  readonly shape: readonly number[];
  readonly b64: string;
}

interface FirstStep {
  readonly logits: Codes;
  readonly scaled_loss: unknown;
  readonly grads: Record<string, Codes>;
}

interface Expected {
  fp32: { loss: number[] };
  mixed: Exact & {
    loss: number[];
    max_abs_prequant: number[];
    step0: FirstStep;
    counts: Record<string, Record<(typeof COUNTS)[number], number[]>>;
  };
}

const FILES = ['golden-linear-mse-adam-fp16.json', 'golden-mlp-digits-ce-sgd-fp16.json'];
const BACKENDS: Record<string, () => Backend | Promise<Backend>> = {
  CPU: () => createCpuBackend(),
  WebAssembly: () => createWasmBackend(),
  WebGPU: async () => createWebGpuBackend(await requestNodeGpu(), probeDevice),
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

/** FP16 values of a tensor of codes. */
const valuesOf = ({ b64 }: Codes): number[] =>
  Array.from(new Uint16Array(new Uint8Array(Buffer.from(b64, 'base64')).buffer), (code) =>
    fromBits(decode(code, FORMATS.fp16)),
  );

/** The files' rule for codes: |d| <= 2^-9 * max|tensor|, and at least 95 % of all codes identical. */
function expectSimilarCodes(actual: Record<string, Codes>, expected: Record<string, Codes>): void {
  expect(Object.keys(actual).sort()).toEqual(Object.keys(expected).sort());
  let [equal, all] = [0, 0];
  for (const [site, tensor] of Object.entries(expected)) {
    expect(actual[site].shape).toEqual(tensor.shape);
    const [values, wanted] = [valuesOf(actual[site]), valuesOf(tensor)];
    const largest = Math.max(...wanted.filter(Number.isFinite).map(Math.abs));
    wanted.forEach((value, i) => {
      const same = Object.is(values[i], value);
      if (same) equal++;
      expect(same || Math.abs(values[i] - value) <= 2 ** -9 * largest).toBe(true);
    });
    all += wanted.length;
  }
  expect(equal / all).toBeGreaterThanOrEqual(0.95);
}

describe.each(FILES)('%s', (file) => {
  test.each(Object.keys(BACKENDS))('%s', { timeout: 120_000 }, async (name) => {
    const path = new URL(`../training/testdata/${file}`, import.meta.url);
    const json = JSON.parse(readFileSync(path, 'utf8')) as { expected: Expected };
    const golden = parseGolden(json);
    const backend = await BACKENDS[name]();
    const { fp32, mixed } = await replayGolden(golden, goldenProgram(golden), backend);
    backend.destroy();
    const { expected } = json;
    expect(exactPart(mixed)).toEqual(exactPart(expected.mixed));
    fp32.loss.forEach((loss, i) => expect(relative(loss, expected.fp32.loss[i])).toBeLessThan(1e-4));
    mixed.loss.forEach((loss, i) => {
      expect(relative(loss, expected.mixed.loss[i])).toBeLessThan(i < 10 ? 2e-3 : 2e-2);
    });
    // Another order of summation moves an element by a few units of FP16; the largest of many moves less than losses do.
    mixed.max_abs_prequant.forEach((value, i) => {
      expect(relative(value, expected.mixed.max_abs_prequant[i])).toBeLessThan(2e-2);
    });
    const first = mixed.step0;
    if (!first) throw new Error('step0 is missing');
    expectSimilarCodes(
      { ...first.grads, logits: first.logits },
      { ...expected.mixed.step0.grads, logits: expected.mixed.step0.logits },
    );
    expect(relative(first.scaled_loss, Number(expected.mixed.step0.scaled_loss))).toBeLessThan(1e-6);
    const differences = Object.entries(expected.mixed.counts).flatMap(([site, counts]) =>
      COUNTS.flatMap((key) => counts[key].map((n, i) => Math.abs(n - mixed.counts[site][key][i]))),
    );
    expect(Math.max(...differences)).toBeLessThanOrEqual(4);
  });
});
