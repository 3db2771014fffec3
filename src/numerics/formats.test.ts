import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { flushing, FORMATS, formatWords, parseFormat, roundingDescriptor, saturating } from './formats';
import { refusal } from '../testing/said';

/**
 * Published limits: IEEE 754-2019 table 3.5, OCP 8-bit Floating Point Specification 1.0 tables 1 and 2, OCP
 * Microscaling Formats (MX) Specification 1.0 tables 4 and 5.
 */
const PUBLISHED = {
  fp32: { bits: 32, max: 3.4028234663852886e38, normal: 2 ** -126, subnormal: 2 ** -149, epsilon: 2 ** -23 },
  tf32: { bits: 19, max: 3.4011621342146535e38, normal: 2 ** -126, subnormal: 2 ** -136, epsilon: 2 ** -10 },
  fp16: { bits: 16, max: 65504, normal: 2 ** -14, subnormal: 2 ** -24, epsilon: 2 ** -10 },
  bf16: { bits: 16, max: 3.3895313892515355e38, normal: 2 ** -126, subnormal: 2 ** -133, epsilon: 2 ** -7 },
  e4m3fn: { bits: 8, max: 448, normal: 2 ** -6, subnormal: 2 ** -9, epsilon: 2 ** -3 },
  e4m3fn_sat: { bits: 8, max: 448, normal: 2 ** -6, subnormal: 2 ** -9, epsilon: 2 ** -3 },
  e5m2: { bits: 8, max: 57344, normal: 2 ** -14, subnormal: 2 ** -16, epsilon: 2 ** -2 },
  e5m2_sat: { bits: 8, max: 57344, normal: 2 ** -14, subnormal: 2 ** -16, epsilon: 2 ** -2 },
  e3m2fn: { bits: 6, max: 28, normal: 0.25, subnormal: 0.0625, epsilon: 2 ** -2 },
  e2m3fn: { bits: 6, max: 7.5, normal: 1, subnormal: 0.125, epsilon: 2 ** -3 },
  e2m1fn: { bits: 4, max: 6, normal: 1, subnormal: 0.5, epsilon: 2 ** -1 },
};

const float = new Float32Array(1);
const bits = new Uint32Array(float.buffer);
function f32Bits(x: number): number {
  float[0] = x;
  return bits[0];
}

describe('named formats', () => {
  test.each(Object.values(FORMATS))('$name has the published limits', (format) => {
    const published = PUBLISHED[format.name as keyof typeof PUBLISHED];
    expect({
      bits: format.storageBits,
      max: format.maxFinite,
      normal: format.minNormal,
      subnormal: format.minSubnormal,
      epsilon: format.epsilon,
    }).toEqual(published);
    expect(format.maxFiniteBits).toBe(f32Bits(format.maxFinite));
    expect(format.minNormalBits).toBe(f32Bits(format.minNormal));
    expect(parseFormat(format.name)).toBe(format);
  });

  test('the registry is keyed by name', () => {
    for (const [name, format] of Object.entries(FORMATS)) expect(format.name).toBe(name);
  });
});

