/**
 * The policy of a lane: how it writes the values of each cast site. Formats differ from site to site; the direction
 * of rounding is one for the lane, and nothing is rounded where the format is FP32. So is the way products are added
 * up; what it means for a product depends on the formats of its operands.
 */
import type { Accumulation } from '../numerics/accumulation';
import type { Accumulator } from '../numerics/accumulators';
import {
  accumulationConstants,
  accumulationWords,
  canAccumulate,
  createAccumulator,
} from '../numerics/accumulation-procedures';
import {
  DEFAULT_RANDOM_BITS,
  FORMATS,
  formatWords,
  type NumberFormat,
  type Rounding,
} from '../numerics/formats';
import { tensorAt, type KernelCall } from './kernel';
import { POLICY_LAYOUT } from './layout/tables.ts';
import type { Plan } from './plan';

export interface LanePolicy {
  /** Format of each site, by its id. */
  readonly formats: readonly NumberFormat[];
  readonly rounding: Rounding;
  /** Sites at which the lane rounds otherwise, by id: those of its optimizer. */
  readonly roundings?: ReadonlyMap<number, Rounding>;
  readonly accumulation: Accumulation;
  /** u32 key of the random numbers of stochastic rounding: the lane's seed. */
  readonly seed: number;
}

/** How a lane rounds at a site. */
export const roundingAt = ({ rounding, roundings }: LanePolicy, site: number): Rounding =>
  roundings?.get(site) ?? rounding;

export const NEAREST_EVEN: Rounding = { mode: 'nearest-even', randomBits: DEFAULT_RANDOM_BITS };

/**
 * Whether the kernels' rounding to nearest even, which is faster, does not do. Those that write weights can round in any
 * direction by themselves (Kernel.conditions), so `roundings` does not count.
 */
export const roundsOtherwise = (lanes: readonly LanePolicy[]): boolean =>
  lanes.some(({ rounding }) => rounding.mode !== 'nearest-even');

export const IN_ORDER: Accumulation = { kind: 'fp32' };

/** Whether the kernels' sums in order, which are faster, do not do. */
export const accumulatesOtherwise = (lanes: readonly LanePolicy[]): boolean =>
  lanes.some(({ accumulation }) => accumulation.kind !== 'fp32');

/** Formats of the two operands of a call that adds up products, and of what it writes. Raw data are FP32. */
function formatsOfProduct(
  call: KernelCall,
  { formats }: LanePolicy,
): [a: NumberFormat, b: NumberFormat, output: NumberFormat] {
  const formatOf = (index: number): NumberFormat => {
    const { site } = tensorAt(call.inputs, index);
    return site ? formats[site.id] : FORMATS.fp32;
  };
  return [formatOf(0), formatOf(1), formats[call.sites[0].id]];
}

/**
 * How a lane adds up the products of a call: as it says, or, where a format chosen by hand makes that impossible (no
 * tensor core multiplies FP16 with FP8), in order.
 */
function accumulationOf(
  call: KernelCall,
  policy: LanePolicy,
): [Accumulation, ...ReturnType<typeof formatsOfProduct>] {
  const formats = formatsOfProduct(call, policy);
  const { accumulation } = policy;
  return [canAccumulate(accumulation, ...formats) ? accumulation : IN_ORDER, ...formats];
}

/** What the reference of a call adds up products with; null is FP32 in order. */
export function accumulatorFor(call: KernelCall, policy: LanePolicy): Accumulator | null {
  if (!call.kernel.accumulates || policy.accumulation.kind === 'fp32') return null;
  return createAccumulator(...accumulationOf(call, policy));
}

/** Constants of the kernels that add up products, for a plan's calls. */
export function accumulationConstantsOf(
  calls: readonly KernelCall[],
  lanes: readonly LanePolicy[],
): Readonly<Record<string, number>> {
  const products = calls.filter(({ kernel }) => kernel.accumulates);
  return accumulationConstants(
    lanes.flatMap((policy) => products.map((call) => accumulationWords(...accumulationOf(call, policy)))),
  );
}

export const POLICY_WORDS = POLICY_LAYOUT.words;

/** The policy table of a plan, [site][lane][POLICY_WORDS]. */
export function packPolicy(
  { calls, sites }: Pick<Plan, 'calls' | 'sites'>,
  lanes: readonly LanePolicy[],
): Uint32Array<ArrayBuffer> {
  const table = new Uint32Array(sites.length * lanes.length * POLICY_WORDS);
  const products = calls.filter(({ kernel }) => kernel.accumulates);
  lanes.forEach((policy, lane) => {
    const { formats, seed } = policy;
    const entry = (site: number): number => (site * lanes.length + lane) * POLICY_WORDS;
    formats.forEach((format, site) => {
      const { mode, randomBits } = roundingAt(policy, site);
      const words = formatWords(format, mode, randomBits);
      POLICY_LAYOUT.write(table, { format: words, seed, stream: sites[site].stream }, entry(site));
    });
    for (const call of products) {
      const words = accumulationWords(...accumulationOf(call, policy));
      POLICY_LAYOUT.write(table, { accumulation: words }, entry(call.sites[0].id));
    }
  });
  return table;
}
