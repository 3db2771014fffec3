import { describe, expect, test } from 'vitest';
import { GraphBuilder } from '../graph/builder';
import type { LaneScaler, StateValues } from '../graph/lanes';
import { plan as makePlan } from '../graph/plan';
import { HEADER, recordWords } from '../graph/records';
import { FORMATS } from '../numerics/formats';
import { adversarial, gaussian } from '../testing/inputs';
import { compareBackends, DEFAULT_SETTINGS } from '../testing/kernels';
import { laneScaler } from './lanes';
import { overflowCheck } from './overflow-check';

/** Three parameters, with pads in rows and behind them. */
function planOfCheck() {
  const builder = new GraphBuilder();
  builder.parameter('fc1', 'weight', [33, 9], { kind: 'constant', value: 0 }, 'linear');
  builder.parameter('fc1', 'bias', [33], { kind: 'constant', value: 0 }, 'linear');
  builder.parameter('fc2', 'weight', [1, 3], { kind: 'constant', value: 0 }, 'linear');
  overflowCheck(builder);
  return makePlan(builder);
}

const PLAN = planOfCheck();

interface LaneCase {
  readonly scaler: LaneScaler;
  readonly gradients: Float32Array;
  readonly state?: Partial<StateValues>;
}

/** Found-inf of each lane, on which all backends agree. `gradients`: the elements of the parameters one after another. */
async function foundInf(lanes: readonly LaneCase[]): Promise<boolean[]> {
  const arena = new Float32Array(PLAN.arenaStride * lanes.length);
  lanes.forEach(({ gradients }, lane) => {
    let next = 0;
    for (const { master } of PLAN.parameters) {
      const { offset, rows, columns, rowStride } = PLAN.view(master);
      for (let row = 0; row < rows; row++) {
        const values = gradients.subarray(next, (next += columns));
        arena.set(values, lane * PLAN.arenaStride + offset + row * rowStride);
      }
    }
  });
  const { records } = await compareBackends({
    plan: PLAN,
    settings: lanes.map(({ scaler }) => ({ ...DEFAULT_SETTINGS, scaler })),
    formats: lanes.map(() => PLAN.sites.map(() => FORMATS.fp32)),
    states: lanes.map(({ state = {} }) => state),
    buffers: new Map([['gradients', arena]]),
  });
  return lanes.map((_, lane) => records[lane * recordWords(PLAN.sites.length) + HEADER.foundInf] !== 0);
}

const ELEMENTS = 33 * 9 + 33 + 3;
const filled = (value: number): Float32Array => new Float32Array(ELEMENTS).fill(value);
const withOne = (value: number): Float32Array => {
  const gradients = gaussian(ELEMENTS, 3);
  gradients[100] = value;
  return gradients;
};

const KINDS = ['dynamic', 'none', 'deepspeed', 'fairseq', 'jmp', 'flax', 'tf-keras'] as const;

describe('an overflow is found by', () => {
  const check = async (gradients: Float32Array, scale = 4): Promise<string[]> => {
    const lanes = KINDS.map((kind): LaneCase => {
      const scaler = laneScaler(kind, { initialScale: scale });
      return { scaler, gradients };
    });
    const found = await foundInf(lanes);
    return KINDS.filter((_, i) => found[i]);
  };

  test('nobody where there is none', async () => {
    expect(await check(gaussian(ELEMENTS, 1))).toEqual([]);
  });

  test('all that look, where there is an infinity or NaN; those that go by the casts do not look here', async () => {
    expect(await check(withOne(Infinity))).toEqual(['deepspeed', 'fairseq', 'jmp', 'flax', 'tf-keras']);
    expect(await check(withOne(-Infinity))).toEqual(['deepspeed', 'fairseq', 'jmp', 'flax', 'tf-keras']);
    expect(await check(withOne(NaN))).toEqual(['deepspeed', 'fairseq', 'jmp', 'flax', 'tf-keras']);
  });

  test('the sum, where elements are finite and their sum is not', async () => {
    expect(await check(filled(2 ** 120))).toEqual(['deepspeed', 'fairseq']);
  });

  test('the norm, whose squares overflow before the sum does', async () => {
    expect(await check(withOne(2 ** 70))).toEqual(['fairseq']);
  });

  test('those that unscale first, where a scale below 1 makes a gradient infinite', async () => {
    expect(await check(withOne(2 ** 60), 2 ** -80)).toEqual(['fairseq', 'jmp', 'flax', 'tf-keras']);
  });

  test('zeros times an infinite reciprocal, as it is in the frameworks', async () => {
    const state = { scalerState: { scale: 2 ** -140, tracker: 0 } };
    const lane = { scaler: laneScaler('jmp'), gradients: filled(0), state };
    expect(await foundInf([lane, { ...lane, gradients: filled(2 ** -140) }])).toEqual([true, true]);
    expect(await foundInf([{ ...lane, scaler: laneScaler('flax'), gradients: filled(1) }])).toEqual([true]);
  });
});

test.each([1, 2, 3])('any gradients give the same on all backends (%i)', async (seed) => {
  const lanes = KINDS.flatMap((kind, i) =>
    [1, 3, 2 ** -100, 2 ** 100].map((scale): LaneCase => ({
      scaler: laneScaler(kind, kind === 'none' ? {} : { initialScale: scale }),
      gradients:
        i % 2 === 0 ? adversarial(ELEMENTS, seed + i) : gaussian(ELEMENTS, seed + i, 2 ** (30 * seed)),
    })),
  );
  const found = await foundInf(lanes);
  // Those that go by the casts: the first two kinds.
  expect(found.slice(0, 8)).toEqual(Array.from({ length: 8 }, () => false));
});
