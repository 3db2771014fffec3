import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { writeNumber } from '../experiment/text';
import {
  fieldPower,
  fieldText,
  powerLabel,
  powerText,
  readDouble,
  readTyped,
  shareText,
  shortNumber,
} from './numbers';

const double = fc.double({ noDefaultInfinity: true, noNaN: true });
const read = (text: string): number | null => {
  const reading = readDouble(text);
  return reading.kind === 'number' ? reading.value : null;
};
/** Digits with a separator between groups of three. */
const grouped = (value: number, mark: string): string => String(value).replace(/\B(?=(\d{3})+$)/g, mark);

describe('numbers people type', () => {
  test.each([
    ['65536', 65536],
    ['2^16', 65536],
    ['2p16', 65536],
    [' 2 ** -3 ', 0.125],
    ['2^−3', 0.125],
    ['2⁻¹⁴', 2 ** -14],
    ['2^(-14)', 2 ** -14],
    ['2p-1074', 2 ** -1074],
    ['-2²', -4],
    ['3·2^4', 48],
    ['1.5 × 10⁻³', 0.0015],
    ['10^-3', 0.001],
    ['1e-3', 0.001],
    ['1E+3', 1000],
    ['1e−3', 0.001],
    ['1/3', 1 / 3],
    ['1⁄3', 1 / 3],
    ['0x1.8p-3', 0.1875],
    ['-0X1P4', -16],
    ['0x.8p0', 0.5],
    ['0x1.8', 1.5],
    ['.5', 0.5],
    ['5.', 5],
    ['+2', 2],
    ['-2', -2],
    ['× 2', 2],
    ['0.125', 0.125],
    ['1.000', 1],
    // Of 2^53 + 1 and so on half way between doubles, the even one.
    ['9007199254740993', 9007199254740992],
    ['9007199254740995', 9007199254740996],
    ['1e400', Infinity],
  ])('%s is %d', (text, value) => {
    expect(read(text)).toBe(value);
  });

  test.each([
    ['0,05', 0.05],
    ['0,5', 0.5],
    ['-1,5e-3', -0.0015],
    ['1,2345', 1.2345],
    [',5', 0.5],
    ['1,5/2', 0.75],
    ['1,234,567', 1234567],
    ['1,234.5', 1234.5],
    ['1.234.567', 1234567],
    ['1.234,5', 1234.5],
    ['1.234,567', 1234.567],
    ['12.345.678,9', 12345678.9],
    ['65 536', 65536],
    ['65\u202f536', 65536],
    ['65\u2009536,25', 65536.25],
    ['65_536', 65536],
    ["65'536.5", 65536.5],
    ['0.000 061 035', 0.000061035],
    ['\u200e0,05\u200b', 0.05],
    ['0,000', 0],
  ])('%s, with its separators, is %d', (text, value) => {
    expect(read(text)).toBe(value);
  });

  test.each([
    ['0,001', ['0.001', '1']],
    ['0,125', ['0.125', '125']],
    ['-0,125', ['-0.125', '-125']],
    ['1,000', ['1', '1000']],
    ['1,250', ['1.25', '1250']],
    ['65,536', ['65.536', '65536']],
    ['1234,567', ['1234.567', '1234567']],
    [',125', ['0.125', '125']],
    ['1,000e-3', ['1e-3', '1000e-3']],
    ['0,125/3', ['0.125/3', '125/3']],
    ['1 000,500', ['1000.5', '1000500']],
  ])('%s is asked about: %j', (text, texts) => {
    expect(readDouble(text)).toEqual({ kind: 'ask', texts });
  });

  test.each([
    '',
    'abc',
    '2^',
    '2^9999',
    '1e9999',
    '2^0.5',
    'Infinity',
    'NaN',
    '1/0',
    '1 2',
    '1 1/2',
    '2⁴5',
    '1,2,3',
    '1,23,456',
    '0,125,000',
    '1.2.3',
    '1,5.5',
    '12 34',
    '(((((9^9)^9)^9)^9)^9)^9',
    '1'.repeat(100_000),
  ])('%s is refused', (text) => {
    expect(readDouble(text)).toEqual({ kind: 'unreadable' });
  });

  test('bits and what no double can tell from zero have words of their own', () => {
    expect(readDouble('0x3c00').kind).toBe('bits');
    expect(readDouble('0b1').kind).toBe('bits');
    expect(readDouble('1e-400').kind).toBe('tiny');
    expect(readDouble('1e-324').kind).toBe('tiny');
    expect(read('5e-324')).toBe(5e-324);
    expect(read('0e-400')).toBe(0);
  });

  test('every double that JavaScript, a link or C writes comes back', () => {
    fc.assert(
      fc.property(double, (x) => {
        expect(read(String(x))).toBe(x === 0 ? 0 : x);
        expect(read(writeNumber(x))).toBe(x === 0 ? 0 : x);
        expect(read(String(x).replace('.', ',')) ?? 'asked').toBe(
          /\.\d{3}(e|$)/.test(String(x)) ? 'asked' : x === 0 ? 0 : x,
        );
      }),
      { numRuns: 1000 },
    );
    fc.assert(
      fc.property(
        fc.bigInt({ min: 0n, max: (1n << 53n) - 1n }),
        fc.integer({ min: -1074, max: 900 }),
        (n, p) => {
          expect(read(`0x${n.toString(16)}p${p}`)).toBe(Number(n) * 2 ** p);
        },
      ),
    );
  });

  test('what the page writes is read as what it says', () => {
    fc.assert(
      fc.property(double, (x) => {
        expect(read(shortNumber(x))).toBe(Number(shortNumber(x)));
        expect(read(`× ${shortNumber(x)}`)).toBe(Number(shortNumber(x)));
        expect(read(fieldText(x))).toBe(x === 0 ? 0 : x);
        expect(read(fieldPower(x))).toBe(x === 0 ? 0 : x);
      }),
    );
    fc.assert(
      fc.property(fc.integer({ min: -1074, max: 1023 }), (exponent) => {
        expect(read(powerText(2 ** exponent))).toBe(2 ** exponent);
        expect(read(powerLabel(exponent))).toBe(2 ** exponent);
      }),
    );
  });

  test('decimals round like those of JavaScript, of any length', () => {
    const digits = fc.stringMatching(/^\d{1,40}$/);
    fc.assert(
      fc.property(digits, digits, fc.integer({ min: -340, max: 320 }), (whole, fraction, exponent) => {
        const text = `${whole}.${fraction}e${exponent}`;
        const reading = readDouble(text);
        expect(reading.kind === 'tiny' ? 0 : read(text)).toBe(Number(text));
      }),
      { numRuns: 1000 },
    );
  });

  test('groups are read, a single one after a comma is asked about', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1_000_000, max: 2 ** 52 }), fc.nat(99), (whole, fraction) => {
        const value = Number(`${whole}.${fraction}`);
        expect(read(`${grouped(whole, ',')}.${fraction}`)).toBe(value);
        expect(read(`${grouped(whole, '.')},${fraction}`)).toBe(value);
        expect(read(`${grouped(whole, '\u202f')},${fraction}`)).toBe(value);
        expect(read(grouped(whole, ','))).toBe(whole);
      }),
    );
    fc.assert(
      fc.property(fc.nat(999_999), fc.integer({ min: 1, max: 999 }), (whole, fraction) => {
        const text = `${whole},${String(fraction).padStart(3, '0')}`;
        const reading = readDouble(text);
        expect(reading.kind === 'ask' && reading.texts.map(read)).toEqual([
          Number(text.replace(',', '.')),
          Number(text.replace(',', '')),
        ]);
      }),
    );
  });

  test('never throws, never takes long, and offers only what it can read', () => {
    const pieces = [
      ...Array.from('0123456789.,-+*/^()⁻¹⁴×·_e \u202f'),
      '0x',
      'p',
      '2p',
      '(9^9)',
      '^9',
      'inf',
      '0b',
    ];
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(fc.constantFrom(...pieces), { maxLength: 80 }).map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(text, (typed) => {
        const reading = readTyped(typed);
        const texts = reading.kind === 'typed' ? [reading.text] : reading.kind === 'ask' ? reading.texts : [];
        for (const each of texts) expect(readTyped(each)).toMatchObject({ kind: 'typed', text: each });
      }),
      { numRuns: 5000 },
    );
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

  test('fields show all of a number, so that what was typed stays what it was', () => {
    expect([0.99999, 0.0123456, 1e-8, 100, 2 ** -14, -0.5].map(fieldText)).toEqual([
      '0.99999',
      '0.0123456',
      '1e-8',
      '100',
      '0.00006103515625',
      '-0.5',
    ]);
    expect([65536, 1000.5, 0.25].map(fieldPower)).toEqual(['2^16', '1000.5', '2^-2']);
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
