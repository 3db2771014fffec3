import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EXACT_MODES } from '../../analysis/exact/round';
import { FORMATS, parseFormat } from '../../numerics/formats';
import { hashOfNumber, labHash, parseLab } from './link';
import { DEFAULT_LAB, OPERATIONS, inFormat, labValue, stepped, typedNumber, type LabState } from './state';

const text = fc.oneof(
  fc.constantFrom('inf', '-inf', 'nan', '-0', '1/3', '2^-14', '1 + 2^-11', '0x3c', '65504', '3·2⁻⁷'),
  fc.double({ noDefaultInfinity: true, noNaN: true }).map(String),
);

const finite = fc.double({ min: -1e40, max: 1e40, noNaN: true }).map((x) => x + 0);

const states: fc.Arbitrary<LabState> = fc
  .record({
    format: fc.constantFrom(...Object.keys(FORMATS), 'e5m7', 'e3m2', 'e8m22', 'fp16_ftz', 'e5m7_sat_ftz'),
    mode: fc.constantFrom(...EXACT_MODES),
    code: fc.nat(0xffffffff),
    typed: fc.option(text),
    operation: fc.constantFrom(...OPERATIONS),
    a: text,
    b: text,
    c: text,
    term: text,
    count: fc.integer({ min: 1, max: 100_000 }),
    block: fc
      .array(fc.constantFrom('1', '-2.5e-3', '2^-14', 'inf', '-0', '0x3f800000'), {
        minLength: 1,
        maxLength: 32,
      })
      .map((numbers) => numbers.join(', ')),
    axis: fc.constantFrom('linear' as const, 'log2' as const),
    view: fc.option(
      fc
        .tuple(finite, finite)
        .filter(([low, high]) => low < high)
        .map(([low, high]) => ({ low, high })),
    ),
  })
  .map(({ code, typed, ...rest }) => {
    const format = parseFormat(rest.format);
    const number = typed === null ? null : typedNumber(typed, format, rest.mode);
    return { ...rest, number: number ?? { kind: 'code', code: code % 2 ** format.storageBits } };
  });

describe('links to the lab', () => {
  test('what is written is read', () => {
    fc.assert(
      fc.property(states, (state) => {
        const hash = labHash(state);
        const parsed = parseLab(hash);
        expect(parsed.state).toEqual(state);
        // Codes of another format, NaN where there is none, and a stretch of the line that the format does not have.
        expect(parsed.notices.map(({ key }) => key).join('')).toMatch(/^a?b?c?t?v?$/);
        expect(hash).toMatch(/^lab(&[a-z]+=[\w.~!$'()*+,;:@/?%-]+)*$/);
      }),
      { numRuns: 500 },
    );
  });

  test('the plain page has a plain link', () => {
    expect(labHash(DEFAULT_LAB)).toBe('lab');
    expect(parseLab('lab')).toEqual({ state: DEFAULT_LAB, notices: [] });
  });

  test.each([
    ['lab&f=fp17', 'f'],
    ['lab&f=e4m3fn&n=0x100', 'n'],
    ['lab&x=banana', 'x'],
    ['lab&k=0', 'k'],
    ['lab&op=pow', 'op'],
    ['lab&zoo=1', 'zoo'],
    ['lab&a=%', 'a'],
    ['lab&v=2:1', 'v'],
    ['lab&v=1e6:2e6', 'v'],
    ['lab&a=0x10000', 'a'],
    ['lab&f=e4m3fn&op=mul&b=0x3c00', 'b'],
    ['lab&f=e2m1fn&c=nan', 'c'],
    ['lab&f=e4m3fn&t=0x3c00', 't'],
  ])('%s opens with a notice for %s', (hash, key) => {
    expect(parseLab(hash).notices.map((notice) => notice.key)).toEqual([key]);
  });

  test('a number from elsewhere arrives as what it is', () => {
    expect(hashOfNumber(65536, 'fp16')).toBe('lab&x=65536');
    expect(hashOfNumber(2048, 'bf16')).toBe('lab&f=bf16&n=0x4500');
    expect(hashOfNumber(Math.fround(0.1), 'fp32')).toBe('lab&f=fp32&n=0x3dcccccd');
    expect(hashOfNumber(0.04737, 'fp32')).toBe('lab&f=fp32&x=0.04737');
    expect(hashOfNumber(-Infinity, 'fp16')).toBe('lab&n=0xfc00');
    expect(hashOfNumber(NaN, 'fp16')).toBe('lab&n=0x7e00');
  });
});

describe('the number', () => {
  const open = (hash: string): LabState => parseLab(hash).state;

  test('keeps its exact value on the way through coarser formats', () => {
    const tenth = open('lab&f=fp32&x=0.1');
    const there = inFormat(tenth, 'e4m3fn');
    expect(labValue(inFormat(there, 'fp32')).code).toBe(labValue(tenth).code);
    const single = open('lab&f=fp32&n=0x3dcccccd');
    expect(inFormat(inFormat(single, 'fp16'), 'fp32').number).toEqual(single.number);
  });

  test('infinity and NaN go along', () => {
    expect(inFormat(open('lab&n=0x7c00'), 'bf16').number).toEqual({ kind: 'code', code: 0x7f80 });
    expect(labValue(inFormat(open('lab&n=0xfc00'), 'e4m3fn')).bits).toBe(0x7fc00000);
    expect(inFormat(open('lab&n=0x8000'), 'e5m2').number).toEqual({ kind: 'code', code: 0x80 });
  });

  test('NaN does not go where it has no code', () => {
    expect(labValue(inFormat(open('lab&n=0x7e00'), 'e2m1fn')).bits).not.toBe(0x7fc00000);
    expect(typedNumber('nan', FORMATS.e2m1fn, 'nearest-even')).toBeNull();
    expect(labValue(inFormat(open('lab&n=0x7c00'), 'e2m1fn')).real).toEqual({ n: 6n, d: 1n });
  });

  test('steps through all values of a format', () => {
    let state = open('lab&f=e5m2&n=0xfc');
    const seen = new Set<number>();
    for (let step = 0; step < 300; step++) {
      seen.add(labValue(state).bits);
      state = stepped(state, 1);
    }
    // 247 finite values of which the negative zero is not stepped on, and the two infinities.
    expect(seen.size).toBe(249);
    expect(labValue(state).bits).toBe(0x7f800000);
  });
});
