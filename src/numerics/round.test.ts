/**
 * Rounding, the same checks on both backends: `backends` holds one function per backend from bit patterns to rounded
 * bit patterns, and every table of cases runs through each. No tolerance anywhere.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import roundShader from '../../shaders/numerics/round.wgsl';
import { requestNodeDevice } from '../backends/webgpu/node';
import {
  bitsOf,
  DIRECTIONS,
  referenceRound,
  valueOf,
  type DirectedMode,
} from '../testing/reference-rounding';
import { runPerItem } from '../testing/shader-runner';
import { roundingVectors } from '../testing/vectors';
import { decode, encode } from './codes';
import {
  FORMATS,
  flushing,
  formatWords,
  parseFormat,
  roundingDescriptor,
  saturating,
  type NumberFormat,
} from './formats';
import { randomWord } from './philox';
import { classify, roundArray, roundBits, roundBitsWith, roundToFormat } from './round';

let device: GPUDevice;
beforeAll(async () => {
  device = await requestNodeDevice();
});
afterAll(() => {
  device.destroy();
});

type Rounder = (
  inputs: readonly number[] | Uint32Array,
  format: NumberFormat,
  mode?: DirectedMode,
) => Promise<Uint32Array>;

const library = roundShader.text({ native_ftz: false, counting: false });

/** The format reaches the shader as data, as it does in kernels. */
const FORMAT = 'Format(constants.x, constants.y, constants.z, constants.w)';

const backends: Record<string, Rounder> = {
  'the CPU': async (inputs, format, mode = 'nearest-even') => {
    const rounded = new Uint32Array(inputs.length);
    roundArray(Uint32Array.from(inputs), rounded, roundingDescriptor(format, mode));
    return rounded;
  },
  'WebGPU, round_bits': (inputs, format, mode = 'nearest-even') =>
    runPerItem(device, library, {
      body: `give(0u, round_bits(take(0u), ${FORMAT}, 0u));`,
      input: Uint32Array.from(inputs),
      wordsIn: 1,
      wordsOut: 1,
      constants: formatWords(format, mode),
    }),
  'WebGPU, round_bits4': async (inputs, format, mode = 'nearest-even') => {
    const padded = new Uint32Array(Math.ceil(inputs.length / 4) * 4);
    padded.set(inputs);
    const rounded = await runPerItem(device, library, {
      body: `let r = round_bits4(vec4<u32>(take(0u), take(1u), take(2u), take(3u)), ${FORMAT}, vec4<u32>());
        for (var k = 0u; k < 4u; k++) { give(k, r[k]); }`,
      input: padded,
      wordsIn: 4,
      wordsOut: 4,
      constants: formatWords(format, mode),
    });
    return rounded.subarray(0, inputs.length);
  },
};

const hex = (u: number): string => `0x${u.toString(16).padStart(8, '0')}`;

/** The first rows that differ, as readable lines; comparing them to [] says all that matters when it fails. */
function mismatches(inputs: ArrayLike<number>, actual: Uint32Array, expected: ArrayLike<number>): string[] {
  const lines: string[] = [];
  for (let i = 0; i < inputs.length && lines.length < 5; i++) {
    if (actual[i] !== expected[i]) {
      lines.push(`${hex(inputs[i])}: ${hex(actual[i])} instead of ${hex(expected[i])}`);
    }
  }
  return lines;
}

