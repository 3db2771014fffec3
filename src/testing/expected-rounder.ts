/**
 * The SiteRounder of the tests: says in plain float comparisons what graph/records.ts says in words, and shares
 * nothing with the backends but the rounding itself and the random numbers.
 */
import type { SiteRounder } from '../graph/kernel';
import { ROUNDING_STREAM } from '../graph/layout/tables';
import { roundingAt, type LanePolicy } from '../graph/policy';
import { COUNTER, COUNTER_WORDS, HEADER, HEADER_WORDS } from '../graph/records';
import type { Site } from '../graph/tensor';
import { fromBits, toBits } from '../numerics/f32';
import { roundingDescriptor, type NumberFormat, type Rounding } from '../numerics/formats';
import { philox4x32 } from '../numerics/philox';
import { roundBitsWith } from '../numerics/round';

/** Whether a finite value rounds, without a limit to its exponent, beyond the largest number. */
function overflows(value: number, format: NumberFormat, rounding: Rounding, random: number): boolean {
  const { maxFinite, significandBits } = format;
  const ulp = 2 ** (Math.floor(Math.log2(maxFinite)) - significandBits);
  const excess = (Math.abs(value) - maxFinite) / ulp;
  if (excess <= 0 || excess >= 1) return excess >= 1;
  switch (rounding.mode) {
    case 'nearest-even':
      return (maxFinite / ulp) % 2 === 1 ? excess >= 0.5 : excess > 0.5;
    case 'nearest-away':
      return excess >= 0.5;
    case 'toward-zero':
      return false;
    case 'up':
      return value > 0;
    case 'down':
      return value < 0;
    case 'stochastic': {
      const steps = 2 ** rounding.randomBits;
      return Math.floor(excess * steps) + (random >>> (32 - rounding.randomBits)) >= steps;
    }
  }
}

/** The random number for an element, in the words of graph/policy.ts. */
function randomFor(site: Site, seed: number, step: number, index: number): number {
  const words = new Uint32Array(4);
  philox4x32(Math.floor(index / 4), site.stream, step, ROUNDING_STREAM, seed, 0, words);
  return words[index % 4];
}

export interface RecordOfStep {
  /** One lane's record of one step: header, then counters. */
  readonly record: Uint32Array;
  readonly step: number;
}

export function expectedRounder(site: Site, policy: LanePolicy, { record, step }: RecordOfStep): SiteRounder {
  const { seed, formats } = policy;
  const rounding = roundingAt(policy, site.id);
  const format = formats[site.id];
  const descriptor = roundingDescriptor(format, rounding.mode, rounding.randomBits);
  const counters = record.subarray(HEADER_WORDS + site.id * COUNTER_WORDS).subarray(0, COUNTER_WORDS);
  const roundUncounted = (value: number, index: number): number =>
    fromBits(roundBitsWith(toBits(value), descriptor, randomFor(site, seed, step, index)));
  return {
    roundUncounted,
    round(value, index) {
      const random = randomFor(site, seed, step, index);
      const rounded = roundUncounted(value, index);
      if (site.role === 'parameter gradient' && !Number.isFinite(rounded)) record[HEADER.foundInf] = 1;
      const magnitude = Math.abs(value);
      if (Number.isNaN(value)) counters[COUNTER.nan]++;
      else if (magnitude === Infinity) counters[COUNTER.infinite]++;
      else if (magnitude === 0) counters[COUNTER.zeroBefore]++;
      else {
        if (rounded === 0) counters[COUNTER.underflow]++;
        else if (Math.abs(rounded) < format.minNormal) counters[COUNTER.subnormal]++;
        if (overflows(value, format, rounding, random)) counters[COUNTER.overflow]++;
        const bits = toBits(magnitude);
        counters[COUNTER.largest] = Math.max(counters[COUNTER.largest], bits);
        counters[COUNTER.smallest] = Math.max(counters[COUNTER.smallest], ~bits >>> 0);
      }
      return rounded;
    },
  };
}
