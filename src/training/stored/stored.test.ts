/** Optimizers that store in formats: the same bits on all backends, as in FP32 where nothing is rounded, and as PyTorch. */
import { describe, expect, test } from 'vitest';
import { GraphBuilder } from '../../graph/builder';
import type { LaneSettings, StateValues } from '../../graph/lanes';
import { plan as makePlan, type Plan } from '../../graph/plan';
import { COUNTER_WORDS, HEADER, HEADER_WORDS, readUpdates, recordWords } from '../../graph/records';
import { decode } from '../../numerics/codes';
import { fromBits } from '../../numerics/f32';
import { FORMATS, parseFormat, type NumberFormat } from '../../numerics/formats';
import { roundToFormat } from '../../numerics/round';
import { FP32_STORES, pureStores, roundedRoles, storesPolicy, type Stores } from '../../precision/stores';
import { adversarial, gaussian } from '../../testing/inputs';
import { compareBackends, DEFAULT_SETTINGS } from '../../testing/kernels';
import { runOnReference, type PlanCase } from '../../testing/plans';
import { adam } from '../adam';
import { laneScaler } from '../lanes';
import type { Optimizer } from '../optimizer';
import { sgd } from '../sgd';
import { storedAdam } from './adam';
import { storedSgd } from './sgd';
import torch from '../testdata/torch-16-bit.json';

const SHAPES: readonly (readonly number[])[] = [[5, 7], [5], [1, 3], [9, 20]];

function planOf(optimizer: Optimizer, shapes = SHAPES): Plan {
  const builder = new GraphBuilder();
  shapes.forEach((shape, i) =>
    builder.parameter(`fc${i}`, 'weight', shape, { kind: 'constant', value: 1 }, 'linear'),
  );
  optimizer.append(builder);
  return makePlan(builder);
}

interface LaneCase {
  readonly stores: Stores;
  readonly settings?: Partial<LaneSettings>;
  readonly state?: Partial<StateValues>;
  readonly foundInf?: boolean;
}

type Arenas = ReadonlyMap<string, Float32Array>;

/** One step in some lanes; arenas are [lane][elements]. */
function stepCase(optimizer: Optimizer, plan: Plan, lanes: readonly LaneCase[], arenas: Arenas): PlanCase {
  const buffers = new Map([...arenas].filter(([name]) => plan.buffers.has(name)));
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
  const policies = lanes.map(({ stores }) =>
    storesPolicy(
      plan.sites,
      plan.sites.map(() => FORMATS.fp32),
      stores,
    ),
  );
  const settings = lanes.map(({ stores, settings: own }) => ({
    ...DEFAULT_SETTINGS,
    singleTensor: stores.kernel === 'single-tensor',
    kahan: stores.update === 'kahan',
    ...own,
  }));
  return {
    plan,
    settings,
    formats: policies.map(({ formats }) => formats),
    siteRoundings: policies.map(({ roundings }) => roundings),
    buffers,
    records,
    step: 3,
    states: lanes.map(({ state = {} }) => state),
  };
}

const LANES: readonly LaneCase[] = [
  { stores: FP32_STORES, settings: { scaler: laneScaler('static', { scale: 1 }) } },
  {
    stores: pureStores(FORMATS.fp16),
    settings: { scaler: laneScaler('dynamic', { initialScale: 1024 }) },
    state: { optimizerSteps: 7 },
  },
  {
    stores: pureStores(FORMATS.bf16),
    settings: { scaler: laneScaler('dynamic', { initialScale: 3 }) },
    state: { optimizerSteps: 1 },
  },
  {
    stores: { ...FP32_STORES, weights: 'bf16', update: 'kahan', moments: 'bf16' },
    state: { optimizerSteps: 9 },
  },
  { stores: { ...FP32_STORES, weights: 'fp16', update: 'stochastic' }, state: { optimizerSteps: 3 } },
  {
    stores: { ...FP32_STORES, weights: 'e5m2', gradients: 'e4m3fn', moments: 'fp16', updates: 'fp16' },
    state: { optimizerSteps: 5 },
  },
  { stores: { ...FP32_STORES, update: 'kahan' }, settings: { scaler: laneScaler('none') } },
  { stores: { ...pureStores(FORMATS.fp16), update: 'stochastic' }, foundInf: true },
];

