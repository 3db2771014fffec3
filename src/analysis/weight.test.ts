import { expect, test } from 'vitest';
import { FORMATS } from '../numerics/formats';
import { readWeight } from './weight';

test('below a power of two the neighbours are half as far away', () => {
  const down = readWeight({ before: 1, update: 2 ** -10, after: 1 }, FORMATS.bf16);
  expect(down).toMatchObject({ gap: 2 ** -8, halfGap: 2 ** -9, halves: 0.5, verdict: 'roundedAway' });
  const up = readWeight({ before: 1, update: -(2 ** -7), after: 1 + 2 ** -7 }, FORMATS.bf16);
  expect(up).toMatchObject({ gap: 2 ** -7, halves: 2, verdict: 'moved' });
});

test('bits stand as they are stored', () => {
  expect(readWeight({ before: -1.5, update: 0, after: -1.5 }, FORMATS.fp16).bits).toEqual([
    '1',
    '01111',
    '1000000000',
  ]);
});

test('at the end of a format there is infinity, and at zero the smallest number', () => {
  expect(readWeight({ before: 0, update: 1, after: -1 }, FORMATS.fp16).gap).toBe(2 ** -24);
  expect(readWeight({ before: 65504, update: -1, after: 65504 }, FORMATS.fp16).gap).toBe(Infinity);
});

test('what is not finite is no verdict about rounding', () => {
  expect(readWeight({ before: 1, update: NaN, after: NaN }, FORMATS.fp16).verdict).toBe('notFinite');
  expect(readWeight({ before: 1, update: 0, after: 1 }, FORMATS.fp16).verdict).toBe('updateZero');
});
