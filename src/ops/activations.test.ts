import { describe, expect, test } from 'vitest';
import { GraphBuilder, type SiteDemand } from '../graph/builder';
import { differentiate } from '../graph/differentiate';
import type { Kernel } from '../graph/kernel';
import { plan } from '../graph/plan';
import type { Tensor } from '../graph/tensor';
import { fromBits } from '../numerics/f32';
import { FORMATS, type NumberFormat } from '../numerics/formats';
import { expectGradients } from '../testing/gradients';
import { adversarial, gaussian } from '../testing/inputs';
import { compareKernel, type KernelResult } from '../testing/kernels';
import { accumulate, add, addInPlaceKernel, addKernel } from './add';
import { castKernel, operand } from './cast';
import { flatten } from './flatten';
import { relu, reluForward, reluInputGradient } from './relu';
import { tanh, tanhForward, tanhInputGradient } from './tanh';

const SHAPES = [
  [1, 1],
  [3, 2],
  [2, 3, 1, 1],
  [5, 10],
  [17, 4],
  [10, 17],
  [7, 3, 5, 2],
  [130, 36],
];
const LANES = [FORMATS.fp32, FORMATS.fp16, FORMATS.bf16];
const FEW_BITS = [FORMATS.e4m3fn, FORMATS.e5m2_sat];

type Make = (length: number, seed: number) => Float32Array;

/** Runs a kernel whose operands all have one shape. */
function compareOnLanes(
  kernel: Kernel,
  shape: readonly number[],
  make: Make,
  formats: readonly NumberFormat[],
  operands: number,
): Promise<KernelResult> {
  const length = shape.reduce((a, b) => a * b);
  const inputs = Array.from({ length: operands }, (_, i) => ({
    shape,
    values: formats.map((__, lane) => make(length, 10 * i + lane)),
  }));
  // Exact kernels have no site, but the number of lanes comes from the settings.
  const sites = kernel.uses.length > 0 ? [{ formats }] : [];
  const settings = formats.map(() => ({}));
  return compareKernel(kernel, { inputs, outputs: [{ shape }], sites, settings });
}

describe.each([
  [castKernel, 1],
  [reluForward, 1],
  [reluInputGradient, 2],
  [tanhForward, 1],
  [tanhInputGradient, 2],
  [addKernel, 2],
])('$name', (kernel, operands) => {
  test.each(SHAPES.map((shape) => [shape]))('%j', async (shape) => {
    await compareOnLanes(kernel, shape, gaussian, LANES, operands);
    await compareOnLanes(kernel, shape, adversarial, LANES, operands);
    await compareOnLanes(kernel, shape, adversarial, FEW_BITS, operands);
  });

  test('values around 2^-126', async () => {
    const tiny: Make = (length, seed) => gaussian(length, seed, 2 ** -125);
    await compareOnLanes(kernel, [9, 7], tiny, LANES, operands);
  });
});

const SPECIAL = [1, -1, 0, -0, Infinity, -Infinity, NaN, fromBits(0xffc00000), 2 ** -126, -(2 ** -126)];

test('ReLU lets positive numbers and NaN through', async () => {
  const shape = [2, 5];
  const values = Float32Array.from(SPECIAL);
  const { outputs } = await compareKernel(reluForward, { inputs: [{ shape, values }], outputs: [{ shape }] });
  expect([...outputs[0][0]]).toEqual([1, 0, 0, 0, Infinity, 0, NaN, NaN, 2 ** -126, 0]);
});

test('the gradient of ReLU is chosen, not multiplied: infinities of dead units do not become NaN', async () => {
  const shape = [2, 5];
  const y = Float32Array.of(1, 0, 0, 0, Infinity, 0, NaN, NaN, 2 ** -126, 0);
  const dy = Float32Array.of(-2, Infinity, NaN, -1, 3, -Infinity, 4, -0, 5, 6);
  const { outputs } = await compareKernel(reluInputGradient, {
    inputs: [
      { shape, values: dy },
      { shape, values: y },
    ],
    outputs: [{ shape }],
  });
  expect([...outputs[0][0]]).toEqual([-2, 0, 0, 0, 3, 0, 4, -0, 5, 0]);
});

test('tanh and its gradient against double precision', async () => {
  const x = gaussian(500, 3, 2);
  const shape = [500];
  const sites = [{ formats: [FORMATS.fp32] }];
  const forward = await compareKernel(tanhForward, {
    inputs: [{ shape, values: x }],
    outputs: [{ shape }],
    sites,
  });
  const [y] = forward.outputs[0];
  // 1.32 ulp is the largest error of numerics/elementary.ts.
  y.forEach((value, i) => expect(Math.abs(value / Math.tanh(x[i]) - 1)).toBeLessThan(2 * 2 ** -24 * 1.32));
  const dy = gaussian(500, 4);
  const backward = await compareKernel(tanhInputGradient, {
    inputs: [
      { shape, values: dy },
      { shape, values: y },
    ],
    outputs: [{ shape }],
    sites,
  });
  // Three roundings of numbers up to 1, times dy.
  backward.outputs[0][0].forEach((dx, i) =>
    expect(Math.abs(dx - dy[i] * (1 - y[i] ** 2))).toBeLessThan(2 ** -22 * Math.abs(dy[i])),
  );
});

