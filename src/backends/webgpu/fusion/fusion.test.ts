/**
 * Fused dispatches give what the calls they stand for give: every buffer, every counter, every header, bit for bit. Steps
 * of small networks with values that overflow, vanish or are none, in lanes of many formats.
 */
import { describe, expect, test } from 'vitest';
import { readDataFile } from '../../../cli/data';
import { compile } from '../../../engine/compile';
import { defaultExperiment } from '../../../experiment/defaults';
import type { GraphBuilder } from '../../../graph/builder';
import type { Plan } from '../../../graph/plan';
import type { ShaderConditions } from '../../../graph/shader';
import type { Tensor } from '../../../graph/tensor';
import { FORMATS, ROUNDING_MODES, type Rounding } from '../../../numerics/formats';
import { batch, type RowOrder } from '../../../ops/batch';
import { conv2d } from '../../../ops/conv2d';
import { crossEntropy } from '../../../ops/cross-entropy';
import { flatten } from '../../../ops/flatten';
import { linear } from '../../../ops/linear';
import type { Loss } from '../../../ops/loss';
import { maxPool2d } from '../../../ops/maxpool2d';
import { meanSquaredError } from '../../../ops/mean-squared-error';
import { relu } from '../../../ops/relu';
import { tanh } from '../../../ops/tanh';
import { differences } from '../../../testing/equal-bits';
import { adversarial, gaussian } from '../../../testing/inputs';
import { DEFAULT_SETTINGS } from '../../../testing/kernels';
import { productVariants, runOnWebGpu, type PlanCase } from '../../../testing/plans';
import { sgd } from '../../../training/sgd';
import { evaluationPlan, trainingPlan } from '../../../training/step';
import { fuse } from './fuse';

const IN_ORDER = {};
const kernels = (plan: Plan): string[] => fuse(plan, IN_ORDER).dispatches.map(({ kernel }) => kernel.name);

describe('dispatches of a step', () => {
  test.each([
    ['spirals', 11],
    ['digits-mlp', 8],
    ['digits-cnn', 14],
    ['regression', 15],
    ['linear', 6],
  ] as const)('%s takes %i', async (task, count) => {
    const { program } = await compile(defaultExperiment(task), readDataFile);
    expect(kernels(program.training)).toHaveLength(count);
  });
});

const ROWS = 12;

interface Net {
  readonly features: readonly number[];
  readonly batch: number;
  readonly outputs: number;
  readonly loss: Loss;
  readonly model: (builder: GraphBuilder, x: Tensor) => Tensor;
  readonly order?: 'shuffled' | 'sequential';
}

function planOf(
  { features, batch: size, outputs, loss, model, order = 'shuffled' }: Net,
  evaluation = false,
): Plan {
  const append = (builder: GraphBuilder) => {
    const data = (name: string, shape: readonly number[]): Tensor =>
      builder.tensor(name, shape, { differentiable: false, shared: true });
    const rowOrder: RowOrder = order;
    const { x, y } = batch(builder, {
      features: data('features', [ROWS, ...features]),
      targets: data('targets', [ROWS, loss === crossEntropy ? 1 : outputs]),
      size,
      order: rowOrder,
    });
    return { features: x, targets: y };
  };
  const network = { model, loss };
  return evaluation ? evaluationPlan(network, append) : trainingPlan(network, append, sgd());
}

const LANES = [FORMATS.fp32, FORMATS.fp16, FORMATS.bf16, FORMATS.e5m2, FORMATS.e4m3fn];

/** Ordinary values in every other run of eight, and between them whatever a float can be. */
const mixed = (length: number, seed: number): Float32Array => {
  const [ordinary, hostile] = [gaussian(length, seed), adversarial(length, seed + 1)];
  return ordinary.map((value, i) => (i % 16 < 13 ? value : hostile[i]));
};

