/** Every way to add up products, in WebAssembly and on the reference, over operands that meet every decision before a loop. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Kernel } from '../../graph/kernel';
import { parseAccumulation, type Accumulation } from '../../numerics/accumulation';
import { FORMATS, parseFormat, type NumberFormat } from '../../numerics/formats';
import { roundToFormat } from '../../numerics/round';
import { linearForwardUnbiased, linearInputGradient, linearWeightGradient } from '../../ops/linear';
import { differences } from '../../testing/equal-bits';
import { adversarial, gaussian, uniform } from '../../testing/inputs';
import { planCaseOf, type KernelCase } from '../../testing/kernels';
import { runOnReference, runOnWasm } from '../../testing/plans';

interface Lane {
  /** Of x and of the gradient; of the weights. */
  readonly a: NumberFormat;
  readonly b: NumberFormat;
  readonly output: NumberFormat;
  readonly accumulation: Accumulation;
}

const lane = (a: string, b: string, output: string, accumulation: string): Lane => ({
  a: parseFormat(a),
  b: parseFormat(b),
  output: parseFormat(output),
  accumulation: parseAccumulation(accumulation),
});

const IN_FORMAT = ['format', 'format-fma', 'chunked:3:format', 'pairwise:format', 'kahan:format'];
const IN_BINARY32 = ['chunked:3', 'chunked:1', 'pairwise', 'kahan'];

const inFormat = (a: string, b: string, output: string): Lane[] =>
  IN_FORMAT.map((accumulation) => lane(a, b, output, accumulation));

/** Groups of lanes whose operands have similar ranges. */
const GROUPS: Record<string, readonly Lane[]> = {
  binary32: [...IN_BINARY32, 'format-fma'].map((accumulation) => lane('fp32', 'fp32', 'fp32', accumulation)),
  fp16: ['fp16', 'fp16_sat', 'fp16_ftz'].flatMap((format) => inFormat(format, format, format)),
  bf16: ['bf16', 'bf16_sat', 'bf16_ftz'].flatMap((format) => inFormat(format, format, format)),
  tf32: ['tf32', 'tf32_ftz'].flatMap((format) => inFormat(format, format, format)),
  fp8: ['e4m3fn', 'e4m3fn_sat', 'e5m2', 'e5m2_sat', 'e4m3fn_ftz'].flatMap((format) =>
    inFormat(format, format, format),
  ),
  'few bits': ['e5m7', 'e4m1', 'e3m0', 'e2m1fn', 'e8m2'].flatMap((format) =>
    inFormat(format, format, format),
  ),
  'many bits': ['e5m11', 'e8m20', 'e6m14_ftz', 'e8m21_sat'].flatMap((format) =>
    inFormat(format, format, format),
  ),
  'other operands': [
    ...inFormat('fp32', 'fp32', 'fp16'),
    ...inFormat('e5m2', 'e4m3fn', 'bf16'),
    ...inFormat('fp16', 'e4m3fn', 'e5m2_ftz'),
    ...inFormat('fp32', 'fp16', 'bf16_ftz'),
  ],
  'tensor cores': [
    ...['v100', 'a100', 'h100', 'h100/32'].map((gpu) => lane('fp16', 'fp16', 'fp16', `tensor-core:${gpu}`)),
    ...['a100', 'h100', 'b200/32'].map((gpu) => lane('bf16', 'bf16', 'fp32', `tensor-core:${gpu}`)),
    ...['ada', 'h100'].map((gpu) => lane('tf32', 'tf32', 'fp32', `tensor-core:${gpu}`)),
    ...['ada', 'h100', 'h100/32', 'b200', 'b200/64'].flatMap((gpu) => [
      lane('e4m3fn', 'e4m3fn', 'bf16', `tensor-core:${gpu}`),
      lane('e5m2', 'e4m3fn', 'fp16', `tensor-core:${gpu}`),
    ]),
  ],
};

type Make = (length: number, seed: number) => Float32Array;

