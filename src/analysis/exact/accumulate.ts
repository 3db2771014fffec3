/** One number added up again and again in a format, rounded at each step: until it does not grow any more. */
import { roundingDescriptor, type NumberFormat, type RoundingDescriptor } from '../../numerics/formats';
import { roundBitsWith } from '../../numerics/round';
import { add, fromNumber, multiply, toNumber } from './rational';
import { isFinite, roundExact, valueOf, type ExactMode } from './round';

export interface SumPoint {
  readonly step: number;
  /** NaN and infinities as they are. */
  readonly sum: number;
  readonly exact: number;
}

export interface Accumulation {
  /** At most `most` of the steps, the first and the last among them. */
  readonly points: readonly SumPoint[];
  /** f32 bits after the last step. */
  readonly bits: number;
  /** The first step that changed nothing, and nothing will change after it. */
  readonly stall: { readonly step: number; readonly sum: number } | null;
}

const words = new Uint32Array(1);
const floats = new Float32Array(words.buffer);

function toFloat(bits: number): number {
  words[0] = bits;
  return floats[0];
}

/** fmt(sum + term). */
function next(
  sum: number,
  term: number,
  format: NumberFormat,
  mode: ExactMode,
  d: RoundingDescriptor,
): number {
  const [a, b] = [toFloat(sum), toFloat(term)];
  const s = a + b;
  // Mostly the sum is an f32 value, which the usual rounding takes; what binary64 lost (Knuth's TwoSum) tells.
  const virtual = s - a;
  const lost = a - (s - virtual) + (b - virtual);
  if (Number.isNaN(s) || !Number.isFinite(s) || (lost === 0 && Math.fround(s) === s && s !== 0)) {
    floats[0] = s;
    return roundBitsWith(words[0], d);
  }
  return roundExact(add(valueOf(sum), valueOf(term)), format, mode, Object.is(s, -0)).bits;
}

/** @param term f32 bits of a value of the format */
export function accumulate(
  term: number,
  count: number,
  format: NumberFormat,
  mode: ExactMode,
  most = 400,
): Accumulation {
  const d = roundingDescriptor(format, mode);
  const unit = isFinite(term) ? valueOf(term) : null;
  const exactly = (step: number): number =>
    unit ? toNumber(multiply(unit, fromNumber(step))) : toFloat(term) * step;
  const stride = Math.max(1, Math.ceil(count / (most - 1)));
  const points: SumPoint[] = [{ step: 0, sum: 0, exact: 0 }];
  let sum = 0;
  let stall: Accumulation['stall'] = null;
  for (let step = 1; step <= count; step++) {
    if (!stall) {
      const grown = next(sum, term, format, mode, d);
      if (grown === sum) stall = { step, sum: toFloat(sum) };
      sum = grown;
    }
    if (step % stride === 0 || step === count) points.push({ step, sum: toFloat(sum), exact: exactly(step) });
  }
  return { points, bits: sum, stall };
}
