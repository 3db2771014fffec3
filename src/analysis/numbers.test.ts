import { describe, expect, test } from 'vitest';
import { parseNumber, powerLabel, powerText, shareText, shortNumber } from './numbers';

describe('numbers people type', () => {
  test.each([
    ['65536', 65536],
    ['65,536', 65536],
    ['2^16', 65536],
    [' 2 ** -3 ', 0.125],
    ['2^−3', 0.125],
    ['3·2^4', 48],
    ['1e-3', 0.001],
    ['.5', 0.5],
    ['-2', -2],
  ])('%s is %d', (text, value) => {
    expect(parseNumber(text)).toBe(value);
  });

  test.each(['', 'abc', '2^', '1e999', '2^9999', '0x10', '1,0', 'Infinity'])('%s is refused', (text) => {
    expect(parseNumber(text)).toBeNull();
  });
});

describe('numbers people read', () => {
  test.each([
    [65536, '2^16'],
    [1, '2^0'],
    [2 ** -149, '2^-149'],
    [3, '3'],
    [0, '0'],
  ])('%d as a power is %s', (value, text) => {
    expect(powerText(value)).toBe(text);
  });

  test('axis labels carry superscripts', () => {
    expect(powerLabel(-14)).toBe('2⁻¹⁴');
  });

  test.each([
    [0.0251234, '0.02512'],
    [1.2e-7, '1.2e-7'],
    [1e-7, '1e-7'],
    [-Infinity, '-∞'],
    [NaN, 'NaN'],
  ])('%d is short as %s', (value, text) => {
    expect(shortNumber(value)).toBe(text);
  });

  test.each([
    [0, '0 %'],
    [1, '100 %'],
    [0.382, '38.2 %'],
    [0.0003, '0.03 %'],
    [1e-6, '<0.01 %'],
    [0.99999, '>99.9 %'],
    [NaN, '–'],
  ])('a share of %d is %s', (value, text) => {
    expect(shareText(value)).toBe(text);
  });
});
