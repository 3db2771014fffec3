import { describe, expect, test } from 'vitest';
import { FORMATS } from '../numerics/formats';
import { adversarial, gaussian } from '../testing/inputs';
import { compareKernel } from '../testing/kernels';
import { averagePool2dForward, averagePool2dInputGradient } from './average-pool2d';

const LANES = [FORMATS.fp32, FORMATS.fp16, FORMATS.e5m2];

const SIZES = [
  { x: [2, 3, 8, 8], kernel: 2, stride: 2, y: [2, 3, 4, 4] },
  { x: [3, 2, 5, 7], kernel: 3, stride: 1, y: [3, 2, 3, 5] },
  { x: [1, 1, 7, 6], kernel: 2, stride: 3, y: [1, 1, 2, 2] },
  { x: [2, 1, 3, 3], kernel: 3, stride: 3, y: [2, 1, 1, 1] },
];

const size = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

/** Visits (input, output) for every input of every window. */
function eachPair(
  { x, y, kernel, stride }: (typeof SIZES)[number],
  visit: (input: number, output: number) => void,
): void {
  for (let image = 0; image < y[0] * y[1]; image++) {
    for (let i = 0; i < y[2] * y[3] * kernel * kernel; i++) {
      const tap = i % (kernel * kernel);
      const position = Math.floor(i / (kernel * kernel));
      const iy = Math.floor(position / y[3]) * stride + Math.floor(tap / kernel);
      const ix = (position % y[3]) * stride + (tap % kernel);
      visit((image * x[2] + iy) * x[3] + ix, image * y[2] * y[3] + position);
    }
  }
}

describe.each(SIZES)('$x, kernel $kernel, stride $stride', (sizes) => {
  const { x, y, kernel, stride } = sizes;
  const attributes = { kernel, stride, padding: 0 };
  const lanes = (
    make: (length: number, seed: number) => Float32Array,
    shape: readonly number[],
  ): Float32Array[] => LANES.map((_, lane) => make(size(shape), lane + 1));

  test('forward', async () => {
    const values = lanes(gaussian, x);
    const { outputs } = await compareKernel(averagePool2dForward, {
      inputs: [{ shape: x, values }],
      outputs: [{ shape: y }],
      sites: [{ formats: LANES }],
      attributes,
    });
    const expected = new Float64Array(size(y));
    eachPair(sizes, (input, output) => (expected[output] += values[0][input] / kernel ** 2));
    // Nine sums of numbers near 1, each exact to 2^-24.
    outputs[0][0].forEach((mean, i) => expect(Math.abs(mean - expected[i])).toBeLessThan(1e-6));
  });

  test('gradient of the input', async () => {
    const values = lanes(gaussian, y);
    const { outputs } = await compareKernel(averagePool2dInputGradient, {
      inputs: [{ shape: y, values }],
      outputs: [{ shape: x }],
      sites: [{ formats: LANES, role: 'activation gradient' }],
      attributes,
    });
    const expected = new Float64Array(size(x));
    eachPair(sizes, (input, output) => (expected[input] += values[0][output] / kernel ** 2));
    outputs[0][0].forEach((sum, i) => expect(Math.abs(sum - expected[i])).toBeLessThan(1e-6));
  });

  test('values of any kind give the same bits on WebGPU', async () => {
    await compareKernel(averagePool2dForward, {
      inputs: [{ shape: x, values: lanes(adversarial, x) }],
      outputs: [{ shape: y }],
      sites: [{ formats: LANES }],
      attributes,
    });
    await compareKernel(averagePool2dInputGradient, {
      inputs: [{ shape: y, values: lanes(adversarial, y) }],
      outputs: [{ shape: x }],
      sites: [{ formats: LANES, role: 'activation gradient' }],
      attributes,
    });
  });
});
