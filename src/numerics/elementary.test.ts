/**
 * The elementary functions: error against the exhaustive measurement in
 * testdata/elementary.json, special values, and equal bits on the CPU and in both variants of the shader.
 */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ShaderLinker } from '../../scripts/shader-linker';
import { elementaryOnDevice } from '../examination/elementary-device';
import { requestNodeDevice } from '../backends/webgpu/node';
import type { ElementaryResult } from '../cli/elementary-results';
import { runPerItem } from '../testing/shader-runner';
import { erf, exp, log, rsqrt, tanh } from './elementary';
import { KERNEL_ITEMS } from '../examination/elementary-kernel';
import {
  ELEMENTARY,
  ELEMENTARY_NAMES,
  emptySurvey,
  errorInUlp,
  evaluateRange,
  surveyPatterns,
  type ElementaryName,
} from '../examination/elementary-survey';
import { fromBits, hexadecimal, toBits } from './f32';
import { randomWord } from './philox';
import measured from './testdata/elementary.json';

let device: GPUDevice;
beforeAll(async () => {
  device = await requestNodeDevice();
});
afterAll(() => {
  device.destroy();
});

/** Where a formula, a range or the result's class changes. */
const BOUNDARIES = [
  0x00000000, 0x00800000, 0x34000000, 0x35800000, 0x39000000, 0x39800000, 0x3eb17218, 0x3f000000, 0x3f200000,
  0x3f3504f3, 0x3f800000, 0x3fb504f3, 0x40000000, 0x40754000, 0x40800000, 0x41102cb4, 0x41200000, 0x42aeac50,
  0x42b17217, 0x42d00000, 0x4b000000, 0x7e800000, 0x7f000000, 0x7f7fffff, 0x7f800000, 0x7fc00000,
];

/** Every exponent equally often, both signs, the boundaries, and the range of ordinary arguments once more. */
function stratified(perExponent: number): Uint32Array<ArrayBuffer> {
  const inputs: number[] = [];
  for (const centre of BOUNDARIES) {
    for (let d = -32; d <= 32; d++) {
      const u = centre + d;
      if (u >= 0 && u <= 0x7fffffff) inputs.push(u, u + 0x80000000);
    }
  }
  let next = 0;
  for (let field = 0; field < 255; field++) {
    const samples = field >= 120 && field <= 133 ? 8 * perExponent : perExponent;
    for (let i = 0; i < samples; i++) {
      inputs.push(((randomWord(3, 0, next++) & 0x807fffff) | (field << 23)) >>> 0);
    }
  }
  return Uint32Array.from(inputs);
}

/** What is stated in docs/numerics.md, in ulp. */
const STATED: Record<ElementaryName, number> = {
  exp: 0.9,
  log: 0.9,
  tanh: 1.33,
  erf: 1.36,
  rsqrt: 0.5,
  sqrt: 0.5,
  reciprocal: 0.5,
};

const IN_WGSL: Record<ElementaryName, string> = {
  exp: 'exp_bits(u)',
  log: 'log_bits(u)',
  tanh: 'tanh_bits(u)',
  erf: 'erf_bits(u)',
  rsqrt: 'rsqrt_bits(u)',
  sqrt: 'sqrt_bits(u)',
  reciprocal: 'div_bits(0x3f800000u, u)',
};

const SAMPLE = stratified(3000);

test('the sample has about 2^20 patterns', () => {
  expect(Math.abs(Math.log2(SAMPLE.length) - 20)).toBeLessThan(0.1);
});

describe.each(ELEMENTARY_NAMES)('%s', (name) => {
  const one = ELEMENTARY[name];
  const stored: ElementaryResult = measured[name];

  test('the exhaustive measurement is within the stated bound', () => {
    expect(stored.maxUlp).toBeLessThanOrEqual(STATED[name]);
    expect(stored.wrong).toBe(0);
    expect(stored.compared).toBeGreaterThan(2 ** 30);
  });

  test('is that far off at the worst input, nowhere in the sample further, and gives the right special values', () => {
    const worst = emptySurvey();
    surveyPatterns(one, [Number(stored.worst)], worst);
    expect(worst.maxUlp).toBe(stored.maxUlp);
    const survey = emptySurvey();
    surveyPatterns(one, SAMPLE, survey);
    expect(survey.maxUlp, `at ${hexadecimal(survey.worst)}`).toBeLessThanOrEqual(stored.maxUlp);
    expect(survey.firstWrong).toBe(-1);
    expect(survey.compared).toBeGreaterThan(SAMPLE.length / 4);
  });

  test.each([true, false])('has the same bits on WebGPU (native flush: %s)', async (nativeFtz) => {
    const linker = new ShaderLinker(join(import.meta.dirname, '../../shaders'));
    const conditions = { native_ftz: nativeFtz, counting: false };
    const library = (await linker.link('examination/elementary_kernel.wgsl', conditions)).text;
    const body = `begin_exact(test_zero); let u = take(0u); give(0u, ${IN_WGSL[name]});`;
    const results = await runPerItem(device, library, { body, input: SAMPLE, wordsIn: 1, wordsOut: 1 });
    const wrong: string[] = [];
    SAMPLE.forEach((u, i) => {
      const expected = toBits(one.evaluate(fromBits(u)));
      if (toBits(fromBits(results[i])) !== expected) {
        wrong.push(`${hexadecimal(u)}: ${hexadecimal(results[i])}, CPU ${hexadecimal(expected)}`);
      }
    });
    expect(wrong.slice(0, 5)).toEqual([]);
  });
});

