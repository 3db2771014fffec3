import { describe, expect, test } from 'vitest';
import { GraphBuilder } from '../graph/builder';
import { packMatrix, unpackMatrix } from '../graph/packing';
import { plan as makePlan } from '../graph/plan';
import { IN_ORDER } from '../graph/policy';
import type { ShaderConditions } from '../graph/shader';
import { sizeOf, type Tensor } from '../graph/tensor';
import { FORMATS } from '../numerics/formats';
import { ACCUMULATING_LANES, roundedFor } from '../testing/accumulations';
import { adversarial, gaussian } from '../testing/inputs';
import { compareBackends, DEFAULT_SETTINGS } from '../testing/kernels';
import { productVariants } from '../testing/plans';
import { conv2d } from './conv2d';

interface Sizes {
  readonly batch: number;
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  readonly out: number;
  readonly kernel: number;
  readonly stride: number;
  readonly padding: number;
  readonly bias: boolean;
}

const SIZES: Sizes[] = [
  { batch: 2, channels: 1, height: 8, width: 8, out: 8, kernel: 3, stride: 1, padding: 1, bias: true },
  { batch: 3, channels: 3, height: 5, width: 7, out: 5, kernel: 3, stride: 1, padding: 0, bias: true },
  { batch: 2, channels: 2, height: 6, width: 5, out: 3, kernel: 3, stride: 2, padding: 1, bias: false },
  { batch: 1, channels: 4, height: 4, width: 4, out: 2, kernel: 1, stride: 1, padding: 0, bias: true },
  { batch: 2, channels: 5, height: 7, width: 9, out: 6, kernel: 5, stride: 3, padding: 2, bias: true },
  { batch: 1, channels: 1, height: 1, width: 1, out: 1, kernel: 1, stride: 1, padding: 0, bias: true },
  { batch: 2, channels: 2, height: 3, width: 3, out: 4, kernel: 2, stride: 1, padding: 3, bias: true },
];

const LANES = [FORMATS.fp32, FORMATS.fp16, FORMATS.e4m3fn];

interface Results {
  readonly x: Float32Array;
  readonly weight: Float32Array;
  readonly bias: Float32Array | undefined;
  readonly dy: Float32Array;
  readonly y: Float32Array;
  readonly dx: Float32Array;
  readonly dWeight: Float32Array;
  readonly dBias: Float32Array | undefined;
}

type Values = (length: number, seed: number) => Float32Array;

const IN_FP32 = LANES.map((format) => ({ format, accumulation: IN_ORDER }));

/** A convolution forward and backward on all backends, which have to agree; dense values of lane 0 (FP32). */
async function run(
  s: Sizes,
  values: Values,
  lanes: typeof ACCUMULATING_LANES = IN_FP32,
  variant?: ShaderConditions,
): Promise<Results> {
  const builder = new GraphBuilder();
  const x = builder.tensor('x', [s.batch, s.channels, s.height, s.width]);
  builder.site('x', x, { layer: 'x', role: 'input', op: 'linear', sources: [] });
  const { out, kernel, stride, padding, bias: biased } = s;
  const y = conv2d(builder, x, { name: 'conv', out, kernel, stride, padding, bias: biased });
  const dy = builder.tensor('dy', y.shape);
  builder.site('dy', dy, { layer: 'y', role: 'activation gradient', op: 'linear', sources: [] });
  const request = { builder, outputGradient: dy, wanted: [true, true, biased] };
  const [dx, ...gradients] = builder.operations[0].gradient(request);
  const { parameters } = builder;
  parameters.forEach((parameter, i) => {
    gradients[i]!.residence = { parameter, arena: 'gradients' };
  });
  const plan = makePlan(builder);
  const given = [x, dy, ...parameters.map(({ cast }) => cast)];
  const buffers = new Map<string, Float32Array>();
  for (const [i, tensor] of given.entries()) {
    const view = plan.view(tensor);
    const { elements } = plan.buffers.get(view.buffer)!;
    const buffer = buffers.get(view.buffer) ?? new Float32Array(lanes.length * elements);
    buffers.set(view.buffer, buffer);
    const rounded = roundedFor((lane) => values(sizeOf(tensor), 10 * i + lane + 1), lanes);
    rounded.forEach((dense, lane) => {
      packMatrix(dense, view, buffer.subarray(lane * elements, (lane + 1) * elements));
    });
  }
  const result = await compareBackends(
    {
      plan,
      settings: lanes.map(() => DEFAULT_SETTINGS),
      formats: lanes.map(({ format }) => plan.sites.map(() => format)),
      accumulations: lanes.map(({ accumulation }) => accumulation),
      buffers,
    },
    variant,
  );
  const dense = (tensor: Tensor): Float32Array => {
    const view = plan.view(tensor);
    return unpackMatrix(view, result.buffers.get(view.buffer)!);
  };
  const [weight, bias] = parameters.map(({ cast }) => dense(cast));
  const [dWeight, dBias] = gradients.map((gradient) => dense(gradient!));
  return { x: dense(x), dy: dense(dy), weight, bias, y: dense(y), dx: dense(dx!), dWeight, dBias };
}

