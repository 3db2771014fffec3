import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SCALER_LIST, scalerSettings, type ScalerKind, type ScalerSettings } from '../../training/scalers';
import type { ScalerParameter } from '../../training/scalers/scaler';
import { parseRace, raceHash, readSpikes, writeSpikes } from './link';
import { DEFAULT_RACE, MOST_RACERS, RACE_BOUNDS, SOURCES, type RaceState } from './state';

const value = ({ bound, usual }: ScalerParameter): fc.Arbitrary<number> =>
  bound.integer
    ? fc.integer({ min: bound.min, max: bound.max })
    : fc
        .oneof(
          fc.constant(usual),
          fc
            .integer({ min: Math.max(-126, Math.log2(bound.min)), max: Math.log2(bound.max) })
            .map((n) => 2 ** n),
          fc.double({ min: bound.min, max: bound.max, noNaN: true, minExcluded: true, maxExcluded: true }),
        )
        .filter(
          (number) =>
            !Object.is(number, -0) &&
            (!bound.minExclusive || number > bound.min) &&
            (!bound.maxExclusive || number < bound.max),
        );

const settings: fc.Arbitrary<ScalerSettings> = fc
  .constantFrom(...SCALER_LIST)
  .chain(({ kind, parameters }) =>
    fc
      .record(Object.fromEntries(parameters.map((each) => [each.name, value(each)])))
      .map((changed) => scalerSettings(kind as ScalerKind, changed)),
  );

const whole = ({ min, max }: { min: number; max: number }) => fc.integer({ min, max });

const states: fc.Arbitrary<RaceState> = fc.record({
  steps: whole(RACE_BOUNDS.steps),
  source: fc.constantFrom(...SOURCES),
  period: whole(RACE_BOUNDS.period),
  rate: fc.double({ min: 0, max: 1, noNaN: true }).filter((rate) => !Object.is(rate, -0)),
  seed: whole(RACE_BOUNDS.seed),
  spikes: fc.uniqueArray(fc.nat(99_999), { maxLength: 100 }).map((steps) => steps.toSorted((a, b) => a - b)),
  quiet: fc.double({ min: 0, max: 1e30, noNaN: true }).filter((quiet) => !Object.is(quiet, -0)),
  racers: fc.array(settings, { maxLength: MOST_RACERS }),
});

describe('the link of a race', () => {
  test('the opening example has none', () => {
    expect(raceHash(DEFAULT_RACE)).toBe('race');
    expect(parseRace('race')).toEqual({ state: DEFAULT_RACE, notices: [] });
  });

  test('every state comes back', () => {
    fc.assert(
      fc.property(states, (state) => {
        expect(parseRace(raceHash(state))).toEqual({ state, notices: [] });
      }),
      { numRuns: 300 },
    );
  });

  test('is short', () => {
    const state: RaceState = {
      ...DEFAULT_RACE,
      source: 'rate',
      rate: 0.01,
      racers: [scalerSettings('megatron', { initialScale: 2 ** 16 })],
    };
    expect(raceHash(state)).toBe('race&o=rate&p=0.01&s=megatron:i2p16');
  });

  test.each([
    ['n=5', 'n'],
    ['o=often', 'o'],
    ['p=2', 'p'],
    ['at=zz-', 'at'],
    ['at=0', 'at'],
    ['at=1*3000', 'at'],
    ['s=gradscaler', 's'],
    ['s=dynamic:q5', 's'],
    ['s=dynamic:x0.5', 's'],
    ['zoo=1', 'zoo'],
  ])('%s is said to be wrong and changes nothing', (part, key) => {
    const { state, notices } = parseRace(`race&${part}`);
    expect(state).toEqual(DEFAULT_RACE);
    expect(notices.map((notice) => notice.key)).toEqual([key]);
  });
});

test('regular overflows take little room', () => {
  const spikes = Array.from({ length: 40 }, (_, index) => 50 * index + 49);
  expect(writeSpikes(spikes)).toBe('1e*40');
  expect(readSpikes('1e*40')).toEqual(spikes);
});