function cases(
  lanes: readonly Lane[],
  sizes: readonly number[],
  make: Make,
  other: Make,
): [Kernel, KernelCase][] {
  const [batch, features, out] = sizes;
  let seed = 1;
  const filled = (
    shape: readonly number[],
    side: 'a' | 'b',
    values: Make,
  ): KernelCase['inputs'][number] & { shape: readonly number[] } => ({
    shape,
    formats: lanes.map((each) => each[side]),
    values: lanes.map((each) => values(shape[0] * shape[1], seed++).map((x) => roundToFormat(x, each[side]))),
  });
  const x = filled([batch, features], 'a', make);
  const weight = filled([out, features], 'b', other);
  const dy = filled([batch, out], 'a', make);
  const xAsSecond = filled([batch, features], 'b', other);
  const sites = [{ formats: lanes.map(({ output }) => output) }];
  const accumulations = lanes.map(({ accumulation }) => accumulation);
  return [
    [
      linearForwardUnbiased,
      { inputs: [x, weight], outputs: [{ shape: [batch, out] }], sites, accumulations },
    ],
    [
      linearInputGradient,
      { inputs: [dy, weight], outputs: [{ shape: [batch, features] }], sites, accumulations },
    ],
    [
      linearWeightGradient,
      {
        inputs: [dy, xAsSecond],
        outputs: [{ shape: [out, features] }],
        sites: [{ ...sites[0], role: 'parameter gradient' }],
        accumulations,
      },
    ],
  ];
}

/** Compares the three products of a layer of these sizes: batch, features, out. */
async function expectAgreement(
  lanes: readonly Lane[],
  sizes: readonly number[],
  make: Make,
  other: Make = make,
): Promise<void> {
  for (const [kernel, kernelCase] of cases(lanes, sizes, make, other)) {
    const { planCase } = planCaseOf(kernel, kernelCase);
    const found = differences(planCase.plan, runOnReference(planCase), await runOnWasm(planCase));
    expect(found, `${kernel.name} of ${sizes.join(' · ')}`).toEqual([]);
  }
}

const ulpExponent = (x: number): number => Math.floor(Math.log2(x));

/**
 * Values around 2^exponent, over some binades, with few or many bits, of which a part are zeros and pairs cancel.
 */
const around =
  (exponent: number, binades: number, bits: number): Make =>
  (length, seed) => {
    const random = uniform(seed * 7919);
    let last = 1;
    return Float32Array.from({ length }, () => {
      const kind = random();
      if (kind < 0.05) return random() < 0.5 ? 0 : -0;
      if (kind < 0.2) return -last;
      const significand = 1 + Math.floor(random() * 2 ** bits) / 2 ** bits;
      last = (random() < 0.5 ? -1 : 1) * significand * 2 ** (exponent - Math.floor(random() * binades));
      return last;
    });
  };

/** Exponents of products at which something is decided, for sums in a format and in binary32. */
function borders({ output, a }: Lane): number[] {
  const ends = [output.maxFinite, output.minNormal, output.minSubnormal].map(ulpExponent);
  const own = ulpExponent(a.maxFinite) + ulpExponent(a.minSubnormal);
  return [...ends, ends[0] - 3, ends[1] + 3, own, 0, -80, -102, -126, -149];
}

const SIZES = [
  [1, 1, 1],
  [2, 3, 2],
  [5, 9, 7],
  [4, 8, 8],
  [3, 67, 12],
  [37, 4, 10],
];

