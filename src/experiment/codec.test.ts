import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { withinBound } from '../numerics/bound';
import { parametersOf, SCALER_KINDS, scalerSettings } from '../training/scalers';
import { BOUNDS, type BoundedKey } from './bounds';
import { parse, serialize } from './codec';
import { DEFAULT_RANDOM_BITS, ROUNDING_MODES } from '../numerics/formats';
import { OPTIMIZER_KERNELS, WEIGHT_UPDATES, type Stores } from '../precision/stores';
import { AUTOCASTS } from '../precision';
import { defaultExperiment, lane as newLane } from './defaults';
import {
  LIVE_KEYS,
  TASK_IDS,
  type Experiment,
  type Intervention,
  type LaneConfig,
  type OptimizerConfig,
  type ScalerConfig,
} from './experiment';
import { openingExperiment, PRESETS } from './presets';
import {
  interventionProblem,
  laneProblem,
  parseExperiment,
  scalerProblem,
  sortInterventions,
} from './schema';
import { messageText } from '../i18n/said';

/** Any allowed value: every double in the bounds, and often a power of two or a bound. */
function within(key: BoundedKey): fc.Arbitrary<number> {
  const bound = BOUNDS[key];
  const { min, max } = bound;
  const powers = fc.integer({ min: -126, max: 126 }).map((exponent) => 2 ** exponent);
  const any = 'integer' in bound ? fc.integer({ min, max }) : fc.double({ min, max, noNaN: true });
  return fc
    .oneof(any, powers, fc.constantFrom(min, max))
    .filter((value) => value >= min && value <= max && withinBound(bound, value));
}

/** fast-check mixes in objects without a prototype, which are not what a parser makes. */
const record = <T>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> =>
  fc.record(model, { noNullPrototype: true }) as fc.Arbitrary<T>;

const format = fc.constantFrom('fp32', 'tf32', 'fp16', 'bf16', 'e4m3fn', 'e4m3fn_sat', 'e5m2_sat', 'e3m7');
/** Any kind, with the usual number or another one for each of its parameters. */
const scaler: fc.Arbitrary<ScalerConfig> = fc
  .constantFrom(...SCALER_KINDS)
  .chain((kind) =>
    fc
      .record(
        Object.fromEntries(
          parametersOf(kind).map(({ name: parameter, usual }) => [
            parameter,
            fc.oneof(fc.constant(usual), within(parameter)),
          ]),
        ),
      )
      .map((numbers) => scalerSettings(kind, numbers)),
  )
  .filter((config) => scalerProblem(config) === null);
const name = fc.oneof(
  fc.constantFrom('', 'a_b, ~c: 50 %', '<img src=x onerror=alert(1)>', 'λ = 2^-18', '~2c', '😀&i=1#?/'),
  fc.string({ maxLength: 20, unit: 'grapheme' }).filter((text) => text.length <= 60 && !/\p{Cc}/u.test(text)),
);
const stores: fc.Arbitrary<Stores> = record<Stores>({
  weights: format,
  masters: fc.boolean(),
  gradients: format,
  moments: format,
  constants: format,
  updates: format,
  kernel: fc.constantFrom(...OPTIMIZER_KERNELS),
  update: fc.constantFrom(...WEIGHT_UPDATES),
}).map((config) =>
  config.weights === 'fp32' && config.update === 'stochastic' ? { ...config, update: 'nearest' } : config,
);
const lane: fc.Arbitrary<LaneConfig> = record<LaneConfig>({
  name,
  format,
  gradientFormat: format,
  rounding: fc.constantFrom(...ROUNDING_MODES),
  randomBits: within('randomBits'),
  subnormals: fc.constantFrom('keep', 'flush'),
  autocast: fc.constantFrom(...AUTOCASTS.map(({ id }) => id)),
  siteFormats: fc.dictionary(fc.constantFrom('fc1', 'head.output', 'conv1.weight.grad', 'a_b-2.x'), format, {
    noNullPrototype: true,
  }),
  accumulation: fc.constantFrom('fp32', 'format', 'chunked:32', 'kahan:format', 'tensor-core:h100/128'),
  stores: fc.option(stores),
  scaler,
  learningRate: fc.option(within('learningRate')),
  seed: fc.option(within('seed')),
}).map((config) => {
  const randomBits = config.rounding === 'stochastic' ? config.randomBits : DEFAULT_RANDOM_BITS;
  const sensible = { ...config, randomBits };
  return laneProblem(sensible) === null ? sensible : { ...sensible, accumulation: 'fp32' };
});
const optimizer: fc.Arbitrary<OptimizerConfig> = fc.oneof(
  record({
    kind: fc.constant('sgd' as const),
    learningRate: within('learningRate'),
    momentum: within('momentum'),
  }),
  record({
    kind: fc.constant('adam' as const),
    learningRate: within('learningRate'),
    beta1: within('beta1'),
    beta2: within('beta2'),
    epsilon: within('epsilon'),
  }),
);
const intervention: fc.Arbitrary<Intervention> = fc.constantFrom(...LIVE_KEYS).chain((key) =>
  record({
    step: within('step'),
    lane: fc.oneof(fc.constant('all' as const), fc.nat(5)),
    key: fc.constant(key),
    value: within(key),
  }),
);
const experiment: fc.Arbitrary<Experiment> = record<Experiment>({
  task: fc.constantFrom(...TASK_IDS),
  batch: within('batch'),
  seed: within('seed'),
  optimizer,
  lossWeightExponent: within('lossWeightExponent'),
  lanes: fc.array(lane, { minLength: 1, maxLength: 6 }),
  interventions: fc.array(intervention, { maxLength: 5 }),
}).map(({ interventions, ...rest }) => ({
  ...rest,
  interventions: sortInterventions(
    interventions.filter((each) => interventionProblem(rest.lanes, each) === null),
  ),
}));

