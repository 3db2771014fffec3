/**
 * Stochastic rounding against its definition: of all random numbers there are, as many round away from zero as the
 * dropped part of the value says. That WebGPU gives the same bits is the subject of round-kernel.test.ts.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromBits, toBits } from './f32';
import { flushing, FORMATS, parseFormat, roundingDescriptor, saturating, type NumberFormat } from './formats';
import { roundBitsWith } from './round';

const towardZero = (u: number, format: NumberFormat): number =>
  fromBits(roundBitsWith(u, roundingDescriptor(format, 'toward-zero')));

/** Distance between the two values of the format, with unbounded exponent, around a magnitude. */
function unitAt(magnitude: number, { minNormal, epsilon }: NumberFormat): number {
  let binade = minNormal;
  while (binade * 2 <= magnitude) binade *= 2;
  return binade * epsilon;
}

/** Finite patterns that are no values of the format or are, half of them below its normal numbers. */
const within = fc
  .tuple(
    fc.constantFrom(
      ...['fp16', 'bf16', 'e4m3fn', 'e5m2', 'e2m1fn', 'e7m3', 'e5m0', 'e8m0', 'e3m20', 'e8m22'].map(
        parseFormat,
      ),
    ),
    fc.integer({ min: 0, max: 0x7fffff }),
    fc.double({ min: 0, max: 1, noNaN: true }),
    fc.boolean(),
  )
  .map(([format, significand, place, negative]) => {
    const normal = format.minNormalBits >>> 23;
    const high = (format.maxFiniteBits >>> 23) - 1;
    const low = Math.max(0, normal - format.significandBits - 12);
    const field =
      place < 0.5
        ? low + Math.floor(place * 2 * (normal - low))
        : normal + Math.floor((place - 0.5) * 2 * (high - normal));
    return [format, ((negative ? 0x80000000 : 0) | (field << 23) | significand) >>> 0] as const;
  });

describe('of all random numbers', () => {
  test('floor(2^n times the dropped part) round away from zero', () => {
    fc.assert(
      fc.property(within, fc.integer({ min: 1, max: 10 }), ([format, u], bits) => {
        const descriptor = roundingDescriptor(format, 'stochastic', bits);
        const x = Math.abs(fromBits(u));
        const below = Math.abs(towardZero(u, format));
        const unit = unitAt(x, format);
        let away = 0;
        for (let r = 0; r < 2 ** bits; r++) {
          // The lower bits of the word must not matter.
          const y = Math.abs(
            fromBits(
              roundBitsWith(
                u,
                descriptor,
                ((r << (32 - bits)) | ((r * 0x9e3779b9) % 2 ** (32 - bits))) >>> 0,
              ),
            ),
          );
          expect([below, below + unit]).toContain(y);
          if (y > below) away++;
        }
        expect(away).toBe(Math.floor(((x - below) / unit) * 2 ** bits));
      }),
      { numRuns: 400 },
    );
  });

  test('the boundary between down and up, with 32 random bits', () => {
    fc.assert(
      fc.property(within, ([format, u]) => {
        const descriptor = roundingDescriptor(format, 'stochastic', 32);
        const x = Math.abs(fromBits(u));
        const below = Math.abs(towardZero(u, format));
        const away = Math.floor(((x - below) / unitAt(x, format)) * 2 ** 32);
        const goesAway = (random: number): boolean =>
          Math.abs(fromBits(roundBitsWith(u, descriptor, random))) > below;
        const lastBelow = 2 ** 32 - away - 1;
        expect(goesAway(lastBelow)).toBe(false);
        expect(away === 0 || goesAway(lastBelow + 1)).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('what chance does not touch', () => {
  const random = fc.integer({ min: 0, max: 0xffffffff });

  test('values of the format', () => {
    fc.assert(
      fc.property(
        within,
        fc.integer({ min: 1, max: 32 }),
        random,
        random,
        ([format, u], bits, first, second) => {
          const descriptor = roundingDescriptor(format, 'stochastic', bits);
          const once = roundBitsWith(u, descriptor, first);
          expect(roundBitsWith(once, descriptor, second)).toBe(once);
        },
      ),
    );
  });

  test.each([
    [0x00000000, 0x00000000],
    [0x80000000, 0x80000000],
    [0x7f800000, 0x7f800000],
    [0xff800000, 0xff800000],
    [0xffc12345, 0x7fc00000],
  ])('%d gives %d', (u, expected) => {
    for (const word of [0, 0x7fffffff, 0xffffffff]) {
      expect(roundBitsWith(u, roundingDescriptor(FORMATS.fp16, 'stochastic'), word)).toBe(expected);
    }
  });
});

describe('at the ends of the range', () => {
  const round = (x: number, format: NumberFormat, random: number): number =>
    fromBits(roundBitsWith(toBits(x), roundingDescriptor(format, 'stochastic'), random));

  test('what is rounded away from the largest number overflows, by the rule of the format', () => {
    expect(round(65504 + 8, FORMATS.fp16, 0)).toBe(65504);
    expect(round(65504 + 8, FORMATS.fp16, 0xffffffff)).toBe(Infinity);
    expect(round(-65504 - 8, saturating(FORMATS.fp16), 0xffffffff)).toBe(-65504);
    expect(round(449, FORMATS.e4m3fn, 0xffffffff)).toBe(NaN);
    expect(round(65536, FORMATS.fp16, 0)).toBe(Infinity);
  });

  test('what is rounded to a subnormal number is flushed', () => {
    const format = flushing(FORMATS.fp16);
    const below = 2 ** -14 - 2 ** -26;
    expect(round(below, format, 0)).toBe(0);
    expect(round(-below, format, 0)).toBe(-0);
    expect(round(below, format, 0xffffffff)).toBe(2 ** -14);
  });
});
