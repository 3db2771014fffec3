import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { IN_ORDER, NEAREST_EVEN } from '../../graph/policy';
import { COUNTER, HEADER, HEADER_WORDS, recordWords } from '../../graph/records';
import type { Site, SiteRole, Tensor } from '../../graph/tensor';
import { fromBits, toBits } from '../../numerics/f32';
import {
  FORMATS,
  parseFormat,
  ROUNDING_MODES,
  type NumberFormat,
  type Rounding,
} from '../../numerics/formats';
import { expectedRounder } from '../../testing/expected-rounder';
import { GeneralRounder } from './general-rounder';
import { CountingRounder } from './rounder';

const tensor: Tensor = {
  id: 0,
  name: 'x',
  shape: [1],
  site: null,
  aliasOf: null,
  residence: null,
  differentiable: true,
  shared: false,
};

const site = (id: number, role: SiteRole): Site => ({
  id,
  name: `site ${id}`,
  layer: 'layer',
  role,
  op: 'linear',
  owner: 'layer',
  sources: [],
  stream: id,
  tensor,
  count: 1,
});

const formats = [
  ...Object.values(FORMATS),
  parseFormat('e2m1'),
  parseFormat('e5m0'),
  parseFormat('e8m1'),
  parseFormat('e3m20'),
];

/** Any bit pattern, and the neighbourhoods of the places where something changes in some format. */
const value = fc.oneof(
  fc.integer({ min: 0, max: 0xffffffff }).map(fromBits),
  fc.constantFrom(0, -0, Infinity, -Infinity, NaN),
  fc
    .tuple(
      fc.constantFrom(
        ...formats.flatMap(({ maxFinite, minNormal, minSubnormal }) => [maxFinite, minNormal, minSubnormal]),
      ),
      fc.constantFrom(0.25, 0.5, 0.75, 1, 1.03125, 1.0625, 1.25),
      fc.integer({ min: -2, max: 2 }),
      fc.boolean(),
    )
    .map(([x, factor, ulps, negative]) => {
      const magnitude = fromBits(Math.max(0, toBits(Math.fround(x * factor)) + ulps));
      return negative ? -magnitude : magnitude;
    }),
);

/** The rounder under test and the tests' own one get the same values and must agree about them and their counters. */
function expectSameCounters(
  format: NumberFormat,
  rounding: Rounding,
  make: (at: Site) => CountingRounder,
): void {
  fc.assert(
    fc.property(fc.array(value, { maxLength: 40 }), fc.boolean(), fc.nat(1000), (values, gradient, first) => {
      const at = site(2, gradient ? 'parameter gradient' : 'weight');
      const record = new Uint32Array(recordWords(4));
      const found = new Uint32Array(recordWords(4));
      const policy = { formats: [format, format, format], rounding, accumulation: IN_ORDER, seed: 7 };
      const reference = expectedRounder(at, policy, { record, step: 5 });
      const rounder = make(at);
      rounder.begin(5);
      values.forEach((x, i) => {
        expect(toBits(rounder.round(x, first + i))).toBe(toBits(reference.round(x, first + i)));
      });
      rounder.report(found);
      expect(found).toEqual(record);
    }),
    { numRuns: 150 },
  );
}

const general: Rounding[] = [
  ...ROUNDING_MODES.map((mode) => ({ mode, randomBits: 32 })),
  { mode: 'stochastic', randomBits: 1 },
  { mode: 'stochastic', randomBits: 5 },
];

describe.each(formats)('$name', (format) => {
  test('rounds and counts as the records describe', () => {
    expectSameCounters(format, NEAREST_EVEN, (at) => new CountingRounder(at, format));
  });

  test.each(general)('in any direction: $mode, $randomBits bits', (rounding) => {
    expectSameCounters(format, rounding, (at) => new GeneralRounder(at, format, { rounding, seed: 7 }));
  });
});

test('adds to a record and starts anew', () => {
  const record = new Uint32Array(recordWords(1));
  const rounder = new CountingRounder(site(0, 'parameter gradient'), FORMATS.fp16);
  for (const x of [0, 1, 2 ** -30, 1e6]) rounder.round(x, 0);
  rounder.report(record);
  rounder.report(record);
  const counters = record.subarray(HEADER_WORDS);
  expect(counters[COUNTER.zeroBefore]).toBe(1);
  expect(counters[COUNTER.underflow]).toBe(1);
  expect(counters[COUNTER.overflow]).toBe(1);
  expect(fromBits(counters[COUNTER.largest])).toBe(1e6);
  expect(fromBits(~counters[COUNTER.smallest])).toBe(2 ** -30);
  expect(record[HEADER.foundInf]).toBe(1);
});

test('takes a new format', () => {
  const rounder = new CountingRounder(site(0, 'output'), FORMATS.fp16);
  rounder.setFormat(FORMATS.bf16);
  expect(rounder.round(70000, 0)).toBe(70144);
});