/** Patterns at which something changes for a format, their neighbours, both signs, and random patterns. */
function interestingInputs(format: NumberFormat, random: number): Uint32Array {
  const { minNormalBits, maxFiniteBits, minSubnormal, significandBits } = format;
  const step = 2 ** (23 - significandBits);
  const centres = [
    0, 1, 0x00400000, 0x00800000, 0x3f800000, 0x7f7fffff, 0x7f800000, 0x7fc00000, 0x7fffffff,
    minNormalBits, minNormalBits + step / 2, minNormalBits - step / 2, minNormalBits - step / 4,
    maxFiniteBits, maxFiniteBits + step / 2, maxFiniteBits + step,
    bitsOf(minSubnormal), bitsOf(minSubnormal / 2), bitsOf(minSubnormal / 4), bitsOf(minSubnormal * 1.5),
    bitsOf(minSubnormal * 2.5), bitsOf(format.minNormal - minSubnormal / 2), bitsOf(1 + format.epsilon / 2),
    bitsOf(1 + format.epsilon * 1.5),
  ]; // prettier-ignore
  const inputs: number[] = [];
  for (const centre of centres) {
    for (let d = -2; d <= 2; d++) {
      const u = Math.floor(centre) + d;
      if (u >= 0 && u <= 0x7fffffff) inputs.push(u, u + 0x80000000);
    }
  }
  for (let i = 0; i < random; i++) {
    const word = randomWord(1, 0, 2 * i);
    // Half of them anywhere, half of them in the exponents of the format.
    const exponents = (maxFiniteBits >>> 23) - (minNormalBits >>> 23) + significandBits + 6;
    const lowest = Math.max(0, (minNormalBits >>> 23) - significandBits - 3);
    const field = Math.min(255, lowest + (randomWord(1, 0, 2 * i + 1) % exponents));
    inputs.push(i % 2 === 0 ? word : ((word & 0x807fffff) | (field << 23)) >>> 0);
  }
  return Uint32Array.from(inputs);
}

const VECTOR_FILES: readonly (readonly [string, NumberFormat, DirectedMode])[] = [
  ['fp16', FORMATS.fp16, 'nearest-even'],
  ['bf16', FORMATS.bf16, 'nearest-even'],
  ['tf32', FORMATS.tf32, 'nearest-even'],
  ['tf32_rna', FORMATS.tf32, 'nearest-away'],
  ['e4m3fn', FORMATS.e4m3fn, 'nearest-even'],
  ['e4m3fn_sat', FORMATS.e4m3fn_sat, 'nearest-even'],
  ['e5m2', FORMATS.e5m2, 'nearest-even'],
  ['e5m2_sat', FORMATS.e5m2_sat, 'nearest-even'],
];

const TESTED_FORMATS = [
  ...Object.values(FORMATS),
  ...['e2m0', 'e5m0', 'e8m0', 'e2m1', 'e2m23', 'e3m4', 'e4m3', 'e6m9', 'e7m22', 'e7m1', 'e8m1', 'e8m22'].map(
    parseFormat,
  ),
  ...['e8m23', 'e8m7', 'e5m10', 'e4m3', 'e2m1', 'e5m0'].map((name) => flushing(parseFormat(name))),
];

const SMALL_FORMATS = ['e4m3fn', 'e5m2', 'e3m2fn', 'e2m3fn', 'e2m1fn', 'e2m0', 'e4m0', 'e2m1', 'e3m4', 'e4m3']
  .map(parseFormat)
  .flatMap((format) => [format, flushing(format), saturating(format), flushing(saturating(format))])
  .filter((format, i, all) => all.indexOf(format) === i);

/**
 * Every value of a format of up to eight bits, of both signs, the quarters of the way to the next one, up to two steps
 * beyond the largest, and the f32 neighbours of all these.
 */
function aroundEveryValue(format: NumberFormat): Uint32Array {
  const largest = encode(format.maxFiniteBits, format);
  const values = Array.from({ length: largest + 1 }, (_, code) => valueOf(decode(code, format)));
  const step = values[largest] - values[largest - 1];
  values.push(values[largest] + step, values[largest] + 2 * step);
  const points = values.flatMap((value, i) => {
    const next = values[i + 1] ?? value + step;
    return [0, 0.25, 0.5, 0.75].map((part) => bitsOf(value + part * (next - value)));
  });
  const near = points.flatMap((u) => [u - 1, u, u + 1]).filter((u) => u >= 0);
  const all = [...near, 0x7f7fffff, 0x7f800000, 0x7fc00001];
  return Uint32Array.from([...all, ...all.map((u) => u + 0x80000000)]);
}

