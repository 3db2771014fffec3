import { describe, expect, test } from 'vitest';
import { GraphBuilder } from '../graph/builder';
import type { Kernel } from '../graph/kernel';
import { FORMATS } from '../numerics/formats';
import { toBits } from '../numerics/f32';
import { expectGradients } from '../testing/gradients';
import { adversarial, gaussian, uniform } from '../testing/inputs';
import { compareKernel } from '../testing/kernels';
import {
  maxPool2d,
  maxPool2dForward,
  maxPool2dInputGradient,
  maxPool2dSummedInputGradient,
} from './maxpool2d';

const LANES = [FORMATS.fp32, FORMATS.fp16, FORMATS.bf16, FORMATS.e4m3fn];

const SIZES = [
  { x: [2, 3, 8, 8], kernel: 2, stride: 2, y: [2, 3, 4, 4] },
  { x: [2, 2, 5, 17], kernel: 2, stride: 2, y: [2, 2, 2, 8] },
  { x: [3, 2, 5, 7], kernel: 2, stride: 2, y: [3, 2, 2, 3] },
  { x: [1, 1, 7, 6], kernel: 2, stride: 3, y: [1, 1, 2, 2] },
  { x: [2, 1, 3, 3], kernel: 3, stride: 3, y: [2, 1, 1, 1] },
  { x: [2, 2, 7, 5], kernel: 3, stride: 2, y: [2, 2, 3, 2] },
  { x: [2, 1, 5, 6], kernel: 3, stride: 1, y: [2, 1, 3, 4] },
  { x: [1, 2, 6, 6], kernel: 5, stride: 1, y: [1, 2, 2, 2] },
];
type Sizes = (typeof SIZES)[number];

const size = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

/** Few different values, so that windows have ties; both zeros, infinities and NaN among them. */
function ties(length: number, seed: number): Float32Array {
  const random = uniform(seed);
  const values = [-1, -0, 0, 0.5, 0.5, 2, Infinity, -Infinity, NaN];
  return Float32Array.from({ length }, () => values[Math.floor(random() * values.length)]);
}

/** Inputs of each output's window in row-major order. */
function windows({ x, y, kernel, stride }: Sizes): number[][] {
  return Array.from({ length: size(y) }, (_, output) => {
    const image = Math.floor(output / (y[2] * y[3]));
    const top = (Math.floor(output / y[3]) % y[2]) * stride;
    const first = (image * x[2] + top) * x[3] + (output % y[3]) * stride;
    return Array.from({ length: kernel * kernel }, (_, tap) => {
      return first + Math.floor(tap / kernel) * x[3] + (tap % kernel);
    });
  });
}

/** The input that PyTorch takes: the last NaN if there is one, else the first of the largest values. */
function winner(inputs: readonly number[], values: ArrayLike<number>): number {
  const nan = inputs.findLast((input) => Number.isNaN(values[input]));
  if (nan !== undefined) return nan;
  const largest = inputs.reduce((a, input) => Math.max(a, values[input]), -Infinity);
  return inputs.find((input) => values[input] === largest)!;
}

const kernelOf = ({ kernel, stride }: Sizes): Kernel =>
  stride < kernel ? maxPool2dSummedInputGradient : maxPool2dInputGradient;

const bitsOf = (values: Float32Array): number[] => Array.from(values, toBits);

describe.each(SIZES)('$x, kernel $kernel, stride $stride', (sizes) => {
  const { x, y, kernel, stride } = sizes;
  const attributes = { kernel, stride, padding: 0 };
  const summed = stride < kernel;
  const gradientSites = summed ? [{ formats: LANES, role: 'activation gradient' as const }] : [];

  test.each([
    ['ties and special values', ties],
    ['all magnitudes', adversarial],
  ])('forward takes the winner, bits and all: %s', async (_, make) => {
    const values = make(size(x), 3);
    const { outputs } = await compareKernel(maxPool2dForward, {
      inputs: [{ shape: x, values }],
      outputs: [{ shape: y }],
      attributes,
    });
    expect(bitsOf(outputs[0][0])).toEqual(
      windows(sizes).map((inputs) => toBits(values[winner(inputs, values)])),
    );
  });

  test.each([
    ['ties and special values', ties, gaussian],
    ['ordinary values', gaussian, gaussian],
    ['gradients that vanish or overflow in 16 and 8 bits', ties, adversarial],
  ])('the gradient goes to the winner: %s', async (_, makeX, makeDy) => {
    const values = makeX(size(x), 5);
    const dy = makeDy(size(y), 6);
    const { outputs } = await compareKernel(kernelOf(sizes), {
      inputs: [
        { shape: y, values: dy },
        { shape: x, values },
      ],
      // Nothing may be left of what an earlier step wrote.
      outputs: [{ shape: x, values: gaussian(size(x), 7) }],
      sites: gradientSites,
      attributes,
    });
    const terms = Array.from({ length: size(x) }, (): number[] => []);
    windows(sizes).forEach((inputs, output) => terms[winner(inputs, values)].push(dy[output]));
    terms.forEach((list, input) => {
      const sum = list.reduce((a, b) => a + b, 0);
      const actual = outputs[0][0][input];
      expect(Number.isFinite(actual)).toBe(Number.isFinite(sum));
      if (!Number.isFinite(sum)) return;
      // At most 25 terms, each sum exact to 2^-24 of the magnitudes.
      const magnitude = list.reduce((a, b) => a + Math.abs(b), 0);
      expect(Math.abs(actual - sum)).toBeLessThanOrEqual(25 * 2 ** -24 * magnitude);
    });
  });
});