const ROUNDED = roundedRoles(LANES.map(({ stores }) => stores))!;

const OPTIMIZERS: Record<
  string,
  { readonly make: () => Optimizer; readonly settings: Partial<LaneSettings> }
> = {
  sgd: { make: () => storedSgd(0.9, ROUNDED), settings: { momentum: 0.9 } },
  'sgd without momentum': { make: () => storedSgd(0, ROUNDED), settings: { momentum: 0 } },
  adam: { make: () => storedAdam({ beta1: 0.9, beta2: 0.999 }, ROUNDED), settings: {} },
  'adam with a small beta1': {
    make: () => storedAdam({ beta1: 0.3, beta2: 0.99 }, ROUNDED),
    settings: { beta1: 0.3, beta2: 0.99 },
  },
  'adam without epsilon': {
    make: () => storedAdam({ beta1: 0.9, beta2: 0.999 }, ROUNDED),
    settings: { epsilon: 0 },
  },
};

const ARENAS = ['parameters', 'gradients', 'firstMoments', 'secondMoments', 'compensations'] as const;

/** Values in the places of elements; pads are +0. */
function arenaOf(plan: Plan, lanes: number, values: (length: number) => Float32Array): Float32Array {
  const arena = new Float32Array(lanes * plan.arenaStride);
  const given = values(arena.length);
  for (const { master } of plan.parameters) {
    const { offset, rows, columns, rowStride } = plan.view(master);
    for (let lane = 0; lane < lanes; lane++) {
      for (let row = 0; row < rows; row++) {
        const start = lane * plan.arenaStride + offset + row * rowStride;
        arena.set(given.subarray(start, start + columns), start);
      }
    }
  }
  return arena;
}

describe.each(Object.entries(OPTIMIZERS))('%s', (_, { make, settings }) => {
  const optimizer = make();
  const plan = planOf(optimizer);
  const lanes = LANES.map((lane) => ({ ...lane, settings: { ...settings, ...lane.settings } }));

  test('gives the same bits on all backends for ordinary values', async () => {
    const deviations = {
      parameters: 1,
      gradients: 300,
      firstMoments: 0.01,
      secondMoments: 1e-4,
      compensations: 1e-4,
    };
    const arenas = new Map<string, Float32Array>(
      ARENAS.map((name, seed) => {
        const values = arenaOf(plan, lanes.length, (n) => gaussian(n, seed, deviations[name]));
        return [name, name === 'secondMoments' ? values.map(Math.abs) : values];
      }),
    );
    const planCase = stepCase(optimizer, plan, lanes, arenas);
    const result = await compareBackends(planCase);
    await compareBackends(planCase, { native_ftz: true, counting: true });
    expect(result.buffers.get('parameters')).not.toEqual(arenas.get('parameters'));
  });

  test.each([1, 2])('gives the same bits on all backends for values of any kind (%i)', async (seed) => {
    const arenas = new Map<string, Float32Array>(
      ARENAS.map((name, i) => {
        const values = arenaOf(plan, lanes.length, (n) => adversarial(n, 10 * seed + i));
        return [name, name === 'secondMoments' ? values.map(Math.abs) : values];
      }),
    );
    await compareBackends(stepCase(optimizer, plan, lanes, arenas));
  });

  test('changes and counts nothing in a step that is skipped', () => {
    const lane = { ...lanes[lanes.length - 1], foundInf: true };
    const before = new Map(ARENAS.map((name, i) => [name, arenaOf(plan, 1, (n) => gaussian(n, i, 1))]));
    const { buffers, records } = runOnReference(stepCase(optimizer, plan, [lane], before));
    for (const [name, values] of before) expect(buffers.get(name) ?? values).toEqual(values);
    expect(records.subarray(HEADER_WORDS).every((word) => word === 0)).toBe(true);
  });
});

