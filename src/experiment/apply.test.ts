import { describe, expect, it } from 'vitest';
import { interventionsBetween, laneSettings, liveValues, recordIntervention } from './apply';
import type { Experiment } from './experiment';
import { openingExperiment } from './presets';

const changed: Experiment = {
  ...openingExperiment,
  interventions: [
    { step: 5, lane: 'all', key: 'learningRate', value: 0.1 },
    { step: 5, lane: 2, key: 'learningRate', value: 0.3 },
    { step: 8, lane: 1, key: 'scale', value: 2 },
    { step: 9, lane: 'all', key: 'growthInterval', value: 7 },
    { step: 12, lane: 0, key: 'lossWeightExponent', value: -4 },
  ],
};

describe('laneSettings', () => {
  it('compensates λ exactly: SGD by the learning rate, Adam by ε', () => {
    const sgd = laneSettings(openingExperiment, 0, 0);
    expect(sgd.multiplier).toBe(2 ** -20);
    expect(sgd.learningRate * sgd.multiplier).toBe(Math.fround(0.2));
    const adam = laneSettings(
      {
        ...openingExperiment,
        optimizer: { kind: 'adam', learningRate: 1e-3, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
      },
      0,
      0,
    );
    expect(adam.learningRate).toBe(Math.fround(1e-3));
    expect(adam.epsilon).toBe(Math.fround(1e-8) * 2 ** -20);
  });

  it("holds the scaler's numbers and the lane's own seed and learning rate", () => {
    const [baseline, scaled] = openingExperiment.lanes;
    const lanes = [{ ...baseline, seed: 9, learningRate: 1 }, scaled];
    const experiment = { ...openingExperiment, lossWeightExponent: 0, lanes };
    expect(laneSettings(experiment, 0, 0)).toMatchObject({
      scaler: { kind: 'none', parameters: {} },
      seed: 9,
      learningRate: 1,
    });
    expect(laneSettings(experiment, 1, 0)).toMatchObject({
      scaler: {
        kind: 'dynamic',
        parameters: { initialScale: 2 ** 40, growthFactor: 2, backoffFactor: 0.5, growthInterval: 25 },
      },
      seed: 3,
    });
  });

  it('follows interventions from their step on, in their lanes', () => {
    const rate = (lane: number, step: number): number => liveValues(changed, lane, step).learningRate;
    expect([rate(0, 4), rate(0, 5), rate(2, 4), rate(2, 5)]).toEqual([0.2, 0.1, 0.2, 0.3]);
    expect(liveValues(changed, 1, 9).growthInterval).toBe(7);
    expect(laneSettings(changed, 0, 12).multiplier).toBe(2 ** -4);
    expect(laneSettings(changed, 0, 12).learningRate).toBe(Math.fround(0.1) * 2 ** 4);
  });
});

describe('interventions', () => {
  it('are found by the steps they stand before', () => {
    expect(interventionsBetween(changed, 5, 9).map(({ step }) => step)).toEqual([5, 5, 8]);
    expect(interventionsBetween(changed, 6, 8)).toEqual([]);
  });

  it('are recorded in their order, the last one for the same number counting', () => {
    const again = recordIntervention(changed.interventions, {
      step: 5,
      lane: 2,
      key: 'learningRate',
      value: 0.4,
    });
    expect(again.map(({ step, value }) => [step, value])).toEqual([
      [5, 0.1],
      [5, 0.4],
      [8, 2],
      [9, 7],
      [12, -4],
    ]);
  });
});
