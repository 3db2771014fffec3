/** The parameters that several scalers have, under one name, letter and bound each. */
import type { Bound } from '../../numerics/bound.ts';
import type { ScalerParameter } from './scaler.ts';

/** Scales that are normal numbers of f32 and whose reciprocals are. */
export const SCALE_BOUND: Bound = { min: 2 ** -126, max: 2 ** 126 };
/** torch/amp/grad_scaler.py asserts growth_factor > 1 and backoff_factor < 1; what grows by less never grows. */
const GROWTH: Bound = { min: 1, max: 2 ** 16, minExclusive: true };
const BACKOFF: Bound = { min: 0, max: 1, minExclusive: true, maxExclusive: true };
const STEPS: Bound = { min: 1, max: 1_000_000, integer: true };
/** 0 stands for none. */
export const LIMIT_BOUND: Bound = { min: 0, max: 2 ** 126 };
const SWITCH: Bound = { min: 0, max: 1, integer: true };

type Known = Omit<ScalerParameter, 'name' | 'usual' | 'called'>;

const KNOWN = {
  scale: { key: 's', bound: SCALE_BOUND, live: false, encoding: 'f64', as: 'power of two' },
  initialScale: { key: 'i', bound: SCALE_BOUND, live: false, encoding: 'f64', as: 'power of two' },
  growthFactor: { key: 'x', bound: GROWTH, live: true, encoding: 'f64', as: 'factor' },
  backoffFactor: { key: 'f', bound: BACKOFF, live: true, encoding: 'f64', as: 'factor' },
  /** Of those that multiply and divide by the same number. */
  factor: { key: 'g', bound: GROWTH, live: true, encoding: 'f64', as: 'factor' },
  growthInterval: { key: 'n', bound: STEPS, live: true, encoding: 'i32', as: 'count' },
  minimumScale: { key: 'l', bound: LIMIT_BOUND, live: true, encoding: 'f64', as: 'power of two' },
  maximumScale: { key: 'u', bound: SCALE_BOUND, live: true, encoding: 'f64', as: 'power of two' },
  hysteresis: { key: 'h', bound: STEPS, live: true, encoding: 'i32', as: 'count' },
  consecutiveHysteresis: { key: 'c', bound: SWITCH, live: true, encoding: 'i32', as: 'switch' },
  raiseAtMinimum: { key: 'r', bound: SWITCH, live: true, encoding: 'i32', as: 'switch' },
} as const satisfies Record<string, Known>;

/**
 * @param usual the framework's default
 * @param called what the framework calls it
 */
export const parameter = <const Name extends keyof typeof KNOWN>(
  name: Name,
  usual: number,
  called: string,
) => ({ name, ...KNOWN[name], usual, called });
