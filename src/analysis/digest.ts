/**
 * The digest of a frame: the few columns that charts over time need, out of the eight counters of every cast site.
 * A digest is what the history keeps and what a recording holds.
 */
import { COUNTER, COUNTER_WORDS } from '../graph/records';
import { isGradient, type CountedSteps, type SiteRecord, type StepColumns } from './records';

/** Why a site is the first with something that is not finite. */
export const CAUSES = ['overflow', 'infinite', 'nan'] as const;
export type Cause = (typeof CAUSES)[number];

/** Columns over consecutive steps; [step][lane] unless said otherwise. */
export interface Digest extends StepColumns {
  /** Id of the first site with something not finite in a step with foundInf, -1 where there is none. */
  readonly firstSite: Int16Array;
  /** Index into CAUSES. */
  readonly firstCause: Uint8Array;
  /** [step][lane][layer]: gradients that were not zero before rounding, and those of them that became zero. */
  readonly nonzero: Uint32Array;
  readonly underflow: Uint32Array;
}

/** The layers of an experiment, in forward order, with the layer of each gradient site (-1 for forward sites). */
export interface LayerIndex {
  readonly names: readonly string[];
  readonly ofSite: Int16Array;
}

export function layerIndex(sites: readonly SiteRecord[]): LayerIndex {
  const gradients = new Set(sites.filter(isGradient).map((site) => site.layer));
  // Forward sites come first, so that a walk over all sites meets the layers in forward order.
  const names = [...new Set(sites.map((site) => site.layer))].filter((layer) => gradients.has(layer));
  const ofSite = Int16Array.from(sites, (site) => (isGradient(site) ? names.indexOf(site.layer) : -1));
  return { names, ofSite };
}

/** Site ids in the order in which a step writes them: parameters are cast before the forward pass. */
export function executionOrder(sites: readonly SiteRecord[]): readonly number[] {
  const isParameter = (site: SiteRecord): boolean => site.role === 'weight' || site.role === 'bias';
  const rank = (site: SiteRecord): number => (isParameter(site) ? 0 : sites.length) + site.id;
  return [...sites].sort((a, b) => rank(a) - rank(b)).map((site) => site.id);
}

/**
 * The first site, in order of execution, at which something overflowed or arrived as infinity or NaN.
 * `offset` is where the lane's counters start.
 */
export function firstNonFinite(
  counters: Uint32Array,
  offset: number,
  order: readonly number[],
): { readonly site: number; readonly cause: Cause } | null {
  for (const site of order) {
    const at = offset + site * COUNTER_WORDS;
    if (counters[at + COUNTER.overflow] > 0) return { site, cause: 'overflow' };
    if (counters[at + COUNTER.infinite] > 0) return { site, cause: 'infinite' };
    if (counters[at + COUNTER.nan] > 0) return { site, cause: 'nan' };
  }
  return null;
}

/** Digests the frames of one experiment. */
export function createDigester(sites: readonly SiteRecord[], lanes: number): (frame: CountedSteps) => Digest {
  const layers = layerIndex(sites);
  const order = executionOrder(sites);
  const gradients = sites.filter(isGradient);
  const layerCount = layers.names.length;
  return (frame) => {
    const rows = frame.steps * lanes;
    const firstSite = new Int16Array(rows).fill(-1);
    const firstCause = new Uint8Array(rows);
    const nonzero = new Uint32Array(rows * layerCount);
    const underflow = new Uint32Array(rows * layerCount);
    for (let row = 0; row < rows; row++) {
      const offset = row * sites.length * COUNTER_WORDS;
      for (const site of gradients) {
        const at = offset + site.id * COUNTER_WORDS;
        const cell = row * layerCount + layers.ofSite[site.id];
        nonzero[cell] += site.count - frame.counters[at + COUNTER.zeroBefore];
        underflow[cell] += frame.counters[at + COUNTER.underflow];
      }
      const first = frame.foundInf[row] ? firstNonFinite(frame.counters, offset, order) : null;
      if (first) {
        firstSite[row] = first.site;
        firstCause[row] = CAUSES.indexOf(first.cause);
      }
    }
    const { firstStep, steps, loss, scale, scaleAfter, foundInf } = frame;
    return { firstStep, steps, loss, scale, scaleAfter, foundInf, firstSite, firstCause, nonzero, underflow };
  };
}

/** The steps [from, to) of a digest, null when it has none of them. */
export function sliceDigest(digest: Digest, from: number, to: number, lanes: number): Digest | null {
  const end = digest.firstStep + digest.steps;
  const first = Math.max(from, digest.firstStep);
  const last = Math.min(to, end);
  if (first >= last) return null;
  if (first === digest.firstStep && last === end) return digest;
  const rows: [number, number] = [(first - digest.firstStep) * lanes, (last - digest.firstStep) * lanes];
  const layers = digest.nonzero.length / digest.loss.length;
  const cells: [number, number] = [rows[0] * layers, rows[1] * layers];
  return {
    firstStep: first,
    steps: last - first,
    loss: digest.loss.subarray(...rows),
    scale: digest.scale.subarray(...rows),
    scaleAfter: digest.scaleAfter.subarray(...rows),
    foundInf: digest.foundInf.subarray(...rows),
    firstSite: digest.firstSite.subarray(...rows),
    firstCause: digest.firstCause.subarray(...rows),
    nonzero: digest.nonzero.subarray(...cells),
    underflow: digest.underflow.subarray(...cells),
  };
}
