import { describe, expect, it } from 'vitest';
import { DEFAULT_DYNAMIC, defaultExperiment, lane } from './defaults';
import { laneName, laneNames } from '../i18n/lane-names';
import { refusal } from '../testing/said';
import { openingExperiment } from './presets';
import { ExperimentError, parseExperiment } from './schema';

describe('parseExperiment', () => {
  it('fills in whatever has a default', () => {
    expect(parseExperiment({})).toStrictEqual(defaultExperiment());
    expect(
      parseExperiment({
        task: 'spirals',
        optimizer: { kind: 'sgd', momentum: 0.5 },
        lanes: [{ format: 'e5m10', scaler: { kind: 'dynamic', growthInterval: 10 } }],
        interventions: [
          { step: 9, lane: 0, key: 'scale', value: 4 },
          { step: 3, lane: 'all', key: 'learningRate', value: 0.1 },
        ],
      }),
    ).toStrictEqual({
      ...defaultExperiment('spirals'),
      optimizer: { kind: 'sgd', learningRate: 0.1, momentum: 0.5 },
      lanes: [
        lane('fp16', {
          scaler: {
            kind: 'dynamic',
            initialScale: 65536,
            growthFactor: 2,
            backoffFactor: 0.5,
            growthInterval: 10,
          },
        }),
      ],
      interventions: [
        { step: 3, lane: 'all', key: 'learningRate', value: 0.1 },
        { step: 9, lane: 0, key: 'scale', value: 4 },
      ],
    });
  });

  it.each([
    [null, /^an experiment must be an object/],
    [[], /^an experiment must be an object/],
    [{ tsk: 'linear' }, /^experiment has no key called "tsk"$/],
    [{ task: 'mnist' }, /^task must be one of regression, .*, not "mnist"$/],
    [{ batch: 1000 }, /^batch must be a whole number from 1 to 256, not 1000$/],
    [{ batch: '32' }, /^batch must be a whole number from 1 to 256, not "32"$/],
    [{ seed: -0 }, /^seed must be/],
    [{ optimizer: 'adam' }, /^optimizer must be an object/],
    [{ optimizer: { kind: 'rmsprop' } }, /^optimizer.*must be an object whose kind is sgd or adam$/],
    [{ optimizer: { kind: 'sgd', beta1: 0.9 } }, /^optimizer.*no key called "beta1"$/],
    [{ optimizer: { kind: 'adam', beta2: 1 } }, /beta2 must be a number at least 0 and below 1, not 1$/],
    [{ lanes: [] }, /at least one lane/],
    [{ lanes: Array.from({ length: 41 }, () => lane('fp32')) }, /at most 40 lanes/],
    [{ lanes: [{}] }, /^lanes\.0.*format/],
    [{ lanes: [{ format: 'fp7' }] }, /^lanes\.0: format: Unknown number format "fp7"/],
    [{ lanes: [{ format: 'fp16', name: 'a\nb' }] }, /^lanes\.0: name must be/],
    [
      { lanes: [{ format: 'fp16', rounding: 'nearest' }] },
      /^lanes\.0: rounding must be one of nearest-even, /,
    ],
    [
      { lanes: [{ format: 'fp16', randomBits: 8 }] },
      /^lanes.*: randomBits has a meaning with stochastic rounding only, not with nearest-even$/,
    ],
    [{ lanes: [{ format: 'fp16', subnormals: 'drop' }] }, /^lanes\.0: subnormals must be one of keep, flush/],
    [
      { lanes: [{ format: 'fp16', accumulation: 'fast' }] },
      /^lanes\.0: accumulation: Unknown accumulation "fast"/,
    ],
    [{ lanes: [{ format: 'fp32', accumulation: 'tensor-core:a100' }] }, /FP32 matrices are not multiplied/],
    [{ lanes: [{ format: 'e5m7', accumulation: 'tensor-core:a100' }] }, /tensor core of the A100 does not/],
    [
      { lanes: [{ format: 'fp16', gradientFormat: 'bf16', accumulation: 'tensor-core:h100' }] },
      /does not multiply bf16 with fp16/,
    ],
    [
      { lanes: [{ format: 'fp16', scaler: { kind: 'static', scale: 0 } }] },
      /^lanes\.0\.scaler: scale must be/,
    ],
    [
      { lanes: [{ format: 'fp16', scaler: { kind: 'dynamic', growthFactor: 1 } }] },
      /growthFactor must be.*above 1/,
    ],
    [
      { interventions: [{ step: 1, lane: 0, key: 'scale', value: 2 }] },
      /^interventions\.0: scale cannot change/,
    ],
    [
      { interventions: [{ step: 1, lane: 7, key: 'learningRate', value: 2 }] },
      /^interventions\.0: there is no lane 7/,
    ],
    [{ interventions: [{ step: 1, lane: 1, key: 'backoffFactor', value: 2 }] }, /backoffFactor must be/],
    [{ interventions: [{ step: 1.5, lane: 1, key: 'scale', value: 2 }] }, /step must be/],
  ])('refuses %j in one sentence that names the key', (input, message) => {
    expect(() => parseExperiment(input)).toThrow(ExperimentError);
    expect(refusal(() => parseExperiment(input))).toMatch(message);
  });
});

describe('lane names', () => {
  it('say formats and scaler', () => {
    expect(openingExperiment.lanes.map(laneName)).toEqual([
      'FP32 baseline',
      'FP16 + GradScaler',
      'FP16, no scaler',
    ]);
    expect(laneName(lane('fp16', { scaler: { kind: 'static', scale: 4096 } }))).toBe('FP16, static 2^12');
    expect(laneName(lane('fp16', { scaler: { kind: 'static', scale: 1000 } }))).toBe('FP16, static 1000');
    expect(laneName(lane('e4m3fn', { gradientFormat: 'e5m2' }))).toBe('FP8 E4M3 / FP8 E5M2, no scaler');
    expect(laneName(lane('bf16', { name: 'mine' }))).toBe('mine');
    expect(laneName(lane('bf16', { rounding: 'stochastic', subnormals: 'flush' }))).toBe(
      'bf16 (stochastic, FTZ), no scaler',
    );
    expect(laneName(lane('fp16', { rounding: 'stochastic', randomBits: 4, scaler: DEFAULT_DYNAMIC }))).toBe(
      'FP16 (stochastic 4-bit) + GradScaler',
    );
  });

  it('are different within an experiment', () => {
    const same = lane('fp16', { seed: 5 });
    const names = laneNames({ ...openingExperiment, lanes: [lane('fp16'), same, same, lane('fp32')] });
    expect(names).toEqual([
      'FP16, no scaler',
      'FP16, no scaler (seed 5)',
      'FP16, no scaler (seed 5) #2',
      'FP32 baseline',
    ]);
  });
});
