import { expect, test } from 'vitest';
import { GraphBuilder } from '../graph/builder';
import { philox4x32 } from '../numerics/philox';
import { initialParameters } from './initial';

function parameters(bound: number): GraphBuilder['parameters'] {
  const builder = new GraphBuilder();
  builder.parameter('fc1', 'weight', [20, 50], bound, 'low');
  builder.parameter('fc1', 'bias', [20], bound, 'low');
  return builder.parameters;
}

test('is uniform between the bounds', () => {
  const values = [...initialParameters(parameters(0.25), 3).values()].flatMap((dense) => [...dense]);
  expect(values).toHaveLength(1020);
  expect(Math.max(...values)).toBeLessThan(0.25);
  expect(Math.max(...values)).toBeGreaterThan(0.245);
  expect(Math.min(...values)).toBeGreaterThanOrEqual(-0.25);
  expect(Math.min(...values)).toBeLessThan(-0.245);
  // The standard error of the mean is 0.25 / sqrt(3 · 1020).
  const mean = values.reduce((sum, x) => sum + x, 0) / values.length;
  expect(Math.abs(mean)).toBeLessThan(4 * 0.0046);
});

test('is what the documentation says, so that others can reproduce it', () => {
  const bound = Math.fround(1 / Math.sqrt(50));
  const words = new Uint32Array(4);
  philox4x32(1, 0, 1, 0, 42, 0, words);
  const bias = initialParameters(parameters(1 / Math.sqrt(50)), 42).get('fc1.bias')!;
  words.forEach((word, i) => {
    expect(bias[4 + i]).toBe(Math.fround(bound * (((word >>> 8) - 2 ** 23) / 2 ** 23)));
  });
});

test('differs from seed to seed and from parameter to parameter', () => {
  const [one, two] = [1, 2].map((seed) => initialParameters(parameters(1), seed));
  expect(one.get('fc1.weight')).not.toEqual(two.get('fc1.weight'));
  expect(one.get('fc1.weight')!.subarray(0, 20)).not.toEqual(one.get('fc1.bias'));
});
