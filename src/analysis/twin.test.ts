import { describe, expect, test } from 'vitest';
import { DEFAULT_DYNAMIC, defaultExperiment, lane } from '../experiment/defaults';
import type { Experiment, Intervention } from '../experiment/experiment';
import { baselineLane, differencesBetween, lossWeightMoved, remembersGradients, twinOf } from './twin';

const SGD = { kind: 'sgd', learningRate: 0.1, momentum: 0 } as const;
const MOMENTUM = { ...SGD, momentum: 0.9 };
const ADAM = { kind: 'adam', learningRate: 0.001, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 } as const;

const fp32 = lane('fp32');
const fp16 = lane('fp16', { scaler: DEFAULT_DYNAMIC });

const experimentOf = (changes: Partial<Experiment>): Experiment => ({
  ...defaultExperiment(),
  seed: 1,
  optimizer: SGD,
  lanes: [fp32, fp16],
  ...changes,
});

const rate = (step: number, on: Intervention['lane'], value: number): Intervention => ({
  step,
  lane: on,
  key: 'learningRate',
  value,
});

/** λ set, the optimizer's memory left in the old unit. */
const exponent = (step: number, on: Intervention['lane'], value: number): Intervention => ({
  step,
  lane: on,
  key: 'lossWeightExponent',
  value,
});

describe('the baseline', () => {
  test('is the first lane that is FP32 in both directions', () => {
    const lanes = [lane('fp32', { gradientFormat: 'fp16' }), lane('fp16', { gradientFormat: 'fp32' })];
    expect(baselineLane(experimentOf({ lanes: [...lanes, fp32, fp32] }))).toBe(2);
    expect(baselineLane(experimentOf({ lanes: [fp32, fp16] }))).toBe(0);
  });

  test('is none where every lane rounds', () => {
    expect(baselineLane(experimentOf({ lanes: [fp16, lane('bf16')] }))).toBeNull();
  });
});

test('Adam and momentum remember gradients, plain SGD does not', () => {
  const kinds = [SGD, MOMENTUM, ADAM].map((optimizer) => remembersGradients(experimentOf({ optimizer })));
  expect(kinds).toEqual([false, true, true]);
});

describe('the twin', () => {
  test('is another lane, in FP32 and with usual sums', () => {
    const lanes = [
      fp16,
      lane('fp32', { accumulation: 'pairwise' }),
      lane('fp32', { gradientFormat: 'fp16' }),
    ];
    expect(twinOf(experimentOf({ lanes: [...lanes, fp32] }), 0)).toBe(3);
    expect(twinOf(experimentOf({ lanes }), 0)).toBeNull();
  });

  test('of an FP32 lane stands before it, so that of two the first has none', () => {
    const experiment = experimentOf({ lanes: [fp32, fp32, fp16] });
    expect([0, 1, 2].map((index) => twinOf(experiment, index))).toEqual([null, 0, 0]);
  });

  test('is the one that differs least, and the first of equals', () => {
    const other = lane('fp32', { seed: 7 });
    const farther = lane('fp32', { seed: 7, learningRate: 0.5 });
    expect(twinOf(experimentOf({ lanes: [farther, other, fp32, fp32, fp16] }), 4)).toBe(2);
    expect(twinOf(experimentOf({ lanes: [farther, other, fp16] }), 2)).toBe(1);
  });
});

