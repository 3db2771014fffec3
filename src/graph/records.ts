/**
 * What a step reports, per lane: a header, then eight counters per cast site. The GPU writes one record per step
 * and lane into a ring of slots; kernels that round count straight into it. layout/tables.ts says what each word is.
 */
import { COUNTER_LAYOUT, HEADER_LAYOUT, UPDATE_LAYOUT } from './layout/tables.ts';

/** Word offsets in the header. */
export const HEADER = HEADER_LAYOUT.at;
export const HEADER_WORDS = HEADER_LAYOUT.words;

/** Word offsets in a site's counters. */
export const COUNTER = COUNTER_LAYOUT.at;
export const COUNTER_WORDS = COUNTER_LAYOUT.words;

/** Word offsets in the counters of a site of the role `update`. */
export const UPDATE_COUNTER = UPDATE_LAYOUT.at;

/** What became of the updates of a weight tensor in a step. */
export interface UpdateCounts {
  /** Numbers of weights: see UPDATE_LAYOUT. */
  readonly zeroGradient: number;
  readonly zeroUpdate: number;
  readonly roundedAway: number;
  readonly moved: number;
  /** Sum of the magnitudes of the updates, and of how far the weights went in their directions. */
  readonly intended: number;
  readonly covered: number;
}

const sumOf = (whole: number, rest: number): number => whole * 2 ** -16 + rest * 2 ** -32;

/** Reads the counters of a site of the role `update`, which begin at `base`. */
export function readUpdates(words: Uint32Array, base = 0): UpdateCounts {
  const at = UPDATE_COUNTER;
  return {
    zeroGradient: words[base + at.zeroGradient],
    zeroUpdate: words[base + at.zeroUpdate],
    roundedAway: words[base + at.roundedAway],
    moved: words[base + at.moved],
    intended: sumOf(words[base + at.intended], words[base + at.intendedRest]),
    // The only signed word.
    covered: sumOf(words[base + at.covered] | 0, words[base + at.coveredRest]),
  };
}

/** Updates that were counted; those of a skipped step are not. */
export const countedUpdates = ({ zeroGradient, zeroUpdate, roundedAway, moved }: UpdateCounts): number =>
  zeroGradient + zeroUpdate + roundedAway + moved;

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