describe.each(Object.entries(GROUPS))('%s', (_, lanes) => {
  test('sizes with every remainder', { timeout: 60_000 }, async () => {
    for (const sizes of SIZES) await expectAgreement(lanes, sizes, gaussian);
  });

  test('every magnitude, infinities and NaN', { timeout: 60_000 }, async () => {
    for (const sizes of SIZES) {
      await expectAgreement(lanes, sizes, adversarial);
      await expectAgreement(lanes, sizes, (length, seed) => adversarial(length, seed, { finite: true }));
    }
  });

  test('few operands that are infinite or NaN', { timeout: 60_000 }, async () => {
    for (const special of [Infinity, -Infinity, NaN]) {
      const some: Make = (length, seed) =>
        gaussian(length, seed).map((x, i) => (i === (seed * 5) % length ? special : x));
      await expectAgreement(lanes, [6, 11, 17], some, gaussian);
    }
  });

  test('around every border of a decision', { timeout: 120_000 }, async () => {
    const exponents = [...new Set(lanes.flatMap(borders))];
    const parameters = fc.record({
      product: fc.constantFrom(...exponents),
      off: fc.integer({ min: -3, max: 3 }),
      balance: fc.integer({ min: -20, max: 20 }),
      binades: fc.constantFrom(1, 2, 4, 12, 30),
      bits: fc.constantFrom(0, 1, 3, 7, 10, 23),
      sizes: fc.tuple(
        fc.integer({ min: 1, max: 6 }),
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 11 }),
      ),
    });
    await fc.assert(
      fc.asyncProperty(parameters, async ({ product, off, balance, binades, bits, sizes }) => {
        const first = Math.floor((product + off) / 2) + balance;
        const second = product + off - first;
        await expectAgreement(lanes, sizes, around(first, binades, bits), around(second, binades, bits));
      }),
      { numRuns: 60, seed: 12 },
    );
  });
});

/** The middle sum of one row and column, twice nine terms so that vectors and trees are met. */
async function expectSum(each: Lane, x: readonly number[], weight: readonly number[]): Promise<void> {
  await expectAgreement(
    [each],
    [2, x.length, 9],
    (length) => Float32Array.from({ length }, (_, i) => x[i % x.length]),
    (length) => Float32Array.from({ length }, (_, i) => weight[i % x.length]),
  );
}

