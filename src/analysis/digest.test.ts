import { describe, expect, test } from 'vitest';
import { COUNTER, COUNTER_WORDS } from '../graph/records';
import type { RoundingMode } from '../numerics/formats';
import { CAUSES, createDigester, executionOrder, layerIndex, sliceDigest, type DigestedLane } from './digest';
import type { CountedSteps, FormattedSite, SiteRecord } from './records';

const site = (id: number, name: string, role: SiteRecord['role'], count: number): FormattedSite => ({
  id,
  name,
  layer: name.split('.')[0],
  role,
  count,
  formats: ['fp32', 'fp16'],
});

/** FP32, and FP16 beside it. */
const lanes: DigestedLane[] = [
  { rounding: 'nearest-even', twin: null },
  { rounding: 'nearest-even', twin: 0 },
];

const bits = (value: number): number => new Uint32Array(Float32Array.of(value).buffer)[0];

/** A network of two layers; fc2's weight is cast after fc1's output in order of ids. */
const sites = [
  site(0, 'input', 'input', 8),
  site(1, 'fc1.weight', 'weight', 4),
  site(2, 'fc1.output', 'output', 8),
  site(3, 'fc2.weight', 'weight', 4),
  site(4, 'fc2.weight.grad', 'parameter gradient', 4),
  site(5, 'fc1.input.grad', 'activation gradient', 8),
  site(6, 'fc1.weight.grad', 'parameter gradient', 4),
];

function frame(
  steps: number,
  lanes: number,
  counts: readonly (readonly [step: number, lane: number, site: number, word: number, value: number])[],
  foundInf: readonly number[] = Array.from({ length: steps * lanes }, () => 0),
): CountedSteps {
  const counters = new Uint32Array(steps * lanes * sites.length * COUNTER_WORDS);
  for (const [step, lane, at, word, value] of counts) {
    counters[((step * lanes + lane) * sites.length + at) * COUNTER_WORDS + word] = value;
  }
  const column = (): Float32Array => Float32Array.from({ length: steps * lanes }, (_, row) => row);
  return {
    firstStep: 10,
    steps,
    loss: column(),
    scale: column(),
    scaleAfter: column(),
    foundInf: Uint8Array.from(foundInf),
    counters,
  };
}

describe('layers', () => {
  test('are those with gradients, in forward order', () => {
    expect(layerIndex(sites)).toEqual({
      names: ['fc1', 'fc2'],
      ofSite: Int16Array.from([-1, -1, -1, -1, 1, 0, 0]),
    });
  });

  test('parameters are cast before anything else is written', () => {
    expect(executionOrder(sites)).toEqual([1, 3, 0, 2, 4, 5, 6]);
  });
});

