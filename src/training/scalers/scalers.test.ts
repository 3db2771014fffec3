import { describe, expect, test } from 'vitest';
import { SCALER_CASES, settingsOf, transitions } from '../../testing/scaler-cases';
import { SCALERS } from '.';
import { refusal } from './pytorch';

describe('GradScaler', () => {
  const refused = SCALER_CASES.filter(({ expectError }) => expectError);
  test.each(refused)('$name', (entry) => {
    expect(refusal(settingsOf(entry))).toContain(entry.expectError?.messageIncludes);
  });

  test.each(SCALER_CASES.filter((entry) => !refused.includes(entry)))('$name', (entry) => {
    for (const { name, settings, before, foundInf, after, applied } of transitions(entry)) {
      const scaler = SCALERS[settings.scaler];
      expect({ name, ...scaler.update(before, foundInf, settings) }).toEqual({ name, ...after });
      expect(!(foundInf && scaler.skips)).toBe(applied);
    }
  });

  test('accepts its defaults', () => {
    expect(refusal({ growthFactor: 2, backoffFactor: 0.5 })).toBeNull();
  });

  test('refuses what is not a number', () => {
    expect(refusal({ growthFactor: NaN, backoffFactor: 0.5 })).not.toBeNull();
    expect(refusal({ growthFactor: 2, backoffFactor: NaN })).not.toBeNull();
  });
});

test('a static scale stays, and infinities skip the step', () => {
  const state = { scale: 8, growthTracker: 0 };
  const settings = { growthFactor: 2, backoffFactor: 0.5, growthInterval: 1 };
  expect(SCALERS.static.update(state, true, settings)).toEqual(state);
  expect(SCALERS.static.update(state, false, settings)).toEqual(state);
  expect(SCALERS.static.skips).toBe(true);
});
