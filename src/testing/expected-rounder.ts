/**
 * The SiteRounder of the tests: says in plain float comparisons what graph/records.ts says in words, and shares
 * nothing with the backends but the rounding itself.
 */
import type { SiteRounder } from '../graph/kernel';
import { COUNTER, COUNTER_WORDS, HEADER, HEADER_WORDS } from '../graph/records';
import type { Site } from '../graph/tensor';
import { toBits } from '../numerics/f32';
import type { NumberFormat } from '../numerics/formats';
import { roundToFormat } from '../numerics/round';

/** Whether a finite magnitude rounds, to nearest even and without a limit to the exponent, beyond the largest number. */
function overflows(magnitude: number, { maxFinite, significandBits }: NumberFormat): boolean {
  const ulp = 2 ** (Math.floor(Math.log2(maxFinite)) - significandBits);
  const tieGoesUp = (maxFinite / ulp) % 2 === 1;
  const middle = maxFinite + ulp / 2;
  return tieGoesUp ? magnitude >= middle : magnitude > middle;
}

/** @param record one lane's record of one step: header, then counters */
export function expectedRounder(site: Site, format: NumberFormat, record: Uint32Array): SiteRounder {
  const counters = record.subarray(HEADER_WORDS + site.id * COUNTER_WORDS).subarray(0, COUNTER_WORDS);
  return {
    round(value) {
      const rounded = roundToFormat(value, format);
      if (site.role === 'parameter gradient' && !Number.isFinite(rounded)) record[HEADER.foundInf] = 1;
      const magnitude = Math.abs(value);
      if (Number.isNaN(value)) counters[COUNTER.nan]++;
      else if (magnitude === Infinity) counters[COUNTER.infinite]++;
      else if (magnitude === 0) counters[COUNTER.zeroBefore]++;
      else {
        if (rounded === 0) counters[COUNTER.underflow]++;
        else if (Math.abs(rounded) < format.minNormal) counters[COUNTER.subnormal]++;
        if (overflows(magnitude, format)) counters[COUNTER.overflow]++;
        const bits = toBits(magnitude);
        counters[COUNTER.largest] = Math.max(counters[COUNTER.largest], bits);
        counters[COUNTER.smallest] = Math.max(counters[COUNTER.smallest], ~bits >>> 0);
      }
      return rounded;
    },
  };
}
