import { describe, expect, test } from 'vitest';
import { GraphBuilder } from '../graph/builder';
import type { LaneScaler, StateValues } from '../graph/lanes';
import { plan } from '../graph/plan';
import { HEADER, HEADER_WORDS } from '../graph/records';
import { fromBits, toBits } from '../numerics/f32';
import { compareBackends, DEFAULT_SETTINGS } from '../testing/kernels';
import type { PlanResult } from '../testing/plans';
import { uniform } from '../testing/inputs';
import { RECORDED_CASES, transitions } from '../testing/scaler-cases';
import { advance } from './advance';
import { inverseScale, laneScaler } from './lanes';
import { raiseNumber, SCALER_LIST, scalerOf } from './scalers';
import { isRaised, type LossScaler, type ScalerValues } from './scalers/scaler';

interface LaneCase {
  readonly scaler: LaneScaler;
  readonly state?: Partial<StateValues>;
  readonly foundInf: boolean;
}

/** Ends a step in all lanes at once, on all backends, which have to agree. */
function endStep(lanes: readonly LaneCase[], unscales = true): Promise<PlanResult> {
  const builder = new GraphBuilder();
  advance(builder, { unscales });
  const records = new Uint32Array(lanes.length * HEADER_WORDS);
  lanes.forEach(({ foundInf }, lane) => {
    records[lane * HEADER_WORDS + HEADER.foundInf] = foundInf ? 1 : 0;
  });
  return compareBackends({
    plan: plan(builder),
    settings: lanes.map(({ scaler }) => ({ ...DEFAULT_SETTINGS, scaler })),
    formats: lanes.map(() => []),
    states: lanes.map(({ state = {} }) => state),
    records,
  });
}

const headerOf = ({ records }: PlanResult, lane: number): Uint32Array =>
  records.subarray(lane * HEADER_WORDS, (lane + 1) * HEADER_WORDS);

/** By kind: a program compiles the rules that its lanes have, and all of them together take long. */
const TRANSITIONS = RECORDED_CASES.flatMap(transitions);
const BY_KIND = SCALER_LIST.map(
  ({ kind }) => [kind, TRANSITIONS.filter((transition) => transition.kind === kind)] as const,
);

test('there are recorded cases of all that have a rule', () => {
  expect(TRANSITIONS.length).toBeGreaterThan(4000);
  const without = BY_KIND.filter(([, { length }]) => length === 0).map(([kind]) => kind);
  expect(without.filter((kind) => scalerOf(kind).rule !== null)).toEqual(['custom']);
});

test.each(BY_KIND.filter(([, { length }]) => length > 0))(
  'follows %s through every recorded case, on all backends',
  async (_, all) => {
    const result = await endStep(
      all.map(({ kind, parameters, before, foundInf }) => ({
        scaler: { kind, parameters },
        foundInf,
        // Numbers that a setter has taken; the constructor would not.
        state: { scalerState: before, raised: 0, optimizerSteps: 10, skippedSteps: 20 },
      })),
    );
    all.forEach(({ name, kind, before, after, foundInf }, lane) => {
      const { scalerState, scale, optimizerSteps, skippedSteps, ...rest } = result.states[lane];
      expect({ name, ...scalerState }).toEqual({ name, ...after });
      expect(scale).toBe(Math.fround(after.scale));
      expect(rest.inverseScale).toBe(inverseScale(after.scale));
      const skips = foundInf && scalerOf(kind).onOverflow === 'skip';
      expect([optimizerSteps, skippedSteps]).toEqual(skips ? [10, 21] : [11, 20]);
      const header = headerOf(result, lane);
      expect(fromBits(header[HEADER.scale])).toBe(Math.fround(before.scale));
      expect(fromBits(header[HEADER.scaleAfter])).toBe(Math.fround(after.scale));
      expect(header[HEADER.growthTrackerAfter]).toBe(after.tracker ?? 0);
      expect(header[HEADER.optimizerSteps]).toBe(optimizerSteps);
    });
  },
);

describe('the three kinds that there were at first', () => {
  const kinds = ['none', 'static', 'dynamic'] as const;
  test.each([
    [false, [1, 1, 1], [0, 0, 0], [1, 1024, 2048]],
    [true, [1, 0, 0], [0, 1, 1], [1, 1024, 512]],
  ])('with found-inf %s', async (foundInf, executed, skipped, scales) => {
    const scalers = [
      laneScaler('none'),
      laneScaler('static', { scale: 1024 }),
      laneScaler('dynamic', { initialScale: 1024, growthInterval: 1 }),
    ];
    const { states } = await endStep(scalers.map((scaler) => ({ scaler, foundInf })));
    expect(scalers.map(({ kind }) => kind)).toEqual(kinds);
    expect(states.map(({ optimizerSteps }) => optimizerSteps)).toEqual(executed);
    expect(states.map(({ skippedSteps }) => skippedSteps)).toEqual(skipped);
    expect(states.map(({ scale }) => scale)).toEqual(scales);
  });
});