function caseOf(plan: Plan, seed: number, hostile: boolean, roundings?: readonly Rounding[]): PlanCase {
  const lanes = roundings?.length ?? LANES.length;
  const values = hostile ? mixed : gaussian;
  const buffers = new Map<string, Float32Array>();
  const { elements } = plan.buffers.get('parameters')!;
  // Pads of the arenas are +0, as in a run.
  const arena = new Float32Array(elements * lanes);
  for (const { master } of plan.parameters) {
    const { offset, rows, columns, rowStride, laneStride } = plan.view(master);
    for (let lane = 0; lane < lanes; lane++) {
      for (let row = 0; row < rows; row++) {
        arena.set(values(columns, seed + lane + 31 * row), offset + lane * laneStride + row * rowStride);
      }
    }
  }
  buffers.set('parameters', arena);
  for (const tensor of plan.tensors.filter(({ shared }) => shared)) {
    const { buffer, rows, columns, rowStride } = plan.view(tensor);
    const data = new Float32Array(rows * rowStride);
    for (let row = 0; row < rows; row++) {
      const label = tensor.name === 'targets' && columns === 1;
      data.set(label ? [row % 2] : values(columns, seed + 7 * row), row * rowStride);
    }
    buffers.set(buffer, data);
  }
  const perLane = Array.from({ length: lanes }, (_, lane) => lane);
  return {
    plan,
    settings: perLane.map((lane) => ({
      ...DEFAULT_SETTINGS,
      seed: seed + lane,
      initialScale: 2 ** (8 * lane),
    })),
    formats: perLane.map((lane) => plan.sites.map(() => LANES[lane % LANES.length])),
    buffers,
    roundings,
    step: seed % 5,
  };
}

/** Runs the calls one by one and fused, in every variant that this device has; what nobody keeps is left out. */
async function expectSameBits(planCase: PlanCase, variants?: readonly ShaderConditions[]): Promise<void> {
  const { unused } = fuse(planCase.plan, IN_ORDER);
  for (const variant of variants ?? (await productVariants())) {
    const expected = await runOnWebGpu(planCase, variant);
    const actual = await runOnWebGpu(planCase, variant, { fusion: true });
    const kept = new Map([...expected.buffers].filter(([name]) => !unused.has(name)));
    expect(differences(planCase.plan, { ...expected, buffers: kept }, actual)).toEqual([]);
  }
}

const dense = (
  activation: typeof relu | typeof tanh,
  widths: readonly number[],
  bias = true,
): Net['model'] => {
  return (builder, x) =>
    widths.reduce((input, out, i) => {
      const y = linear(builder, input, { name: `fc${i}`, out, bias });
      return i === widths.length - 1 ? y : activation(builder, y, { name: `fc${i}.act` });
    }, x);
};

const convolutional: Net['model'] = (builder, x) => {
  const first = relu(builder, conv2d(builder, x, { name: 'c1', out: 5, kernel: 3, padding: 1 }), {
    name: 'r1',
  });
  const second = relu(builder, conv2d(builder, first, { name: 'c2', out: 9, kernel: 3, padding: 1 }), {
    name: 'r2',
  });
  const pooled = flatten(builder, maxPool2d(builder, second, { name: 'p', kernel: 2 }), { name: 'f' });
  return linear(builder, pooled, { name: 'head', out: 3 });
};

/** The windows of the second layer are written out, those of the first are not. */
const largerWindow: Net['model'] = (builder, x) => {
  const first = relu(builder, conv2d(builder, x, { name: 'c1', out: 4, kernel: 3, padding: 1 }), {
    name: 'r1',
  });
  const second = relu(builder, conv2d(builder, first, { name: 'c2', out: 6, kernel: 5, padding: 2 }), {
    name: 'r2',
  });
  return linear(builder, flatten(builder, second, { name: 'f' }), { name: 'head', out: 2 });
};

