/**
 * What every number of an experiment may be. One table serves the schema, the URL codec and the sliders, so that
 * nothing can be dragged to a value that a link would refuse.
 */

import type { Bound } from '../numerics/bound';
import { SCALER_PARAMETERS, type ParameterName } from '../training/scalers';
import { SCALE_BOUND } from '../training/scalers/parameters';
import { message, type Message } from '../numerics/message';

declare module '../numerics/message' {
  interface Messages {
    'whole-number': Record<never, never>;
    'any-number': Record<never, never>;
    'bound-closed': { kind: Message; min: string; max: string };
    'bound-open': { kind: Message; lower: Message; upper: Message };
    above: { limit: string };
    'at-least': { limit: string };
    below: { limit: string };
    'at-most': { limit: string };
  }
}

export const MAX_LANES = 40;
/** The page shows so many lanes at most; the rest is for the command line. */
export const MAX_PAGE_LANES = 4;
export const MAX_INTERVENTIONS = 1000;
export const MAX_NAME_LENGTH = 60;
/** Formats by hand of a lane. */
export const MAX_SITE_FORMATS = 64;
/** Forty lanes with the longest names and a thousand interventions fit; what is longer was not written by this page. */
export const MAX_LINK_LENGTH = 100_000;

const SCALER_BOUNDS = Object.fromEntries(
  [...SCALER_PARAMETERS].map(([name, { bound }]) => [name, bound]),
) as Record<ParameterName, Bound>;

export const BOUNDS = {
  /** The smallest training set has 256 rows. */
  batch: { min: 1, max: 256, integer: true },
  seed: { min: 0, max: 2 ** 32 - 1, integer: true },
  randomBits: { min: 1, max: 32, integer: true },
  /** Terms of an accumulation's chunk, and between the promotions of a tensor core's sums (numerics/accumulation.ts). */
  chunk: { min: 1, max: 65_536, integer: true },
  promotion: { min: 32, max: 65_536, integer: true },
  learningRate: { min: 0, max: 1000 },
  momentum: { min: 0, max: 1, maxExclusive: true },
  beta1: { min: 0, max: 1, maxExclusive: true },
  beta2: { min: 0, max: 1, maxExclusive: true },
  epsilon: { min: 0, max: 1 },
  /** Much below, the square of a gradient times λ (Adam) leaves f32, and FP32 is no longer unchanged: 2^-40 shows it. */
  lossWeightExponent: { min: -30, max: 10, integer: true },
  /** The same as the exponent of a live change. */
  lossWeight: { min: -30, max: 10, integer: true },
  ...SCALER_BOUNDS,
  /** The scale in force, as a hand sets it. */
  scale: SCALE_BOUND,
  step: { min: 0, max: 10_000_000, integer: true },
} as const satisfies Record<string, Bound>;

export type BoundedKey = keyof typeof BOUNDS;

/** The exponent of a power of two, or null for any other number. */
export function exponentOfTwo(value: number): number | null {
  const exponent = Math.round(Math.log2(value));
  return value > 0 && 2 ** exponent === value ? exponent : null;
}

/** `2^16` for a power of two of some size, otherwise the shortest decimal. Never localised. */
export function formatNumber(value: number): string {
  const exponent = exponentOfTwo(value);
  return exponent !== null && Math.abs(exponent) >= 4 ? `2^${exponent}` : String(value);
}

/** Bounds of an everyday size are easier to read as decimals. */
const boundText = (value: number): string =>
  value === 0 || (Math.abs(value) >= 1e-3 && Math.abs(value) <= 1e6) ? String(value) : formatNumber(value);

/** "a whole number from 1 to 256", "a number above 1 and at most 65536". */
export function describeBound(bound: Bound): Message {
  const kind = message(bound.integer ? 'whole-number' : 'any-number', {});
  const min = boundText(bound.min);
  const max = boundText(bound.max);
  if (!bound.minExclusive && !bound.maxExclusive) return message('bound-closed', { kind, min, max });
  const lower = message(bound.minExclusive ? 'above' : 'at-least', { limit: min });
  const upper = message(bound.maxExclusive ? 'below' : 'at-most', { limit: max });
  return message('bound-open', { kind, lower, upper });
}
