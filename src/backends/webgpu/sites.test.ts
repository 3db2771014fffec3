import { describe, expect, test } from 'vitest';
import { NEAREST_EVEN } from '../../graph/policy';
import { COUNTER, COUNTER_WORDS, HEADER, HEADER_WORDS } from '../../graph/records';
import {
  defineFormat,
  FORMATS,
  parseFormat,
  ROUNDING_MODES,
  type NumberFormat,
  type Rounding,
} from '../../numerics/formats';
import { adversarial, gaussian } from '../../testing/inputs';
import { compareKernel, type KernelResult } from '../../testing/kernels';
import { siteKernel } from '../../testing/site-kernel';

const NAMED = Object.values(FORMATS);
const CUSTOM = ['e2m0', 'e8m0', 'e2m1', 'e3m4', 'e8m1', 'e8m22', 'e5m23', 'e4m3', 'e7m9'].map(parseFormat);
/** No named format flushes its subnormals, but a format may. */
const FLUSHING = ['fp16', 'e4m3fn', 'bf16', 'e2m1'].map((name) =>
  defineFormat({ ...parseFormat(name), name: `${name} flushing`, subnormals: 'flush' }),
);
const ALL = [...NAMED, ...CUSTOM, ...FLUSHING];
const ROUNDINGS: Rounding[] = [
  ...ROUNDING_MODES.map((mode) => ({ mode, randomBits: 32 })),
  { mode: 'stochastic', randomBits: 1 },
  { mode: 'stochastic', randomBits: 7 },
];
const variants = (['vectors', 'scalars'] as const).map(siteKernel);

/** Every border of the format: largest and smallest numbers, half-way points, and their neighbours in f32. */
function borders(format: NumberFormat): number[] {
  const { maxFinite, minNormal, minSubnormal, significandBits } = format;
  const topUlp = 2 ** (Math.floor(Math.log2(maxFinite)) - significandBits);
  const points = [
    maxFinite,
    maxFinite + topUlp / 2,
    maxFinite + topUlp,
    minNormal,
    minNormal - minSubnormal / 2,
    minSubnormal,
    minSubnormal / 2,
    minSubnormal * 1.5,
    minSubnormal * 2.5,
    minNormal - (minNormal * format.epsilon) / 4,
    minNormal - (minNormal * format.epsilon) / 2,
    1 + format.epsilon / 2,
    1 + format.epsilon * 1.5,
  ];
  const bits = new Uint32Array(new Float32Array(points).buffer);
  const near = [...bits].flatMap((u) => [u - 1, u, u + 1]);
  const magnitudes = [...new Float32Array(new Uint32Array(near).buffer)].filter((x) => x >= 2 ** -126);
  return [...magnitudes, ...magnitudes.map((x) => -x), 0, -0, Infinity, -Infinity, NaN];
}

const counters = ({ records }: KernelResult): number[] => [
  ...records.subarray(HEADER_WORDS, HEADER_WORDS + COUNTER_WORDS),
];

describe.each(variants)('$name', (kernel) => {
  test('every border of every format', async () => {
    for (const format of ALL) {
      const values = Float32Array.from(borders(format));
      const shape = [1, values.length];
      const sites = [{ formats: [format] }];
      await compareKernel(kernel, { inputs: [{ shape, values }], outputs: [{ shape }], sites });
    }
  });

  test('values of all magnitudes, one format to a lane', async () => {
    const shape = [70, 37];
    const values = ALL.map((_, lane) => adversarial(70 * 37, lane + 1));
    const sites = [{ formats: ALL }];
    await compareKernel(kernel, { inputs: [{ shape, values }], outputs: [{ shape }], sites });
  });

  test('ordinary values, where four in a row are all normal numbers', async () => {
    const shape = [33, 16];
    const values = gaussian(33 * 16, 5, 1e-4);
    const sites = [{ formats: ALL }];
    await compareKernel(kernel, { inputs: [{ shape, values }], outputs: [{ shape }], sites });
  });

  test.each(ROUNDINGS)('rounds $mode ($randomBits bits) one format to a lane', async (rounding) => {
    const values = ALL.map((format, lane) =>
      Float32Array.from([...borders(format), ...adversarial(400, 3 * lane + 1)].slice(0, 390)),
    );
    const shape = [30, 13];
    await compareKernel(kernel, {
      inputs: [{ shape, values }],
      outputs: [{ shape }],
      sites: [{ formats: ALL, role: 'parameter gradient' }],
      roundings: ALL.map(() => rounding),
      settings: ALL.map((_, lane) => ({ seed: lane })),
      step: 3,
    });
  });

  test('a lane that rounds to nearest even is none the wiser for one that does not', async () => {
    const shape = [30, 13];
    const values = adversarial(390, 11);
    const kernelCase = { inputs: [{ shape, values }], outputs: [{ shape }] };
    const sites = [{ formats: ALL }];
    const plain = await compareKernel(kernel, { ...kernelCase, sites });
    const formats = [...ALL, FORMATS.fp16];
    const roundings = [...ALL.map(() => NEAREST_EVEN), { mode: 'up' as const, randomBits: 32 }];
    const mixed = await compareKernel(kernel, { ...kernelCase, sites: [{ formats }], roundings });
    expect(mixed.outputs[0].slice(0, ALL.length)).toEqual(plain.outputs[0]);
    expect(mixed.records.subarray(0, plain.records.length)).toEqual(plain.records);
  });

  test('without counting the values are the same and nothing is counted', async () => {
    const shape = [2, 6];
    const values = Float32Array.from([1, 1e-8, 0, 1e6, NaN, Infinity, 1.0001, 6e-6, -1e-8, -70000, 2, 3]);
    const sites = [{ formats: [FORMATS.fp16], role: 'parameter gradient' as const }];
    const inputs = [{ shape, values }];
    const differing = compareKernel(
      kernel,
      { inputs, outputs: [{ shape }], sites },
      { native_ftz: false, counting: false },
    );
    // Only the counters differ: neither a value nor found-inf is in the message.
    await expect(differing).rejects.toThrow(/zeroBefore: expected 1 \(0x1\), got 0/);
    await expect(differing).rejects.not.toThrow(/output 0|foundInf/);
  });
});

