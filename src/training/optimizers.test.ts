/** SGD and Adam: the same bits on all backends, and what an independent implementation in double precision says. */
import { describe, expect, test } from 'vitest';
import { GraphBuilder } from '../graph/builder';
import type { LaneSettings, StateValues } from '../graph/lanes';
import { plan as makePlan, type Plan } from '../graph/plan';
import { HEADER, recordWords } from '../graph/records';
import { compareBackends, DEFAULT_SETTINGS } from '../testing/kernels';
import { adversarial, gaussian } from '../testing/inputs';
import { runOnReference, type PlanCase, type PlanResult } from '../testing/plans';
import { adam, biasCorrections } from './adam';
import { laneScaler } from './lanes';
import type { Optimizer } from './optimizer';
import { sgd } from './sgd';

/** Three parameters, none of which fills its place in the arena. */
function planOf(optimizer: Optimizer): Plan {
  const builder = new GraphBuilder();
  builder.parameter('fc1', 'weight', [5, 7], { kind: 'constant', value: 1 }, 'low');
  builder.parameter('fc1', 'bias', [5], { kind: 'constant', value: 1 }, 'low');
  builder.parameter('fc2', 'weight', [1, 3], { kind: 'constant', value: 1 }, 'low');
  optimizer.append(builder);
  return makePlan(builder);
}

interface LaneCase {
  readonly settings: Partial<LaneSettings>;
  readonly state?: Partial<StateValues>;
  readonly foundInf?: boolean;
}

const ARENAS = ['parameters', 'gradients', 'firstMoments', 'secondMoments'] as const;
type Arenas = Partial<Record<(typeof ARENAS)[number], Float32Array>>;

/** One step of an optimizer in some lanes. Arenas are [lane][elements]. */
function stepCase(optimizer: Optimizer, lanes: readonly LaneCase[], arenas: Arenas): PlanCase {
  const plan = planOf(optimizer);
  const buffers = new Map<string, Float32Array>();
  for (const arena of ARENAS) {
    const values = arenas[arena];
    if (values && plan.buffers.has(arena)) buffers.set(arena, values);
  }
  for (const tensor of plan.tensors) {
    const { buffer, columns, rowStride, rows } = plan.view(tensor);
    const dense = optimizer.contents.get(tensor.name);
    if (!dense) continue;
    const padded = new Float32Array(rows * rowStride);
    for (let row = 0; row < rows; row++) {
      padded.set(dense.subarray(row * columns, (row + 1) * columns), row * rowStride);
    }
    buffers.set(buffer, padded);
  }
  const words = recordWords(plan.sites.length);
  const records = new Uint32Array(lanes.length * words);
  lanes.forEach(({ foundInf }, lane) => {
    if (foundInf) records[lane * words + HEADER.foundInf] = 1;
  });
  const settings = lanes.map((lane) => ({ ...DEFAULT_SETTINGS, ...lane.settings }));
  return {
    plan,
    settings,
    formats: lanes.map(() => []),
    buffers,
    records,
    states: lanes.map(({ state = {} }) => state),
  };
}

const OPTIMIZERS: Record<string, () => Optimizer> = {
  sgd,
  adam: () => adam({ beta1: 0.9, beta2: 0.999 }),
  'adam with a small beta1': () => adam({ beta1: 0.3, beta2: 0.99 }),
};
const betas = (name: string): Partial<LaneSettings> =>
  name === 'adam with a small beta1' ? { beta1: 0.3, beta2: 0.99 } : {};

const STRIDE = planOf(sgd()).arenaStride;
const normal = (lanes: number, seed: number, deviation: number): Float32Array =>
  gaussian(lanes * STRIDE, seed, deviation);

describe.each(Object.entries(OPTIMIZERS))('%s', (name, make) => {
  const lanes: LaneCase[] = [
    { settings: { ...betas(name), scaler: laneScaler('static', { scale: 1 }) } },
    {
      settings: { ...betas(name), scaler: laneScaler('static', { scale: 1024 }) },
      state: { optimizerSteps: 7 },
    },
    {
      settings: { ...betas(name), momentum: 0, scaler: laneScaler('dynamic', { initialScale: 3 }) },
      state: { optimizerSteps: 1_000_000 },
    },
    {
      settings: { ...betas(name), scaler: laneScaler('none') },
      state: { optimizerSteps: 3 },
      foundInf: true,
    },
    { settings: betas(name), state: { optimizerSteps: 3 }, foundInf: true },
    // Divides, by a number whose reciprocal is rounded.
    { settings: { ...betas(name), scaler: laneScaler('keras', { initialScale: 3 }) } },
  ];

  test('gives the same bits on WebGPU for ordinary values', async () => {
    const result = await compareBackends(
      stepCase(make(), lanes, {
        parameters: normal(lanes.length, 1, 1),
        gradients: normal(lanes.length, 2, 0.01),
        firstMoments: normal(lanes.length, 3, 0.01),
        secondMoments: normal(lanes.length, 4, 0.001).map(Math.abs),
      }),
    );
    expect(result.buffers.get('parameters')).not.toEqual(normal(lanes.length, 1, 1));
  });

  test.each([1, 2, 3])('gives the same bits on WebGPU for values of any kind (%i)', async (seed) => {
    const any = (offset: number): Float32Array => adversarial(lanes.length * STRIDE, 10 * seed + offset);
    const planCase = stepCase(make(), lanes, {
      parameters: any(1),
      gradients: any(2),
      firstMoments: any(3),
      secondMoments: any(4).map(Math.abs),
    });
    await compareBackends(planCase);
    await compareBackends(planCase, { native_ftz: true, counting: false });
  });

  test.each(['static', 'dynamic'] as const)('changes nothing in a step that is skipped (%s)', (scaler) => {
    const before = {
      parameters: normal(1, 1, 1),
      gradients: normal(1, 2, 1).fill(Infinity, 3, 4),
      firstMoments: normal(1, 3, 1),
      secondMoments: normal(1, 4, 1),
    };
    const lane = {
      settings: { ...betas(name), scaler: laneScaler(scaler) },
      state: { optimizerSteps: 2 },
      foundInf: true,
    };
    const { buffers } = runOnReference(stepCase(make(), [lane], before));
    for (const arena of ARENAS) expect(buffers.get(arena) ?? before[arena]).toEqual(before[arena]);
  });
});

