import { describe, expect, test } from 'vitest';
import { DEFAULT_DYNAMIC, defaultExperiment, lane } from '../../experiment/defaults';
import type { Experiment } from '../../experiment/experiment';
import { PRESETS } from '../../experiment/presets';
import { parseExperiment } from '../../experiment/schema';
import { withDuplicate, withLiveValues, withNewLane, withoutLane } from './structure';

const experiment: Experiment = {
  ...defaultExperiment('regression'),
  lanes: [
    lane('fp32'),
    lane('fp16', { scaler: DEFAULT_DYNAMIC }),
    lane('fp16', { scaler: { kind: 'static', scale: 2 ** 8 }, learningRate: 0.01 }),
  ],
};

describe('live values become part of a new start', () => {
  const changed: Experiment = {
    ...experiment,
    interventions: [
      { step: 10, lane: 1, key: 'growthInterval', value: 50 },
      { step: 20, lane: 'all', key: 'lossWeightExponent', value: -12 },
      { step: 30, lane: 2, key: 'scale', value: 2 ** 4 },
      { step: 40, lane: 0, key: 'learningRate', value: 0.3 },
      { step: 40, lane: 1, key: 'learningRate', value: 0.3 },
      { step: 900, lane: 1, key: 'growthFactor', value: 4 },
    ],
  };

  test('as they are in force, and nothing of what lies ahead', () => {
    const started = withLiveValues(changed, 100, []);
    expect(started.interventions).toEqual([]);
    expect(started.lossWeightExponent).toBe(-12);
    expect(started.optimizer.learningRate).toBe(0.3);
    expect(started.lanes.map(({ learningRate }) => learningRate)).toEqual([null, null, 0.01]);
    expect(started.lanes[1].scaler).toEqual({ ...DEFAULT_DYNAMIC, growthInterval: 50 });
    expect(started.lanes[2].scaler).toEqual({ kind: 'static', scale: 2 ** 4 });
  });

  test('a scale set by hand among them, for a static scaler and a dynamic one', () => {
    const byHand: Experiment = {
      ...experiment,
      interventions: [
        { step: 5, lane: 1, key: 'scale', value: 2 ** 7 },
        { step: 10, lane: 'all', key: 'scale', value: 2 ** 9 },
        { step: 20, lane: 2, key: 'scale', value: 2 ** 4 },
        { step: 900, lane: 1, key: 'scale', value: 2 ** 30 },
      ],
    };
    const { lanes, interventions } = withLiveValues(byHand, 100, []);
    expect(lanes[0].scaler).toEqual({ kind: 'none' });
    expect(lanes[1].scaler).toEqual({ ...DEFAULT_DYNAMIC, initialScale: 2 ** 9 });
    expect(lanes[2].scaler).toEqual({ kind: 'static', scale: 2 ** 4 });
    expect(interventions).toEqual([]);
  });

  test('and what has been asked for but is not in force yet', () => {
    const started = withLiveValues(changed, 100, [
      { step: 100, lane: 1, key: 'growthFactor', value: 8 },
      { step: 100, lane: 1, key: 'scale', value: 2 ** 5 },
      { step: 100, lane: 'all', key: 'lossWeightExponent', value: -3 },
    ]);
    expect(started.lanes[1].scaler).toMatchObject({ growthFactor: 8, initialScale: 2 ** 5 });
    expect(started.lossWeightExponent).toBe(-3);
    expect(started.interventions).toEqual([]);
  });

  test('and a lane that differs in λ keeps its own', () => {
    const own: Experiment = {
      ...experiment,
      interventions: [{ step: 0, lane: 2, key: 'lossWeightExponent', value: -18 }],
    };
    expect(withLiveValues(own, 5, [])).toMatchObject({
      lossWeightExponent: 0,
      interventions: own.interventions,
    });
  });

  test.each(PRESETS.map(({ id, experiment: preset }) => [id, preset] as const))(
    'which changes nothing in %s before its first step',
    (_, preset) => {
      const started = withLiveValues(preset, 0, []);
      expect(withLiveValues(started, 0, [])).toEqual(started);
      expect(started.lanes).toEqual(preset.lanes);
    },
  );
});

describe('lanes', () => {
  test('can be added up to four, and every result is an experiment', () => {
    let grown: Experiment = { ...experiment, lanes: [lane('fp32')] };
    for (let count = 0; count < 6; count++) grown = withNewLane(grown);
    expect(grown.lanes.map(({ format }) => format)).toEqual(['fp32', 'fp16', 'bf16', 'e5m2']);
    expect(parseExperiment(grown)).toEqual(grown);
  });

  test('leave with their live changes, and those of later lanes move along', () => {
    const changed: Experiment = {
      ...experiment,
      interventions: [
        { step: 0, lane: 1, key: 'lossWeightExponent', value: -1 },
        { step: 0, lane: 2, key: 'lossWeightExponent', value: -2 },
        { step: 0, lane: 'all', key: 'learningRate', value: 1 },
      ],
    };
    const left = withoutLane(changed, 1);
    expect(left.lanes).toHaveLength(2);
    expect(left.interventions).toEqual([
      { step: 0, lane: 1, key: 'lossWeightExponent', value: -2 },
      { step: 0, lane: 'all', key: 'learningRate', value: 1 },
    ]);
    expect(withDuplicate(changed, 2).interventions.at(-1)).toMatchObject({ lane: 3, value: -2 });
    expect(parseExperiment(withDuplicate(changed, 2))).toBeDefined();
  });

  test('never leave altogether', () => {
    const single = { ...experiment, lanes: [lane('fp32')] };
    expect(withoutLane(single, 0)).toBe(single);
  });
});
