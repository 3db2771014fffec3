/** What people call a lane that they gave no name. src/i18n/lane-names.ts puts it into words. */
import { parseAccumulation, type Accumulation } from '../numerics/accumulation';
import { DEFAULT_RANDOM_BITS, parseFormat } from '../numerics/formats';
import { scalerOf } from '../training/scalers';
import { message, type Message } from '../numerics/message';
import { formatNumber } from './bounds';
import { autocastNamed } from '../precision';
import type { Stores } from '../precision/stores';
import type { LaneConfig, ScalerConfig } from './experiment';

declare module '../numerics/message' {
  interface Messages {
    'lane-baseline': Record<never, never>;
    'lane-with': { lane: string; parts: readonly Message[] };
    'lane-no-scaler': { lane: string | Message };
    'lane-static': { lane: string | Message; scale: string };
    'lane-scaled': { lane: string | Message; scaler: string | Message };
    'custom-scaler': Record<never, never>;
    'apex-static': Record<never, never>;
    'apex-hysteresis': Record<never, never>;
    'megatron-constant': Record<never, never>;
    'ties-away': Record<never, never>;
    'toward-zero': Record<never, never>;
    'rounded-up': Record<never, never>;
    'rounded-down': Record<never, never>;
    stochastic: Record<never, never>;
    'stochastic-bits': { bits: number };
    ftz: Record<never, never>;
    'sums-in-format': Record<never, never>;
    'fma-in-format': Record<never, never>;
    'sums-in-chunks': { length: number };
    'sums-in-chunks-in-format': { length: number };
    'sums-pairwise': Record<never, never>;
    'sums-pairwise-in-format': Record<never, never>;
    'sums-kahan': Record<never, never>;
    'sums-kahan-in-format': Record<never, never>;
    'tensor-core-of': { model: string };
    'tensor-core-promoting': { model: string; promotion: number };
    'formats-by-hand': { formats: number };
    'pure-format': { format: string };
    'masters-in': { format: string };
    'no-masters': { format: string };
    'gradients-in': { format: string };
    'moments-in': { format: string };
    'constants-in': { format: string };
    'updates-in': { format: string };
    'update-stochastic': Record<never, never>;
    'update-kahan': Record<never, never>;
    'scale-from': { scale: string };
    'interval-of': { interval: number };
    'rate-of': { rate: number };
    'seed-of': { seed: number };
  }
}

const ROUNDINGS = {
  'nearest-away': 'ties-away',
  'toward-zero': 'toward-zero',
  up: 'rounded-up',
  down: 'rounded-down',
} as const;

function formatsOf(lane: LaneConfig): string {
  const forward = parseFormat(lane.format).label;
  const backward = parseFormat(lane.gradientFormat).label;
  return forward === backward ? forward : `${forward} / ${backward}`;
}

function accumulationTitle(accumulation: Accumulation): Message | null {
  switch (accumulation.kind) {
    case 'fp32':
      return null;
    case 'format':
      return message('sums-in-format', {});
    case 'format-fma':
      return message('fma-in-format', {});
    case 'chunked': {
      const { length, inFormat } = accumulation;
      return message(inFormat ? 'sums-in-chunks-in-format' : 'sums-in-chunks', { length });
    }
    case 'pairwise':
      return message(accumulation.inFormat ? 'sums-pairwise-in-format' : 'sums-pairwise', {});
    case 'kahan':
      return message(accumulation.inFormat ? 'sums-kahan-in-format' : 'sums-kahan', {});
    case 'tensor-core': {
      const { model, promotion } = accumulation;
      const name = model.toUpperCase();
      return promotion === null
        ? message('tensor-core-of', { model: name })
        : message('tensor-core-promoting', { model: name, promotion });
    }
  }
}

