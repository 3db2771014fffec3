/** One weight under the glass: how its neighbours lie, what was to be done to it, and what became of that. */
import { fromBits, toBits } from '../numerics/f32';
import type { NumberFormat } from '../numerics/formats';
import { encode } from '../numerics/codes';
import { neighbour } from './exact/neighbours';

export type Verdict = 'moved' | 'roundedAway' | 'updateZero' | 'notFinite';

export interface WeightReading {
  /** The storage code in its format, in binary: sign, exponent and significand. */
  readonly bits: readonly [sign: string, exponent: string, significand: string];
  /** Distance to the neighbour in the direction in which the update points, and half of it. */
  readonly gap: number;
  readonly halfGap: number;
  /** The update's size in halves of that distance; below 1 rounding to nearest leaves the weight as it is. */
  readonly halves: number;
  readonly verdict: Verdict;
}

function bitsOf(value: number, format: NumberFormat): WeightReading['bits'] {
  const { exponentBits, significandBits } = format;
  const width = 1 + exponentBits + significandBits;
  const text = encode(toBits(value), format).toString(2).padStart(width, '0');
  return [text.slice(0, 1), text.slice(1, 1 + exponentBits), text.slice(1 + exponentBits)];
}

function verdictOf(before: number, update: number, after: number): Verdict {
  if (!Number.isFinite(update) || !Number.isFinite(after)) return 'notFinite';
  if (after !== before) return 'moved';
  return update === 0 ? 'updateZero' : 'roundedAway';
}

/**
 * @param before the weight, a value of the format, before the update was subtracted
 * @param format in which it is stored
 */
export function readWeight(
  { before, update, after }: { readonly before: number; readonly update: number; readonly after: number },
  format: NumberFormat,
): WeightReading {
  // The update is subtracted.
  const next = neighbour(toBits(before), format, update > 0 ? -1 : 1);
  const gap = next === null ? NaN : Math.abs(fromBits(next) - before);
  return {
    bits: bitsOf(before, format),
    gap,
    halfGap: gap / 2,
    halves: Math.abs(update) / (gap / 2),
    verdict: verdictOf(before, update, after),
  };
}
