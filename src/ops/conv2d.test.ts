import { describe, expect, test } from 'vitest';
import { FORMATS } from '../numerics/formats';
import { adversarial, gaussian } from '../testing/inputs';
import { compareKernel, type KernelCase, type KernelResult } from '../testing/kernels';
import { conv2dForward, conv2dInputGradient, conv2dParameterGradient } from './conv2d';

interface Sizes {
  readonly batch: number;
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  readonly out: number;
  readonly kernel: number;
  readonly stride: number;
  readonly padding: number;
}

const SIZES: Sizes[] = [
  { batch: 2, channels: 1, height: 8, width: 8, out: 8, kernel: 3, stride: 1, padding: 1 },
  { batch: 3, channels: 3, height: 5, width: 7, out: 5, kernel: 3, stride: 1, padding: 0 },
  { batch: 2, channels: 2, height: 6, width: 5, out: 3, kernel: 3, stride: 2, padding: 1 },
  { batch: 1, channels: 4, height: 4, width: 4, out: 2, kernel: 1, stride: 1, padding: 0 },
  { batch: 2, channels: 5, height: 7, width: 9, out: 6, kernel: 5, stride: 3, padding: 2 },
  { batch: 1, channels: 1, height: 1, width: 1, out: 1, kernel: 1, stride: 1, padding: 0 },
  { batch: 2, channels: 2, height: 3, width: 3, out: 4, kernel: 2, stride: 1, padding: 3 },
];

const FORMATS_OF_LANES = [FORMATS.fp32, FORMATS.fp16, FORMATS.e4m3fn];
const positions = (size: number, { kernel, stride, padding }: Sizes): number =>
  Math.floor((size + 2 * padding - kernel) / stride) + 1;

type Values = (length: number, seed: number) => Float32Array;
const values = (make: Values, shape: readonly number[], seed: number): Float32Array[] =>
  FORMATS_OF_LANES.map((_, lane) =>
    make(
      shape.reduce((a, b) => a * b, 1),
      seed + lane,
    ),
  );

interface Shapes {
  readonly x: number[];
  readonly weight: number[];
  readonly bias: number[];
  readonly y: number[];
}

const shapesOf = (s: Sizes): Shapes => ({
  x: [s.batch, s.channels, s.height, s.width],
  weight: [s.out, s.channels, s.kernel, s.kernel],
  bias: [s.out],
  y: [s.batch, s.out, positions(s.height, s), positions(s.width, s)],
});

function forward(s: Sizes, make: Values): KernelCase {
  const { x, weight, bias, y } = shapesOf(s);
  return {
    inputs: [x, weight, bias].map((shape, i) => ({ shape, values: values(make, shape, 10 * i) })),
    outputs: [{ shape: y }],
    sites: [{ formats: FORMATS_OF_LANES }],
    attributes: { kernel: s.kernel, stride: s.stride, padding: s.padding },
  };
}

function inputGradient(s: Sizes, make: Values): KernelCase {
  const { x, weight, y } = shapesOf(s);
  return {
    inputs: [y, weight].map((shape, i) => ({ shape, values: values(make, shape, 10 * i + 3) })),
    outputs: [{ shape: x }],
    sites: [{ formats: FORMATS_OF_LANES, role: 'activation gradient' }],
    attributes: { kernel: s.kernel, stride: s.stride, padding: s.padding },
  };
}

function parameterGradient(s: Sizes, make: Values): KernelCase {
  const { x, weight, bias, y } = shapesOf(s);
  return {
    inputs: [y, x].map((shape, i) => ({ shape, values: values(make, shape, 10 * i + 6) })),
    outputs: [{ shape: weight }, { shape: bias }],
    sites: [1, 2].map(() => ({ formats: FORMATS_OF_LANES, role: 'parameter gradient' })),
    attributes: { kernel: s.kernel, stride: s.stride, padding: s.padding },
  };
}

