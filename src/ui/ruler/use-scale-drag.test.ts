import { expect, test } from 'vitest';
import { keyTarget } from './use-scale-drag';

test.each([
  ['ArrowRight', false, 3, 4],
  ['ArrowUp', true, 3, 7],
  ['ArrowLeft', false, 3, 2],
  ['ArrowDown', true, 3, -1],
  ['PageUp', false, 3, 11],
  ['PageDown', false, 3, -5],
  ['End', false, 3, Infinity],
  ['Home', false, 3, -Infinity],
  // A scale of 0.9 lies between two powers: the next one, not the one after it.
  ['ArrowRight', false, Math.log2(0.9), 0],
  ['ArrowLeft', false, Math.log2(0.9), -1],
  ['Tab', false, 3, null],
  [' ', false, 3, null],
])('%s, shift %s, at %d leads to %d', (key, shift, from, to) => {
  expect(keyTarget(key, shift, from)).toBe(to);
});
