import { describe, expect, test } from 'vitest';
import { GraphBuilder } from '../graph/builder';
import { HEADER } from '../graph/records';
import { fromBits, toBits } from '../numerics/f32';
import { FORMATS } from '../numerics/formats';
import { laneScaler } from '../training/lanes';
import { adversarial, gaussian } from '../testing/inputs';
import { compareKernel, type KernelCase, type OperandCase } from '../testing/kernels';
import { crossEntropy, crossEntropyForward, crossEntropyGradient } from './cross-entropy';
import { lossMean } from './loss';
import { meanSquaredError, meanSquaredErrorForward, meanSquaredErrorGradient } from './mean-squared-error';

const LANES = [FORMATS.fp32, FORMATS.fp16, FORMATS.bf16];
const FEW_BITS = [FORMATS.e4m3fn, FORMATS.e5m2_sat];
const SETTINGS = [
  { multiplier: 1 },
  { multiplier: 2 ** -18, scaler: laneScaler('static', { scale: 4096 }) },
  { multiplier: 0.1 },
];

/** [rows, columns] */
const SIZES = [
  [1, 1],
  [2, 3],
  [5, 10],
  [17, 2],
  [64, 10],
  [70, 17],
] as const;

type Make = (length: number, seed: number) => Float32Array;

const lanes = (make: Make, length: number, seed: number): Float32Array[] =>
  LANES.map((_, lane) => make(length, seed + lane));

/** Class numbers. */
const labelsOf = (rows: number, classes: number): Float32Array =>
  Float32Array.from({ length: rows }, (_, i) => (i * 7 + 3) % classes);

/** Gradient kernels: like the forward case, but rounded, in lanes of other loss weights and scales. */
const atSite = (kernelCase: KernelCase, formats = LANES): KernelCase => ({
  ...kernelCase,
  sites: [{ formats, role: 'activation gradient' }],
  settings: SETTINGS.slice(0, formats.length),
});

/** Runs the forward kernel and hands its stats to the gradient kernel. */
async function compareCrossEntropy(
  rows: number,
  classes: number,
  logits: OperandCase,
): Promise<Float32Array[][]> {
  const labels = { shape: [rows, 1], values: labelsOf(rows, classes) };
  const forward = await compareKernel(crossEntropyForward, {
    inputs: [logits, labels],
    outputs: [{ shape: [rows, 4] }],
    settings: SETTINGS,
  });
  const stats = { shape: [rows, 4], values: forward.outputs[0] };
  const gradientCase = { inputs: [logits, labels, stats], outputs: [{ shape: [rows, classes] }] };
  const gradient = await compareKernel(crossEntropyGradient, atSite(gradientCase));
  await compareKernel(crossEntropyGradient, atSite(gradientCase, FEW_BITS));
  return [forward.outputs[0].slice(), gradient.outputs[0].slice()];
}

describe.each(SIZES)('cross-entropy, %i rows of %i classes', (rows, classes) => {
  const shape = [rows, classes];

  test('against double precision', async () => {
    const values = lanes((length, seed) => gaussian(length, seed, 3), rows * classes, 1);
    const [stats, gradients] = await compareCrossEntropy(rows, classes, { shape, values });
    const labels = labelsOf(rows, classes);
    for (let row = 0; row < rows; row++) {
      const logits = [...values[0].subarray(row * classes, (row + 1) * classes)];
      const sum = logits.reduce((total, z) => total + Math.exp(z), 0);
      const [loss, largest, , correct] = stats[0].subarray(row * 4);
      // A dozen roundings of numbers up to 16.
      expect(Math.abs(loss - (Math.log(sum) - logits[labels[row]]))).toBeLessThan(1e-5);
      expect(largest).toBe(Math.max(...logits));
      expect(correct).toBe(logits.indexOf(Math.max(...logits)) === labels[row] ? 1 : 0);
      logits.forEach((z, i) => {
        const expected = ((Math.exp(z) / sum - (i === labels[row] ? 1 : 0)) / rows) * 65536;
        expect(Math.abs(gradients[0][row * classes + i] - expected)).toBeLessThan((1e-5 * 65536) / rows);
      });
    }
  });

  test('values of any kind', async () => {
    await compareCrossEntropy(rows, classes, { shape, values: lanes(adversarial, rows * classes, 1) });
    const finite: Make = (length, seed) => adversarial(length, seed, { finite: true });
    await compareCrossEntropy(rows, classes, { shape, values: lanes(finite, rows * classes, 1) });
  });
});