/** Numbers of every kind for a scaler: those that its bounds allow, and what its state can become. */
function anyCase(scaler: LossScaler, random: () => number): LaneCase {
  const pick = <Item>(items: readonly Item[]): Item => items[Math.floor(random() * items.length)];
  const scale = (): number => {
    const single = fromBits(Math.floor(random() * 0x7f800000));
    const tiny = fromBits(1 + Math.floor(random() * 0x01000000));
    return pick([
      single,
      tiny,
      tiny * 2 ** -900,
      single * 2 ** 300,
      2 ** Math.floor(random() * 20),
      0,
      Infinity,
      NaN,
    ]);
  };
  const count = (): number => Math.floor(random() * 5);
  const parameters: Record<string, number> = {};
  for (const { name, as, usual } of scaler.parameters) {
    const number = pick([usual, 1 + random() * 2 ** count(), random()]);
    parameters[name] =
      as === 'count' ? 1 + count() : as === 'switch' ? count() % 2 : as === 'power of two' ? scale() : number;
  }
  const values: Record<string, number> = {};
  for (const { name, encoding } of scaler.state) {
    const number = scale();
    values[name] = encoding === 'i32' ? count() : encoding === 'f32' ? Math.fround(number) : number;
  }
  if ('lastRescale' in values) values.tracker += Math.max(values.lastRescale, values.lastOverflow);
  return {
    scaler: { kind: scaler.kind, parameters },
    state: { scalerState: values },
    foundInf: random() < 0.5,
  };
}

test.each(SCALER_LIST.map((scaler) => [scaler.kind, scaler] as const))(
  '%s: any state and any numbers give the same bits on all backends',
  async (_, scaler) => {
    const random = uniform(5);
    const lanes = Array.from({ length: 1500 }, () => anyCase(scaler, random));
    const result = await endStep(lanes);
    const raised = lanes.map(({ scaler: { parameters }, state, foundInf }) => {
      const next = scaler.update(state?.scalerState as ScalerValues, foundInf, parameters);
      return isRaised(next) ? raiseNumber(scaler, next.raises) : 0;
    });
    const stopped = lanes.map(({ scaler: { parameters } }) => {
      const refusal = scaler.refuses(parameters);
      return refusal === null ? 0 : raiseNumber(scaler, refusal);
    });
    lanes.forEach((_, lane) => {
      expect(headerOf(result, lane)[HEADER.raised]).toBe(stopped[lane] || raised[lane]);
    });
  },
);

test('a lane whose scaler has raised stays as it is', async () => {
  const scaler = laneScaler('deepspeed', { initialScale: 4, minimumScale: 4, hysteresis: 1 });
  const first = await endStep([{ scaler, foundInf: true }]);
  expect(headerOf(first, 0)[HEADER.raised]).toBe(raiseNumber(scalerOf('deepspeed'), 'minimum-reached'));
  const [state] = first.states;
  expect(state).toMatchObject({ optimizerSteps: 0, skippedSteps: 1, scale: 4 });
  const second = await endStep([{ scaler, foundInf: false, state }]);
  expect(second.states[0]).toEqual({ ...state, skippedSteps: 2 });
  expect(headerOf(second, 0)[HEADER.raised]).toBe(state.raised);
});

test('at scale 0 Apex raises in the next step, where gradients are unscaled', async () => {
  const scaler = laneScaler('apex');
  const state = { scalerState: { scale: 5e-324, tracker: 0 } };
  const result = await endStep([{ scaler, state, foundInf: true }]);
  expect(headerOf(result, 0)[HEADER.raised]).toBe(0);
  expect(result.states[0]).toMatchObject({ raised: 1, scalerState: { scale: 0 } });
  const alone = await endStep([{ scaler, state, foundInf: true }], false);
  expect(alone.states[0]).toMatchObject({ raised: 0, scalerState: { scale: 0 } });
});

test('any scale and any factor give the same bits on WebGPU, reciprocal included', async () => {
  const random = uniform(5);
  const anyScale = (): number => fromBits(Math.floor(random() * 0x7f800000));
  const lanes = Array.from({ length: 3000 }, (_, i) => {
    // Every other one so small that it, or its product, is subnormal or that its reciprocal is infinite.
    const scale = i % 2 === 0 ? anyScale() : fromBits(1 + Math.floor(random() * 0x01000000));
    return {
      scaler: laneScaler('dynamic', {
        growthFactor: 1 + random() * 2 ** Math.floor(random() * 20),
        backoffFactor: random() * 2 ** -Math.floor(random() * 20),
        growthInterval: 1,
      }),
      state: { scalerState: { scale, tracker: 0 } },
      foundInf: random() < 0.5,
    };
  });
  const { states } = await endStep(lanes);
  const subnormal = states.filter(({ scale }) => scale > 0 && toBits(scale) < 0x00800000);
  expect(subnormal.length).toBeGreaterThan(100);
});
