import { describe, expect, test } from 'vitest';
import { DEFAULT_LAB } from '../state';
import { blockBits, readBlock, wrongPart } from './block';

describe('lists of numbers', () => {
  test.each([
    [DEFAULT_LAB.block, [DEFAULT_LAB.block]],
    ['1 2;3', ['1 2;3']],
    ['2^-14, 1/3', ['2^-14, 1/3']],
    ['1,2,3', ['1, 2, 3']],
    ['0,125', ['0.125', '0, 125']],
    ['0,5; 1,25', ['0.5; 1.25', '0, 5; 1, 25']],
    ['6, banana', []],
    ['', []],
    ['1 '.repeat(33), []],
  ])('%j may mean %j', (typed, lists) => {
    expect(readBlock(typed)).toEqual(lists);
    for (const list of lists) {
      expect(readBlock(list)).toEqual([list]);
      expect(blockBits(list)).not.toBeNull();
    }
  });

  test('the wrong one is named', () => {
    expect(wrongPart('6, banana, 2')).toBe('banana');
    expect(wrongPart('6, 2')).toBeUndefined();
  });
});
