/**
 * Products in FP32 in WebAssembly and on the reference, on both sides of what is decided before the loop: whether any
 * product or sum can be below 2^-126, where the engine has no numbers.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Kernel } from '../../graph/kernel';
import { unpackMatrix } from '../../graph/packing';
import { fromBits } from '../../numerics/f32';
import { FORMATS } from '../../numerics/formats';
import {
  linearForwardUnbiased,
  linearInputGradient,
  linearParameterGradient,
  linearWeightGradient,
} from '../../ops/linear';
import { differences } from '../../testing/equal-bits';
import { uniform } from '../../testing/inputs';
import { planCaseOf, type KernelCase } from '../../testing/kernels';
import { runOnReference, runOnWasm } from '../../testing/plans';

const SITE = { formats: [FORMATS.fp32] };
const GRADIENT_SITE = { ...SITE, role: 'parameter gradient' } as const;

/** Runs on both, which have to agree; the first output. */
async function expectAgreed(kernel: Kernel, kernelCase: KernelCase): Promise<Float32Array> {
  const { planCase, operands } = planCaseOf(kernel, kernelCase);
  const { plan } = planCase;
  const expected = runOnReference(planCase);
  expect(differences(plan, expected, await runOnWasm(planCase)), `${kernel.name} differs`).toEqual([]);
  const view = plan.view(operands[kernelCase.inputs.length]);
  return unpackMatrix(view, expected.buffers.get(view.buffer)!);
}

type Values = (length: number) => Float32Array;

/** All products of a layer with these values, x and dy alike. */
async function expectAgreement(
  [batch, features, out]: readonly number[],
  a: Values,
  b: Values,
): Promise<void> {
  const x = { shape: [batch, features], values: a(batch * features) };
  const other = { shape: [batch, features], values: b(batch * features) };
  const weight = { shape: [out, features], values: b(out * features) };
  const dy = { shape: [batch, out], values: a(batch * out) };
  await expectAgreed(linearForwardUnbiased, {
    inputs: [x, weight],
    outputs: [{ shape: dy.shape }],
    sites: [SITE],
  });
  await expectAgreed(linearInputGradient, {
    inputs: [dy, weight],
    outputs: [{ shape: x.shape }],
    sites: [SITE],
  });
  const outputs = [{ shape: weight.shape }];
  await expectAgreed(linearWeightGradient, { inputs: [dy, other], outputs, sites: [GRADIENT_SITE] });
  await expectAgreed(linearParameterGradient, {
    inputs: [dy, other],
    outputs: [...outputs, { shape: [out] }],
    sites: [GRADIENT_SITE, GRADIENT_SITE],
  });
}

/** Sum of the products of two lists, as the first of nine columns and of five rows. */
async function dot(x: readonly number[], weight: readonly number[]): Promise<number> {
  const rows = (count: number, row: readonly number[]): Float32Array =>
    Float32Array.from({ length: count * row.length }, (_, i) => row[i % row.length]);
  const y = await expectAgreed(linearForwardUnbiased, {
    inputs: [
      { shape: [5, x.length], values: rows(5, x) },
      { shape: [9, x.length], values: rows(9, weight) },
    ],
    outputs: [{ shape: [5, 9] }],
    sites: [SITE],
  });
  expect(new Set(y).size).toBe(1);
  return y[0];
}

const ULP = 2 ** -23;

describe('products next to 2^-126', () => {
  test.each([
    ['half-way on the grid of subnormals, but below on one of 24 bits', 1 - 2 ** -24, 1, 0],
    ['above the tie of 24 bits', 1 - 2 ** -13, 1 + 2 ** -13, 2 ** -126],
    ['on the tie of 24 bits', (2 - 2 ** -12) / 2, 1 + 2 ** -13, 2 ** -126],
    ['exactly', 1, 1, 2 ** -126],
    ['the next below', 1 - ULP, 1, 0],
    ['the next above', 1 + ULP, 1, 2 ** -126 * (1 + ULP)],
  ])('%s', async (_, x, y, expected) => {
    expect(await dot([x * 2 ** -63], [y * 2 ** -63])).toBe(expected);
    expect(await dot([-x * 2 ** -63, 1], [y * 2 ** -63, 0])).toBe(expected === 0 ? 0 : -expected);
    expect(await dot([x * 2 ** -100], [y * 2 ** -26])).toBe(expected);
  });

  test('subnormal operands count as zeros, however large the other is', async () => {
    expect(await dot([2 ** -127, 1], [2 ** 127, 2 ** -20])).toBe(2 ** -20);
    expect(await dot([2 ** 127, 1], [-(2 ** -149), 2 ** -20])).toBe(2 ** -20);
  });
});