describe('what differs between a lane and its twin', () => {
  test('is nothing where only arithmetic and scaling do', () => {
    expect(differencesBetween(experimentOf({}), 1, 0, 100)).toEqual([]);
  });

  test('is the seed, unless both have the same', () => {
    const lanes = [fp32, lane('fp16', { seed: 5 }), lane('fp16', { seed: 1 })];
    const experiment = experimentOf({ lanes });
    expect(differencesBetween(experiment, 1, 0, 0)).toEqual([{ key: 'seed', own: 5, twin: 1 }]);
    expect(differencesBetween(experiment, 2, 0, 0)).toEqual([]);
  });

  test('is the learning rate, from the start or from a change on', () => {
    const fromTheStart = experimentOf({ lanes: [fp32, lane('fp16', { learningRate: 0.5 })] });
    expect(differencesBetween(fromTheStart, 1, 0, 0)).toEqual([
      { key: 'learningRate', own: 0.5, twin: 0.1, past: false },
    ]);
    const later = experimentOf({ interventions: [rate(10, 1, 0.3)] });
    expect(differencesBetween(later, 1, 0, 9)).toEqual([]);
    expect(differencesBetween(later, 1, 0, 10)).toEqual([
      { key: 'learningRate', own: 0.3, twin: 0.1, past: false },
    ]);
  });

  test('is not the learning rate where it is changed in both, in one go or by two changes before one step', () => {
    const together = experimentOf({ interventions: [rate(10, 'all', 0.3)] });
    expect(differencesBetween(together, 1, 0, 20)).toEqual([]);
    const both = experimentOf({ interventions: [rate(10, 0, 0.3), rate(10, 1, 0.3)] });
    expect(differencesBetween(both, 1, 0, 20)).toEqual([]);
  });

  test('is not a learning rate of the start that no step was made with', () => {
    const lanes = [fp32, lane('fp16', { learningRate: 0.5 })];
    const before = experimentOf({ lanes, interventions: [rate(0, 1, 0.1)] });
    expect(differencesBetween(before, 1, 0, 20)).toEqual([]);
  });

  test('is a learning rate of the past, with the numbers it had', () => {
    const experiment = experimentOf({ interventions: [rate(10, 1, 0.3), rate(20, 1, 0.1)] });
    const difference = { key: 'learningRate', own: 0.3, twin: 0.1 };
    expect(differencesBetween(experiment, 1, 0, 19)).toEqual([{ ...difference, past: false }]);
    expect(differencesBetween(experiment, 1, 0, 20)).toEqual([{ ...difference, past: true }]);
  });

  test('is a learning rate of the past where it was only that of the first steps', () => {
    const lanes = [fp32, lane('fp16', { learningRate: 0.5 })];
    const experiment = experimentOf({ lanes, interventions: [rate(1, 1, 0.1)] });
    expect(differencesBetween(experiment, 1, 0, 20)).toEqual([
      { key: 'learningRate', own: 0.5, twin: 0.1, past: true },
    ]);
  });

  test('is no other live number', () => {
    const interventions: Intervention[] = [{ step: 5, lane: 1, key: 'scale', value: 0.3 }];
    expect(differencesBetween(experimentOf({ optimizer: ADAM, interventions }), 1, 0, 20)).toEqual([]);
  });

  test('is λ where the optimizer remembers gradients and one of the two was moved', () => {
    const moves = [exponent(10, 1, 3), exponent(30, 0, 3)];
    const differences = (changes: Partial<Experiment>, step: number) =>
      differencesBetween(experimentOf({ optimizer: MOMENTUM, interventions: moves, ...changes }), 1, 0, step);
    expect(differences({}, 9)).toEqual([]);
    expect(differences({}, 10)).toEqual([{ key: 'lossWeight', step: 10 }]);
    expect(differences({}, 30)).toEqual([{ key: 'lossWeight', step: 30 }]);
    expect(differences({ optimizer: SGD }, 30)).toEqual([]);
    expect(differences({ interventions: [exponent(10, 'all', 3)] }, 30)).toEqual([]);
  });

  test('is λ where only the twin was moved', () => {
    const experiment = experimentOf({ optimizer: ADAM, interventions: [exponent(10, 0, 3)] });
    expect(differencesBetween(experiment, 1, 0, 20)).toEqual([{ key: 'lossWeight', step: 10 }]);
  });
});

describe('λ is moved under the memory of the optimizer', () => {
  const moved = (interventions: readonly Intervention[], step: number, changes: Partial<Experiment> = {}) =>
    lossWeightMoved(experimentOf({ optimizer: ADAM, interventions, ...changes }), 1, step);

  test('before the step named, the newest of several', () => {
    const interventions = [exponent(10, 1, 3), exponent(20, 'all', 4), exponent(30, 1, 5)];
    expect([9, 10, 25, 30].map((step) => moved(interventions, step))).toEqual([null, 10, 20, 30]);
  });

  test('unless nothing is remembered', () => {
    expect(moved([exponent(10, 1, 3)], 20, { optimizer: SGD })).toBeNull();
  });

  test('unless no step has been made, or it stays what it was, or another lane is meant', () => {
    expect(moved([exponent(0, 1, 3)], 20)).toBeNull();
    expect(moved([exponent(10, 1, 0)], 20)).toBeNull();
    expect(moved([exponent(10, 1, 2)], 20, { lossWeightExponent: 2 })).toBeNull();
    expect(moved([exponent(0, 1, 3), exponent(10, 1, 3)], 20)).toBeNull();
    expect(moved([exponent(10, 0, 3)], 20)).toBeNull();
  });

  test('and no other live number is taken for λ', () => {
    const other: Intervention = { step: 5, lane: 1, key: 'scale', value: 3 };
    expect(moved([other, exponent(10, 1, 0)], 20)).toBeNull();
    expect(moved([other, exponent(10, 1, 3)], 20)).toBe(10);
  });

  test('unless the memory is moved along', () => {
    const along: Intervention = { step: 10, lane: 1, key: 'lossWeight', value: 3 };
    expect(moved([along], 20)).toBeNull();
    expect(moved([along, exponent(20, 1, 3)], 20)).toBeNull();
    expect(moved([along, exponent(20, 1, 0)], 20)).toBe(20);
  });
});
