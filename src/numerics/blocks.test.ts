import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { roundBlocksOnDevice } from '../examination/blocks-device';
import { requestNodeDevice } from '../backends/webgpu/node';
import { bitsOf, referenceRound, valueOf } from '../testing/reference-rounding';
import {
  BLOCK_FORMATS,
  flushingElements,
  roundBlocks,
  SCALE_ROUNDINGS,
  type BlockFormat,
  type BlockRounding,
} from './blocks';
import { DEFAULT_RANDOM_BITS, FORMATS, ROUNDING_MODES, type NumberFormat } from './formats';
import { randomWord } from './philox';

let device: GPUDevice;
beforeAll(async () => {
  device = await requestNodeDevice();
});
afterAll(() => {
  device.destroy();
});

const named = (name: string): BlockFormat => {
  const format = BLOCK_FORMATS.find((candidate) => candidate.name === name);
  if (!format) throw new Error(`there is no ${name}`);
  return format;
};

const plain = (format: BlockFormat): BlockRounding => ({
  format,
  mode: 'nearest-even',
  randomBits: DEFAULT_RANDOM_BITS,
  scaleRounding: 'floor',
  seed: 0,
});

const wordsOf = (values: readonly number[]): Uint32Array => new Uint32Array(Float32Array.from(values).buffer);
const valuesOf = (words: Uint32Array): number[] => [...new Float32Array(Uint32Array.from(words).buffer)];
const rounded = (values: readonly number[], rounding: BlockRounding): number[] =>
  valuesOf(roundBlocks(wordsOf(values), rounding));

/** Every exponent, subnormals included, in blocks whose numbers lie near each other or far apart; no infinities. */
function tensor(length: number, seed: number): Uint32Array {
  return Uint32Array.from({ length }, (_, i) => {
    const block = i >> 4;
    const spread = [1, 6, 20, 60][block % 4];
    const word = randomWord(seed, 0, i);
    const top = block % 255;
    const exponent = Math.max(0, top - (randomWord(seed, 2, i) % spread));
    return word % 23 === 0 ? word & 0x80000000 : (word & 0x807fffff) | (exponent << 23);
  });
}

/**
 * The nearest number of a format that saturates. A quotient that is no normal f32 lies so far below the numbers of all
 * elements that its own rounding changes nothing.
 */
const nearestElement = (v: number, element: NumberFormat): number =>
  valueOf(referenceRound(bitsOf(v), element, 'nearest-even'));

/** floor(log2(x)) by comparison: logarithms round. */
function exponentOf(x: number): number {
  let exponent = Math.round(Math.log2(x));
  while (2 ** exponent > x) exponent--;
  while (2 ** (exponent + 1) <= x) exponent++;
  return exponent;
}

function blocksOf(values: readonly number[], size: number): number[][] {
  return Array.from({ length: Math.ceil(values.length / size) }, (_, i) =>
    values.slice(i * size, (i + 1) * size),
  );
}

describe('MX', () => {
  const formats = BLOCK_FORMATS.filter(({ scale }) => scale === 'e8m0');

  test.each(formats.map(({ name }) => name))('%s is its definition, in doubles', (name) => {
    const format = named(name);
    const { element, size } = format;
    const values = valuesOf(tensor(8192 + 5, 3));
    for (const scaleRounding of SCALE_ROUNDINGS) {
      const expected = blocksOf(values, size).flatMap((block) => {
        const largest = Math.max(...block.map(Math.abs));
        if (largest === 0) return block;
        const floor = exponentOf(largest) - exponentOf(element.maxFinite);
        const power = scaleRounding === 'up' && largest / 2 ** floor > element.maxFinite ? floor + 1 : floor;
        const x = 2 ** Math.max(power, -127);
        // Math.fround for the one result that f32 does not hold, 2^128.
        return block.map((v) => Math.fround(nearestElement(v / x, element) * x));
      });
      const found = rounded(values, { ...plain(format), scaleRounding });
      expect(found).toEqual(expected);
    }
  });

  test('floor lets the largest element saturate, up does not', () => {
    const format = named('mxfp4');
    const block = [7.9, 1, 0.26, -0.25, 0, -0];
    // X = 1: 7.9 saturates at 6; 0.25 is a tie between 0 and 0.5, and 0 is even.
    expect(rounded(block, plain(format))).toEqual([6, 1, 0.5, -0, 0, -0]);
    // X = 2: 3.95 -> 4, 0.5, 0.13 -> 0.
    expect(rounded(block, { ...plain(format), scaleRounding: 'up' })).toEqual([8, 1, 0, -0, 0, -0]);
  });

  test('blocks do not touch each other', () => {
    const format = named('mxfp4');
    const values = [...Array<number>(32).fill(1), 1e30, 1];
    const found = rounded(values, plain(format));
    expect(found.slice(0, 32)).toEqual(values.slice(0, 32));
    expect(found[33]).toBe(0);
  });

  test('a smallest magnitude is not lost when it is rounded up', () => {
    const up = { ...plain(named('mxfp8_e4m3')), mode: 'up' } as const;
    // X = 2^119, and the smallest element 2^-9.
    expect(rounded([2 ** 127, 2 ** -149, -(2 ** -149)], up)).toEqual([2 ** 127, 2 ** 110, -0]);
  });
});

