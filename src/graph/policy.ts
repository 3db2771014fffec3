/**
 * The policy of a lane: how it writes the values of each cast site. Formats differ from site to site; the direction
 * of rounding is one for the lane, and nothing is rounded where the format is FP32.
 */
import { formatWords, type NumberFormat, type Rounding } from '../numerics/formats';

export interface LanePolicy {
  /** Format of each site, by its id. */
  readonly formats: readonly NumberFormat[];
  readonly rounding: Rounding;
  /** u32 key of the random numbers of stochastic rounding: the lane's seed. */
  readonly seed: number;
}

/**
 * Stochastic rounding draws, for element i of the tensor that is written at a site (counted with the pads, from the
 * lane's first), component i mod 4 of Philox 4x32-10 with the counter (i div 4, site, step, ROUNDING_STREAM) under the
 * key (seed, 0). Initial weights have counters that end in 0 (numerics/philox.ts), so no number is used twice.
 */
export const ROUNDING_STREAM = 1;

export const NEAREST_EVEN: Rounding = { mode: 'nearest-even', randomBits: 32 };

/** Whether the kernels' rounding to nearest even, which is faster, does not do. */
export const roundsOtherwise = (lanes: readonly LanePolicy[]): boolean =>
  lanes.some(({ rounding }) => rounding.mode !== 'nearest-even');

/** Words of `struct Policy` in shaders/engine/policy.wgsl. */
export const POLICY_WORDS = 8;
const SEED_WORD = 4;

/** The policy table, [site][lane][POLICY_WORDS]. */
export function packPolicy(lanes: readonly LanePolicy[]): Uint32Array<ArrayBuffer> {
  const sites = lanes[0].formats.length;
  const table = new Uint32Array(sites * lanes.length * POLICY_WORDS);
  lanes.forEach(({ formats, rounding, seed }, lane) => {
    formats.forEach((format, site) => {
      const at = (site * lanes.length + lane) * POLICY_WORDS;
      table.set(formatWords(format, rounding.mode, rounding.randomBits), at);
      table[at + SEED_WORD] = seed;
    });
  });
  return table;
}
