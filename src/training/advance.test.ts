import { describe, expect, test } from 'vitest';
import { GraphBuilder } from '../graph/builder';
import { inverseScale, type LaneSettings, type StateValues } from '../graph/lanes';
import { plan } from '../graph/plan';
import { HEADER, HEADER_WORDS } from '../graph/records';
import { fromBits, toBits } from '../numerics/f32';
import { compareBackends, DEFAULT_SETTINGS } from '../testing/kernels';
import type { PlanResult } from '../testing/plans';
import { uniform } from '../testing/inputs';
import { RECORDED_CASES, transitions, type Transition } from '../testing/scaler-cases';
import { advance } from './advance';

interface LaneCase {
  readonly settings: LaneSettings;
  readonly state: Partial<StateValues>;
  readonly foundInf: boolean;
}

/** Ends a step in all lanes at once, on all backends, which have to agree. */
function endStep(lanes: readonly LaneCase[]): Promise<PlanResult> {
  const builder = new GraphBuilder();
  advance(builder);
  const records = new Uint32Array(lanes.length * HEADER_WORDS);
  lanes.forEach(({ foundInf }, lane) => {
    records[lane * HEADER_WORDS + HEADER.foundInf] = foundInf ? 1 : 0;
  });
  return compareBackends({
    plan: plan(builder),
    settings: lanes.map(({ settings }) => settings),
    formats: lanes.map(() => []),
    states: lanes.map(({ state }) => state),
    records,
  });
}

/** GradScaler's numbers as a lane holds them. */
const settingsOf = ({ kind, parameters }: Transition): LaneSettings => ({
  ...DEFAULT_SETTINGS,
  ...parameters,
  scaler: kind === 'dynamic' ? 'dynamic' : 'none',
});

test('follows GradScaler through every case, bit for bit on WebGPU', async () => {
  const all = RECORDED_CASES.flatMap(transitions).filter(({ kind }) => kind === 'dynamic' || kind === 'none');
  expect(all.length).toBeGreaterThan(4000);
  const result = await endStep(
    all.map((transition) => ({
      settings: settingsOf(transition),
      foundInf: transition.foundInf,
      state: {
        scale: transition.before.scale,
        growthTracker: transition.before.tracker ?? 0,
        inverseScale: inverseScale(transition.before.scale),
        optimizerSteps: 10,
        skippedSteps: 20,
      },
    })),
  );
  all.forEach(({ name, kind, before, after, foundInf }, lane) => {
    const { scale, growthTracker, optimizerSteps, skippedSteps, ...rest } = result.states[lane];
    expect({ name, scale, growthTracker }).toEqual({
      name,
      scale: after.scale,
      growthTracker: after.tracker ?? 0,
    });
    expect(rest.inverseScale).toBe(inverseScale(scale));
    expect([optimizerSteps, skippedSteps]).toEqual(foundInf && kind !== 'none' ? [10, 21] : [11, 20]);
    const header = result.records.subarray(lane * HEADER_WORDS, (lane + 1) * HEADER_WORDS);
    expect(fromBits(header[HEADER.scale])).toBe(Math.fround(before.scale));
    expect(fromBits(header[HEADER.scaleAfter])).toBe(after.scale);
    expect(header[HEADER.growthTrackerAfter]).toBe(after.tracker ?? 0);
    expect(header[HEADER.optimizerSteps]).toBe(optimizerSteps);
  });
});

describe('the three kinds', () => {
  const kinds = ['none', 'static', 'dynamic'] as const;
  test.each([
    [false, [1, 1, 1], [0, 0, 0], [1024, 1024, 2048]],
    [true, [1, 0, 0], [0, 1, 1], [1024, 1024, 512]],
  ])('with found-inf %s', async (foundInf, executed, skipped, scales) => {
    const settings = (scaler: LaneSettings['scaler']): LaneSettings => ({
      ...DEFAULT_SETTINGS,
      scaler,
      growthInterval: 3,
    });
    const state = { scale: 1024, inverseScale: 2 ** -10, growthTracker: 2 };
    const { states } = await endStep(kinds.map((kind) => ({ settings: settings(kind), state, foundInf })));
    expect(states.map(({ optimizerSteps }) => optimizerSteps)).toEqual(executed);
    expect(states.map(({ skippedSteps }) => skippedSteps)).toEqual(skipped);
    expect(states.map(({ scale }) => scale)).toEqual(scales);
  });
});

test('any scale and any factor give the same bits on WebGPU, reciprocal included', async () => {
  const random = uniform(5);
  const anyScale = (): number => fromBits(Math.floor(random() * 0x7f800000));
  const lanes = Array.from({ length: 3000 }, (_, i) => {
    // Every other one so small that it, or its product, is subnormal or that its reciprocal is infinite.
    const scale = i % 2 === 0 ? anyScale() : fromBits(1 + Math.floor(random() * 0x01000000));
    return {
      settings: {
        ...DEFAULT_SETTINGS,
        growthFactor: 1 + random() * 2 ** Math.floor(random() * 20),
        backoffFactor: random() * 2 ** -Math.floor(random() * 20),
        growthInterval: 1,
      },
      state: { scale, inverseScale: inverseScale(scale) },
      foundInf: random() < 0.5,
    };
  });
  const { states } = await endStep(lanes);
  const subnormal = states.filter(({ scale }) => scale > 0 && toBits(scale) < 0x00800000);
  expect(subnormal.length).toBeGreaterThan(100);
});
