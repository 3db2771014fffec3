/**
 * Normally distributed numbers as functions of (seed, stream, index): the method of Box and Muller ("A note on the
 * generation of random normal deviates", 1958) in double precision, with functions that are the same everywhere.
 */
import { log } from './logarithm';
import { randomWord } from './philox';
import { cos } from './trigonometry';

const TWO_PI = 6.283185307179586;

/**
 * sqrt(-2 ln u) · cos(2π v), with u = (a + 1/2) / 2^32 and v = b / 2^32 from the words 2 · index and 2 · index + 1 of the
 * stream. Magnitudes end at 6.77.
 *
 * @param index 0 to 2^31 - 1
 */
export function normal(seed: number, stream: number, index: number): number {
  const u = (randomWord(seed, stream, 2 * index) + 0.5) * 2 ** -32;
  const v = randomWord(seed, stream, 2 * index + 1) * 2 ** -32;
  return Math.sqrt(-2 * log(u)) * cos(TWO_PI * v);
}