test('a sum counts as parameter gradient where its site is one', async () => {
  const shape = [1, 2];
  const values = Float32Array.of(40000, 1);
  for (const [role, foundInf] of [['parameter gradient', 1] as const, ['activation gradient', 0] as const]) {
    const { records, outputs } = await compareKernel(addKernel, {
      inputs: [
        { shape, values },
        { shape, values },
      ],
      outputs: [{ shape }],
      sites: [{ formats: [FORMATS.fp16], role }],
    });
    expect([...outputs[0][0]]).toEqual([Infinity, 2]);
    expect(records[2]).toBe(foundInf);
  }
});

describe('a sum in place', () => {
  test.each(SHAPES.map((shape) => [shape]))('%j', async (shape) => {
    const length = shape.reduce((a, b) => a * b);
    for (const formats of [LANES, FEW_BITS]) {
      for (const make of [gaussian, adversarial]) {
        const values = (seed: number) => formats.map((_, lane) => make(length, seed + lane));
        await compareKernel(addInPlaceKernel, {
          inputs: [{ shape, values: values(1) }],
          outputs: [{ shape, values: values(50) }],
          sites: [{ formats, role: 'parameter gradient' }],
        });
      }
    }
  });

  test('is rounded, and tells of infinities', async () => {
    const shape = [1, 3];
    const { records, outputs } = await compareKernel(addInPlaceKernel, {
      inputs: [{ shape, values: Float32Array.of(40000, 1, 2 ** -12) }],
      outputs: [{ shape, values: Float32Array.of(40000, 1, 1) }],
      sites: [{ formats: [FORMATS.fp16], role: 'parameter gradient' }],
    });
    expect([...outputs[0][0]]).toEqual([Infinity, 2, 1]);
    expect(records[2]).toBe(1);
  });
});

describe('gradients against finite differences', () => {
  test('ReLU', () => {
    expectGradients({
      inputs: [[4, 5]],
      build: (builder, [x]) => relu(builder, x, { name: 'relu' }),
      evaluate: ([x]) => x.map((v) => Math.max(v, 0)),
    });
  });

  test('tanh', () => {
    expectGradients({
      inputs: [[4, 5]],
      build: (builder, [x]) => tanh(builder, x, { name: 'tanh' }),
      evaluate: ([x]) => x.map(Math.tanh),
    });
  });

  test('a residual connection: a tensor that is used twice gets the sum of its gradients', () => {
    expectGradients({
      inputs: [[3, 7]],
      build: (builder, [x]) => add(builder, x, tanh(builder, x, { name: 'tanh' }), { name: 'sum' }),
      evaluate: ([x]) => x.map((v) => v + Math.tanh(v)),
    });
  });

  test('a tensor that is used three times', () => {
    expectGradients({
      inputs: [
        [2, 3],
        [2, 3],
      ],
      build: (builder, [a, b]) => {
        const twice = add(builder, a, a, { name: 'twice' });
        return add(builder, add(builder, twice, b, { name: 'both' }), tanh(builder, a, { name: 'tanh' }), {
          name: 'all',
        });
      },
      evaluate: ([a, b]) => a.map((v, i) => 2 * v + b[i] + Math.tanh(v)),
    });
  });

  test('flatten, between operations on images', () => {
    expectGradients({
      inputs: [[3, 2, 2, 3]],
      build: (builder, [x]) => {
        const flat = flatten(builder, tanh(builder, x, { name: 'tanh' }), { name: 'flatten' });
        return relu(builder, flat, { name: 'relu' });
      },
      evaluate: ([x]) => x.map((v) => Math.max(Math.tanh(v), 0)),
    });
  });
});