describe('sums made by hand', () => {
  const fused = lane('fp32', 'fp32', 'fp32', 'format-fma');

  test('a fused sum that is half-way between two neighbours once it is rounded, and not before', async () => {
    // An odd number and less than half a unit, by so little that the vector does not hold it: (1 - e)(1 + e) = 1 - e^2.
    for (const sign of [1, -1]) {
      for (const [operands, output, unit, e] of [
        ['fp32', 'fp32', 2 ** -23, 2 ** -15],
        ['fp32', 'fp16', 2 ** -10, 2 ** -23],
        ['fp32', 'e8m20', 2 ** -20, 2 ** -18],
        ['fp16', 'fp16', 2 ** -10, 2 ** -10],
        ['tf32', 'tf32_ftz', 2 ** -10, 2 ** -10],
      ] as const) {
        const each = lane(operands, operands, output, 'format-fma');
        const odd = sign * (1 + unit);
        const half = (unit / 2) * (1 + e);
        await expectSum(each, [odd, sign * (1 - e)], [1, half]);
        await expectSum(each, [odd, -sign * (1 - e)], [1, half]);
        await expectSum(each, [odd, 1, odd, sign * (1 - e)], [0, 0, 1, half]);
      }
    }
  });

  test('fused results next to 2^-126', async () => {
    const ulp = 2 ** -23;
    for (const x of [1, 1 - ulp / 2, 1 - ulp, 1 + ulp]) {
      for (const y of [1, 1 - ulp / 2, 1 + ulp]) {
        await expectSum(fused, [x * 2 ** -63, 2 ** -63, -(2 ** -63)], [y * 2 ** -63, 0, 2 ** -63 * ulp]);
        await expectSum(fused, [2 ** -62, -x * 2 ** -62], [2 ** -62 * (1 + ulp), y * 2 ** -62]);
      }
    }
  });

  test('a fused sum in FP16 on a tie of the double sum', async () => {
    const format = lane('fp16', 'fp16', 'fp16', 'format-fma');
    // 2048 + 1 ± 2^-48 where 2049 is a tie, which 53 bits do not hold.
    for (const sign of [1, -1]) {
      await expectSum(format, [2 ** 11, 1, sign * 2 ** -24], [1, 1, 2 ** -24]);
      await expectSum(format, [sign * 2 ** -24, 1, 2 ** 11, 1], [2 ** -24, 1, 1, 1]);
    }
    const wide = lane('fp32', 'fp32', 'fp16', 'format-fma');
    for (const sign of [1, -1]) {
      await expectSum(wide, [2 ** 11, 1 + 2 ** -20, 1], [1, 1 - 2 ** -20, 0]);
      await expectSum(wide, [2 ** 11, sign * (1 + 2 ** -23)], [1, 1 - 2 ** -23]);
    }
  });

  test('a product whose 25th bit decides in the format', async () => {
    // (1 + 2^-12)^2 = 1 + 2^-11 + 2^-24 is more than half-way from 1 to the next number of FP16; rounded to f32 it is not.
    const x = 1 + 2 ** -12;
    for (const accumulation of IN_FORMAT)
      await expectSum(lane('fp32', 'fp32', 'fp16', accumulation), [x], [x]);
  });

  test('a product that underflows leaves a negative zero behind a fused sum, and a positive one behind others', async () => {
    for (const accumulation of IN_FORMAT) {
      for (const format of ['fp16', 'fp16_ftz', 'bf16', 'bf16_ftz']) {
        const smallest = parseFormat(format).minSubnormal;
        await expectSum(
          lane(format, format, format, accumulation),
          [-smallest, -smallest],
          [smallest, smallest],
        );
        await expectSum(lane(format, format, format, accumulation), [smallest], [-0.5]);
      }
    }
  });

  test('sums that overflow in between and come back', async () => {
    for (const accumulation of IN_FORMAT) {
      for (const format of ['fp16', 'fp16_sat', 'e4m3fn', 'e4m3fn_sat', 'e8m20', 'bf16', 'bf16_sat']) {
        const most = parseFormat(format).maxFinite;
        const terms = [most, most, -most, -most, most, -1, 1, 3, -most];
        await expectSum(
          lane(format, format, format, accumulation),
          terms,
          terms.map(() => 1),
        );
        await expectSum(
          lane(format, format, format, accumulation),
          terms.map((x) => x / 4),
          terms.map(() => 2),
        );
      }
    }
  });

  test('tensor cores: sums of full significands, and results below 2^-126 or from 2^128', async () => {
    const full = 2 - 2 ** -10;
    const many = (x: number): number[] => Array.from({ length: 40 }, () => x);
    for (const gpu of ['v100', 'a100', 'h100']) {
      await expectSum(lane('fp16', 'fp16', 'fp32', `tensor-core:${gpu}`), many(full), many(full));
      await expectSum(lane('fp16', 'fp16', 'fp32', `tensor-core:${gpu}`), many(-full), many(full));
    }
    for (const x of [2 ** -70, 2 ** -63, 2 ** -64, 2 ** 63, 2 ** 64]) {
      const values = [x, -x * 0.75, x, x, -x, x * 1.5];
      await expectSum(lane('bf16', 'bf16', 'fp32', 'tensor-core:h100'), values, values);
      await expectSum(
        lane('bf16', 'bf16', 'fp32', 'tensor-core:a100'),
        values,
        values.map((y) => -y),
      );
      await expectSum(lane('bf16', 'bf16', 'fp32', 'tensor-core:h100/32'), values, many(x));
    }
  });

  test('tensor cores: a block below 2^-126 is cut off at 2^-149 before the next one', async () => {
    // 2^-151 of the first block would make up 2^-149 with the three of the second.
    const zeros = Array.from({ length: 14 }, () => 0);
    const x = [2 ** -64, 2 ** -76, ...zeros, 2 ** -63, 2 ** -76, 2 ** -76, 2 ** -76];
    const weight = [2 ** -64, 2 ** -75, ...zeros, 2 ** -63, 2 ** -75, 2 ** -75, 2 ** -75];
    await expectSum(lane('bf16', 'bf16', 'fp32', 'tensor-core:h100'), x, weight);
  });

  test('a NaN with all payload bits stays a NaN', async () => {
    const payload = new Float32Array(Uint32Array.of(0x7fffffff, 0xffffffff).buffer);
    const make: Make = (length) => Float32Array.from({ length }, (_, i) => (i % 5 === 0 ? payload[0] : 1));
    await expectAgreement(GROUPS.bf16, [3, 7, 9], make);
    expect(FORMATS.bf16.hasNaN).toBe(true);
  });
});
