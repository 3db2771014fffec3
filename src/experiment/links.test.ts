/** Links as they come from outside: old ones, whose meaning stays, and those that nobody meant. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { hostileLink, problemOfLink } from '../cli/hostile-links';
import { BOUNDS, MAX_INTERVENTIONS, MAX_LANES, MAX_LINK_LENGTH, MAX_NAME_LENGTH } from './bounds';
import { parse, serialize } from './codec';
import { defaultExperiment, lane } from './defaults';
import type { Experiment } from './experiment';
import { messageText } from '../i18n/said';

interface Recorded {
  readonly link: string;
  readonly experiment: Experiment;
  /** Keys of the notices. */
  readonly notices: readonly string[];
}

/** Written once, by the code of November 2026: these lines may be added to, never changed. */
const recorded = readFileSync(new URL('testdata/links.jsonl', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Recorded);

describe('links that exist', () => {
  test.each(recorded)('$link', ({ link, experiment, notices }) => {
    const parsed = parse(link);
    // What an experiment has gained since then is not in the record.
    expect(parsed.experiment).toMatchObject(experiment);
    expect(parsed.notices.map(({ key }) => key)).toEqual(notices);
  });
});

describe('hostile links', () => {
  test('5,000 of those of `npm run -s verify:links`', { timeout: 120_000 }, () => {
    for (let index = 0; index < 5000; index++) {
      expect({ index, problem: problemOfLink(hostileLink(index)) }).toEqual({ index, problem: null });
    }
  });

  test.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf'])(
    '%s is no name of anything',
    (name) => {
      const inLane = ['', 'fp16:m', 'fp16:u', 'fp16:a', 'fp16:atensor-core.', 'fp16:b', 'fp16:d:', 'fp16_'];
      const links = [
        ...['task', 'b', 'opt', 'lr', 'lam'].map((key) => `${key}=${name}`),
        ...inLane.map((start) => `lanes=${start}${name}`),
        `i=1:${name}:s:4`,
        `i=1:1:${name}:4`,
        `${name}=1`,
        name,
      ];
      for (const link of links) {
        const { experiment, notices } = parse(`v=1&${link}`);
        expect({ link, experiment, notices: notices.length }).toStrictEqual({
          link,
          experiment: defaultExperiment(),
          notices: 1,
        });
      }
    },
  );
});

describe('notices', () => {
  test.each([
    ['lam=11', 'lam must be a whole number from -30 to 10, not 11'],
    ['b=banana', 'b must be a whole number from 1 to 256, not "banana"'],
    ['mom=1', 'mom must be a number at least 0 and below 1, not 1'],
    ['lanes=fp16:d0', 'lanes: d must be a number from 2^-126 to 2^126, not 0'],
    ['lanes=fp16:k7', 'lanes: k has no meaning together with what stands before it'],
    ['i=1:1:lam:99', 'i: lam must be a whole number from -30 to 10, not 99'],
    ['i=x:1:s:2', 'i: the step must be a whole number from 0 to 10000000, not "x"'],
    ['zz=1', '"zz" is not a key of a link'],
    ['zz', '"zz" has no value'],
    ['b=2&b=3', '"b" stands in the link more than once'],
    [
      'task=\u001b[31m%00',
      'task must be one of regression, spirals, digits-mlp, digits-cnn, linear, not "\ufffd[31m\ufffd"',
    ],
  ])('of %j names what the link names', (link, message) => {
    expect(parse(`v=1&${link}`).notices.map((notice) => messageText(notice.message))).toEqual([message]);
  });

  test('say no more than a few things', () => {
    const keys = Array.from({ length: 1000 }, (_, index) => `key${index}=1`);
    const { notices } = parse(`v=1&${keys.join('&')}`);
    expect(notices.map(({ message }) => messageText(message))).toEqual([
      ...[0, 1, 2, 3, 4].map((index) => `"key${index}" is not a key of a link`),
      'and 995 more',
    ]);
  });

  test('say how many more only where that is shorter', () => {
    expect(parse('v=1&k=1&l=1&m=1&n=1&o=1&p=1').notices.at(-1)?.message).toMatchObject({
      values: { key: '"p"' },
    });
  });

  const LONG = 'x'.repeat(90_000);
  test.each([
    `task=${LONG}`,
    `lr=${LONG}`,
    `lanes=${LONG}`,
    `lanes=fp16_ftz${LONG}`,
    `lanes=fp16:${LONG}`,
    `lanes=fp16:a${LONG}`,
    `lanes=fp16:atensor-core.${LONG}`,
    `lanes=fp16:achunked.${LONG}`,
    `lanes=fp16:~${LONG}`,
    `i=${LONG}`,
    `i=${LONG}:1:s:1`,
    `${LONG}=1`,
    LONG,
    `${LONG}%=1`,
    `task=%${LONG}`,
  ])('of a long text show its beginning', (link) => {
    const { notices } = parse(`v=1&${link}`);
    expect(notices).toHaveLength(1);
    expect(messageText(notices[0].message).length).toBeLessThan(320);
    expect(notices[0].key.length).toBeLessThan(50);
  });
});