describe('parseFormat', () => {
  test('e<X>m<Y> of a named format is that format', () => {
    expect(parseFormat('e8m23')).toBe(FORMATS.fp32);
    expect(parseFormat('e8m10')).toBe(FORMATS.tf32);
    expect(parseFormat('e5m10')).toBe(FORMATS.fp16);
    expect(parseFormat('e8m7')).toBe(FORMATS.bf16);
    expect(parseFormat('e5m2')).toBe(FORMATS.e5m2);
  });

  test('e4m3 is IEEE-like, unlike e4m3fn', () => {
    expect(parseFormat('e4m3')).toMatchObject({ maxFinite: 240, hasInfinity: true, label: 'E4M3' });
  });

  test('equal names give the same object, however they are spelled', () => {
    expect(parseFormat('e06m09')).toBe(parseFormat('e6m9'));
    expect(parseFormat('e6m9').name).toBe('e6m9');
  });

  test.each([
    ['fp16_sat', { overflow: 'saturate', subnormals: 'keep', maxFinite: 65504 }],
    ['fp16_ftz', { overflow: 'infinity', subnormals: 'flush', minSubnormal: 2 ** -14 }],
    ['fp16_sat_ftz', { overflow: 'saturate', subnormals: 'flush' }],
    ['e4m3fn_ftz', { overflow: 'nan', subnormals: 'flush', maxFinite: 448 }],
    ['e3m4_sat', { overflow: 'saturate', exponentBits: 3, label: 'E3M4, SAT' }],
  ])('%s is a variant', (name, expected) => {
    expect(parseFormat(name)).toMatchObject({ name, ...expected });
    expect(parseFormat(name)).toBe(parseFormat(name));
  });

  test('variants of variants', () => {
    expect(saturating(FORMATS.e4m3fn)).toBe(FORMATS.e4m3fn_sat);
    expect(saturating(FORMATS.e2m1fn)).toBe(FORMATS.e2m1fn);
    expect(saturating(flushing(FORMATS.fp16))).toBe(flushing(saturating(FORMATS.fp16)));
    expect(flushing(parseFormat('e5m10_ftz'))).toBe(flushing(FORMATS.fp16));
    // However often, and in whatever order: links may say it.
    expect(parseFormat('e5m10_ftz_sat')).toBe(parseFormat('fp16_sat_ftz'));
    expect(parseFormat(`e5m10${'_ftz'.repeat(25_000)}`)).toBe(flushing(FORMATS.fp16));
  });

  test.each([
    ['fp17_ftz', 'Unknown number format "fp17"'],
    ['_sat', 'Unknown number format ""'],
    ['fp17', 'Unknown number format "fp17". Use one of fp32, tf32, fp16'],
    ['', 'Unknown number format ""'],
    ['E5M2', 'Unknown number format "E5M2"'],
    ['e5m', 'Unknown number format "e5m"'],
    ['toString', 'Unknown number format "toString"'],
    ['e1m5', 'has 1 exponent bits; 2 to 8 are possible'],
    ['e9m5', 'has 9 exponent bits; 2 to 8 are possible'],
    ['e5m24', 'has 24 significand bits; 0 to 23 are possible'],
  ])('%j is refused with a reason', (name, message) => {
    expect(refusal(() => parseFormat(name))).toContain(message);
  });

  test('every e<X>m<Y> has consistent limits', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 8 }), fc.integer({ min: 1, max: 23 }), (x, y) => {
        const format = parseFormat(`e${x}m${y}`);
        expect(format.storageBits).toBe(1 + x + y);
        expect(format.maxFiniteBits).toBe(f32Bits(format.maxFinite));
        expect(format.minNormalBits).toBe(f32Bits(format.minNormal));
        // The ratio of the largest to the smallest normal value takes all exponents but two.
        expect(Math.floor(Math.log2(format.maxFinite / format.minNormal))).toBe(2 ** x - 3);
        expect(format.minSubnormal).toBe(format.minNormal * format.epsilon);
      }),
    );
  });
});

describe('formatWords', () => {
  test('is the documented layout', () => {
    // flags: shift 13, tie to even (bit 12), largest exponent field 142
    expect(formatWords(FORMATS.fp16)).toEqual([
      0x38800000,
      0x477fe000 - 0x38800000,
      0xfff,
      13 | 0x1000 | (142 << 16),
    ]);
    expect(formatWords(FORMATS.fp32)).toEqual([0, 0x7f7fffff, 0, 254 << 16]);
    expect(formatWords(FORMATS.e4m3fn_sat, 'up')).toEqual([
      0x3c800000,
      0,
      0,
      20 | (3 << 5) | (2 << 8) | 0x800 | (135 << 16),
    ]);
    expect(formatWords(FORMATS.tf32, 'nearest-away')).toEqual([
      0,
      0x7f7fe000,
      0x1000,
      13 | (1 << 5) | (254 << 16),
    ]);
    expect(formatWords(FORMATS.fp16, 'stochastic', 8)).toEqual([
      0x38800000,
      0,
      0,
      13 | (5 << 5) | (142 << 16) | (8 << 24),
    ]);
  });

  test.each([0, 33, 1.5, NaN])('%d random bits are refused', (bits) => {
    expect(refusal(() => roundingDescriptor(FORMATS.fp16, 'stochastic', bits))).toContain(
      '1 to 32 random bits',
    );
  });
});
