import { describe, expect, test } from 'vitest';
import { BOUNDS, withinBound } from '../../experiment/bounds';
import { SCALER_CASES, settingsOf, transitions } from '../../testing/scaler-cases';
import { SCALERS } from '.';

describe('GradScaler', () => {
  const refused = SCALER_CASES.filter(({ expectError }) => expectError);
  // Its constructor refuses them; here the bounds of an experiment's numbers do.
  test.each(refused)('$name', (entry) => {
    const key = /growth factor/.test(entry.expectError?.messageIncludes ?? '')
      ? 'growthFactor'
      : 'backoffFactor';
    expect(withinBound(BOUNDS[key], settingsOf(entry)[key])).toBe(false);
  });

  test.each(SCALER_CASES.filter((entry) => !refused.includes(entry)))('$name', (entry) => {
    for (const { name, settings, before, foundInf, after, applied } of transitions(entry)) {
      const scaler = SCALERS[settings.scaler];
      expect({ name, ...scaler.update(before, foundInf, settings) }).toEqual({ name, ...after });
      expect(!(foundInf && scaler.skips)).toBe(applied);
    }
  });
});

test('a static scale stays, and infinities skip the step', () => {
  const state = { scale: 8, growthTracker: 0 };
  const settings = { growthFactor: 2, backoffFactor: 0.5, growthInterval: 1 };
  expect(SCALERS.static.update(state, true, settings)).toEqual(state);
  expect(SCALERS.static.update(state, false, settings)).toEqual(state);
  expect(SCALERS.static.skips).toBe(true);
});