describe('the length of a link', () => {
  test('has a limit', () => {
    const start = 'v=1&seed=5&lanes=fp16:~';
    const { experiment, notices } = parse(start.padEnd(MAX_LINK_LENGTH + 1, 'a'));
    expect(experiment).toStrictEqual(defaultExperiment());
    expect(notices.map(({ key, message }) => [key, messageText(message)])).toEqual([
      ['', 'the link has 100001 characters, and at most 100000 are read'],
    ]);
    expect(parse(start.padEnd(MAX_LINK_LENGTH, 'a')).experiment.seed).toBe(5);
  });

  test('suffices for the longest experiment', () => {
    const longest = 1.2345678901234567e-30;
    const config = lane('e4m3fn_sat_ftz', {
      gradientFormat: 'e5m2_sat_ftz',
      rounding: 'stochastic',
      randomBits: 31,
      subnormals: 'flush',
      accumulation: 'tensor-core:h100/65536',
      scaler: {
        kind: 'dynamic',
        initialScale: longest,
        growthFactor: 1 + longest * 1e20,
        backoffFactor: longest,
        growthInterval: 999_999,
      },
      learningRate: longest,
      seed: BOUNDS.seed.max - 1,
      name: '字'.repeat(MAX_NAME_LENGTH),
    });
    const experiment: Experiment = {
      ...defaultExperiment(),
      lanes: Array.from({ length: MAX_LANES }, () => config),
      interventions: Array.from({ length: MAX_INTERVENTIONS }, () => ({
        step: BOUNDS.step.max - 1,
        lane: 'all',
        key: 'learningRate',
        value: longest,
      })),
    };
    const link = `https://example.org/playground/#${serialize(experiment).replaceAll(',', '%2C').replaceAll(':', '%3A')}`;
    expect(link.length).toBeLessThan(MAX_LINK_LENGTH);
    expect(parse(link)).toStrictEqual({ experiment, notices: [] });
  });

  /** Each was quadratic once, or looks as if it could be: then it would take seconds. */
  test.each([
    ['a number with an end that spoils it', `lr=${'1'.repeat(90_000)}x`],
    ['suffixes of a format', `lanes=fp16${'_ftz'.repeat(22_000)}`],
    ['suffixes of no format', `lanes=x${'_sat_ftz'.repeat(11_000)}`],
    ['unknown keys', Array.from({ length: 10_000 }, (_, index) => `k${index}=`).join('&')],
    ['one key', 'b=1&'.repeat(22_000)],
    ['lanes', `lanes=${'fp16,'.repeat(18_000)}`],
    ['fields of a lane', `lanes=fp16${':d'.repeat(45_000)}`],
    ['interventions', `i=${'1:all:lr:1,'.repeat(8_000)}`],
    ['escapes in a name', `lanes=fp16:~${'~2c'.repeat(30_000)}`],
    ['an address', `${'a+'.repeat(45_000)}://`],
    ['spaces', `${' '.repeat(90_000)}x`],
  ])('costs no more than its share: %s', (_, link) => {
    const times = Array.from({ length: 3 }, () => {
      const start = performance.now();
      parse(`v=1&${link}`);
      return performance.now() - start;
    });
    expect(Math.min(...times)).toBeLessThan(250);
  });
});