test('each value counts under what happened to it', async () => {
  const values = Float32Array.from([0, -0, 1e-9, 6e-8, 1e5, NaN, Infinity, -Infinity, 65519, 2 ** -14, 1]);
  const shape = [1, values.length];
  const result = await compareKernel(variants[0], {
    inputs: [{ shape, values }],
    outputs: [{ shape }],
    sites: [{ formats: [FORMATS.fp16] }],
  });
  const found = counters(result);
  expect(found[COUNTER.zeroBefore]).toBe(2);
  expect(found[COUNTER.underflow]).toBe(1);
  expect(found[COUNTER.subnormal]).toBe(1);
  expect(found[COUNTER.overflow]).toBe(1);
  expect(found[COUNTER.nan]).toBe(1);
  expect(found[COUNTER.infinite]).toBe(2);
  const extremes = new Float32Array(Uint32Array.of(found[COUNTER.largest], ~found[COUNTER.smallest]).buffer);
  expect([...extremes]).toEqual([1e5, Math.fround(1e-9)]);
});

test('saturation counts as overflow, and rounding down to the largest number does not', async () => {
  const values = Float32Array.from([448, 449, 464, 465, 1e9, -500, Infinity, 1]);
  const shape = [2, 4];
  const result = await compareKernel(variants[0], {
    inputs: [{ shape, values }],
    outputs: [{ shape }],
    sites: [{ formats: [FORMATS.e4m3fn_sat], role: 'parameter gradient' }],
  });
  expect(counters(result)[COUNTER.overflow]).toBe(3);
  expect([...result.outputs[0][0]]).toEqual([448, 448, 448, 448, 448, -448, 448, 1]);
  expect(result.records[HEADER.foundInf]).toBe(0);
});

test('toward zero nothing becomes infinite, and what lies a unit beyond the largest number counts as overflow', async () => {
  const values = Float32Array.from([65504, 65535, 65536, -70000, 1e-9, 2 ** -14, 1, NaN]);
  const shape = [2, 4];
  const result = await compareKernel(variants[0], {
    inputs: [{ shape, values }],
    outputs: [{ shape }],
    sites: [{ formats: [FORMATS.fp16], role: 'parameter gradient' }],
    roundings: [{ mode: 'toward-zero', randomBits: 32 }],
  });
  expect([...result.outputs[0][0]]).toEqual([65504, 65504, 65504, -65504, 0, 2 ** -14, 1, NaN]);
  expect(counters(result)[COUNTER.overflow]).toBe(2);
  expect(counters(result)[COUNTER.underflow]).toBe(1);
});

test.each([
  ['parameter gradient', 1],
  ['activation gradient', 0],
] as const)('an overflow at a site of role %s sets found-inf to %i', async (role, foundInf) => {
  const result = await compareKernel(variants[0], {
    inputs: [{ shape: [1, 4], values: Float32Array.from([1, 2, 70000, 3]) }],
    outputs: [{ shape: [1, 4] }],
    sites: [{ formats: [FORMATS.fp16, FORMATS.fp32], role }],
  });
  const words = result.records.length / 2;
  expect(result.records[HEADER.foundInf]).toBe(foundInf);
  expect(result.records[words + HEADER.foundInf]).toBe(0);
});
