/** That the one table is what all three languages see: sizes, offsets, and the text of the modules made of it. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { layoutAssembly, layoutShader } from '../../../scripts/layout-modules';
import { ACCUMULATION_WORDS, accumulationWords } from '../../numerics/accumulation-procedures';
import { FORMATS, formatWords, roundingDescriptor } from '../../numerics/formats';
import { block, f32, f64, i32, nested, pad, struct, u32 } from './struct';
import {
  ACCUMULATION_LAYOUT,
  CONTROL_LAYOUT,
  COUNTER_LAYOUT,
  FORMAT_LAYOUT,
  HEADER_LAYOUT,
  LANE_LAYOUT,
  POLICY_LAYOUT,
  VIEW_LAYOUT,
} from './tables';

const INNER = struct('Inner', '', { a: u32(), b: f32() });
const MIXED = struct('Mixed', '', {
  first: f64(),
  gap: pad(1),
  second: i32(),
  third: f32(),
  many: block('u32', 3),
  inner: nested(INNER),
  last: u32(),
});

const BITS = fc.integer({ min: 0, max: 2 ** 32 - 1 });

describe('a structure', () => {
  test('has its fields one behind the other', () => {
    expect(MIXED.at).toEqual({ first: 0, second: 3, third: 4, many: 5, inner: 8, last: 10 });
    expect(MIXED.words).toBe(11);
    expect(MIXED.bytes).toBe(44);
  });

  test('gives back what was stored', () => {
    const values = fc.record({
      first: fc.double(),
      second: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
      third: fc.float({ noNaN: true }),
      many: fc.uint32Array({ minLength: 3, maxLength: 3 }),
      inner: fc.uint32Array({ minLength: 2, maxLength: 2 }),
      last: BITS,
    });
    fc.assert(
      fc.property(values, fc.nat(5), (stored, base) => {
        const words = new Uint32Array(base + MIXED.words + 1).fill(7);
        MIXED.write(words, stored, base);
        expect(MIXED.read(words, base)).toEqual(stored);
        expect([...words.subarray(0, base), words[base + 2], words[base + MIXED.words]]).toEqual(
          Array.from({ length: base + 2 }, () => 7),
        );
      }),
    );
  });

  test('stores a double with its upper word first', () => {
    const words = new Uint32Array(MIXED.words);
    MIXED.write(words, { first: 1 });
    expect([...words.subarray(0, 2)]).toEqual([0x3ff00000, 0]);
  });

  test('keeps the fields that are not mentioned', () => {
    const words = new Uint32Array(MIXED.words);
    MIXED.write(words, { last: 5, third: 1 });
    MIXED.write(words, { last: 6 });
    expect(MIXED.read(words)).toMatchObject({ last: 6, third: 1 });
  });

  test('refuses more words than a field has', () => {
    const words = new Uint32Array(MIXED.words);
    expect(() => MIXED.write(words, { many: [1, 2, 3, 4] })).toThrow('Mixed.many has 3 words, not 4');
  });
});

describe('the tables agree with', () => {
  test('the words of a format', () => {
    const format = FORMATS.fp16;
    const { low, span, increment, flags } = roundingDescriptor(format);
    const words = new Uint32Array(formatWords(format));
    expect(FORMAT_LAYOUT.read(words)).toEqual({ low, span, increment, flags });
  });

  test('the words of an accumulation', () => {
    const { fp16, fp32 } = FORMATS;
    const words = accumulationWords({ kind: 'fp32' }, fp16, fp16, fp32);
    expect(ACCUMULATION_LAYOUT.words).toBe(ACCUMULATION_WORDS);
    expect(words.length).toBe(ACCUMULATION_WORDS);
    expect(words.slice(ACCUMULATION_LAYOUT.at.format)).toEqual(formatWords(fp32));
  });

  test('uniform buffers, whose blocks and arrays have whole vec4s', () => {
    expect([CONTROL_LAYOUT, FORMAT_LAYOUT, VIEW_LAYOUT].map(({ words }) => words % 4)).toEqual([0, 0, 0]);
  });
});

const STRUCTS = [
  ACCUMULATION_LAYOUT,
  CONTROL_LAYOUT,
  COUNTER_LAYOUT,
  FORMAT_LAYOUT,
  HEADER_LAYOUT,
  LANE_LAYOUT,
  POLICY_LAYOUT,
  VIEW_LAYOUT,
];

/** Words of every member of a WGSL struct, which here has members of four bytes, arrays of such and structs of such. */
function shaderOffsets(text: string, name: string): Map<string, number> {
  const body = new RegExp(`struct ${name} \\{([^}]*)\\}`).exec(text)?.[1] ?? '';
  const offsets = new Map<string, number>();
  let words = 0;
  for (const [, member, type] of body.matchAll(/^ {2}(\w+): (.+),$/gm)) {
    offsets.set(member, words);
    const array = /^array<[uf]32, (\d+)>$/.exec(type);
    if (array) words += Number(array[1]);
    else words += /^[uf]32$/.test(type) ? 1 : (shaderOffsets(text, type).get('') ?? 0);
  }
  return offsets.set('', words);
}

describe('the shader module', () => {
  test.each(STRUCTS.map((layout) => [layout.name, layout] as const))('has %s where it is', (name, layout) => {
    const offsets = shaderOffsets(layoutShader(), name);
    expect(offsets.get('')).toBe(layout.words);
    const members = Object.keys(layout.at).map((key) => {
      const member = key.replaceAll(/(?<=.)[A-Z]/g, '_$&').toLowerCase();
      return offsets.get(member) ?? offsets.get(`${member}_high`);
    });
    expect(members).toEqual(Object.values(layout.at));
  });

  test('names every offset', () => {
    const text = layoutShader();
    expect(text).toContain(`const LANE_SKIPPED_STEPS: u32 = ${LANE_LAYOUT.at.skippedSteps}u;`);
    expect(text).toContain(`const COUNTER_WORDS: u32 = ${COUNTER_LAYOUT.words}u;`);
  });
});

test('the assembly module counts in bytes', () => {
  const text = layoutAssembly();
  expect(text).toContain(`export const LANE_SKIPPED_STEPS: usize = ${4 * LANE_LAYOUT.at.skippedSteps};`);
  expect(text).toContain(`export const HEADER_BYTES: usize = ${4 * HEADER_LAYOUT.words};`);
});
