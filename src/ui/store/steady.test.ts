import { expect, test } from 'vitest';
import type { LaneDiagnosis } from './state';
import { SteadyDiagnoses } from './steady';

const behind = (ratio: number): LaneDiagnosis => ({ lane: 2, diagnosis: { kind: 'behind-baseline', ratio } });

test('what is seen once is not shown', () => {
  const steady = new SteadyDiagnoses();
  expect(steady.update([behind(4)])).toEqual([]);
  expect(steady.update([])).toEqual([]);
  expect(steady.update([behind(4)])).toEqual([]);
});

test('what lasts is shown with its newest numbers, and stays through a few misses', () => {
  const steady = new SteadyDiagnoses();
  steady.update([behind(4)]);
  expect(steady.update([behind(5)])).toEqual([behind(5)]);
  for (let miss = 0; miss < 5; miss++) expect(steady.update([])).toEqual([behind(5)]);
  expect(steady.update([])).toEqual([]);
});

test("a new run starts without the old one's", () => {
  const steady = new SteadyDiagnoses();
  steady.update([behind(4)]);
  steady.update([behind(4)]);
  steady.clear();
  expect(steady.update([])).toEqual([]);
});