test('the kernel of the exhaustive comparison evaluates consecutive patterns', async () => {
  const first = 0x3f700000;
  const onDevice = new Uint32Array(KERNEL_ITEMS);
  await (
    await elementaryOnDevice(device, 'rsqrt', true)
  )(first, onDevice);
  const onCpu = new Uint32Array(KERNEL_ITEMS);
  evaluateRange(ELEMENTARY.rsqrt.evaluate, first, onCpu);
  expect(onDevice.findIndex((u, i) => u !== onCpu[i])).toBe(-1);
});

describe('error in ulp', () => {
  test.each([
    ['of the exact value', 1 + 2 ** -23, 1 + 2 ** -24, 0.5],
    ['below a power of two', 1, 1 - 2 ** -24, 1],
    ['just above 2^-126', 2 ** -126, 2 ** -126 + 2 ** -150, 0.5],
    ['of an infinity where a finite number is due', Infinity, 2 ** 128 - 2 ** 104, 1],
    ['of a zero where a normal number is due', 0, 2 ** -126, 2 ** 23],
  ])('%s', (_, actual, exact, expected) => {
    expect(errorInUlp(actual, exact)).toBe(expected);
  });

  test.each([
    ['an infinity', Infinity, Infinity],
    ['a sum that overflows', Infinity, 2 ** 128 - 2 ** 103],
    ['what is flushed', -0, -(2 ** -127)],
    ['what is tiny beyond doubles of interest', 0, 2 ** -200],
    ['NaN', NaN, NaN],
  ])('there is none for %s', (_, actual, exact) => {
    expect(errorInUlp(actual, exact)).toBe(-1);
  });

  test.each([
    ['a finite number for an infinity', 3e38, Infinity],
    ['a zero of the wrong sign', 0, -(2 ** -127)],
    ['NaN', NaN, 1],
    ['a number for NaN', 1, NaN],
  ])('%s is wrong', (_, actual, exact) => {
    expect(errorInUlp(actual, exact)).toBe(Infinity);
  });
});

describe('special values', () => {
  test('exp', () => {
    expect([0, -0, 2 ** -149, -(2 ** -130)].map(exp)).toEqual([1, 1, 1, 1]);
    expect([Infinity, -Infinity, NaN, 1e30, -1e30].map(exp)).toEqual([Infinity, 0, NaN, Infinity, 0]);
    // The last finite result, and the last one that is not flushed.
    expect(exp(fromBits(0x42b17217))).toBeLessThan(Infinity);
    expect(exp(fromBits(0x42b17218))).toBe(Infinity);
    expect(exp(fromBits(0xc2aeac4f))).toBeGreaterThanOrEqual(2 ** -126);
    expect(exp(fromBits(0xc2aeac50))).toBe(0);
  });

  test('log', () => {
    expect([0, -0, 2 ** -149, -(2 ** -149)].map(log)).toEqual([-Infinity, -Infinity, -Infinity, -Infinity]);
    expect([1, Infinity, NaN, -1, -Infinity].map(log)).toEqual([0, Infinity, NaN, NaN, NaN]);
    expect(log(2)).toBe(Math.fround(Math.LN2));
    expect(log(2 ** -126)).toBe(Math.fround(-126 * Math.LN2));
  });

  test('tanh', () => {
    expect([0, -0, 2 ** -149, -(2 ** -149)].map(tanh)).toEqual([0, -0, 0, -0]);
    expect([Infinity, -Infinity, NaN, 100, -100].map(tanh)).toEqual([1, -1, NaN, 1, -1]);
    expect(tanh(Math.fround(1e-30))).toBe(Math.fround(1e-30));
    expect(tanh(Math.fround(1e-3))).toBe(-tanh(-Math.fround(1e-3)));
  });
});

describe('special values of erf and 1/sqrt', () => {
  test('erf', () => {
    expect([0, -0, 2 ** -149, -(2 ** -149)].map(erf)).toEqual([0, -0, 0, -0]);
    expect([Infinity, -Infinity, NaN, 100, -4].map(erf)).toEqual([1, -1, NaN, 1, -1]);
    // Nothing is lost to the flush, although erf(x) - x is below 2^-126.
    expect(erf(2 ** -126) * 2 ** 126).toBeCloseTo(1.1283791670955126, 6);
    expect(erf(0.5)).toBe(-erf(-0.5));
  });

  test('rsqrt', () => {
    expect([0, -0, 2 ** -149, -(2 ** -149)].map(rsqrt)).toEqual([Infinity, -Infinity, Infinity, -Infinity]);
    expect([Infinity, -Infinity, NaN, -1, 4, 2 ** -126].map(rsqrt)).toEqual([0, NaN, NaN, NaN, 0.5, 2 ** 63]);
    expect(rsqrt(2)).toBe(Math.fround(Math.SQRT1_2));
  });
});

describe('shape', () => {
  const inputs = Array.from({ length: 20_000 }, (_, i) => Math.fround((i - 10_000) / 1000));

  test('no step of exp, tanh or erf goes down by more than the error allows', () => {
    for (const f of [exp, tanh, erf]) {
      const results = inputs.map(f);
      const steps = results.slice(1).map((y, i) => (y - results[i]) / Math.abs(y));
      expect(Math.min(...steps)).toBeGreaterThanOrEqual(-(2 ** -22));
    }
  });

  test('|tanh| and |erf| never exceed 1', () => {
    for (const f of [tanh, erf]) expect(Math.max(...inputs.map((x) => Math.abs(f(x))))).toBe(1);
  });
});