describe('serialize and parse', () => {
  it('give back any valid experiment, bit for bit', () => {
    fc.assert(
      fc.property(experiment, (original) => {
        expect(parse(serialize(original))).toStrictEqual({ experiment: original, notices: [] });
      }),
      { numRuns: 300 },
    );
  });

  it('survive a URL, an address bar that escapes everything, and the way through JSON', () => {
    fc.assert(
      fc.property(experiment, (original) => {
        const hash = serialize(original);
        const url = new URL(`https://example.org/a/?b=c#${hash}`);
        expect(url.hash).toBe(`#${hash}`);
        expect(parse(url.href).experiment).toStrictEqual(original);
        const escaped = hash.replaceAll(',', '%2C').replaceAll(':', '%3A');
        expect(parse(escaped).experiment).toStrictEqual(original);
        expect(parseExperiment(JSON.parse(JSON.stringify(original)))).toStrictEqual(original);
      }),
      { numRuns: 100 },
    );
  });

  it('use characters only that RFC 3986 allows in a fragment', () => {
    fc.assert(
      fc.property(experiment, (original) => {
        expect(serialize(original)).toMatch(/^[\w\-.~!$&'()*+,;=:@/?%]*$/);
      }),
    );
  });

  it('leave defaults out', () => {
    expect(serialize(defaultExperiment())).toBe('v=1');
    expect(serialize(defaultExperiment('digits-cnn'))).toBe('v=1&task=digits-cnn');
  });

  // Links stand in slides and mails: what these say may not change.
  it.each([
    ['v=1&seed=3&lam=-20&lanes=fp32,fp16:d2p40:n25,fp16', openingExperiment],
    ['v=1&seed=3&lam=-18&lanes=fp32,fp16:d2p40:n25,fp16', { ...openingExperiment, lossWeightExponent: -18 }],
    [
      'v=1&task=spirals&b=32&opt=sgd&lr=0.05&mom=0.9&lanes=bf16:s2p12:l1e-7:r9,e4m3fn:be5m2:~my_lane&i=0:all:lam:-4,120:0:s:3',
      {
        task: 'spirals',
        batch: 32,
        seed: 1,
        optimizer: { kind: 'sgd', learningRate: 0.05, momentum: 0.9 },
        lossWeightExponent: 0,
        lanes: [
          {
            name: '',
            format: 'bf16',
            gradientFormat: 'bf16',
            rounding: 'nearest-even',
            randomBits: 32,
            subnormals: 'keep',
            autocast: 'pytorch',
            siteFormats: {},
            accumulation: 'fp32',
            stores: null,
            scaler: { kind: 'static', scale: 4096 },
            learningRate: 1e-7,
            seed: 9,
          },
          {
            name: 'my lane',
            format: 'e4m3fn',
            gradientFormat: 'e5m2',
            rounding: 'nearest-even',
            randomBits: 32,
            subnormals: 'keep',
            autocast: 'pytorch',
            siteFormats: {},
            accumulation: 'fp32',
            stores: null,
            scaler: { kind: 'none' },
            learningRate: null,
            seed: null,
          },
        ],
        interventions: [
          { step: 0, lane: 'all', key: 'lossWeightExponent', value: -4 },
          { step: 120, lane: 0, key: 'scale', value: 3 },
        ],
      },
    ],
    [
      'v=1&lanes=fp16:mstochastic:k4:uflush,bf16:mtoward-zero:achunked.32.format,e4m3fn:be5m2:atensor-core.h100/128',
      {
        ...defaultExperiment(),
        lanes: [
          newLane('fp16', { rounding: 'stochastic', randomBits: 4, subnormals: 'flush' }),
          newLane('bf16', { rounding: 'toward-zero', accumulation: 'chunked:32:format' }),
          newLane('e4m3fn', { gradientFormat: 'e5m2', accumulation: 'tensor-core:h100/128' }),
        ],
      },
    ],
    [
      'v=1&lanes=fp16:thalf,bf16:ofc1*fp32/head.weight.grad*e5m2',
      {
        ...defaultExperiment(),
        lanes: [
          newLane('fp16', { autocast: 'half' }),
          newLane('bf16', { siteFormats: { fc1: 'fp32', 'head.weight.grad': 'e5m2' } }),
        ],
      },
    ],
  ] as const)('write and read %s', (hash, meant) => {
    expect(serialize(meant)).toBe(hash);
    expect(parse(`#${hash}`)).toStrictEqual({ experiment: meant, notices: [] });
  });

  it.each(PRESETS.map((preset) => [preset.id, preset.experiment] as const))(
    'keep preset %s valid and below 250 characters',
    (_, preset) => {
      expect(parseExperiment(preset)).toStrictEqual(preset);
      expect(serialize(preset).length).toBeLessThan(250);
    },
  );
});

describe('parse', () => {
  it('leaves the language of the page to the page', () => {
    expect(parse('v=1&b=32&lang=zh-Hans')).toEqual({ ...parse('v=1&b=32'), notices: [] });
  });

  it.each([
    ['v=2', 'v'],
    ['seed=4', 'v'],
    ['v=1&zz=4', 'zz'],
    ['v=1&garbage', 'garbage'],
    ['v=1&b=1000', 'b'],
    ['v=1&b=32&b=64', 'b'],
    ['v=1&b=3.5', 'b'],
    ['v=1&lanes=fp16:msometimes', 'lanes'],
    ['v=1&lanes=fp16:mstochastic:k33', 'lanes'],
    ['v=1&lanes=fp16:k8', 'lanes'],
    ['v=1&lanes=fp16:u', 'lanes'],
    ['v=1&lanes=fp16:asomehow', 'lanes'],
    ['v=1&lanes=fp32:atensor-core.h100', 'lanes'],
    ['v=1&lanes=e4m3fn:atensor-core.v100', 'lanes'],
    ['v=1&b=', 'b'],
    ['v=1&seed=-1', 'seed'],
    ['v=1&seed=0x10', 'seed'],
    ['v=1&lr=NaN', 'lr'],
    ['v=1&lr=1e999', 'lr'],
    ['v=1&lr=Infinity', 'lr'],
    ['v=1&eps=1e-8', 'eps'],
    ['v=1&task=toString', 'task'],
    ['v=1&lanes=', 'lanes'],
    ['v=1&lanes=fp32,fp99', 'lanes'],
    ['v=1&lanes=fp16:q7', 'lanes'],
    ['v=1&lanes=fp16:n20', 'lanes'],
    ['v=1&lanes=fp16:d:s2p4', 'lanes'],
    ['v=1&lanes=fp16:d:d', 'lanes'],
    ['v=1&lanes=fp16:~%E0%A4', 'lanes'],
    [`v=1&lanes=${Array.from({ length: 41 }, () => 'fp32').join()}`, 'lanes'],
    ['v=1&i=1:2:s:4', 'i'],
    ['v=1&i=1:0:s:4', 'i'],
    ['v=1&i=-1:1:s:4', 'i'],
    ['v=1&i=1:1:constructor:4', 'i'],
  ])('falls back on %s with one notice that names the key', (hash, key) => {
    const { experiment: fallback, notices } = parse(hash);
    expect(notices.map((notice) => notice.key)).toEqual([key]);
    expect(messageText(notices[0].message).length).toBeGreaterThan(10);
    expect(fallback).toStrictEqual({ ...defaultExperiment(), seed: hash === 'seed=4' ? 4 : 1 });
  });

  it('keeps what is good beside what is bad', () => {
    const { experiment: mixed, notices } = parse('v=1&b=16&seed=x&lr=0.5');
    expect(mixed).toStrictEqual({
      ...defaultExperiment(),
      batch: 16,
      optimizer: { kind: 'sgd', learningRate: 0.5, momentum: 0 },
    });
    expect(notices).toHaveLength(1);
  });

  it('takes an empty link for the default, without a notice', () => {
    for (const link of ['', '#', 'https://example.org/', 'https://example.org/#']) {
      expect(parse(link)).toStrictEqual({ experiment: defaultExperiment(), notices: [] });
    }
  });

  it('accepts scales as people write them', () => {
    for (const scale of ['2^12', '2p12', '4096', '4.096e3']) {
      expect(parse(`v=1&lanes=fp16:s${scale}`).experiment.lanes[0].scaler).toEqual({
        kind: 'static',
        scale: 4096,
      });
    }
  });

  it('never throws and always gives a valid experiment', () => {
    const keys = [
      'v',
      'task',
      'b',
      'seed',
      'opt',
      'lr',
      'mom',
      'b1',
      'b2',
      'eps',
      'lam',
      'lanes',
      'i',
      '__proto__',
    ];
    const value = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 30 }),
      fc.stringMatching(/^[-0-9.:,~_a-z%^]{0,30}$/),
      fc.constantFrom('fp16:d2p40:n20', '1:0:s:2p9', 'adam', '1', 'linear'),
    );
    const link = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc
        .array(fc.tuple(fc.constantFrom(...keys), value))
        .map((pairs) => pairs.map((pair) => pair.join('=')).join('&')),
    );
    fc.assert(
      fc.property(link, (text) => {
        const { experiment: parsed, notices } = parse(text);
        expect(parseExperiment(parsed)).toStrictEqual(parsed);
        for (const notice of notices) expect(notice.key.length).toBeLessThanOrEqual(40);
      }),
      { numRuns: 1000 },
    );
  });
});
