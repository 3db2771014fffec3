/**
 * binary32 arithmetic, the same cases on the CPU and in both variants of the shader, against exact rational
 * arithmetic. No tolerance anywhere; of a NaN neither sign nor payload is prescribed.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import exactShader from '../../shaders/numerics/exact.wgsl';
import { requestNodeDevice } from '../backends/webgpu/node';
import { exactAdd, exactDiv, exactMul, exactSqrt, exactSub } from '../testing/exact-arithmetic';
import { runPerItem } from '../testing/shader-runner';
import { add, div, flush, fromBits, mul, sqrt, sub, toBits } from './f32';
import { randomWord } from './philox';

let device: GPUDevice;
beforeAll(async () => {
  device = await requestNodeDevice();
});
afterAll(() => {
  device.destroy();
});

const OPERATIONS = ['add', 'sub', 'mul', 'div', 'sqrt'] as const;
type Operation = (typeof OPERATIONS)[number];

/** Results of one operation on pairs of operands, given as f32 bits. */
type Evaluate = (operation: Operation, pairs: Uint32Array<ArrayBuffer>) => Promise<Uint32Array>;

const evaluateOnCpu: Evaluate = async (operation, pairs) => {
  const operations = { add, sub, mul, div, sqrt };
  return Uint32Array.from({ length: pairs.length / 2 }, (_, i) =>
    toBits(operations[operation](fromBits(pairs[2 * i]), fromBits(pairs[2 * i + 1]))),
  );
};

const evaluateOnGpu =
  (nativeFtz: boolean): Evaluate =>
  (operation, pairs) => {
    const call = operation === 'sqrt' ? 'square_root(a)' : `${operation}(a, b)`;
    return runPerItem(device, exactShader.text({ native_ftz: nativeFtz, counting: false }), {
      body: `begin_exact(test_zero);
        let a = bitcast<f32>(take(0u));
        let b = bitcast<f32>(take(1u));
        give(0u, bitcast<u32>(${call}));`,
      input: pairs,
      wordsIn: 2,
      wordsOut: 1,
    });
  };

/** Each pair in every component of a vector, with ordinary numbers, zeros and tiny products in the others. */
const evaluateVectors =
  (nativeFtz: boolean): Evaluate =>
  async (operation, pairs) => {
    const four = await runPerItem(device, exactShader.text({ native_ftz: nativeFtz, counting: false }), {
      body: `begin_exact(test_zero);
        let a = bitcast<f32>(take(0u));
        let b = bitcast<f32>(take(1u));
        give(0u, bitcast<u32>(${operation}4(vec4<f32>(a, 1.0, 0.0, b), vec4<f32>(b, 3.0, a, 0.0)).x));
        give(1u, bitcast<u32>(${operation}4(vec4<f32>(1.0, a, b, 0.0), vec4<f32>(a, b, b, a)).y));
        give(2u, bitcast<u32>(${operation}4(vec4<f32>(b, a, a, 0.0), vec4<f32>(b, a, b, 0.0)).z));
        give(3u, bitcast<u32>(${operation}4(vec4<f32>(a), vec4<f32>(b)).w));`,
      input: pairs,
      wordsIn: 2,
      wordsOut: 4,
    });
    return Uint32Array.from({ length: pairs.length / 2 }, (_, i) => {
      const results = four.subarray(4 * i, 4 * i + 4);
      // All four places must agree; a pattern that no operation can give makes the comparison fail.
      return results.every((word) => word === results[0] || isNaNBits(word)) ? results[0] : 0x00000001;
    });
  };

const isNaNBits = (u: number): boolean => (u & 0x7fffffff) > 0x7f800000;
const hex = (u: number): string => `0x${u.toString(16).padStart(8, '0')}`;

const reference: Record<Operation, (a: number, b: number) => number> = {
  add: exactAdd,
  sub: exactSub,
  mul: exactMul,
  div: exactDiv,
  sqrt: exactSqrt,
};

const SPECIAL = [
  0x00000000, 0x00000001, 0x00400000, 0x007fffff, 0x00800000, 0x00800001, 0x00ffffff, 0x01000000, 0x1f800000,
  0x20000000, 0x3effffff, 0x3f000000, 0x3f7fffff, 0x3f800000, 0x3f800001, 0x40000000, 0x4b800000, 0x5f000000,
  0x7e800000, 0x7f000000, 0x7f7fffff, 0x7f800000, 0x7fc00000, 0x7f800001,
].flatMap((u) => [u, u + 0x80000000]); // prettier-ignore