describe('structure', () => {
  const written = (builder: GraphBuilder, name: string): Tensor => {
    const x = builder.tensor(name, [4, 2, 2]);
    builder.site(x.name, x, { layer: 'before', role: 'output', op: 'linear', sources: [] });
    return x;
  };

  test('ReLU and flatten have no site of their own, forward or backward', () => {
    const builder = new GraphBuilder();
    const x = written(builder, 'x');
    const y = flatten(builder, relu(builder, x, { name: 'relu' }), { name: 'flatten' });
    const seed = builder.tensor('seed', y.shape);
    const seedSite = builder.site('seed', seed, {
      layer: 'loss',
      role: 'activation gradient',
      op: 'mse_loss',
      sources: [y.site],
    });
    const dx = differentiate(builder, y, seed, accumulate).get(x);
    expect(y.shape).toEqual([4, 4]);
    expect(y.site).toBe(x.site);
    expect(dx?.site).toBe(seedSite);
    expect(builder.sites).toHaveLength(2);
    expect(builder.calls.map(({ kernel }) => kernel.name)).toEqual(['relu.forward', 'relu.input.grad']);
    // The flattened tensor lies in the memory of the ReLU's output.
    expect(plan(builder).view(y).buffer).toBe(`tensor:${y.aliasOf?.id}`);
  });

  /** A program in which some lane wants these sites. */
  const wanting = (...names: string[]): GraphBuilder => {
    const wants: SiteDemand['rounds'] = ({ name }) => names.includes(name);
    return new GraphBuilder({ rounds: wants, changes: (_, to) => wants(to), retypes: () => false });
  };
  const next = { layer: 'next', op: 'linear' };

  test('an operand is cast where some lane wants another type, and its gradient where some lane has a narrower one', () => {
    const plain = new GraphBuilder();
    const same = written(plain, 'x');
    expect(operand(plain, same, next)).toBe(same);
    const gradientOf = (builder: GraphBuilder): { x: Tensor; seed: Tensor; gradient?: Tensor } => {
      const x = written(builder, 'x');
      const cast = operand(builder, x, next);
      expect(cast.site).toMatchObject({ name: 'next.input', ...next, role: 'input', sources: [x.site] });
      const seed = builder.tensor('seed', cast.shape);
      return { x, seed, gradient: differentiate(builder, cast, seed, accumulate).get(x) };
    };
    const wide = gradientOf(wanting('next.input'));
    expect(wide.gradient).toBe(wide.seed);
    const narrow = gradientOf(wanting('next.input', 'next.input.uncast.grad'));
    expect(narrow.gradient?.site).toMatchObject({ role: 'activation gradient', sources: [narrow.x.site] });
  });

  test('casts have streams of random numbers that follow from their names, and the other sites keep theirs', () => {
    const builder = wanting('next.input');
    operand(builder, written(builder, 'x'), next);
    written(builder, 'z');
    expect(builder.sites.map(({ name, stream }) => [name, stream < 3 ? stream : stream >= 2 ** 31])).toEqual([
      ['x', 0],
      ['next.input', true],
      ['z', 1],
    ]);
  });

  test('the first operation that reads a batch decides how it is rounded', () => {
    const builder = wanting('next.input');
    const x = builder.tensor('input', [4, 3], { differentiable: false });
    builder.site('input', x, { layer: 'input', role: 'input', op: 'input', sources: [] });
    expect(operand(builder, x, { ...next, roundsBatch: true })).toBe(x);
    expect(x.site).toMatchObject({ op: 'linear', owner: 'next', layer: 'input' });
  });

  test('a sum hands its gradient to both operands', () => {
    const builder = new GraphBuilder();
    const [a, b] = [written(builder, 'a'), written(builder, 'b')];
    const y = add(builder, a, b, { name: 'sum' });
    expect(y.site).toMatchObject({ op: 'add', sources: [a.site, b.site] });
    const seed = builder.tensor('seed', y.shape);
    const gradients = differentiate(builder, y, seed, accumulate);
    expect([gradients.get(a), gradients.get(b)]).toEqual([seed, seed]);
  });

  test('a sum of gradients of a weight is a gradient of that weight', () => {
    const builder = new GraphBuilder();
    const weight = builder.parameter('fc', 'weight', [2, 3], { kind: 'constant', value: 1 }, 'linear');
    const gradients = ['first', 'second', 'third'].map((name) => {
      const gradient = builder.tensor(name, weight.shape);
      builder.site(name, gradient, {
        layer: 'fc',
        role: 'parameter gradient',
        op: 'linear',
        sources: [weight.castSite],
      });
      return gradient;
    });
    const sum = gradients.reduce((a, b) => accumulate(builder, weight.cast, a, b));
    const expected = { layer: 'fc', role: 'parameter gradient', sources: [weight.castSite] };
    expect(sum.site).toMatchObject({ name: 'fc.weight.grad.sum2', ...expected });
  });

  test('a sum of different shapes is refused with their names', () => {
    const builder = new GraphBuilder();
    const [a, b] = [builder.tensor('a', [2, 3]), builder.tensor('b', [3, 2])];
    expect(() => add(builder, a, b, { name: 'sum' })).toThrow(
      'sum.output: a [2, 3] and b [3, 2] differ in shape',
    );
  });
});
