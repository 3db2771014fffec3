import { describe, expect, test } from 'vitest';
import { GraphBuilder } from '../graph/builder';
import { differentiate } from '../graph/differentiate';
import type { Kernel } from '../graph/kernel';
import { FORMATS, type NumberFormat } from '../numerics/formats';
import { ACCUMULATING_LANES, roundedFor } from '../testing/accumulations';
import { expectGradients } from '../testing/gradients';
import { adversarial, gaussian } from '../testing/inputs';
import { compareKernel, type KernelCase } from '../testing/kernels';
import { productVariants } from '../testing/plans';
import { accumulate } from './add';
import {
  linear,
  linearBiasGradient,
  linearForward,
  linearForwardUnbiased,
  linearInputGradient,
  linearParameterGradient,
  linearWeightGradient,
} from './linear';
import { relu } from './relu';
import { tanh } from './tanh';

const LANES = [FORMATS.fp32, FORMATS.fp16, FORMATS.bf16];
const FEW_BITS = [FORMATS.e4m3fn, FORMATS.e5m2_sat];

/** [batch, in, out] */
const SIZES = [
  [1, 1, 1],
  [2, 2, 2],
  [3, 5, 1],
  [5, 10, 2],
  [10, 3, 17],
  [17, 16, 5],
  [64, 2, 64],
  [33, 64, 10],
] as const;

type Make = (length: number, seed: number) => Float32Array;

function cases(
  [batch, features, out]: readonly [number, number, number],
  make: Make,
  formats: readonly NumberFormat[],
): [Kernel, KernelCase][] {
  let seed = 1;
  const filled = (...shape: number[]): KernelCase['inputs'][number] => ({
    shape,
    values: formats.map(() =>
      make(
        shape.reduce((a, b) => a * b),
        seed++,
      ),
    ),
  });
  const x = filled(batch, features);
  const weight = filled(out, features);
  const bias = filled(out);
  const dy = filled(batch, out);
  const site = { formats };
  const gradientSite = { formats, role: 'parameter gradient' } as const;
  return [
    [linearForward, { inputs: [x, weight, bias], outputs: [{ shape: dy.shape }], sites: [site] }],
    [linearForwardUnbiased, { inputs: [x, weight], outputs: [{ shape: dy.shape }], sites: [site] }],
    [linearInputGradient, { inputs: [dy, weight], outputs: [{ shape: x.shape }], sites: [site] }],
    [linearWeightGradient, { inputs: [dy, x], outputs: [{ shape: weight.shape }], sites: [gradientSite] }],
    [
      linearParameterGradient,
      {
        inputs: [dy, x],
        outputs: [{ shape: weight.shape }, { shape: bias.shape }],
        sites: [gradientSite, gradientSite],
      },
    ],
  ];
}

describe.each(SIZES)('batch %i, %i inputs, %i outputs', (...sizes) => {
  test('ordinary values', async () => {
    for (const variant of await productVariants()) {
      for (const [kernel, kernelCase] of cases(sizes, gaussian, LANES)) {
        await compareKernel(kernel, kernelCase, variant);
      }
    }
  });

  test('values of any kind', async () => {
    for (const [kernel, kernelCase] of cases(sizes, adversarial, LANES)) {
      await compareKernel(kernel, kernelCase, { native_ftz: true, counting: true });
    }
    for (const variant of await productVariants()) {
      for (const formats of [LANES, FEW_BITS]) {
        for (const [kernel, kernelCase] of cases(sizes, adversarial, formats)) {
          await compareKernel(kernel, kernelCase, variant);
        }
      }
    }
  });

  test('products and sums around 2^-126', async () => {
    const tiny: Make = (length, seed) => gaussian(length, seed, 2 ** -62.5);
    for (const variant of await productVariants()) {
      for (const [kernel, kernelCase] of cases(sizes, tiny, LANES)) {
        await compareKernel(kernel, kernelCase, variant);
      }
    }
  });
});

test('every way to add up gives the same bits', { timeout: 120_000 }, async () => {
  // The sums of the forward product have more terms than a promotion interval.
  const sizes = [3, 37, 5] as const;
  const formats = ACCUMULATING_LANES.map(({ format }) => format);
  const accumulations = ACCUMULATING_LANES.map(({ accumulation }) => accumulation);
  for (const make of [gaussian, adversarial]) {
    for (const [kernel, kernelCase] of cases(sizes, make, formats)) {
      const inputs = kernelCase.inputs.map(({ shape, values }) => ({
        shape,
        formats,
        values: roundedFor((lane) => values![lane] as Float32Array),
      }));
      await compareKernel(kernel, { ...kernelCase, inputs, accumulations });
    }
  }
});