describe('where nothing is rounded', () => {
  test.each([
    ['sgd', sgd(), storedSgd(0.9, new Set())],
    ['adam', adam({ beta1: 0.9, beta2: 0.999 }), storedAdam({ beta1: 0.9, beta2: 0.999 }, new Set())],
  ])('%s computes what it computes in FP32', (_, plain, stored) => {
    const lanes = [{ stores: FP32_STORES, state: { optimizerSteps: 2 } }];
    const [expected, found] = [plain, stored].map((optimizer) => {
      const plan = planOf(optimizer);
      const arenas = new Map(
        ARENAS.map((name, i) => [name, arenaOf(plan, 1, (n) => gaussian(n, i, 0.1).map(Math.abs))]),
      );
      return runOnReference(stepCase(optimizer, plan, lanes, arenas));
    });
    for (const name of ['parameters', 'firstMoments', 'secondMoments']) {
      expect(found.buffers.get(name)).toEqual(expected.buffers.get(name));
    }
  });
});

/** The numbers behind codes of 16 bits, four hexadecimal digits each. */
const decoded = (codes: string, format: NumberFormat): Float32Array =>
  Float32Array.from(codes.match(/.{4}/g) ?? [], (code) =>
    fromBits(decode(Number.parseInt(code, 16), format)),
  );

describe('PyTorch with 16-bit parameters', () => {
  const MOMENTS = ['momentum_buffer', 'exp_avg', 'exp_avg_sq'] as const;

  test.each(torch.runs.map((run) => [run.optimizer, run.format, run] as const))(
    'computes the same bits: %s, %s',
    (_, __, run) => {
      const format = parseFormat(run.format === 'float16' ? 'fp16' : 'bf16');
      // ATen's CPU kernel of add(alpha) has alpha in the format of the tensors; that of addcdiv has it in FP32.
      const isSgd = run.optimizer.startsWith('sgd');
      const momentum = run.optimizer === 'sgd with momentum' ? 0.9 : 0;
      const epsilon = run.optimizer === 'adam' ? 1e-4 : 1e-8;
      const learningRate = isSgd ? roundToFormat(Math.fround(0.01), format) : 0.01;
      const stores = pureStores(format);
      const rounded = roundedRoles([stores])!;
      const optimizer = isSgd
        ? storedSgd(momentum, rounded)
        : storedAdam({ beta1: 0.9, beta2: 0.999 }, rounded);
      const plan = planOf(optimizer, [[64]]);
      const settings = { learningRate, momentum, epsilon, scaler: laneScaler('none') } as const;
      const padded = (values: Float32Array): Float32Array => {
        const arena = new Float32Array(plan.arenaStride);
        arena.set(values);
        return arena;
      };
      let weights = decoded(run.first, format);
      let arenas: Arenas = new Map();
      let different = 0;
      run.gradients.forEach((gradient, optimizerSteps) => {
        const lane = { stores, settings, state: { optimizerSteps } };
        const given = new Map([
          ...arenas,
          ['parameters', padded(weights)] as const,
          ['gradients', padded(decoded(gradient, format))] as const,
        ]);
        arenas = runOnReference(stepCase(optimizer, plan, [lane], given)).buffers;
        weights = decoded(run.weights[optimizerSteps], format);
        const ours = arenas.get('parameters')!;
        different += weights.filter((weight, i) => !Object.is(weight, ours[i])).length;
      });
      // ATen's addcdiv on CPUs is (value · m) / denominator, ours, as on CUDA, value · (m / denominator): a tie in 1,280.
      expect(different).toBe(run.optimizer === 'adam' && run.format === 'bfloat16' ? 1 : 0);
      for (const name of MOMENTS) {
        const state: Partial<Record<string, string>> = run.state;
        const arena = name === 'exp_avg_sq' ? 'secondMoments' : 'firstMoments';
        const expected = state[name];
        const found = expected && arenas.get(arena)?.subarray(0, 64);
        expect(found).toEqual(expected && decoded(expected, format));
      }
    },
  );
});