describe('sums that cancel', () => {
  test.each([-101, -102, -103, -104, -105, -110])('products of 2^%i', async (exponent) => {
    const [x, y] = [2 ** Math.floor(exponent / 2), 2 ** Math.ceil(exponent / 2)];
    const left = 2 ** exponent * ULP;
    const expected = left < 2 ** -126 ? 0 : left;
    expect(await dot([x * (1 + ULP), -x], [y, y])).toBe(expected);
    expect(await dot([0, x * (1 + ULP), -x, -0], [1, y, y, 1])).toBe(expected);
  });

  test('of biases', async () => {
    for (const exponent of [-101, -102, -103, -104, -110]) {
      const column = [2 ** exponent * (1 + ULP), -(2 ** exponent), 0];
      await expectAgreed(linearParameterGradient, {
        inputs: [
          { shape: [3, 5], values: Float32Array.from({ length: 15 }, (_, i) => column[Math.floor(i / 5)]) },
          { shape: [3, 2], values: new Float32Array(6).fill(1) },
        ],
        outputs: [{ shape: [5, 2] }, { shape: [5] }],
        sites: [GRADIENT_SITE, GRADIENT_SITE],
      });
    }
  });
});

/** Values of exactly these binades: neighbours cancel up to their last bits, and some are zero. */
function cancelling(exponent: number, binades: number, seed: number): Values {
  const random = uniform(seed);
  return (length) => {
    let last = 2 ** exponent;
    return Float32Array.from({ length }, () => {
      const kind = random();
      if (kind < 0.1) return random() < 0.5 ? 0 : -0;
      if (kind < 0.5) return -last * (1 + Math.floor(random() * 3) * ULP);
      last = 2 ** (exponent + Math.floor(random() * binades)) * (1 + Math.floor(random() * 4) * ULP);
      return random() < 0.5 ? last : -last;
    });
  };
}

const size = fc.integer({ min: 1, max: 18 });
const sizes = fc.tuple(size, size, size);

test('operands whose smallest product is around 2^-102 and around 2^-126', { timeout: 60_000 }, async () => {
  const parameters = fc.record({
    border: fc.constantFrom(-102, -126),
    off: fc.integer({ min: -3, max: 2 }),
    first: fc.integer({ min: -100, max: -10 }),
    binades: fc.constantFrom(1, 2, 5),
    sizes,
    seed: fc.nat(),
  });
  await fc.assert(
    fc.asyncProperty(parameters, async ({ border, off, first, binades, sizes: layer, seed }) => {
      const second = border + off - first;
      await expectAgreement(layer, cancelling(first, binades, seed), cancelling(second, binades, seed + 1));
    }),
    { numRuns: 150, seed: 102 },
  );
});

test('one tiny number among ordinary ones, which concerns its own rows and columns', async () => {
  for (const tiny of [2 ** -126, -(2 ** -120), 2 ** -127, 2 ** -103, -(2 ** -104)]) {
    for (let at = 0; at < 12 * 9; at += 7) {
      const some: Values = (length) =>
        cancelling(-2, 2, at)(length).map((x, i) => (i === at % length ? tiny : x));
      await expectAgreement([12, 9, 13], some, cancelling(0, 1, 5));
      await expectAgreement([12, 9, 13], cancelling(0, 1, 5), some);
    }
  }
});

test('any bit patterns', async () => {
  const bits = fc.array(fc.integer({ min: 0, max: 0xffffffff }), { minLength: 1, maxLength: 40 });
  await fc.assert(
    fc.asyncProperty(sizes, bits, bits, async (layer, a, b) => {
      const repeated =
        (list: readonly number[]): Values =>
        (length) =>
          Float32Array.from({ length }, (_, i) => fromBits(list[i % list.length]));
      await expectAgreement(layer, repeated(a), repeated(b));
    }),
    { numRuns: 60, seed: 32 },
  );
});