test('sums run over ascending k from +0, and the bias comes last', async () => {
  // 2^24 + 1 is 2^24 in f32, so the order decides which ones survive.
  const big = 2 ** 24;
  const { outputs } = await compareKernel(linearForward, {
    inputs: [
      { shape: [1, 5], values: Float32Array.of(1, big, -big, 1, 1) },
      { shape: [1, 5], values: new Float32Array(5).fill(1) },
      { shape: [1], values: Float32Array.of(0.25) },
    ],
    outputs: [{ shape: [1, 1] }],
    sites: [{ formats: [FORMATS.fp32] }],
  });
  expect([...outputs[0][0]]).toEqual([2.25]);
});

test('the bias is added before the only rounding', async () => {
  // 2049 is half-way between two FP16 numbers: rounded first it would become 2048 and stay so.
  const { outputs } = await compareKernel(linearForward, {
    inputs: [
      { shape: [1, 2], values: Float32Array.of(1, 2048) },
      { shape: [1, 2], values: Float32Array.of(1, 1) },
      { shape: [1], values: Float32Array.of(0.5) },
    ],
    outputs: [{ shape: [1, 1] }],
    sites: [{ formats: [FORMATS.fp16] }],
  });
  expect([...outputs[0][0]]).toEqual([2050]);
});

test('an infinite gradient is an overflow that the scaler finds, wherever it is', async () => {
  const dy = new Float32Array(12);
  dy[11] = Infinity;
  const { records, outputs } = await compareKernel(linearParameterGradient, {
    inputs: [
      { shape: [6, 2], values: [new Float32Array(12), dy] },
      { shape: [6, 3], values: new Float32Array(18).fill(1) },
    ],
    outputs: [{ shape: [2, 3] }, { shape: [2] }],
    sites: [1, 2].map(() => ({ formats: [FORMATS.fp16, FORMATS.fp16], role: 'parameter gradient' })),
  });
  expect(outputs[0][1]).toEqual(Float32Array.of(0, 0, 0, Infinity, Infinity, Infinity));
  expect(outputs[1][1]).toEqual(Float32Array.of(0, Infinity));
  expect([records[2], records[records.length / 2 + 2]]).toEqual([0, 1]);
});

test('the gradient of a bias alone', async () => {
  for (const [batch, out] of [
    [1, 1],
    [5, 7],
    [17, 12],
  ]) {
    const values = LANES.map((_, lane) => adversarial(batch * out, 3 + lane));
    const { outputs } = await compareKernel(linearBiasGradient, {
      inputs: [{ shape: [batch, out], values }],
      outputs: [{ shape: [out] }],
      sites: [{ formats: LANES, role: 'parameter gradient' }],
    });
    expect(outputs[0][0]).toHaveLength(out);
  }
});

test('gradients pass casts', () => {
  const everywhere = { changes: () => true, retypes: () => true, rounds: () => true };
  expectGradients({
    inputs: [[3, 5]],
    demand: everywhere,
    build: (builder, [x]) =>
      relu(builder, linear(builder, tanh(builder, x, { name: 'tanh' }), { name: 'fc', out: 2 }), {
        name: 'relu',
      }),
    evaluate: ([x, weight, bias]) =>
      Array.from({ length: 6 }, (_, i) => {
        const [row, out] = [Math.floor(i / 2), i % 2];
        let sum = bias[out];
        for (let k = 0; k < 5; k++) sum += Math.tanh(x[row * 5 + k]) * weight[out * 5 + k];
        return Math.max(sum, 0);
      }),
  });
});

test.each([true, false])('gradients against finite differences (bias: %s)', (biased) => {
  expectGradients({
    inputs: [[5, 7]],
    build: (builder, [x]) => linear(builder, x, { name: 'fc', out: 3, bias: biased }),
    evaluate: ([x, weight, bias]) =>
      Array.from({ length: 15 }, (_, i) => {
        const [row, out] = [Math.floor(i / 3), i % 3];
        let sum = biased ? bias[out] : 0;
        for (let k = 0; k < 7; k++) sum += x[row * 7 + k] * weight[out * 7 + k];
        return sum;
      }),
  });
});

test('initial values have the bounds of PyTorch, and sites the names and roles that charts know', () => {
  const builder = new GraphBuilder();
  const x = builder.tensor('x', [4, 16], { differentiable: false });
  const y = linear(builder, x, { name: 'fc', out: 3 });
  differentiate(builder, y, builder.tensor('seed', y.shape), accumulate);
  expect(builder.parameters.map(({ name, shape, initial }) => [name, shape, initial])).toEqual([
    ['fc.weight', [3, 16], { kind: 'uniform', bound: 0.25 }],
    ['fc.bias', [3], { kind: 'uniform', bound: 0.25 }],
  ]);
  // Nobody wants the gradient of the data, so there is no fc.input.grad.
  expect(builder.sites.map(({ name, role, op }) => [name, role, op])).toEqual([
    ['fc.weight', 'weight', 'linear'],
    ['fc.bias', 'bias', 'linear'],
    ['fc.output', 'output', 'linear'],
    ['fc.weight.grad', 'parameter gradient', 'linear'],
    ['fc.bias.grad', 'parameter gradient', 'linear'],
  ]);
});