describe('the meter', () => {
  const reading = (records: Uint32Array, site: number) =>
    readUpdates(records, HEADER_WORDS + site * COUNTER_WORDS);

  test('tells why weights did not move, and how far the others went', () => {
    // In bf16 the neighbours of 1 are 2^-8 below and 2^-7 above.
    const stores = { ...FP32_STORES, weights: 'bf16', updates: 'fp16' };
    const optimizer = storedSgd(0, roundedRoles([stores])!);
    const plan = planOf(optimizer, [[1, 8]]);
    const weights = [1, 1, 1, 1, 1, 1, NaN, 0];
    // Nothing; too small for FP16; half an ulp and a little more of it; the other way; NaN; the update itself.
    const updates = [0, 2 ** -30, 2 ** -9, 2 ** -9 + 2 ** -16, -(2 ** -9), 2 ** -2, 2 ** -2, -(2 ** -20)];
    const lane = {
      stores,
      settings: { learningRate: 1, momentum: 0, scaler: laneScaler('none') },
    } as const;
    const arena = (values: readonly number[]): Float32Array => {
      const filled = new Float32Array(plan.arenaStride);
      filled.set(values);
      return filled;
    };
    const arenas = new Map([
      ['parameters', arena(weights)],
      ['gradients', arena(updates)],
    ]);
    const { records, buffers } = runOnReference(stepCase(optimizer, plan, [lane], arenas));
    expect([...buffers.get('parameters')!.subarray(0, 8)]).toEqual([
      1,
      1,
      1,
      1 - 2 ** -8,
      1,
      0.75,
      NaN,
      2 ** -20,
    ]);
    const site = plan.sites.find(({ role }) => role === 'update')!;
    expect(reading(records, site.id)).toEqual({
      zeroGradient: 1,
      zeroUpdate: 1,
      roundedAway: 2,
      moved: 3,
      // FP16 keeps 11 significand bits of each.
      intended: 2 ** -9 * 3 + 2 ** -16 + 0.25 + 2 ** -20,
      covered: 2 ** -8 + 0.25 + 2 ** -20,
    });
  });

  test('agrees with sums in double precision', () => {
    const stores: Stores = { ...FP32_STORES, weights: 'bf16', update: 'stochastic' };
    const optimizer = storedSgd(0, roundedRoles([stores])!);
    const plan = planOf(optimizer);
    const lane = {
      stores,
      settings: { learningRate: 0.01, momentum: 0, scaler: laneScaler('none') },
    } as const;
    const arenas = new Map([
      ['parameters', arenaOf(plan, 1, (n) => gaussian(n, 1, 1).map((w) => roundToFormat(w, FORMATS.bf16)))],
      ['gradients', arenaOf(plan, 1, (n) => gaussian(n, 2, 0.3))],
    ]);
    const { records, buffers } = runOnReference(stepCase(optimizer, plan, [lane], arenas));
    const [updates, before, after] = ['updates', 'previousParameters', 'parameters'].map((name) =>
      buffers.get(name)!,
    );
    expect(before).toEqual(arenas.get('parameters'));
    for (const site of plan.sites.filter(({ role }) => role === 'update')) {
      const { offset, rows, rowStride } = plan.view(site.tensor);
      const at = Array.from({ length: rows * rowStride }, (_, i) => offset + i);
      const found = reading(records, site.id);
      const intended = at.reduce((sum, i) => sum + Math.abs(updates[i]), 0);
      const covered = at.reduce((sum, i) => sum + Math.sign(updates[i]) * (before[i] - after[i]), 0);
      const tolerance = site.count * 2 ** -32;
      expect(Math.abs(found.intended - intended)).toBeLessThanOrEqual(tolerance);
      expect(Math.abs(found.covered - covered)).toBeLessThanOrEqual(tolerance);
      expect(found.moved).toBe(at.filter((i) => before[i] !== after[i]).length);
      expect(found.roundedAway).toBe(site.count - found.moved);
    }
  });
});