/** What a lane stores otherwise than in FP32. */
function storesTitle(stores: Stores): readonly Message[] {
  const { weights, masters, gradients, moments, constants, updates, update } = stores;
  const pure = gradients === weights && moments === weights && !masters && weights !== 'fp32';
  const labelled = { format: parseFormat(weights).label };
  const narrow = (
    name: string,
    code: 'masters-in' | 'gradients-in' | 'moments-in' | 'constants-in' | 'updates-in',
  ): readonly Message[] => (name === 'fp32' ? [] : [message(code, { format: parseFormat(name).label })]);
  const stored = masters ? narrow(weights, 'masters-in') : [message('no-masters', labelled)];
  return [
    ...(pure
      ? [message('pure-format', labelled)]
      : [...stored, ...narrow(gradients, 'gradients-in'), ...narrow(moments, 'moments-in')]),
    ...narrow(constants, 'constants-in'),
    ...narrow(updates, 'updates-in'),
    ...(update === 'nearest' ? [] : [message(`update-${update}`, {})]),
  ];
}

/** How the arithmetic of a lane differs from the usual, in a few words each. */
export function peculiarities(lane: LaneConfig): readonly Message[] {
  const parts: Message[] = [];
  if (lane.autocast !== 'pytorch') {
    parts.push(message('words', { text: autocastNamed(lane.autocast).label }));
  }
  const formats = Object.keys(lane.siteFormats).length;
  if (formats > 0) parts.push(message('formats-by-hand', { formats }));
  if (lane.rounding === 'stochastic') {
    const { randomBits: bits } = lane;
    parts.push(
      bits === DEFAULT_RANDOM_BITS ? message('stochastic', {}) : message('stochastic-bits', { bits }),
    );
  } else if (lane.rounding !== 'nearest-even') {
    parts.push(message(ROUNDINGS[lane.rounding], {}));
  }
  if (lane.subnormals === 'flush') parts.push(message('ftz', {}));
  const accumulation = accumulationTitle(parseAccumulation(lane.accumulation));
  if (accumulation) parts.push(accumulation);
  if (lane.stores) parts.push(...storesTitle(lane.stores));
  return parts;
}

/**
 * `FP32 baseline`, `FP16 + GradScaler`, `FP16, no scaler`, `FP16, static 2^12`, `bf16 (stochastic, FTZ), no scaler`;
 * the given name if there is one.
 */
export function laneTitle(config: LaneConfig): Message {
  if (config.name) return message('words', { text: config.name });
  const parts = peculiarities(config);
  const formats = formatsOf(config);
  const lane = parts.length > 0 ? message('lane-with', { lane: formats, parts }) : formats;
  const { scaler } = config;
  if (scaler.kind === 'static') {
    return message('lane-static', { lane, scale: formatNumber(scaler.scale) });
  }
  if (scaler.kind !== 'none') return message('lane-scaled', { lane, scaler: scalerTitle(scaler.kind) });
  const isFp32 = config.format === 'fp32' && config.gradientFormat === 'fp32';
  if (!isFp32) return message('lane-no-scaler', { lane });
  return typeof lane === 'string' ? message('lane-baseline', {}) : lane;
}

const TITLES = {
  custom: 'custom-scaler',
  'apex-static': 'apex-static',
  'apex-hysteresis': 'apex-hysteresis',
  'megatron-constant': 'megatron-constant',
} as const;

const isTitled = (kind: string): kind is keyof typeof TITLES => Object.hasOwn(TITLES, kind);

/** Frameworks are called the same in all languages; what tells two of one framework apart is not. */
export const scalerTitle = (kind: ScalerConfig['kind']): Message =>
  isTitled(kind) ? message(TITLES[kind], {}) : message('words', { text: scalerOf(kind).name });

/** Overrides that tell lanes apart whose formats and scaler kinds are the same. */
export function laneDetails(lane: LaneConfig): readonly Message[] {
  const parts: Message[] = [];
  if ('initialScale' in lane.scaler) {
    parts.push(message('scale-from', { scale: formatNumber(lane.scaler.initialScale) }));
    parts.push(message('interval-of', { interval: lane.scaler.growthInterval }));
  }
  if (lane.learningRate !== null) parts.push(message('rate-of', { rate: lane.learningRate }));
  if (lane.seed !== null) parts.push(message('seed-of', { seed: lane.seed }));
  return parts;
}
