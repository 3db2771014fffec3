/**
 * What a step reports, per lane: a header, then eight counters per cast site. The GPU writes one record per step
 * and lane into a ring of slots; kernels that round count straight into it. shaders/engine/records.wgsl mirrors
 * the layout.
 */

/** Word offsets in the header. `loss` is the f32 loss without multiplier and scale; `scale` the one used in the step. */
export const HEADER = {
  loss: 0,
  scale: 1,
  foundInf: 2,
  scaleAfter: 3,
  growthTrackerAfter: 4,
  /** Executed optimizer steps after this one. */
  optimizerSteps: 5,
  /** Evaluation plans only: rows classified correctly. */
  correct: 6,
} as const;
export const HEADER_WORDS = 8;

/**
 * Word offsets in a site's counters. The first six are numbers of values, disjoint except that `subnormal` and
 * `underflow` describe results: a value counts once.
 *   zeroBefore  was ±0 before rounding
 *   underflow   was finite and not zero, became ±0
 *   subnormal   became a non-zero subnormal of the format
 *   overflow    was finite, and rounding it in the lane's direction, were there no limit to the exponent, gives more
 *               than the largest finite number (IEEE 754, 7.4): it became infinite, NaN (E4M3), was saturated or,
 *               rounded towards zero, became the largest finite number
 *   nan         arrived as NaN
 *   infinite    arrived as ±infinity
 *   largest     largest finite magnitude before rounding, as f32 bits; 0 when there is none
 *   smallest    bitwise complement of the smallest non-zero finite magnitude before rounding, as f32 bits (so that
 *               zeroed memory and atomicMax work); 0 when there is none
 */
export const COUNTER = {
  zeroBefore: 0,
  underflow: 1,
  subnormal: 2,
  overflow: 3,
  nan: 4,
  infinite: 5,
  largest: 6,
  smallest: 7,
} as const;
export const COUNTER_WORDS = 8;

/** Words of one lane's record. */
export const recordWords = (siteCount: number): number => HEADER_WORDS + COUNTER_WORDS * siteCount;

/** The records of consecutive steps of all lanes, as they come back from a backend. */
export interface StepRecords {
  /** Zero-based index of the first step. */
  readonly firstStep: number;
  readonly steps: number;
  readonly lanes: number;
  readonly sites: number;
  /** [step][lane][recordWords(sites)]. */
  readonly words: Uint32Array;
}