/** Operands that meet every special case and crowd around 2^-126, ties and overflow. */
function operandPairs(count: number): Uint32Array<ArrayBuffer> {
  const pairs: number[] = SPECIAL.flatMap((a) => SPECIAL.flatMap((b) => [a, b]));
  let next = 0;
  const word = (): number => randomWord(2, 0, next++);
  const withField = (u: number, field: number): number =>
    ((u & 0x807fffff) | (Math.min(255, Math.max(0, field)) << 23)) >>> 0;
  for (let i = 0; i < count; i++) {
    const [a, b, choice] = [word(), word(), word()];
    const field = (a >>> 23) & 0xff;
    switch (i % 6) {
      case 0: // anything
        pairs.push(a, b);
        break;
      case 1: {
        // products at 2^-126: the other factor is 2^-126 / a, or a neighbour of it
        const x = withField(a, 1 + (choice % 125));
        const other = toBits(Math.fround(2 ** -126 / fromBits(x))) + (word() % 5) - 2;
        pairs.push(x, other);
        break;
      }
      case 2: // sums of comparable numbers, and products that overflow
        pairs.push(a, withField(b, field + (choice % 52) - 26));
        break;
      case 3: // cancellation down to 2^-126
        pairs.push(withField(a, choice % 4), withField(b, (choice >>> 8) % 4));
        break;
      case 4: {
        // quotients at 2^-126, with nearly equal significands in half of the cases
        const x = withField(a, 1 + (choice % 126));
        const y = withField(b, ((x >>> 23) & 0xff) + 124 + ((choice >>> 8) % 4));
        const near = ((y & 0xff800000) | ((x + ((choice >>> 16) % 5) - 2) & 0x7fffff)) >>> 0;
        pairs.push(x, choice >>> 31 === 0 ? y : near);
        break;
      }
      default: // quotients and roots near ties and near powers of two
        pairs.push(withField(a, 126 + (choice % 3)), withField(b & 0x8000000f, 127));
    }
  }
  return Uint32Array.from(pairs);
}

const pairs = operandPairs(30_000);

async function mismatches(evaluate: Evaluate, operation: Operation): Promise<string[]> {
  const actual = await evaluate(operation, pairs);
  const lines: string[] = [];
  for (let i = 0; i < actual.length && lines.length < 5; i++) {
    const [a, b] = [pairs[2 * i], pairs[2 * i + 1]];
    const expected = reference[operation](a, b);
    if (actual[i] !== expected && !(isNaNBits(actual[i]) && isNaNBits(expected))) {
      lines.push(`${operation}(${hex(a)}, ${hex(b)}) = ${hex(actual[i])} instead of ${hex(expected)}`);
    }
  }
  return lines;
}

const backends: readonly (readonly [string, Evaluate])[] = [
  ['the CPU', evaluateOnCpu],
  ['WebGPU, native flush', evaluateOnGpu(true)],
  ['WebGPU, explicit flush', evaluateOnGpu(false)],
];

describe.each(backends)('on %s', (_, evaluate) => {
  test.each(OPERATIONS)('%s is correctly rounded and flushes', async (operation) => {
    expect(await mismatches(evaluate, operation)).toEqual([]);
  });
});

describe.each([
  ['native flush', evaluateVectors(true)],
  ['explicit flush', evaluateVectors(false)],
] as const)('vectors on WebGPU, %s', (_, evaluate) => {
  test.each(['add', 'sub', 'mul'] as const)('%s4', async (operation) => {
    expect(await mismatches(evaluate, operation)).toEqual([]);
  });
});

/**
 * The explicit variant has to give the same bits on a device that underflows gradually, and on one that flushes
 * before rounding. Neither is at hand, so the shader's decision is repeated here for both.
 */
describe('the explicit flush of products on other devices', () => {
  const TWO_64 = 2 ** 64;
  const explicit = (a: number, b: number, product: (x: number, y: number) => number): number => {
    const [x, y] = [flush(a), flush(b)];
    const p = product(x, y);
    if (!(Math.abs(p) <= 2 ** -126)) return p;
    const sign = Math.sign(1 / x) * Math.sign(1 / y);
    const [small, large] = [Math.min(Math.abs(x), Math.abs(y)), Math.max(Math.abs(x), Math.abs(y))];
    return sign * (small > 0 && product(small * TWO_64, large) >= 2 ** -62 ? 2 ** -126 : 0);
  };

  test.each([
    ['gradual underflow', (x: number, y: number) => Math.fround(x * y)],
    ['tininess before rounding', (x: number, y: number) => Math.fround(flush(x * y))],
  ])('%s', (_, product) => {
    const wrong: string[] = [];
    for (let i = 0; i < pairs.length; i += 2) {
      const [a, b] = [pairs[i], pairs[i + 1]];
      const result = toBits(explicit(fromBits(a), fromBits(b), product));
      const expected = toBits(mul(fromBits(a), fromBits(b)));
      if (result !== expected && !isNaNBits(expected)) wrong.push(`${hex(a)} * ${hex(b)}`);
    }
    expect(wrong.slice(0, 5)).toEqual([]);
  });
});

describe('patterns', () => {
  test('toBits rounds to binary32 and has one NaN', () => {
    expect(toBits(1)).toBe(0x3f800000);
    expect(toBits(-0)).toBe(0x80000000);
    expect(toBits(0.1)).toBe(0x3dcccccd);
    expect(toBits(fromBits(0xffc12345))).toBe(0x7fc00000);
  });

  test('flush keeps the sign', () => {
    expect(flush(2 ** -127)).toBe(0);
    expect(flush(-(2 ** -149))).toBe(-0);
    expect(flush(-(2 ** -126))).toBe(-(2 ** -126));
    expect(flush(NaN)).toBe(NaN);
  });
});
