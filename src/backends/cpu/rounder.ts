/**
 * Rounding at a cast site on the CPU: shaders/engine/sites.wgsl in TypeScript. What the counters mean is told in
 * graph/records.ts.
 *
 * Nearly all values are normal numbers of their format, and for those one comparison of the magnitude settles that
 * rounding is add-and-mask and that no counter but the extremes can change.
 */
import type { SiteRounder } from '../../graph/kernel';
import { COUNTER, COUNTER_WORDS, HEADER, HEADER_WORDS } from '../../graph/records';
import type { Site } from '../../graph/tensor';
import type { NumberFormat, RoundingDescriptor } from '../../numerics/formats';
import { roundBitsWith } from '../../numerics/round';

const MAGNITUDE = 0x7fffffff;
const INFINITY_BITS = 0x7f800000;
/** No magnitude is as large as this. */
const NONE = 0x7fffffff;

const float = new Float32Array(1);
const bits = new Uint32Array(float.buffer);

/**
 * Rounds to nearest even and counts, at one site of one lane. Counters are kept here until `report` adds them to a
 * record.
 */
export class CountingRounder implements SiteRounder {
  readonly #siteId: number;
  readonly #setsFoundInf: boolean;
  #descriptor!: RoundingDescriptor;
  /** Magnitudes of the format's normal numbers. */
  #minNormal = 0;
  #maxFinite = 0;
  #increment = 0;
  #shift = 0;
  #tieToEven = 0;
  #mask = 0;

  #zeroBefore = 0;
  #underflow = 0;
  #subnormal = 0;
  #overflow = 0;
  #nan = 0;
  #infinite = 0;
  #largest = 0;
  #smallest = NONE;
  #foundNonFinite = false;

  constructor(site: Site, format: NumberFormat) {
    this.#siteId = site.id;
    this.#setsFoundInf = site.role === 'parameter gradient';
    this.#setFormat(format);
  }

  setFormat(format: NumberFormat): void {
    this.#setFormat(format);
  }

  #setFormat(format: NumberFormat): void {
    const descriptor = format.nearestEven;
    this.#descriptor = descriptor;
    this.#minNormal = format.minNormalBits;
    this.#maxFinite = format.maxFiniteBits;
    this.#increment = descriptor.increment;
    this.#shift = descriptor.shift;
    this.#tieToEven = descriptor.tieToEven;
    this.#mask = descriptor.mask;
  }

  /** Before the values of a step. Rounding to nearest even depends on nothing but the value. */
  begin(_step: number): void {}

  round(value: number, _index: number): number {
    float[0] = value;
    const u = bits[0];
    const magnitude = u & MAGNITUDE;
    if (magnitude < this.#minNormal || magnitude > this.#maxFinite) return this.#special(u, magnitude);
    if (magnitude > this.#largest) this.#largest = magnitude;
    if (magnitude < this.#smallest) this.#smallest = magnitude;
    bits[0] = (u + this.#increment + ((u >>> this.#shift) & this.#tieToEven)) & this.#mask;
    return float[0];
  }

  roundUncounted(value: number, _index: number): number {
    float[0] = value;
    bits[0] = roundBitsWith(bits[0], this.#descriptor);
    return float[0];
  }

  /** Zeros, subnormals, what lies beyond the largest finite number, infinities and NaN. */
  #special(u: number, magnitude: number): number {
    const rounded = roundBitsWith(u, this.#descriptor);
    this.count(magnitude, rounded & MAGNITUDE, this.#overflows(magnitude));
    bits[0] = rounded;
    return float[0];
  }

  /**
   * Counts one value.
   *
   * @param magnitude of the value, as f32 bits
   * @param after magnitude of the rounded value
   * @param overflows whether it lies beyond the largest finite number when it is rounded without a limit to its exponent
   */
  protected count(magnitude: number, after: number, overflows: boolean): void {
    if (magnitude > INFINITY_BITS) this.#nan++;
    else if (magnitude === INFINITY_BITS) this.#infinite++;
    else if (magnitude === 0) this.#zeroBefore++;
    else {
      if (magnitude > this.#largest) this.#largest = magnitude;
      if (magnitude < this.#smallest) this.#smallest = magnitude;
      if (after === 0) this.#underflow++;
      else if (after < this.#minNormal) this.#subnormal++;
      else if (overflows) this.#overflow++;
    }
    if (after >= INFINITY_BITS) this.#foundNonFinite = true;
  }

  /** What rounds down to the largest finite number has not overflowed, and what is saturated to it has. */
  #overflows(magnitude: number): boolean {
    const unbounded =
      (magnitude + this.#increment + ((magnitude >>> this.#shift) & this.#tieToEven)) & this.#mask;
    return unbounded > this.#maxFinite;
  }

  /** Adds the counters to a lane's record, sets its found-inf if need be, and starts anew. */
  report(record: Uint32Array): void {
    const base = HEADER_WORDS + this.#siteId * COUNTER_WORDS;
    record[base + COUNTER.zeroBefore] += this.#zeroBefore;
    record[base + COUNTER.underflow] += this.#underflow;
    record[base + COUNTER.subnormal] += this.#subnormal;
    record[base + COUNTER.overflow] += this.#overflow;
    record[base + COUNTER.nan] += this.#nan;
    record[base + COUNTER.infinite] += this.#infinite;
    if (this.#largest > 0) {
      record[base + COUNTER.largest] = Math.max(record[base + COUNTER.largest], this.#largest);
      record[base + COUNTER.smallest] = Math.max(record[base + COUNTER.smallest], ~this.#smallest >>> 0);
    }
    if (this.#setsFoundInf && this.#foundNonFinite) record[HEADER.foundInf] = 1;
    this.#clear();
  }

  #clear(): void {
    this.#zeroBefore = 0;
    this.#underflow = 0;
    this.#subnormal = 0;
    this.#overflow = 0;
    this.#nan = 0;
    this.#infinite = 0;
    this.#largest = 0;
    this.#smallest = NONE;
    this.#foundNonFinite = false;
  }
}
