import { expect, test } from 'vitest';
import { FORMATS } from '../../../numerics/formats';
import { roundToFormat } from '../../../numerics/round';
import { DEFAULT_LAB } from '../state';
import { blockBits, MAX_BLOCK } from './block';

const valuesOf = (text: string): number[] | null => {
  const bits = blockBits(text);
  return bits && [...new Float32Array(bits.slice().buffer)];
};

test('numbers are read however they are separated, and rounded to binary32', () => {
  expect(valuesOf(' 1, -2.5;0x3f800000  2^-3,')).toEqual([1, -2.5, 1, 0.125]);
  expect(valuesOf('0.1')).toEqual([roundToFormat(0.1, FORMATS.fp32)]);
  expect(valuesOf('inf nan')).toEqual([Infinity, NaN]);
});

test('one block at most, and nothing but numbers', () => {
  const numbers = (count: number): string => Array<string>(count).fill('1').join(' ');
  expect(valuesOf(numbers(MAX_BLOCK))).toHaveLength(MAX_BLOCK);
  expect(valuesOf(numbers(MAX_BLOCK + 1))).toBeNull();
  expect(valuesOf('')).toBeNull();
  expect(valuesOf('1, two')).toBeNull();
});

test('the block that the lab opens with is one', () => {
  expect(blockBits(DEFAULT_LAB.block)).not.toBeNull();
});
