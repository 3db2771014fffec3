import { describe, expect, test } from 'vitest';
import { decodeVectors, roundingVectors } from '../testing/vectors';
import { decode, encode } from './codes';
import { FORMATS, parseFormat, type NumberFormat } from './formats';
import { roundBits } from './round';
import { refusal } from '../testing/said';

const isNaNBits = (u: number): boolean => (u & 0x7fffffff) > 0x7f800000;

describe('decode', () => {
  test.each([
    ['e4m3fn', FORMATS.e4m3fn],
    ['e5m2', FORMATS.e5m2],
  ] as const)('all codes of %s', (name, format) => {
    const expected = decodeVectors(name);
    for (let code = 0; code < 256; code++) {
      const wanted = isNaNBits(expected[code]) ? 0x7fc00000 : expected[code];
      expect([code, decode(code, format)]).toEqual([code, wanted]);
    }
  });

  test('landmarks of fp16', () => {
    expect(decode(0x3c00, FORMATS.fp16)).toBe(0x3f800000);
    expect(decode(0x8001, FORMATS.fp16)).toBe(0xb3800000);
    expect(decode(0x7bff, FORMATS.fp16)).toBe(0x477fe000);
    expect(decode(0xfc00, FORMATS.fp16)).toBe(0xff800000);
    expect(decode(0xfe01, FORMATS.fp16)).toBe(0x7fc00000);
  });

  test('the codes of bf16, TF32 and FP32 are the upper bits of their f32 pattern', () => {
    for (const [format, shift] of [
      [FORMATS.bf16, 16],
      [FORMATS.tf32, 13],
      [FORMATS.fp32, 0],
    ] as const) {
      for (const u of [0x3fe00000, 0x00010000, 0x80020000, 0x7f800000, 0xff7f0000, 0x80000000]) {
        expect(decode(u / 2 ** shift, format)).toBe(u);
        expect(encode(u, format)).toBe(u / 2 ** shift);
      }
    }
  });
});

describe('encode', () => {
  test.each(['fp16', 'bf16', 'tf32', 'e4m3fn', 'e4m3fn_sat', 'e5m2', 'e5m2_sat'] as const)(
    'the codes in rounding-%s.bin',
    (name) => {
      const { rows, inputs, expected, codes } = roundingVectors(name);
      const format = FORMATS[name];
      const wrong: string[] = [];
      for (let i = 0; i < rows; i++) {
        const code = encode(roundBits(inputs[i], format), format);
        // No sign of a NaN is prescribed.
        const same = isNaNBits(expected[i]) ? isNaNBits(decode(code, format)) : code === codes[i];
        if (!same)
          wrong.push(`${inputs[i].toString(16)}: ${code.toString(16)}, not ${codes[i].toString(16)}`);
      }
      expect(wrong.slice(0, 5)).toEqual([]);
    },
  );

  test.each<NumberFormat>([
    FORMATS.fp16,
    FORMATS.bf16,
    FORMATS.e4m3fn,
    FORMATS.e4m3fn_sat,
    FORMATS.e5m2,
    FORMATS.e5m2_sat,
    FORMATS.e3m2fn,
    FORMATS.e2m3fn,
    FORMATS.e2m1fn,
    ...['e5m0', 'e8m0', 'e2m1', 'e3m2', 'e4m3', 'e2m13', 'e7m8', 'e8m1'].map(parseFormat),
  ])('inverts decode for all codes of $name, and rounding keeps every value', (format) => {
    const wrong: number[] = [];
    let values = 0;
    for (let code = 0; code < 2 ** format.storageBits; code++) {
      const u = decode(code, format);
      if (isNaNBits(u)) continue;
      values++;
      const representable = (u & 0x7fffffff) !== 0x7f800000 || format.overflow === 'infinity';
      if (encode(u, format) !== code || (representable && roundBits(u, format) !== u)) wrong.push(code);
    }
    expect(wrong).toEqual([]);
    const nanOfEachSign = format.hasInfinity ? 2 ** format.significandBits - 1 : 1;
    const nanCodes = format.hasNaN ? 2 * nanOfEachSign : 0;
    expect(values).toBe(2 ** format.storageBits - nanCodes);
  });

  test('the codes of positive numbers are in the order of their values', () => {
    for (const format of [FORMATS.fp16, FORMATS.e4m3fn, parseFormat('e3m4')]) {
      const largest = encode(format.maxFiniteBits, format);
      const codes = Array.from({ length: largest }, (_, code) => code);
      expect(codes.filter((code) => decode(code + 1, format) <= decode(code, format))).toEqual([]);
    }
  });

  test('NaN has the quiet code', () => {
    const withNaN = Object.values(FORMATS).filter(({ hasNaN }) => hasNaN);
    const codes = withNaN.map((format) => [format.name, encode(0xffc01234, format)]);
    expect(Object.fromEntries(codes)).toEqual({
      fp32: 0x7fc00000,
      tf32: 0x3fe00,
      fp16: 0x7e00,
      bf16: 0x7fc0,
      e4m3fn: 0x7f,
      e4m3fn_sat: 0x7f,
      e5m2: 0x7e,
      e5m2_sat: 0x7e,
    });
  });
  test.each([FORMATS.e3m2fn, FORMATS.e2m3fn, FORMATS.e2m1fn])('$name has no code for NaN', (format) => {
    expect(refusal(() => encode(0x7fc00000, format))).toBe(`${format.label} has no code for NaN.`);
  });
});