describe('digest', () => {
  test('counts gradients by layer and lane', () => {
    const digest = createDigester(
      sites,
      lanes,
    )(
      frame(1, 2, [
        [0, 1, 5, COUNTER.zeroBefore, 3],
        [0, 1, 5, COUNTER.underflow, 2],
        [0, 1, 6, COUNTER.underflow, 1],
        [0, 1, 2, COUNTER.underflow, 7],
      ]),
    );
    expect([...digest.nonzero]).toEqual([12, 4, 9, 4]);
    expect([...digest.underflow]).toEqual([0, 0, 3, 0]);
  });

  test('what is infinite or NaN is not one of the gradients that could become zero', () => {
    const digest = createDigester(
      sites,
      lanes,
    )(
      frame(1, 2, [
        [0, 1, 5, COUNTER.zeroBefore, 3],
        [0, 1, 5, COUNTER.nan, 2],
        [0, 1, 6, COUNTER.infinite, 4],
      ]),
    );
    expect([...digest.nonzero]).toEqual([12, 4, 3, 4]);
  });

  test('counts parameter gradients that are zero, and those that rounding made so', () => {
    const digest = createDigester(
      sites,
      lanes,
    )(
      frame(1, 2, [
        [0, 1, 4, COUNTER.zeroBefore, 3],
        [0, 1, 6, COUNTER.underflow, 2],
        [0, 1, 5, COUNTER.zeroBefore, 8],
      ]),
    );
    expect([...digest.zeroGradients]).toEqual([0, 3]);
    expect([...digest.lostGradients]).toEqual([0, 2]);
  });

  test('says when weights are not finite, though another site is the first', () => {
    const digest = createDigester(
      sites,
      lanes,
    )(
      frame(2, 2, [
        [0, 1, 1, COUNTER.overflow, 1],
        [0, 1, 3, COUNTER.nan, 1],
        [1, 0, 2, COUNTER.nan, 1],
      ]),
    );
    expect([...digest.weightsNotFinite]).toEqual([0, 1, 0, 0]);
    expect([...digest.firstSite]).toEqual([-1, 1, 2, -1]);
  });

  test('keeps the largest magnitude of the first site', () => {
    const digest = createDigester(
      sites,
      lanes,
    )(
      frame(1, 2, [
        [0, 1, 4, COUNTER.overflow, 1],
        [0, 1, 4, COUNTER.largest, bits(70000)],
        [0, 1, 6, COUNTER.largest, bits(1e9)],
      ]),
    );
    expect(digest.firstLargest[1]).toBe(70000);
  });

  test('relates the gradients of the twin to what the formats of a lane hold', () => {
    const digest = createDigester(
      sites,
      lanes,
    )(
      frame(2, 2, [
        [0, 0, 4, COUNTER.largest, bits(65504 / 8)],
        [0, 0, 2, COUNTER.largest, bits(1e30)],
        [1, 0, 6, COUNTER.nan, 1],
      ]),
    );
    expect(digest.demand[0]).toBeNaN();
    expect(digest.demand[1]).toBe(1 / 8);
    expect(digest.demand[3]).toBe(Infinity);
  });

  describe('an overflow that gave the largest finite number', () => {
    const saturating = sites.map((each) => ({ ...each, formats: ['fp32', 'fp16_sat'] }));
    const later: Parameters<typeof frame>[2] = [
      [0, 1, 2, COUNTER.overflow, 5],
      [0, 1, 4, COUNTER.infinite, 1],
    ];

    test.each<[string, FormattedSite[], RoundingMode, number]>([
      ['a saturating format', saturating, 'nearest-even', 4],
      ['a lane that rounds toward zero', sites, 'toward-zero', 4],
      ['infinity', sites, 'nearest-even', 2],
    ])('%s', (_, sitesOf, rounding, first) => {
      const digest = createDigester(sitesOf, [lanes[0], { rounding, twin: 0 }])(frame(1, 2, later));
      expect(digest.firstSite[1]).toBe(first);
    });

    test('a lane that rounds up may have made an infinity of it: it did where one arrives later', () => {
      const digest = createDigester(sites, [lanes[0], { rounding: 'up', twin: 0 }]);
      expect(digest(frame(1, 2, later)).firstSite[1]).toBe(2);
      expect(digest(frame(1, 2, later.slice(0, 1))).firstSite[1]).toBe(-1);
    });
  });

  test('names the first site in order of execution, of the right lane, with its cause', () => {
    const digest = createDigester(
      sites,
      lanes,
    )(
      frame(
        2,
        2,
        [
          [0, 0, 6, COUNTER.overflow, 1],
          [1, 1, 4, COUNTER.infinite, 1],
          [1, 1, 5, COUNTER.overflow, 9],
          [1, 0, 2, COUNTER.nan, 1],
        ],
        [1, 0, 0, 1],
      ),
    );
    expect([...digest.firstSite]).toEqual([6, -1, 2, 4]);
    expect(CAUSES[digest.firstCause[0]]).toBe('overflow');
    expect(CAUSES[digest.firstCause[3]]).toBe('infinite');
  });

  test('can be cut at a step', () => {
    const digest = createDigester(sites, lanes)(frame(3, 2, [[2, 0, 4, COUNTER.underflow, 1]]));
    expect(sliceDigest(digest, 0, 99, 2)).toBe(digest);
    expect(sliceDigest(digest, 13, 99, 2)).toBeNull();
    expect(sliceDigest(digest, 0, 10, 2)).toBeNull();
    expect(sliceDigest(digest, 0, 12, 2)).toMatchObject({ firstStep: 10, steps: 2 });
    const rest = sliceDigest(digest, 12, 99, 2);
    expect(rest).toMatchObject({ firstStep: 12, steps: 1, loss: Float32Array.from([4, 5]) });
    expect([...rest!.underflow]).toEqual([0, 1, 0, 0]);
  });
});
