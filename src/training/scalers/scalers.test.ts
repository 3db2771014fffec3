import { describe, expect, test } from 'vitest';
import { parametersOf, SCALER_KINDS, SCALER_LIST, SCALER_PARAMETERS, scalerOf, usualParameters } from '.';
import { withinBound } from '../../numerics/bound';
import { answersOf, REFERENCE_PLAYER } from '../../cli/scaler-answers';
import { differences, RECORDED_CASES } from '../../testing/scaler-cases';
import { isRaised } from './scaler';

describe('what the frameworks did', () => {
  test.each(RECORDED_CASES)('$entry.name', async (recorded) => {
    const [answer] = await answersOf([recorded.play], REFERENCE_PLAYER);
    expect(differences(recorded, answer)).toEqual([]);
  });
});

describe('the descriptions', () => {
  test('have a kind, and parameters a letter, of their own', () => {
    expect(new Set(SCALER_KINDS).size).toBe(SCALER_LIST.length);
    const letters = [...SCALER_PARAMETERS.values()].map(({ key }) => key);
    expect(new Set(letters).size).toBe(letters.length);
    expect(letters.filter((letter) => !/^[a-z]$/.test(letter))).toEqual([]);
  });

  test.each(SCALER_KINDS)('%s agrees with the others about what its parameters are', (kind) => {
    for (const { name, key, bound, usual } of parametersOf(kind)) {
      expect(SCALER_PARAMETERS.get(name)).toMatchObject({ key, bound });
      expect(withinBound(bound, usual)).toBe(true);
    }
  });

  test.each(SCALER_LIST)('$kind starts and steps with the usual numbers, and keeps its words', (scaler) => {
    const parameters = usualParameters(scaler);
    expect(scaler.refuses(parameters)).toBeNull();
    const state = scaler.start(parameters);
    const words = scaler.state.map(({ name }) => name);
    expect(words[0]).toBe('scale');
    expect(Object.keys(state)).toEqual(words);
    for (const foundInf of [false, true]) {
      const next = scaler.update(state, foundInf, parameters);
      expect(isRaised(next)).toBe(false);
      expect(Object.keys(next).sort()).toEqual(words.toSorted());
    }
  });

  test.each(SCALER_LIST)(
    '$kind names the scale to start with first, and no other can be live',
    ({ parameters }) => {
      const [first, ...others] = parameters.map(({ name }) => name);
      expect([undefined, 'scale', 'initialScale']).toContain(first);
      expect(others).not.toContain('scale');
      expect(others).not.toContain('initialScale');
      expect(parameters.find(({ live }) => !live)?.name).toBe(first);
    },
  );

  test('a kind that there is none of is refused', () => {
    expect(() => scalerOf('magic')).toThrow('no scaler is called magic');
  });
});