test('rows without a softmax are NaN, and what NaN is not correct', async () => {
  const rows = [
    [1, NaN, 2], // NaN
    [1, Infinity, 2], // +inf: PyTorch's inf - inf
    [-Infinity, -Infinity, -Infinity],
    [-Infinity, 3, -Infinity], // has a softmax: all of it is the second class
    [fromBits(0xffc00000), 1, 1],
  ];
  const shape = [5, 3];
  const labels = { shape: [5, 1], values: Float32Array.of(0, 1, 0, 1, 1) };
  const logits = { shape, values: Float32Array.from(rows.flat()) };
  const forward = await compareKernel(crossEntropyForward, {
    inputs: [logits, labels],
    outputs: [{ shape: [5, 4] }],
  });
  const [stats] = forward.outputs[0];
  const column = (i: number): number[] => Array.from({ length: 5 }, (_, row) => stats[row * 4 + i]);
  expect(column(0)).toEqual([NaN, NaN, NaN, -0, NaN]);
  expect(column(3)).toEqual([0, 1, 1, 1, 0]);
  const gradient = await compareKernel(crossEntropyGradient, {
    inputs: [logits, labels, { shape: [5, 4], values: stats }],
    outputs: [{ shape }],
    sites: [{ formats: [FORMATS.fp32] }],
  });
  const nan = [NaN, NaN, NaN];
  expect([...gradient.outputs[0][0]]).toEqual([...nan, ...nan, ...nan, 0, 0, 0, ...nan]);
});

test('a label that softmax excludes costs infinity and still has a gradient', async () => {
  const logits = { shape: [1, 2], values: Float32Array.of(-Infinity, 3) };
  const labels = { shape: [1, 1], values: Float32Array.of(0) };
  const forward = await compareKernel(crossEntropyForward, {
    inputs: [logits, labels],
    outputs: [{ shape: [1, 4] }],
  });
  expect([...forward.outputs[0][0]]).toEqual([Infinity, 3, 0, 0]);
  const gradient = await compareKernel(crossEntropyGradient, {
    inputs: [logits, labels, { shape: [1, 4], values: forward.outputs[0] }],
    outputs: [{ shape: [1, 2] }],
    sites: [{ formats: [FORMATS.fp32] }],
    settings: [{ scaler: laneScaler('static', { scale: 8 }) }],
  });
  expect([...gradient.outputs[0][0]]).toEqual([-8, 8]);
});

test('the first of equal largest logits counts, zeros of both signs being equal', async () => {
  const logits = { shape: [3, 3], values: Float32Array.of(-0, 0, -1, 0, -0, -1, 5, 5, 5) };
  const labels = { shape: [3, 1], values: Float32Array.of(0, 0, 0) };
  const { outputs } = await compareKernel(crossEntropyForward, {
    inputs: [logits, labels],
    outputs: [{ shape: [3, 4] }],
  });
  expect([3, 7, 11].map((i) => outputs[0][0][i])).toEqual([1, 1, 1]);
});

describe.each(SIZES)('mean squared error, %i × %i', (rows, columns) => {
  const shape = [rows, columns];
  const n = rows * columns;

  async function compareAll(
    make: Make,
  ): Promise<{ x: Float32Array; t: Float32Array; results: Float32Array[] }> {
    const inputs = [1, 11].map((seed) => ({ shape, values: lanes(make, n, seed) }));
    const stats = await compareKernel(meanSquaredErrorForward, {
      inputs,
      outputs: [{ shape: [rows, 4] }],
      settings: SETTINGS,
    });
    const gradientCase = { inputs, outputs: [{ shape }] };
    const gradient = await compareKernel(meanSquaredErrorGradient, atSite(gradientCase));
    await compareKernel(meanSquaredErrorGradient, atSite(gradientCase, FEW_BITS));
    const [x, t] = inputs.map(({ values }) => values[0]);
    return { x, t, results: [stats.outputs[0][0], gradient.outputs[0][0]] };
  }

  test('against double precision', async () => {
    const { x, t, results } = await compareAll(gaussian);
    for (let row = 0; row < rows; row++) {
      let sum = 0;
      for (let i = row * columns; i < (row + 1) * columns; i++) sum += (x[i] - t[i]) ** 2;
      // Sums of at most 17 squares.
      expect(Math.abs(results[0][row * 4] / sum - 1)).toBeLessThan(1e-5);
      expect([...results[0].subarray(row * 4 + 1, row * 4 + 4)]).toEqual([0, 0, 0]);
    }
    x.forEach((value, i) => {
      const expected = (2 / n) * (value - t[i]) * 65536;
      expect(Math.abs(results[1][i] - expected)).toBeLessThan(1e-6 * Math.abs(expected) + 1e-30);
    });
  });

  test('values of any kind', async () => {
    await compareAll(adversarial);
  });
});

