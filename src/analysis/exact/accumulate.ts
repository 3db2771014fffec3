/** One number added up again and again in a format, rounded at each step: until it does not grow any more. */
import { oddSumBits } from '../../numerics/format-arithmetic';
import { roundingDescriptor, type NumberFormat, type RoundingDescriptor } from '../../numerics/formats';
import { randomWord } from '../../numerics/philox';
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

/** Steps from one point to the next. */
const strideOf = (count: number, most: number): number => Math.max(1, Math.ceil(count / (most - 1)));

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
  const stride = strideOf(count, most);
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

/** Few enough to leave room in binary32 behind the significands of FP16 and TF32. */
export const RANDOM_BITS = 10;
const SEED = 0;
const STREAM = 8;

/**
 * The same sum with stochastic rounding at each step: a step too small for the format still moves the sum now and then,
 * and on average by the right amount, unless it is less than 2^-RANDOM_BITS of a unit, which is always cut off.
 *
 * @param term f32 bits of a value of the format
 * @returns the sums at the points of `accumulate`; null for formats so wide that the random bits decide about more
 *   than binary32 keeps of the exact sum
 */
export function accumulateStochastically(
  term: number,
  count: number,
  format: NumberFormat,
  most = 400,
): readonly number[] | null {
  // Stochastic rounding looks at the first random bits of what is dropped, and rounding to odd leaves those as they are.
  if (format.significandBits + RANDOM_BITS > 23) return null;
  const d = roundingDescriptor(format, 'stochastic', RANDOM_BITS);
  const stride = strideOf(count, most);
  const addend = toFloat(term);
  const sums = [0];
  let sum = 0;
  for (let step = 1; step <= count; step++) {
    const random = randomWord(SEED, STREAM, step);
    sum = toFloat(roundBitsWith(oddSumBits(sum, addend), d, random));
    if (step % stride === 0 || step === count) sums.push(sum);
  }
  return sums;
}