describe.each(Object.entries(backends))('on %s', (_, round) => {
  test.each(VECTOR_FILES)('every row of rounding-%s.bin', async (name, format, mode) => {
    const { rows, inputs, expected } = roundingVectors(name);
    expect(rows).toBeGreaterThan(8000);
    expect(mismatches(inputs, await round(inputs, format, mode), expected)).toEqual([]);
  });

  test.each(TESTED_FORMATS)('$name agrees with the definition in every direction', async (format) => {
    const inputs = interestingInputs(format, 2000);
    for (const mode of DIRECTIONS) {
      const expected = Array.from(inputs, (u) => referenceRound(u, format, mode));
      const found = mismatches(inputs, await round(inputs, format, mode), expected);
      expect(found.map((line) => `${mode} ${line}`)).toEqual([]);
    }
  });

  test.each(SMALL_FORMATS)(
    '$name: all values, what lies between them, in every direction',
    async (format) => {
      const inputs = aroundEveryValue(format);
      for (const mode of DIRECTIONS) {
        const expected = Array.from(inputs, (u) => referenceRound(u, format, mode));
        const found = mismatches(inputs, await round(inputs, format, mode), expected);
        expect(found.map((line) => `${mode} ${line}`)).toEqual([]);
      }
    },
  );

  test.each([FORMATS.fp16, FORMATS.bf16])(
    'all values of $name, their midpoints and neighbours',
    async (format) => {
      const shift = 23 - format.significandBits;
      const inputs: number[] = [];
      const expected: number[] = [];
      const finiteCodes = 2 ** (format.storageBits - 1) - 2 ** format.significandBits;
      for (let code = 0; code < finiteCodes; code++) {
        const u = decode(code, format);
        const next = code + 1 < finiteCodes ? decode(code + 1, format) : 0x7f800000;
        const above = code + 1 < finiteCodes ? next : format.maxFiniteBits + 2 ** shift; // where infinity's rounding range begins
        const middle = bitsOf((valueOf(u) + (above === 0x7f800000 ? 2 ** 128 : valueOf(above))) / 2);
        const tie = code % 2 === 0 ? u : next;
        inputs.push(u, middle - 1, middle, middle + 1);
        // bf16's subnormals are dense enough that all three lie strictly between the neighbours.
        expected.push(u, u, tie, next);
      }
      const negative = inputs.map((u) => u + 0x80000000);
      const negativeExpected = expected.map((u) => u + 0x80000000);
      expect(mismatches(inputs, await round(inputs, format), expected)).toEqual([]);
      expect(mismatches(negative, await round(negative, format), negativeExpected)).toEqual([]);
    },
  );

  test('fp32 keeps every pattern but the codes of NaN', async () => {
    const inputs = interestingInputs(FORMATS.fp32, 4000);
    const expected = inputs.map((u) => ((u & 0x7fffffff) > 0x7f800000 ? 0x7fc00000 : u));
    expect(mismatches(inputs, await round(inputs, FORMATS.fp32), expected)).toEqual([]);
  });

  test('four special values in one vector, and each beside three ordinary ones', async () => {
    const special = [
      0x80000000, 0x00000001, 0x33000001, 0x47800000, 0xff800000, 0x7fabcdef, 0x387fffff, 0x3f801234,
    ];
    const inputs: number[] = [];
    for (const u of special) {
      for (let place = 0; place < 4; place++) {
        const vector = [0x3f800000, 0xc0490fdb, 0, 0x40000fff];
        vector[place] = u;
        inputs.push(...vector);
      }
    }
    inputs.push(...special);
    const expected = inputs.map((u) => referenceRound(u, FORMATS.fp16, 'nearest-even'));
    expect(mismatches(inputs, await round(inputs, FORMATS.fp16), expected)).toEqual([]);
  });
});