const NETS: Readonly<Record<string, Net>> = {
  'relu, cross-entropy': {
    features: [7],
    batch: 9,
    outputs: 3,
    loss: crossEntropy,
    model: dense(relu, [18, 10, 3]),
  },
  'tanh, mean squared error': {
    features: [5],
    batch: 6,
    outputs: 2,
    loss: meanSquaredError,
    model: dense(tanh, [21, 9, 2]),
  },
  'tanh, cross-entropy': {
    features: [3],
    batch: 5,
    outputs: 2,
    loss: crossEntropy,
    model: dense(tanh, [6, 2]),
  },
  'too many classes for one workgroup': {
    features: [4],
    batch: 4,
    outputs: 21,
    loss: crossEntropy,
    model: dense(relu, [5, 21]),
  },
  'no bias': {
    features: [6],
    batch: 7,
    outputs: 3,
    loss: crossEntropy,
    model: dense(relu, [13, 5, 3], false),
  },
  convolutions: { features: [2, 6, 8], batch: 3, outputs: 3, loss: crossEntropy, model: convolutional },
  'a larger window after a small one': {
    features: [1, 6, 8],
    batch: 2,
    outputs: 2,
    loss: crossEntropy,
    model: largerWindow,
  },
};

describe.each(Object.entries(NETS))('%s', (_, net) => {
  test('ordinary values', () => expectSameBits(caseOf(planOf(net), 3, false)));
  test('whatever a float can be', () => expectSameBits(caseOf(planOf(net), 11, true)));
  test('evaluation', () => expectSameBits(caseOf(planOf({ ...net, order: 'sequential' }, true), 5, true)));
});

test.each(['relu, cross-entropy', 'tanh, mean squared error', 'convolutions'])(
  '%s, rounded in every way',
  (name) =>
    expectSameBits(
      caseOf(
        planOf(NETS[name]),
        17,
        true,
        ROUNDING_MODES.map((mode) => ({ mode, randomBits: 32 })),
      ),
      [{ native_ftz: false, counting: true }],
    ),
);

test('lanes that add up in other ways keep the kernels with windows', () => {
  const plan = planOf(NETS.convolutions);
  const { unused, dispatches } = fuse(plan, { general_accumulation: true });
  expect([...unused].map((name) => plan.tensors.find((t) => plan.view(t).buffer === name)?.name)).toEqual([
    'loss.rows',
  ]);
  expect(dispatches.map(({ kernel }) => kernel.name)).toContain('conv2d.forward');
});

test('windows are not kept where no dispatch reads them, and only there', () => {
  const namesOf = (net: Net): (string | undefined)[] => {
    const plan = planOf(net);
    return [...fuse(plan, IN_ORDER).unused].map(
      (name) => plan.tensors.find((t) => plan.view(t).buffer === name)?.name,
    );
  };
  expect(namesOf(NETS.convolutions)).toEqual(
    expect.arrayContaining(['c1.windows', 'c2.windows', 'c2.output.grad.windows', 'c2.weight.byInput']),
  );
  expect(namesOf(NETS['a larger window after a small one'])).toEqual(['c1.windows', 'loss.rows']);
});

/** A number of [0, end) for each seed and place. */
const drawn = (seed: number, place: number, end: number): number =>
  Math.floor(Math.abs(Math.sin(seed * 12.9898 + place * 78.233) * 43758.5453) % end);

test.each(Array.from({ length: 10 }, (_, i) => i + 1))('a random network, seed %i', (seed) => {
  const width = (place: number): number => 1 + drawn(seed, place, 24);
  const outputs = 2 + drawn(seed, 5, 5);
  const net: Net = {
    features: [width(1)],
    batch: 2 + drawn(seed, 2, ROWS - 2),
    outputs,
    loss: drawn(seed, 3, 2) ? crossEntropy : meanSquaredError,
    model: dense(drawn(seed, 4, 2) ? relu : tanh, [width(6), width(7), outputs]),
  };
  return expectSameBits(caseOf(planOf(net), seed, drawn(seed, 8, 2) === 1));
});
