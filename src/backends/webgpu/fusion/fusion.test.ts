/**
 * Fused dispatches give what the calls they stand for give: every buffer, every counter, every header, bit for bit. Steps
 * of small networks with values that overflow, vanish or are none, in lanes of many formats.
 */
import { describe, expect, test } from 'vitest';
import { readDataFile } from '../../../cli/data';
import { compile } from '../../../engine/compile';
import { defaultExperiment } from '../../../experiment/defaults';
import type { Plan } from '../../../graph/plan';
import type { ShaderConditions } from '../../../graph/shader';
import { ROUNDING_MODES } from '../../../numerics/formats';
import { crossEntropy } from '../../../ops/cross-entropy';
import type { Layer } from '../../../ops/layers';
import { meanSquaredError } from '../../../ops/mean-squared-error';
import { differences } from '../../../testing/equal-bits';
import { caseOf, planOf, ROWS, type Net } from '../../../testing/networks';
import { productVariants, runOnWebGpu, type PlanCase } from '../../../testing/plans';
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

const dense = (activation: 'relu' | 'tanh', widths: readonly number[], bias = true): readonly Layer[] =>
  widths.flatMap((out, i): Layer[] => [
    { kind: 'linear', name: `fc${i}`, out, bias },
    ...(i === widths.length - 1 ? [] : [{ kind: activation, name: `fc${i}.act` } as const]),
  ]);

const CONVOLUTIONAL: readonly Layer[] = [
  { kind: 'conv2d', name: 'c1', out: 5, kernel: 3, padding: 1 },
  { kind: 'relu', name: 'r1' },
  { kind: 'conv2d', name: 'c2', out: 9, kernel: 3, padding: 1 },
  { kind: 'relu', name: 'r2' },
  { kind: 'maxpool2d', name: 'p', kernel: 2 },
  { kind: 'flatten', name: 'f' },
  { kind: 'linear', name: 'head', out: 3 },
];

/** The windows of the second layer are written out, those of the first are not. */
const LARGER_WINDOW: readonly Layer[] = [
  { kind: 'conv2d', name: 'c1', out: 4, kernel: 3, padding: 1 },
  { kind: 'relu', name: 'r1' },
  { kind: 'conv2d', name: 'c2', out: 6, kernel: 5, padding: 2 },
  { kind: 'relu', name: 'r2' },
  { kind: 'flatten', name: 'f' },
  { kind: 'linear', name: 'head', out: 2 },
];

/** A layer that is used twice, on the rows of a sequence, and a residual block. */
const VARIED: readonly Layer[] = [
  { kind: 'reshape', name: 'steps', shape: [-1, 8] },
  { kind: 'linear', name: 'fc', out: 8 },
  { kind: 'relu', name: 'fc.relu' },
  { kind: 'linear', name: 'again', out: 8, sharedWith: 'fc' },
  { kind: 'tanh', name: 'again.tanh' },
  { kind: 'reshape', name: 'together', shape: [-1, 16] },
  { kind: 'residual', name: 'block', layers: [{ kind: 'linear', name: 'inner', out: 16 }] },
  { kind: 'linear', name: 'head', out: 3 },
];

const NETS: Readonly<Record<string, Net>> = {
  'relu, cross-entropy': {
    features: [7],
    batch: 9,
    outputs: 3,
    loss: crossEntropy,
    layers: dense('relu', [18, 10, 3]),
  },
  'tanh, mean squared error': {
    features: [5],
    batch: 6,
    outputs: 2,
    loss: meanSquaredError,
    layers: dense('tanh', [21, 9, 2]),
  },
  'tanh, cross-entropy': {
    features: [3],
    batch: 5,
    outputs: 2,
    loss: crossEntropy,
    layers: dense('tanh', [6, 2]),
  },
  'too many classes for one workgroup': {
    features: [4],
    batch: 4,
    outputs: 21,
    loss: crossEntropy,
    layers: dense('relu', [5, 21]),
  },
  'no bias': {
    features: [6],
    batch: 7,
    outputs: 3,
    loss: crossEntropy,
    layers: dense('relu', [13, 5, 3], false),
  },
  convolutions: { features: [2, 6, 8], batch: 3, outputs: 3, loss: crossEntropy, layers: CONVOLUTIONAL },
  'shared, reshaped, residual': {
    features: [16],
    batch: 5,
    outputs: 3,
    loss: crossEntropy,
    layers: VARIED,
  },
  'a larger window after a small one': {
    features: [1, 6, 8],
    batch: 2,
    outputs: 2,
    loss: crossEntropy,
    layers: LARGER_WINDOW,
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
    layers: dense(drawn(seed, 4, 2) ? 'relu' : 'tanh', [width(6), width(7), outputs]),
  };
  return expectSameBits(caseOf(planOf(net), seed, drawn(seed, 8, 2) === 1));
});