/** Runs steps on the reference, one gradient after another, and returns the last weights. */
function train(
  optimizer: Optimizer,
  settings: Partial<LaneSettings>,
  gradients: readonly Float32Array[],
): Float32Array {
  let arenas: Arenas = { parameters: normal(1, 1, 1) };
  gradients.forEach((gradient, optimizerSteps) => {
    const result: PlanResult = runOnReference(
      stepCase(optimizer, [{ settings, state: { optimizerSteps } }], {
        ...arenas,
        gradients: gradient,
      }),
    );
    arenas = Object.fromEntries(ARENAS.map((arena) => [arena, result.buffers.get(arena)]));
  });
  return arenas.parameters ?? new Float32Array(0);
}

describe('against double precision', () => {
  const SCALE = 1024;
  const gradients = Array.from({ length: 50 }, (_, i) => normal(1, 100 + i, 1));
  const scaled = gradients.map((gradient) => gradient.map((g) => g * SCALE));
  // The results are sums of 50 updates, each exact to a few ulp of f32 (6e-8) relative to numbers near 1.
  const TOLERANCE = 50 * 8 * 2 ** -24;

  test('sgd with momentum', () => {
    const settings = { learningRate: 0.1, momentum: 0.9, scaler: laneScaler('static', { scale: SCALE }) };
    const expected = Float64Array.from(normal(1, 1, 1));
    const buffer = new Float64Array(STRIDE);
    gradients.forEach((gradient, step) => {
      for (let i = 0; i < STRIDE; i++) {
        buffer[i] = step === 0 ? gradient[i] : 0.9 * buffer[i] + gradient[i];
        expected[i] -= 0.1 * buffer[i];
      }
    });
    const found = train(sgd(), settings, scaled);
    found.forEach((x, i) => expect(Math.abs(x - expected[i])).toBeLessThan(10 * TOLERANCE));
  });

  test('adam', () => {
    const settings = { learningRate: 0.02, epsilon: 1e-3, scaler: laneScaler('static', { scale: SCALE }) };
    const expected = Float64Array.from(normal(1, 1, 1));
    const m = new Float64Array(STRIDE);
    const v = new Float64Array(STRIDE);
    gradients.forEach((gradient, step) => {
      for (let i = 0; i < STRIDE; i++) {
        m[i] = 0.9 * m[i] + 0.1 * gradient[i];
        v[i] = 0.999 * v[i] + 0.001 * gradient[i] ** 2;
        const mHat = m[i] / (1 - 0.9 ** (step + 1));
        const vHat = v[i] / (1 - 0.999 ** (step + 1));
        expected[i] -= (0.02 * mHat) / (Math.sqrt(vHat) + 1e-3);
      }
    });
    const found = train(adam({ beta1: 0.9, beta2: 0.999 }), settings, scaled);
    found.forEach((x, i) => expect(Math.abs(x - expected[i])).toBeLessThan(TOLERANCE));
  });
});

describe('biasCorrections', () => {
  test.each([
    [0.9, 0.999],
    [0, 0],
    [0.5, 0.9],
  ])('are those of %f and %f until both are 1', (beta1, beta2) => {
    const table = biasCorrections(beta1, beta2);
    const columns = table.length / 2;
    for (let t = 1; t <= columns; t++) {
      // A running product deviates from the power by t roundings of 2^-53, which is nothing in f32 but at ties.
      expect(table[t - 1]).toBeCloseTo(1 / (1 - beta1 ** t), 5);
      expect(table[columns + t - 1]).toBeCloseTo(Math.sqrt(1 - beta2 ** t), 7);
    }
    expect(table[columns - 1]).toBe(1);
    expect(table[2 * columns - 1]).toBe(1);
  });

  test('are cut off where they would take too much memory', () => {
    expect(biasCorrections(0.9, 0.9999999)).toHaveLength(2 ** 18);
  });
});
