import { expect, test } from 'vitest';
import { GraphBuilder } from '../graph/builder';
import { resolveInitial, type InitialDistribution } from '../graph/initial';
import { normal } from '../numerics/normal';
import { philox4x32 } from '../numerics/philox';
import { initialParameters } from './initial';

function parameters(initial: InitialDistribution): GraphBuilder['parameters'] {
  const builder = new GraphBuilder();
  builder.parameter('fc1', 'weight', [20, 50], initial, 'linear');
  builder.parameter('fc1', 'bias', [20], initial, 'linear');
  return builder.parameters;
}

test('is uniform between the bounds', () => {
  const values = [...initialParameters(parameters({ kind: 'uniform', bound: 0.25 }), 3).values()].flatMap(
    (dense) => [...dense],
  );
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
  const bias = initialParameters(parameters({ kind: 'uniform', bound: 1 / Math.sqrt(50) }), 42).get(
    'fc1.bias',
  )!;
  words.forEach((word, i) => {
    expect(bias[4 + i]).toBe(Math.fround(bound * (((word >>> 8) - 2 ** 23) / 2 ** 23)));
  });
});

test('differs from seed to seed and from parameter to parameter', () => {
  const [one, two] = [1, 2].map((seed) => initialParameters(parameters({ kind: 'uniform', bound: 1 }), seed));
  expect(one.get('fc1.weight')).not.toEqual(two.get('fc1.weight'));
  expect(one.get('fc1.weight')!.subarray(0, 20)).not.toEqual(one.get('fc1.bias'));
});

test('a normal distribution is that of the documentation, moved, stretched and rounded once', () => {
  const bias = initialParameters(parameters({ kind: 'normal', mean: 0.5, deviation: 0.02 }), 9).get(
    'fc1.bias',
  )!;
  bias.forEach((value, i) => expect(value).toBe(Math.fround(0.5 + 0.02 * normal(9, 1, i))));
});

test('a constant is one', () => {
  const weight = initialParameters(parameters({ kind: 'constant', value: 0.1 }), 9).get('fc1.weight')!;
  expect(new Set(weight)).toEqual(new Set([Math.fround(0.1)]));
});

test('rules look at what goes in and comes out', () => {
  const fans = { fanIn: 16, fanOut: 8 };
  expect(resolveInitial({ kind: 'fan-in' }, fans)).toEqual({ kind: 'uniform', bound: 0.25 });
  expect(resolveInitial({ kind: 'glorot-uniform' }, fans)).toEqual({ kind: 'uniform', bound: 0.5 });
  expect(resolveInitial({ kind: 'glorot-normal' }, fans)).toEqual({
    kind: 'normal',
    mean: 0,
    deviation: Math.sqrt(2 / 24),
  });
  const given = { kind: 'constant', value: 3 } as const;
  expect(resolveInitial(given, fans)).toBe(given);
});