/** Sum over all (sample, out, in, oy, ox, ky, kx) at which an existing input meets a weight. */
function eachProduct(s: Sizes, visit: (x: number, weight: number, y: number, out: number) => void): void {
  const [height, width] = [positions(s.height, s), positions(s.width, s)];
  for (let b = 0; b < s.batch; b++)
    for (let o = 0; o < s.out; o++)
      for (let oy = 0; oy < height; oy++)
        for (let ox = 0; ox < width; ox++)
          for (let c = 0; c < s.channels; c++)
            for (let ky = 0; ky < s.kernel; ky++)
              for (let kx = 0; kx < s.kernel; kx++) {
                const iy = oy * s.stride + ky - s.padding;
                const ix = ox * s.stride + kx - s.padding;
                if (iy < 0 || iy >= s.height || ix < 0 || ix >= s.width) continue;
                visit(
                  ((b * s.channels + c) * s.height + iy) * s.width + ix,
                  ((o * s.channels + c) * s.kernel + ky) * s.kernel + kx,
                  ((b * s.out + o) * height + oy) * width + ox,
                  o,
                );
              }
}

/** f32 sums of so few products of numbers near 1 are closer than this to those in double precision. */
const TOLERANCE = 1e-4;

function expectClose(found: Float32Array, expected: Float64Array): void {
  found.forEach((x, i) => expect(Math.abs(x - expected[i])).toBeLessThan(TOLERANCE));
}

const dense = ({ inputs }: KernelCase, i: number): Float32Array => (inputs[i].values as Float32Array[])[0];
const lane0 = ({ outputs }: KernelResult, i: number): Float32Array => outputs[i][0];

describe.each(SIZES)(
  '$batch×$channels×$height×$width, $out channels, kernel $kernel/$stride/$padding',
  (s) => {
    test('forward', async () => {
      const kernelCase = forward(s, gaussian);
      const [x, weight, bias] = [0, 1, 2].map((i) => dense(kernelCase, i));
      const found = lane0(await compareKernel(conv2dForward, kernelCase), 0);
      const plane = found.length / s.batch / s.out;
      const expected = Float64Array.from(found, (_, i) => bias[Math.floor(i / plane) % s.out]);
      eachProduct(s, (xi, wi, yi) => (expected[yi] += x[xi] * weight[wi]));
      expectClose(found, expected);
    });

    test('gradient of the input', async () => {
      const kernelCase = inputGradient(s, gaussian);
      const [dy, weight] = [0, 1].map((i) => dense(kernelCase, i));
      const found = lane0(await compareKernel(conv2dInputGradient, kernelCase), 0);
      const expected = new Float64Array(found.length);
      eachProduct(s, (xi, wi, yi) => (expected[xi] += dy[yi] * weight[wi]));
      expectClose(found, expected);
    });

    test('gradients of the parameters', async () => {
      const kernelCase = parameterGradient(s, gaussian);
      const [dy, x] = [0, 1].map((i) => dense(kernelCase, i));
      const result = await compareKernel(conv2dParameterGradient, kernelCase);
      const expected = new Float64Array(lane0(result, 0).length);
      eachProduct(s, (xi, wi, yi) => (expected[wi] += dy[yi] * x[xi]));
      expectClose(lane0(result, 0), expected);
      const plane = dy.length / s.batch / s.out;
      const sums = new Float64Array(s.out);
      dy.forEach((g, i) => (sums[Math.floor(i / plane) % s.out] += g));
      expectClose(lane0(result, 1), sums);
    });

    test('values of any kind give the same bits on WebGPU', async () => {
      await compareKernel(conv2dForward, forward(s, adversarial));
      await compareKernel(conv2dInputGradient, inputGradient(s, adversarial));
      await compareKernel(conv2dParameterGradient, parameterGradient(s, adversarial));
    });
  },
);

test('the order of the sums is the documented one', async () => {
  // 2^24 + 1 is 2^24 in f32, so the order decides how many of the ones survive.
  const big = 2 ** 24;
  const { outputs } = await compareKernel(conv2dForward, {
    inputs: [
      { shape: [1, 1, 2, 2], values: Float32Array.of(1, big, -big, 1) },
      { shape: [1, 1, 2, 2], values: Float32Array.of(1, 1, 1, 1) },
      { shape: [1], values: Float32Array.of(0.5) },
    ],
    outputs: [{ shape: [1, 1, 1, 1] }],
    sites: [{ formats: [FORMATS.fp32] }],
    attributes: { kernel: 2, stride: 1, padding: 0 },
  });
  expect([...outputs[0][0]]).toEqual([1.5]);
});