test('sums of overlapping windows run over ascending outputs', async () => {
  // The middle of three columns wins in all three windows; ((1 + 2^-24) + 2^-24) is 1, (2^-24 + 2^-24) + 1 is not.
  const x = Float32Array.of(0, 0, 9, 0, 0);
  const tiny = 2 ** -24;
  const sum = async (dy: number[]): Promise<number> => {
    const { outputs } = await compareKernel(maxPool2dSummedInputGradient, {
      inputs: [
        { shape: [1, 1, 3, 3], values: Float32Array.from([...dy, 0, 0, 0, 0, 0, 0]) },
        { shape: [1, 1, 5, 5], values: Float32Array.from([...x, ...x, ...x, ...x, ...x]) },
      ],
      outputs: [{ shape: [1, 1, 5, 5] }],
      sites: [{ formats: [FORMATS.fp32], role: 'activation gradient' }],
      attributes: { kernel: 3, stride: 1, padding: 0 },
    });
    return outputs[0][0][2];
  };
  expect(await sum([1, tiny, tiny])).toBe(1);
  expect(await sum([tiny, tiny, 1])).toBe(1 + 2 ** -23);
});

test.each([
  [2, 2],
  [3, 1],
  [3, 2],
])('gradient against finite differences, kernel %i, stride %i', (kernel, stride) => {
  const side = Math.floor((5 - kernel) / stride) + 1;
  const sizes = { x: [1, 2, 5, 5], kernel, stride, y: [1, 2, side, side] };
  expectGradients({
    inputs: [sizes.x],
    build: (builder, [x]) => maxPool2d(builder, x, { name: 'pool', kernel, stride }),
    evaluate: ([x]) => windows(sizes).map((inputs) => x[winner(inputs, x)]),
  });
});

describe('what maxPool2d appends', () => {
  const pool = (
    stride?: number,
    kernel = 3,
  ): { builder: GraphBuilder; names: string[]; shape: readonly number[] } => {
    const builder = new GraphBuilder();
    const x = builder.tensor('x', [2, 4, 9, 8]);
    const site = builder.site('conv.output', x, {
      layer: 'conv',
      role: 'output',
      op: 'conv2d',
      sources: [],
    });
    const y = maxPool2d(builder, x, { name: 'pool', kernel, stride });
    expect(y.site).toBe(site);
    const seed = builder.tensor('seed', y.shape);
    builder.operations[0].gradient({ builder, outputGradient: seed, wanted: [true] });
    return { builder, names: builder.sites.map(({ name }) => name), shape: y.shape };
  };

  test('windows that do not overlap round nothing', () => {
    expect(pool()).toMatchObject({ names: ['conv.output'], shape: [2, 4, 3, 2] });
  });

  test('sums over overlapping windows are rounded in the format of the input', () => {
    const { builder, names, shape } = pool(2);
    expect(names).toEqual(['conv.output', 'pool.input.grad']);
    expect(builder.sites[1]).toMatchObject({ op: 'max_pool2d', role: 'activation gradient' });
    expect(builder.sites[1].sources).toEqual([builder.sites[0]]);
    expect(shape).toEqual([2, 4, 4, 3]);
  });

  test('a window larger than the image is refused', () => {
    expect(() => pool(1, 9)).toThrow(/pool: a 9×9 window does not fit into a 9×8 image/);
  });
});