test('gradients start from the loss weight times the loss scale', async () => {
  const settings = [
    { multiplier: 2 ** -18, scaler: laneScaler('static', { scale: 4096 }) },
    { multiplier: 3, scaler: laneScaler('static', { scale: 0.5 }) },
  ];
  const sites = [{ formats: [FORMATS.fp32, FORMATS.fp32] }];
  const one = (value: number): OperandCase => ({ shape: [1, 1], values: Float32Array.of(value) });
  const squared = await compareKernel(meanSquaredErrorGradient, {
    inputs: [one(3), one(2)],
    outputs: [{ shape: [1, 1] }],
    sites,
    settings,
  });
  expect(squared.outputs[0].map(([dx]) => dx)).toEqual([2 ** -5, 3]);
  const crossed = await compareKernel(crossEntropyGradient, {
    inputs: [
      { shape: [1, 2], values: new Float32Array(2) },
      one(1),
      { shape: [1, 4], values: Float32Array.of(0, 0, Infinity, 0) },
    ],
    outputs: [{ shape: [1, 2] }],
    sites,
    settings,
  });
  // With this sum, which is not that of the logits, softmax is 0 and the seed is what is left.
  expect(crossed.outputs[0].map((dz) => [...dz])).toEqual([
    [0, -(2 ** -6)],
    [0, -1.5],
  ]);
});

describe('mean of the rows', () => {
  test.each([1, 5, 64, 360])('%i rows', async (rows) => {
    const stats = lanes(gaussian, rows * 4, 1);
    stats.forEach((values) => {
      for (let row = 0; row < rows; row++) values[row * 4 + 3] = row % 3 === 0 ? 1 : 0;
    });
    const { records } = await compareKernel(lossMean, {
      inputs: [{ shape: [rows, 4], values: stats }],
      outputs: [],
      settings: SETTINGS,
      attributes: { divisor: rows },
    });
    const sum = stats[0].reduce((total, x, i) => (i % 4 === 0 ? total + x : total), 0);
    expect(Math.abs(fromBits(records[HEADER.loss]) - sum / rows)).toBeLessThan(1e-5);
    expect(records[HEADER.correct]).toBe(Math.ceil(rows / 3));
  });

  test('is the same number of any kind', async () => {
    for (let seed = 1; seed < 6; seed++) {
      const kernelCase = {
        inputs: [{ shape: [7, 4], values: lanes(adversarial, 28, 10 * seed) }],
        outputs: [],
        settings: SETTINGS,
        attributes: { divisor: 14 },
      };
      await compareKernel(lossMean, kernelCase);
    }
  });

  test('a NaN loss is reported as the canonical NaN', async () => {
    const { records } = await compareKernel(lossMean, {
      inputs: [{ shape: [2, 4], values: Float32Array.of(1, 0, 0, 1, fromBits(0xffc12345), 0, 0, 0) }],
      outputs: [],
      attributes: { divisor: 2 },
    });
    expect([records[HEADER.loss], records[HEADER.correct]]).toEqual([toBits(NaN), 1]);
  });
});

describe('structure', () => {
  test.each([
    [crossEntropy, [6, 3], [6, 1], 6],
    [meanSquaredError, [6, 3], [6, 3], 18],
  ])('%#: the gradient is rounded where the output had its format', (loss, shape, targetShape, divisor) => {
    const builder = new GraphBuilder();
    const output = builder.tensor('output', shape);
    const source = builder.site('output', output, {
      layer: 'fc',
      role: 'output',
      op: 'linear',
      sources: [],
    });
    const target = builder.tensor('target', targetShape, { differentiable: false });
    const losses = loss.forward(builder, output, target);
    const gradient = loss.gradient(builder, output, target, losses, null);
    expect(losses.divisor).toBe(divisor);
    expect(gradient.shape).toEqual(shape);
    expect(gradient.site).toMatchObject({
      name: 'logits.grad',
      layer: 'loss',
      role: 'activation gradient',
      sources: [source],
    });
  });

  test('targets that do not fit are refused with their names', () => {
    const builder = new GraphBuilder();
    const [output, target] = [builder.tensor('output', [6, 3]), builder.tensor('target', [6, 2])];
    expect(() => crossEntropy.forward(builder, output, target)).toThrow('target [6, 2]');
    expect(() => meanSquaredError.forward(builder, output, target)).toThrow('target [6, 2]');
  });
});
