/**
 * What a step reports, per lane: a header, then eight counters per cast site. The GPU writes one record per step
 * and lane into a ring of slots; kernels that round count straight into it. layout/tables.ts says what each word is.
 */
import { COUNTER_LAYOUT, HEADER_LAYOUT } from './layout/tables.ts';

/** Word offsets in the header. */
export const HEADER = HEADER_LAYOUT.at;
export const HEADER_WORDS = HEADER_LAYOUT.words;

/** Word offsets in a site's counters. */
export const COUNTER = COUNTER_LAYOUT.at;
export const COUNTER_WORDS = COUNTER_LAYOUT.words;

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
