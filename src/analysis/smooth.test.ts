import { describe, expect, test } from 'vitest';
import { smoothLog } from './smooth';

const steps = (count: number): number[] => Array.from({ length: count }, (_, step) => step);

describe('smoothing', () => {
  test('leaves a constant as it is, from the first value on', () => {
    const smooth = smoothLog(
      steps(50),
      steps(50).map(() => 0.37),
      10,
    );
    smooth.forEach((value) => expect(value).toBeCloseTo(0.37, 12));
  });

  test('takes the noise out of a curve and keeps its level', () => {
    const noisy = steps(400).map((step) => Math.exp(step % 2 ? 0.5 : -0.5));
    const end = smoothLog(steps(400), noisy, 20).slice(-10);
    end.forEach((value) => expect(Math.abs(Math.log(value!))).toBeLessThan(0.05));
  });

  test('does not depend on how densely a curve is sampled', () => {
    const curve = (step: number): number => Math.exp(-step / 100);
    const dense = smoothLog(steps(401), steps(401).map(curve), 30).at(-1)!;
    const sparse = steps(101).map((index) => index * 4);
    expect(smoothLog(sparse, sparse.map(curve), 30).at(-1)! / dense).toBeCloseTo(1, 1);
  });

  test('passes over gaps and what a logarithm cannot take', () => {
    expect(smoothLog([0, 1, 2, 3], [1, null, 0, 1], 5)).toEqual([1, null, null, 1]);
  });
});
