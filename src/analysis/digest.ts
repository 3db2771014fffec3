/**
 * The digest of a frame: the few columns that charts over time need, out of the eight counters of every cast site.
 * A digest is what the history keeps and what a recording holds.
 */
import { countedUpdates, COUNTER, COUNTER_WORDS, readUpdates } from '../graph/records';
import type { Experiment, LaneConfig } from '../experiment/experiment';
import { fromBits } from '../numerics/f32';
import { parseFormat, type NumberFormat, type RoundingMode } from '../numerics/formats';
import {
  isGradient,
  isParameter,
  isUpdate,
  type CountedSteps,
  type FormattedSite,
  type SiteRecord,
  type StepColumns,
} from './records';
import { twinOf } from './twin';

/** Why a site is the first with something that is not finite: it made it of a finite value, or it arrived there. */
export const CAUSES = ['overflow', 'infinite', 'nan'] as const;
export type Cause = (typeof CAUSES)[number];

/** Columns over consecutive steps; [step][lane] unless said otherwise. */
export interface Digest extends StepColumns {
  /** What the scaler has raised by the end of the step, counted from 1 in its description; 0 while the lane trains. */
  readonly raised: Uint8Array;
  /** Id of the first site, in order of execution, with something not finite; -1 where there is none. */
  readonly firstSite: Int16Array;
  /** Index into CAUSES. */
  readonly firstCause: Uint8Array;
  /** Largest finite magnitude that arrived at that site. */
  readonly firstLargest: Float32Array;
  /** 1 where some weight or bias was infinite or NaN before the forward pass. */
  readonly weightsNotFinite: Uint8Array;
  /** Parameter gradients that were zero before rounding, and those that rounding made zero. */
  readonly zeroGradients: Uint32Array;
  readonly lostGradients: Uint32Array;
  /** Updates of weights that were counted, and those of them that left their weight as it was. */
  readonly updates: Uint32Array;
  readonly lostUpdates: Uint32Array;
  /**
   * Largest gradient of the lane's FP32 twin as a share of what this lane's format can hold there, over all gradient
   * sites, each in the units of the twin (its λ and scale). NaN where there is no twin, infinite where it is not finite.
   */
  readonly demand: Float32Array;
  /** [step][lane][layer]: finite gradients that were not zero before rounding, and those of them that became zero. */
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

/** Ids of the sites that round, in the order in which a step writes them: parameters are cast before the forward pass. */
export function executionOrder(sites: readonly SiteRecord[]): readonly number[] {
  const rank = (site: SiteRecord): number => (isParameter(site) ? 0 : sites.length) + site.id;
  return sites
    .filter((site) => !isUpdate(site))
    .sort((a, b) => rank(a) - rank(b))
    .map((site) => site.id);
}

/** What a finite value beyond the largest one of a format becomes. */
type Overflow = 'not finite' | 'finite' | 'either';

/** Directed rounding makes infinities of one sign only, and a saturating format none (IEEE 754, 7.4). */
function overflowOf({ overflow }: NumberFormat, rounding: RoundingMode): Overflow {
  if (overflow === 'saturate' || rounding === 'toward-zero') return 'finite';
  return rounding === 'up' || rounding === 'down' ? 'either' : 'not finite';
}

export interface FirstNonFinite {
  readonly site: number;
  readonly cause: Cause;
}

/**
 * The first site, in order of execution, at which something overflowed or arrived as infinity or NaN. Where a lane
 * rounds up or down, an overflow may have given the largest finite number; it is the first one then only if
 * something that is not finite arrives later. `offset` is where the lane's counters start.
 */
export function firstNonFinite(
  counters: Uint32Array,
  offset: number,
  order: readonly number[],
  overflows: readonly Overflow[],
): FirstNonFinite | null {
  let possible: FirstNonFinite | null = null;
  for (const site of order) {
    const at = offset + site * COUNTER_WORDS;
    if (counters[at + COUNTER.overflow] > 0) {
      if (overflows[site] === 'not finite') return possible ?? { site, cause: 'overflow' };
      if (overflows[site] === 'either') possible ??= { site, cause: 'overflow' };
    }
    if (counters[at + COUNTER.infinite] > 0) return possible ?? { site, cause: 'infinite' };
    if (counters[at + COUNTER.nan] > 0) return possible ?? { site, cause: 'nan' };
  }
  return null;
}

/** What the digest must know of the lanes. */
export interface DigestedLane extends Pick<LaneConfig, 'rounding'> {
  /** The FP32 lane that it is compared with (twin.ts). */
  readonly twin: number | null;
}

export const digestedLanes = (experiment: Experiment): DigestedLane[] =>
  experiment.lanes.map(({ rounding }, lane) => ({ rounding, twin: twinOf(experiment, lane) }));

/** Digests the frames of one experiment. */
export function createDigester(
  sites: readonly FormattedSite[],
  lanes: readonly DigestedLane[],
): (frame: CountedSteps) => Digest {
  const layers = layerIndex(sites);
  const order = executionOrder(sites);
  const gradients = sites.filter(isGradient);
  const parameters = sites.filter(isParameter);
  const updated = sites.filter(isUpdate);
  const formats = lanes.map((_, lane) => sites.map((site) => parseFormat(site.formats[lane])));
  const overflows = lanes.map(({ rounding }, lane) =>
    formats[lane].map((format) => overflowOf(format, rounding)),
  );
  const words = sites.length * COUNTER_WORDS;

  /** See Digest.demand; `step` is where the counters of the step start. */
  function demandOf(counters: Uint32Array, step: number, lane: number): number {
    const { twin } = lanes[lane];
    if (twin === null) return NaN;
    const start = step + twin * words;
    return gradients.reduce((most, { id }) => {
      const at = start + id * COUNTER_WORDS;
      if (counters[at + COUNTER.infinite] + counters[at + COUNTER.nan] > 0) return Infinity;
      return Math.max(most, fromBits(counters[at + COUNTER.largest]) / formats[lane][id].maxFinite);
    }, 0);
  }

  return (frame) => {
    const { counters } = frame;
    const digest = emptyDigest(frame, lanes.length, layers.names.length);
    for (const { lane, step, error } of frame.raised ?? []) {
      for (let at = step - frame.firstStep; at < frame.steps; at++)
        digest.raised[at * lanes.length + lane] = error;
    }
    for (let row = 0; row < frame.steps * lanes.length; row++) {
      const lane = row % lanes.length;
      const offset = row * words;
      const counter = (site: number, word: number): number => counters[offset + site * COUNTER_WORDS + word];
      for (const { id, role, count } of gradients) {
        const zero = counter(id, COUNTER.zeroBefore);
        const underflow = counter(id, COUNTER.underflow);
        const cell = row * layers.names.length + layers.ofSite[id];
        digest.nonzero[cell] += count - zero - counter(id, COUNTER.nan) - counter(id, COUNTER.infinite);
        digest.underflow[cell] += underflow;
        if (role !== 'parameter gradient') continue;
        digest.zeroGradients[row] += zero;
        digest.lostGradients[row] += underflow;
      }
      for (const { id } of updated) {
        const counts = readUpdates(counters, offset + id * COUNTER_WORDS);
        const counted = countedUpdates(counts);
        digest.updates[row] += counted;
        digest.lostUpdates[row] += counted - counts.moved;
      }
      digest.weightsNotFinite[row] = Number(
        parameters.some(({ id }) => counter(id, COUNTER.nan) + counter(id, COUNTER.infinite) > 0),
      );
      digest.demand[row] = demandOf(counters, offset - lane * words, lane);
      const first = firstNonFinite(counters, offset, order, overflows[lane]);
      if (!first) continue;
      digest.firstSite[row] = first.site;
      digest.firstCause[row] = CAUSES.indexOf(first.cause);
      digest.firstLargest[row] = fromBits(counter(first.site, COUNTER.largest));
    }
    return digest;
  };
}

/** Columns in which nothing has been counted yet. */
export function emptyDigest(frame: StepColumns, lanes: number, layers: number): Digest {
  const { firstStep, steps, loss, scale, scaleAfter, foundInf } = frame;
  const rows = steps * lanes;
  return {
    firstStep,
    steps,
    loss,
    scale,
    scaleAfter,
    foundInf,
    raised: new Uint8Array(rows),
    firstSite: new Int16Array(rows).fill(-1),
    firstCause: new Uint8Array(rows),
    firstLargest: new Float32Array(rows),
    weightsNotFinite: new Uint8Array(rows),
    zeroGradients: new Uint32Array(rows),
    lostGradients: new Uint32Array(rows),
    updates: new Uint32Array(rows),
    lostUpdates: new Uint32Array(rows),
    demand: new Float32Array(rows),
    nonzero: new Uint32Array(rows * layers),
    underflow: new Uint32Array(rows * layers),
  };
}

/** The columns with one entry for each step and lane. */
const ROW_COLUMNS = [
  'loss',
  'scale',
  'scaleAfter',
  'foundInf',
  'raised',
  'firstSite',
  'firstCause',
  'firstLargest',
  'weightsNotFinite',
  'zeroGradients',
  'lostGradients',
  'updates',
  'lostUpdates',
  'demand',
] as const;

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
  const columns = Object.fromEntries(ROW_COLUMNS.map((name) => [name, digest[name].subarray(...rows)]));
  return {
    ...(columns as unknown as Pick<Digest, (typeof ROW_COLUMNS)[number]>),
    firstStep: first,
    steps: last - first,
    nonzero: digest.nonzero.subarray(...cells),
    underflow: digest.underflow.subarray(...cells),
  };
}