describe('NVFP4', () => {
  test('is its definition, in f32', () => {
    const format = named('nvfp4');
    const f = Math.fround;
    const values = Array.from({ length: 1000 }, (_, i) => {
      const word = randomWord(5, 0, i);
      return f((word / 2 ** 31 - 1) * 2 ** -(Math.floor(i / 16) % 12));
    });
    const encode = f(2688 / Math.max(...values.map(Math.abs)));
    const decode = f(1 / encode);
    const expected = blocksOf(values, 16).flatMap((block) => {
      const largest = Math.max(...block.map(Math.abs));
      const scale = nearestElement(f(f(largest / 6) * encode), FORMATS.e4m3fn_sat);
      const inverse = f(1 / f(scale * decode));
      return block.map((v) => f(f(nearestElement(f(v * inverse), format.element) * scale) * decode));
    });
    expect(rounded(values, plain(format))).toEqual(expected);
  });

  test('a block far below the largest one of the tensor becomes zero', () => {
    const values = [448, ...Array<number>(15).fill(0), 2 ** -12, -(2 ** -12)];
    expect(rounded(values, plain(named('nvfp4')))).toEqual([448, ...Array<number>(15).fill(0), 0, -0]);
  });
});

describe.each(BLOCK_FORMATS.map(({ name }) => name))('%s', (name) => {
  const format = named(name);

  test('infinity and NaN spoil their own block and no other', () => {
    for (const bad of [Infinity, -Infinity, NaN]) {
      const values = Array<number>(2 * format.size).fill(1);
      values[3] = bad;
      const found = rounded(values, plain(format));
      expect(found.slice(0, format.size).every(Number.isNaN)).toBe(true);
      expect(found.slice(format.size)).toEqual(values.slice(format.size));
    }
  });

  test('zeros keep their sign', () => {
    expect(rounded([0, -0, 0], plain(format))).toEqual([0, -0, 0]);
    expect(rounded([], plain(format))).toEqual([]);
  });

  test('the device gives the same bits, in every mode', async () => {
    const input = tensor(3 * 2048 + 7, 9);
    input[40] = 0x7f800000;
    input[2100] = 0xffc12345;
    for (const mode of ROUNDING_MODES) {
      for (const scaleRounding of format.scale === 'e8m0' ? SCALE_ROUNDINGS : (['floor'] as const)) {
        for (const elements of [format, flushingElements(format)]) {
          const rounding = { format: elements, mode, randomBits: 7, scaleRounding, seed: 77 };
          // In several dispatches.
          expect(await roundBlocksOnDevice(device, input, rounding, 2048)).toEqual(
            roundBlocks(input, rounding),
          );
        }
      }
    }
    // Of a tensor whose numbers lie together, NVFP4 makes something else than zeros.
    const near = tensor(2048, 10).map((u) => (u & 0x80ffffff) | 0x3e000000);
    const rounding = plain(format);
    expect(await roundBlocksOnDevice(device, near, rounding)).toEqual(roundBlocks(near, rounding));
  });
});