describe('properties of every e<X>m<Y>', () => {
  const format = fc
    .tuple(fc.integer({ min: 2, max: 8 }), fc.integer({ min: 1, max: 23 }))
    .map(([x, y]) => parseFormat(`e${x}m${y}`));
  const mode = fc.constantFrom(...DIRECTIONS);
  const finite = fc.integer({ min: 0, max: 0xffffffff }).filter((u) => (u & 0x7fffffff) < 0x7f800000);
  /** Finite patterns near and inside the range of the format. */
  const within = fc
    .tuple(
      format,
      fc.integer({ min: 0, max: 0x7fffff }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.boolean(),
    )
    .map(([f, significand, place, negative]) => {
      const low = Math.max(0, (f.minNormalBits >>> 23) - f.significandBits - 2);
      const high = Math.min(254, (f.maxFiniteBits >>> 23) + 1);
      const field = low + Math.floor(place * (high - low));
      return [f, ((negative ? 0x80000000 : 0) | (field << 23) | significand) >>> 0] as const;
    });

  test('idempotent', () => {
    fc.assert(
      fc.property(within, mode, ([f, u], m) => {
        const d = roundingDescriptor(f, m);
        const once = roundBitsWith(u, d);
        expect(roundBitsWith(once, d)).toBe(once);
      }),
    );
  });

  test('monotone', () => {
    fc.assert(
      fc.property(format, mode, finite, finite, (f, m, a, b) => {
        const d = roundingDescriptor(f, m);
        const [low, high] = valueOf(a) <= valueOf(b) ? [a, b] : [b, a];
        expect(valueOf(roundBitsWith(low, d))).toBeLessThanOrEqual(valueOf(roundBitsWith(high, d)));
      }),
    );
  });

  test('symmetric about zero, with up and down exchanged', () => {
    const mirrored: Record<DirectedMode, DirectedMode> = {
      'nearest-even': 'nearest-even',
      'nearest-away': 'nearest-away',
      'toward-zero': 'toward-zero',
      up: 'down',
      down: 'up',
    };
    fc.assert(
      fc.property(within, mode, ([f, u], m) => {
        const negated = roundBitsWith((u ^ 0x80000000) >>> 0, roundingDescriptor(f, mirrored[m]));
        expect(negated).toBe((roundBitsWith(u, roundingDescriptor(f, m)) ^ 0x80000000) >>> 0);
      }),
    );
  });

  test('the error is at most half an ulp, and below one in the other directions', () => {
    fc.assert(
      fc.property(within, mode, ([f, u], m) => {
        const x = valueOf(u);
        const y = valueOf(roundBitsWith(u, roundingDescriptor(f, m)));
        fc.pre(Math.abs(x) <= f.maxFinite);
        let ulp = f.minSubnormal;
        while (ulp / f.epsilon <= Math.abs(x) / 2) ulp *= 2;
        const error = Math.abs(y - x) / ulp;
        const holds = {
          'nearest-even': error <= 0.5,
          'nearest-away': error <= 0.5,
          up: error < 1 && y >= x,
          down: error < 1 && y <= x,
          'toward-zero': error < 1 && Math.abs(y) <= Math.abs(x),
        };
        expect(holds[m]).toBe(true);
      }),
    );
  });

  test('agrees with the definition', () => {
    fc.assert(
      fc.property(within, mode, ([f, u], m) => {
        expect(roundBitsWith(u, roundingDescriptor(f, m))).toBe(referenceRound(u, f, m));
      }),
      { numRuns: 2000 },
    );
  });
});

describe('on values', () => {
  test('roundToFormat', () => {
    expect(roundToFormat(65519.996, FORMATS.fp16)).toBe(65504);
    expect(roundToFormat(65520, FORMATS.fp16)).toBe(Infinity);
    expect(roundToFormat(1e-8, FORMATS.fp16)).toBe(0);
    expect(roundToFormat(-1e-8, FORMATS.fp16)).toBe(-0);
    expect(roundToFormat(0.1, FORMATS.bf16)).toBe(0.10009765625);
    expect(roundToFormat(NaN, FORMATS.e4m3fn_sat)).toBe(NaN);
  });

  test('roundBits is roundBitsWith to nearest even', () => {
    expect(roundBits(0x3f801000, FORMATS.fp16)).toBe(0x3f800000);
    expect(roundBits(0x3f803000, FORMATS.fp16)).toBe(0x3f804000);
  });

  test('roundArray rounds a part in place', () => {
    const words = Uint32Array.from([0x3f800001, 0x3f800001, 0x3f800001, 0x3f800001]);
    roundArray(words, words, FORMATS.fp16.nearestEven, 1, 3);
    expect([...words]).toEqual([0x3f800001, 0x3f800000, 0x3f800000, 0x3f800001]);
  });

  test('classify', () => {
    expect(classify(0x80000000, FORMATS.fp16)).toBe('zero');
    expect(classify(bitsOf(2 ** -24), FORMATS.fp16)).toBe('subnormal');
    expect(classify(bitsOf(-(2 ** -14)), FORMATS.fp16)).toBe('normal');
    expect(classify(bitsOf(2 ** -24), FORMATS.bf16)).toBe('normal');
    expect(classify(0xff800000, FORMATS.fp16)).toBe('infinity');
    expect(classify(0xffc00001, FORMATS.fp16)).toBe('nan');
  });
});
