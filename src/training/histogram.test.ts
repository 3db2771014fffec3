import { expect, test } from 'vitest';
import { compareKernel } from '../testing/kernels';
import { adversarial, gaussian } from '../testing/inputs';
import type { Layer } from '../ops/layers';
import { meanSquaredError } from '../ops/mean-squared-error';
import { planOf } from '../testing/networks';
import { HISTOGRAM_BINS, histogramKernel, histogramPlan } from './histogram';

const LANES = [0, 1, 2];

test.each([
  [1, 1],
  [3, 5],
  [70, 33],
])('counts exponents of %i×%i values, bit for bit on WebGPU', async (rows, columns) => {
  const values = LANES.map((lane) => adversarial(rows * columns, 7 + lane));
  const { outputs } = await compareKernel(histogramKernel, {
    inputs: [{ shape: [rows, columns], values }],
    outputs: [{ shape: [3, HISTOGRAM_BINS] }],
    attributes: { entry: 1 },
    settings: LANES.map(() => ({})),
  });
  outputs[0].forEach((dense, lane) => {
    const expected = new Uint32Array(3 * HISTOGRAM_BINS);
    for (const value of values[lane]) {
      const exponent = Number.isFinite(value) ? Math.floor(Math.log2(Math.abs(value))) + 127 : 255;
      expected[HISTOGRAM_BINS + (value === 0 ? 0 : exponent)]++;
    }
    expect(new Uint32Array(dense.buffer)).toEqual(expected);
  });
});

test('adds to what is there', async () => {
  const earlier = new Uint32Array(HISTOGRAM_BINS).fill(5);
  const { outputs } = await compareKernel(histogramKernel, {
    inputs: [{ shape: [4, 64], values: gaussian(256, 1) }],
    outputs: [{ shape: [HISTOGRAM_BINS], values: new Float32Array(earlier.buffer) }],
    attributes: { entry: 0 },
  });
  const counts = new Uint32Array(outputs[0][0].buffer);
  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(256 + 5 * HISTOGRAM_BINS);
});

test('sites whose values are gone after the step have no histogram', () => {
  const layers: readonly Layer[] = [
    { kind: 'linear', name: 'a', out: 4 },
    { kind: 'linear', name: 'b', out: 4, sharedWith: 'a' },
  ];
  const plan = planOf({ features: [4], batch: 3, outputs: 4, loss: meanSquaredError, layers });
  expect(histogramPlan(plan).sites.map(({ name }) => name)).toEqual([
    'logits.grad',
    'b.input.grad',
    'a.weight.grad',
    'a.bias.grad',
    'a.weight.grad.sum1',
    'a.bias.grad.sum1',
  ]);
});