const positions = (size: number, { kernel, stride, padding }: Sizes): number =>
  Math.floor((size + 2 * padding - kernel) / stride) + 1;

/** Visits the indices of x, weight, y and output channel wherever an input meets a weight. */
function eachProduct(s: Sizes, visit: (x: number, weight: number, y: number, out: number) => void): void {
  const [height, width] = [positions(s.height, s), positions(s.width, s)];
  const weights = s.out * s.channels * s.kernel * s.kernel;
  for (let i = 0; i < s.batch * height * width * weights; i++) {
    const w = i % weights;
    const position = Math.floor(i / weights);
    const kx = w % s.kernel;
    const ky = Math.floor(w / s.kernel) % s.kernel;
    const channel = Math.floor(w / s.kernel ** 2) % s.channels;
    const out = Math.floor(w / (s.kernel ** 2 * s.channels));
    const ox = position % width;
    const oy = Math.floor(position / width) % height;
    const sample = Math.floor(position / (width * height));
    const iy = oy * s.stride + ky - s.padding;
    const ix = ox * s.stride + kx - s.padding;
    if (iy < 0 || iy >= s.height || ix < 0 || ix >= s.width) continue;
    const xAt = ((sample * s.channels + channel) * s.height + iy) * s.width + ix;
    visit(xAt, w, ((sample * s.out + out) * height + oy) * width + ox, out);
  }
}

/** f32 sums of so few products of numbers near 1 are closer than this to those in double precision. */
const TOLERANCE = 1e-4;

function expectClose(found: Float32Array, expected: Float64Array): void {
  found.forEach((x, i) => expect(Math.abs(x - expected[i])).toBeLessThan(TOLERANCE));
}

describe.each(SIZES)(
  '$batch×$channels×$height×$width, $out channels, kernel $kernel/$stride/$padding',
  (s) => {
    test('is the sum over all products, forward and backward', async () => {
      const r = await run(s, gaussian);
      const plane = r.y.length / s.batch / s.out;
      const channelOf = (i: number): number => Math.floor(i / plane) % s.out;
      const y = Float64Array.from(r.y, (_, i) => r.bias?.[channelOf(i)] ?? 0);
      const dx = new Float64Array(r.dx.length);
      const dWeight = new Float64Array(r.dWeight.length);
      const dBias = new Float64Array(s.out);
      eachProduct(s, (xi, wi, yi) => {
        y[yi] += r.x[xi] * r.weight[wi];
        dx[xi] += r.dy[yi] * r.weight[wi];
        dWeight[wi] += r.dy[yi] * r.x[xi];
      });
      r.dy.forEach((g, i) => (dBias[channelOf(i)] += g));
      expectClose(r.y, y);
      expectClose(r.dx, dx);
      expectClose(r.dWeight, dWeight);
      expectClose(r.dBias ?? new Float32Array(0), dBias);
    });

    test('gives the same bits on WebGPU for values of any kind', async () => {
      for (const variant of await productVariants()) {
        for (const values of [gaussian, adversarial]) {
          await expect(run(s, values, IN_FP32, variant)).resolves.toBeDefined();
        }
      }
    });
  },
);

test.each(SIZES.slice(1, 3))('every way to add up gives the same bits', { timeout: 120_000 }, async (s) => {
  await expect(run(s, gaussian, ACCUMULATING_LANES)).resolves.toBeDefined();
  await expect(run(s, adversarial, ACCUMULATING_LANES)).resolves.toBeDefined();
});

test('sums in the documented order', async () => {
  // 2^24 + 1 is 2^24 in f32, so the order decides how many of the ones survive.
  const inputs = Float32Array.of(1, 2 ** 24, -(2 ** 24), 1);
  const values: Values = (length) => (length === 4 ? inputs : Float32Array.of(0.5));
  const s = {
    batch: 1,
    channels: 1,
    height: 2,
    width: 2,
    out: 1,
    kernel: 1,
    stride: 1,
    padding: 0,
    bias: true,
  };
  const { dBias } = await run(s, values);
  expect(dBias?.[0]).toBe(1);
});
