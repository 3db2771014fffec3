/** Numbers of a scaler in words of 32 bits, as a lane's row holds its parameters and its state. */
import { doubleWords, fromDoubleWords } from '../../numerics/f64.ts';
import { fromBits, toBits } from '../../numerics/f32.ts';
import type { Encoding, ScalerValues } from './scaler.ts';

/** A number that has a name and an encoding: a parameter, or what a scaler remembers. */
export interface Word {
  readonly name: string;
  readonly encoding: Encoding;
}

const WORDS = { f64: 2, f32: 1, i32: 1 } as const;

/** Word at which the number with this index begins; with the length of the list, how many words all of them take. */
export const place = (words: readonly Word[], index: number): number =>
  words.slice(0, index).reduce((sum, { encoding }) => sum + WORDS[encoding], 0);

/** A number as the words that hold it: a double is its upper and its lower word, and every NaN is the same. */
function encode(encoding: Encoding, value: number): readonly number[] {
  if (encoding === 'f64') return doubleWords(value);
  return [encoding === 'f32' ? toBits(value) : value >>> 0];
}

function decode(encoding: Encoding, [first, second]: ArrayLike<number> & Iterable<number>): number {
  if (encoding === 'f64') return fromDoubleWords(first, second);
  return encoding === 'f32' ? fromBits(first) : first | 0;
}

export const packWords = (words: readonly Word[], values: ScalerValues): number[] =>
  words.flatMap(({ name, encoding }) => encode(encoding, values[name]));

export const unpackWords = (words: readonly Word[], from: Uint32Array): ScalerValues =>
  Object.fromEntries(
    words.map(({ name, encoding }, i) => [name, decode(encoding, from.subarray(place(words, i)))]),
  );
