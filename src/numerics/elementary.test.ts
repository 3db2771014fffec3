/**
 * exp, log and tanh: error against double precision, special values, and equal bits on the CPU and in both variants
 * of the shader (through the probe's kernel, which evaluates any list of cases).
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import probeShader from '../../shaders/numerics/probe.wgsl';
import { requestNodeDevice } from '../backends/webgpu/node';
import { dispatch } from '../testing/shader-runner';
import { exp, log, tanh } from './elementary';
import { fromBits, toBits } from './f32';
import { randomWord } from './philox';
import { createProbe, PROBE_ENTRY_POINT, PROBE_OPERATIONS } from './probe';

let device: GPUDevice;
beforeAll(async () => {
  device = await requestNodeDevice();
});
afterAll(() => {
  device.destroy();
});

const hex = (u: number): string => `0x${u.toString(16).padStart(8, '0')}`;

/** Where a formula, a range or the result's class changes. */
const BOUNDARIES = [
  0x00000000, 0x00800000, 0x34000000, 0x39800000, 0x3eb17218, 0x3f000000, 0x3f200000, 0x3f3504f3, 0x3f800000,
  0x3fb504f3, 0x40000000, 0x41102cb4, 0x42aeac50, 0x42b17217, 0x42d00000, 0x4b000000, 0x7f7fffff, 0x7f800000,
  0x7fc00000,
]; // prettier-ignore

/** Every exponent equally often, both signs, the boundaries, and the range of ordinary arguments once more. */
function stratified(perExponent: number): Uint32Array {
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

const FUNCTIONS = [
  { name: 'exp', ours: exp, double: Math.exp, bound: 0.88 },
  { name: 'log', ours: log, double: Math.log, bound: 0.89 },
  { name: 'tanh', ours: tanh, double: Math.tanh, bound: 1.32 },
] as const;

/** Distance in units of the last binary32 place of `expected`, which is a normal number. */
function ulps(actual: number, expected: number): number {
  return Math.abs(actual - expected) / 2 ** (((toBits(expected) >>> 23) % 256) - 150);
}

describe.each(FUNCTIONS)('$name', ({ name, ours, double, bound }) => {
  test(`is within ${bound} ulp wherever the result is a normal number`, () => {
    let worst = 0;
    let at = 0;
    let compared = 0;
    for (const u of stratified(256)) {
      const x = fromBits(u);
      const expected = double(x);
      const magnitude = Math.abs(expected);
      // NaN fails both comparisons. Subnormal arguments count as zeros.
      if (!(magnitude >= 2 ** -126 && magnitude <= 3.4028234663852886e38) || Math.abs(x) < 2 ** -126)
        continue;
      compared++;
      const error = ulps(ours(x), expected);
      if (!(error <= worst)) {
        worst = error;
        at = x;
      }
    }
    expect(compared).toBeGreaterThan(30_000);
    expect(worst, `at ${at}`).toBeLessThanOrEqual(bound);
  });

  test.each([true, false])('has the same bits on WebGPU (native flush: %s)', async (nativeFtz) => {
    const inputs = stratified(256);
    const { parameters } = createProbe();
    const operation = PROBE_OPERATIONS.indexOf(name);
    const cases = new Uint32Array(4 * inputs.length);
    inputs.forEach((u, i) => cases.set([u, 0, 0, operation], 4 * i));
    const results = await dispatch(device, probeShader.text({ native_ftz: nativeFtz, counting: false }), {
      entryPoint: PROBE_ENTRY_POINT,
      uniform: parameters.with(5, inputs.length),
      input: cases,
      outputWords: inputs.length,
      workgroups: Math.ceil(inputs.length / 64),
    });
    const wrong: string[] = [];
    inputs.forEach((u, i) => {
      const expected = toBits(ours(fromBits(u)));
      if (results[i] !== expected) wrong.push(`${hex(u)}: ${hex(results[i])}, CPU ${hex(expected)}`);
    });
    expect(wrong.slice(0, 5)).toEqual([]);
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

describe('shape', () => {
  const inputs = Array.from({ length: 20_000 }, (_, i) => Math.fround((i - 10_000) / 1000));

  test('no step of exp or tanh goes down by more than the error allows', () => {
    for (const f of [exp, tanh]) {
      const results = inputs.map(f);
      const steps = results.slice(1).map((y, i) => (y - results[i]) / Math.abs(y));
      expect(Math.min(...steps)).toBeGreaterThanOrEqual(-(2 ** -22));
    }
  });

  test('|tanh| never exceeds 1', () => {
    expect(Math.max(...inputs.map((x) => Math.abs(tanh(x))))).toBe(1);
  });
});
