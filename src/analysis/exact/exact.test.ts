import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decode } from '../../numerics/codes';
import {
  FORMATS,
  defineFormat,
  parseFormat,
  roundingDescriptor,
  type NumberFormat,
} from '../../numerics/formats';
import { CANONICAL_NAN, roundBitsWith } from '../../numerics/round';
import { exactDecimal, shortestDecimal } from './decimal';
import { neighbour, roundingInterval, ulpExponent, valueBits } from './neighbours';
import { parseTyped } from './parse';
import {
  add,
  compare,
  fromNumber,
  midpoint,
  multiply,
  powerOfTwo,
  subtract,
  toNumber,
  type Rational,
} from './rational';
import { EXACT_MODES, isFinite, roundExact, valueOf, type ExactMode } from './round';

const flushingFp16 = defineFormat({ ...FORMATS.fp16, name: 'fp16 flushing', subnormals: 'flush' });
const CASES: NumberFormat[] = [
  ...Object.values(FORMATS),
  parseFormat('e2m1'),
  parseFormat('e5m0'),
  parseFormat('e8m22'),
  flushingFp16,
];
const SMALL = CASES.filter(({ storageBits }) => storageBits <= 8);

const floatBits = (x: number): number => new Uint32Array(Float32Array.of(x).buffer)[0];
const asFloat = (bits: number): number => new Float32Array(Uint32Array.of(bits).buffer)[0];
const anyFormat = fc.constantFrom(...CASES);
const anyMode = fc.constantFrom(...EXACT_MODES);
/** Finite bits, of all exponents alike, and near the borders of a format. */
const anyBits = fc.oneof(
  fc.integer({ min: 0, max: 0xffffffff }).filter(isFinite),
  fc.double({ noDefaultInfinity: true, noNaN: true, min: -70000, max: 70000 }).map(floatBits),
);

describe('rational numbers', () => {
  test('doubles survive the way there and back', () => {
    fc.assert(
      fc.property(fc.double({ noDefaultInfinity: true, noNaN: true }), (x) => {
        expect(toNumber(fromNumber(x))).toBe(x === 0 ? 0 : x);
      }),
    );
  });

  test('f32 bits have their value', () => {
    fc.assert(fc.property(anyBits, (bits) => compare(valueOf(bits), fromNumber(asFloat(bits))) === 0));
  });
});

describe('exact rounding', () => {
  test('agrees with round.ts on every f32 value, in every direction', () => {
    fc.assert(
      fc.property(anyBits, anyFormat, anyMode, (bits, format, mode) => {
        const expected = roundBitsWith(bits, roundingDescriptor(format, mode));
        expect(roundExact(valueOf(bits), format, mode, bits >>> 31 === 1).bits).toBe(expected);
      }),
      { numRuns: 5000 },
    );
  });

  test('rounds sums and products as binary64 does before FP32', () => {
    const f32 = fc.float({ noDefaultInfinity: true, noNaN: true, min: -(2 ** 60), max: 2 ** 60 });
    fc.assert(
      fc.property(f32, f32, (a, b) => {
        // 53 >= 2·24 + 2 bits: rounding the double once more is rounding once.
        const product = multiply(fromNumber(a), fromNumber(b));
        const sum = add(fromNumber(a), fromNumber(b));
        const rounded = (x: Rational): number => asFloat(roundExact(x, FORMATS.fp32, 'nearest-even').bits);
        expect(rounded(product) + 0).toBe(Math.fround(a * b) + 0);
        expect(rounded(sum) + 0).toBe(Math.fround(a + b) + 0);
      }),
    );
  });

  test('beyond f32 the directions know where to stop', () => {
    const huge = powerOfTwo(300);
    expect(roundExact(huge, FORMATS.bf16, 'nearest-even').bits).toBe(0x7f800000);
    expect(roundExact(huge, FORMATS.fp32, 'down').bits).toBe(0x7f7fffff);
    expect(roundExact(powerOfTwo(-300), FORMATS.fp32, 'up').bits).toBe(1);
    expect(roundExact(powerOfTwo(-300), FORMATS.fp32, 'nearest-even')).toMatchObject({
      bits: 0,
      underflow: true,
    });
  });

  test('tells a tie', () => {
    const { dropped, kept, away } = roundExact(fromNumber(2049), FORMATS.fp16, 'nearest-even');
    expect({ dropped: toNumber(dropped), kept, away }).toEqual({ dropped: 0.5, kept: 1024n, away: false });
  });
});

