/** What people call a lane that they gave no name. */
import { parseAccumulation, type Accumulation } from '../numerics/accumulation';
import { DEFAULT_RANDOM_BITS, parseFormat } from '../numerics/formats';
import { scalerOf } from '../training/scalers';
import { formatNumber } from './bounds';
import type { Stores } from '../precision/stores';
import type { Experiment, LaneConfig } from './experiment';

const ROUNDING_NAMES = {
  'nearest-away': 'ties away',
  'toward-zero': 'toward zero',
  up: 'rounded up',
  down: 'rounded down',
} as const;

function formatsOf(lane: LaneConfig): string {
  const forward = parseFormat(lane.format).label;
  const backward = parseFormat(lane.gradientFormat).label;
  return forward === backward ? forward : `${forward} / ${backward}`;
}

function accumulationText(accumulation: Accumulation): string {
  const where = 'inFormat' in accumulation && accumulation.inFormat ? ' in format' : '';
  switch (accumulation.kind) {
    case 'fp32':
      return '';
    case 'format':
      return 'sums in format';
    case 'format-fma':
      return 'FMA in format';
    case 'chunked':
      return `chunks of ${accumulation.length}${where}`;
    case 'pairwise':
      return `pairwise sums${where}`;
    case 'kahan':
      return `Kahan sums${where}`;
    case 'tensor-core': {
      const { model, promotion } = accumulation;
      return `${model.toUpperCase()} tensor core${promotion === null ? '' : ` / ${promotion}`}`;
    }
  }
}

const UPDATE_NAMES = { nearest: '', stochastic: 'stochastic weights', kahan: 'Kahan' } as const;

/** What a lane stores otherwise than in FP32. */
function storesText(stores: Stores): readonly string[] {
  const { weights, masters, gradients, moments, constants, updates, update } = stores;
  const narrow = (format: string, what: string): string =>
    format === 'fp32' ? '' : `${parseFormat(format).label} ${what}`;
  const label = parseFormat(weights).label;
  const stored = masters ? narrow(weights, 'masters') : `${label} weights, no masters`;
  const pure = gradients === weights && moments === weights && !masters && weights !== 'fp32';
  return [
    pure ? `pure ${label}` : stored,
    pure ? '' : narrow(gradients, 'unscaled gradients'),
    pure ? '' : narrow(moments, 'moments'),
    narrow(constants, 'constants'),
    narrow(updates, 'updates'),
    UPDATE_NAMES[update],
  ].filter((part) => part !== '');
}

/** How the arithmetic of a lane differs from the usual, in a few words each. */
export function peculiarities(lane: LaneConfig): readonly string[] {
  const parts: string[] = [];
  if (lane.rounding === 'stochastic') {
    const bits = lane.randomBits === DEFAULT_RANDOM_BITS ? '' : ` ${lane.randomBits}-bit`;
    parts.push(`stochastic${bits}`);
  } else if (lane.rounding !== 'nearest-even') {
    parts.push(ROUNDING_NAMES[lane.rounding]);
  }
  if (lane.subnormals === 'flush') parts.push('FTZ');
  const accumulation = accumulationText(parseAccumulation(lane.accumulation));
  if (accumulation) parts.push(accumulation);
  if (lane.stores) parts.push(...storesText(lane.stores));
  return parts;
}

/**
 * `FP32 baseline`, `FP16 + GradScaler`, `FP16, no scaler`, `FP16, static 2^12`, `bf16 (stochastic, FTZ), no scaler`;
 * the given name if there is one.
 */
export function laneName(lane: LaneConfig): string {
  if (lane.name) return lane.name;
  const peculiar = peculiarities(lane).join(', ');
  const formats = peculiar ? `${formatsOf(lane)} (${peculiar})` : formatsOf(lane);
  const { scaler } = lane;
  if (scaler.kind === 'static') return `${formats}, static ${formatNumber(scaler.scale)}`;
  if (scaler.kind !== 'none') return `${formats} + ${scalerOf(scaler.kind).name}`;
  if (lane.format !== 'fp32' || lane.gradientFormat !== 'fp32') return `${formats}, no scaler`;
  return peculiar ? formats : 'FP32 baseline';
}

/** Overrides that tell lanes apart whose formats and scaler kinds are the same. */
function details(lane: LaneConfig): string {
  const parts: string[] = [];
  if ('initialScale' in lane.scaler) {
    parts.push(`from ${formatNumber(lane.scaler.initialScale)}`, `N ${lane.scaler.growthInterval}`);
  }
  if (lane.learningRate !== null) parts.push(`lr ${lane.learningRate}`);
  if (lane.seed !== null) parts.push(`seed ${lane.seed}`);
  return parts.join(', ');
}

/** Names of all lanes, each different: details are added where names would be equal, then numbers. */
export function laneNames(experiment: Experiment): readonly string[] {
  const plain = experiment.lanes.map(laneName);
  const occurs = (names: readonly string[], name: string): number =>
    names.filter((other) => other === name).length;
  const detailed = experiment.lanes.map((lane, i) => {
    const more = details(lane);
    return occurs(plain, plain[i]) > 1 && more && !lane.name ? `${plain[i]} (${more})` : plain[i];
  });
  const used = new Set<string>();
  return detailed.map((name) => {
    let unique = name;
    for (let copy = 2; used.has(unique); copy++) unique = `${name} #${copy}`;
    used.add(unique);
    return unique;
  });
}