describe('neighbours and intervals', () => {
  test.each(SMALL.map((format) => [format.name, format] as const))(
    '%s: every value in its place',
    (_, format) => {
      const codes = Array.from({ length: 2 ** (format.storageBits - 1) }, (__, code) => decode(code, format));
      const values = codes.filter(isFinite);
      values.slice(1).forEach((bits, index) => {
        const before = values[index];
        expect(neighbour(before, format, 1)).toBe(bits);
        expect(toNumber(powerOfTwo(ulpExponent(before, format)))).toBe(asFloat(bits) - asFloat(before));
      });
      expect(neighbour(format.maxFiniteBits, format, 1)).toBe(format.hasInfinity ? 0x7f800000 : null);
      expect(asFloat(neighbour(0, format, -1) ?? NaN)).toBe(-format.minSubnormal);
    },
  );

  const ends = (bits: number, format: NumberFormat, mode: ExactMode): unknown => {
    const interval = roundingInterval(bits, format, mode);
    return interval && [interval.low, interval.high].map(({ at, closed }) => [at && toNumber(at), closed]);
  };

  test('ties to even close the interval of even values only', () => {
    expect(ends(floatBits(1), FORMATS.fp16, 'nearest-even')).toEqual([
      [1 - 2 ** -12, true],
      [1 + 2 ** -11, true],
    ]);
    expect(ends(floatBits(1 + 2 ** -10), FORMATS.fp16, 'nearest-even')).toEqual([
      [1 + 2 ** -11, false],
      [1 + 3 * 2 ** -11, false],
    ]);
    expect(ends(0, FORMATS.fp16, 'nearest-even')).toEqual([
      [0, true],
      [2 ** -25, true],
    ]);
    expect(ends(0x80000000, FORMATS.fp16, 'nearest-even')).toEqual([
      [-(2 ** -25), true],
      [0, false],
    ]);
  });

  test('the ends of the formats', () => {
    expect(ends(floatBits(65504), FORMATS.fp16, 'nearest-even')).toEqual([
      [65488, false],
      [65520, false],
    ]);
    expect(ends(0x7f800000, FORMATS.fp16, 'nearest-even')).toEqual([
      [65520, true],
      [null, false],
    ]);
    expect(ends(floatBits(448), FORMATS.e4m3fn, 'nearest-even')).toEqual([
      [432, true],
      [464, true],
    ]);
    expect(ends(floatBits(448), FORMATS.e4m3fn_sat, 'nearest-even')).toEqual([
      [432, true],
      [null, false],
    ]);
    expect(ends(CANONICAL_NAN, FORMATS.fp16, 'nearest-even')).toBeNull();
    expect(ends(floatBits(2 ** -14), flushingFp16, 'nearest-even')).toEqual([
      [2 ** -14 - 2 ** -26, true],
      [2 ** -14 + 2 ** -25, true],
    ]);
  });

  test('whatever rounds to a value lies in its interval, and nothing else', () => {
    fc.assert(
      fc.property(
        anyBits,
        anyFormat,
        anyMode,
        fc.integer({ min: -6, max: 6 }),
        (source, format, mode, eighths) => {
          const bits = roundExact(valueOf(source), format, mode).bits;
          const interval = roundingInterval(bits, format, mode);
          if (!interval || !isFinite(bits)) return;
          const unit = multiply(powerOfTwo(ulpExponent(bits, format)), { n: BigInt(eighths), d: 8n });
          const x = add(valueOf(bits), unit);
          const within =
            (!interval.low.at || compare(x, interval.low.at) >= (interval.low.closed ? 0 : 1)) &&
            (!interval.high.at || compare(x, interval.high.at) <= (interval.high.closed ? 0 : -1));
          expect(roundExact(x, format, mode).bits === bits).toBe(within);
        },
      ),
      { numRuns: 1000 },
    );
  });

  test('codes of subnormals count as zeros where they are flushed', () => {
    expect(valueBits(1, flushingFp16)).toBe(0);
    expect(valueBits(0x8001, flushingFp16)).toBe(0x80000000);
    expect(neighbour(0, flushingFp16, 1)).toBe(flushingFp16.minNormalBits);
  });
});

describe('decimals', () => {
  test('the shortest decimal of FP32 has as few digits as the one of JavaScript would for binary32', () => {
    expect(shortestDecimal(floatBits(0.1), FORMATS.fp32)).toBe('0.1');
    expect(shortestDecimal(floatBits(65504), FORMATS.fp16)).toBe('65500');
    expect(shortestDecimal(floatBits(2 ** -24), FORMATS.fp16)).toBe('6e-8');
    expect(shortestDecimal(floatBits(-448), FORMATS.e4m3fn)).toBe('−450');
  });

  test('it comes back to the same bits', () => {
    fc.assert(
      fc.property(anyBits, anyFormat, (source, format) => {
        const bits = roundBitsWith(source, format.nearestEven);
        if (!isFinite(bits)) return;
        const typed = parseTyped(shortestDecimal(bits, format));
        if (typed?.kind !== 'real') throw new Error('not a number');
        expect(roundExact(typed.value, format, 'nearest-even', typed.negativeZero).bits).toBe(bits);
      }),
      { numRuns: 500 },
    );
  });

  test('the exact expansion is exact', () => {
    expect(exactDecimal(valueOf(floatBits(0.1)))).toEqual({
      text: '0.100000001490116119384765625',
      complete: true,
    });
    expect(exactDecimal({ n: 1n, d: 3n }, 5)).toEqual({ text: '0.33333', complete: false });
  });
});

describe('typed numbers', () => {
  test.each([
    ['65,504', null],
    ['6.5e4', 65000],
    ['2^-14', 2 ** -14],
    ['2⁻¹⁴', 2 ** -14],
    ['3·2^4', 48],
    ['1 + 2^-11', 1 + 2 ** -11],
    ['-(1/4)', -0.25],
    ['1/0', null],
    ['1e9999', null],
    ['((2^99)^99)^99', null],
    ['banana', null],
    ['', null],
  ])('%s', (text, expected) => {
    const typed = parseTyped(text);
    expect(typed?.kind === 'real' ? toNumber(typed.value) : null).toBe(expected);
  });

  test('bits, infinities and NaN', () => {
    expect(parseTyped('0x3C00')).toEqual({ kind: 'code', code: 0x3c00 });
    expect(parseTyped('0b0_01111_0000000000')).toEqual({ kind: 'code', code: 0x3c00 });
    expect(parseTyped('−∞')).toEqual({ kind: 'infinity', negative: true });
    expect(parseTyped('NaN')).toEqual({ kind: 'nan' });
    expect(parseTyped('-0')).toMatchObject({ kind: 'real', negativeZero: true });
  });

  test('every real number, midpoints and thirds included, is read as it is', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 1, max: 999 }), (n, d) => {
        const typed = parseTyped(`${n}/${d}`);
        expect(typed?.kind === 'real' && compare(typed.value, { n: BigInt(n), d: BigInt(d) })).toBe(0);
        expect(
          compare(subtract(midpoint({ n: 1n, d: 1n }, { n: 3n, d: 1n }), { n: 2n, d: 1n }), { n: 0n, d: 1n }),
        ).toBe(0);
      }),
    );
  });
});
