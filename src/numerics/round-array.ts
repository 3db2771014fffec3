/** Rounding of whole arrays of bit patterns. */
import { roundingDescriptor, type NumberFormat, type Rounding } from './formats';
import { philox4x32 } from './philox';
import { roundArray, roundBitsWith } from './round';

/** How all elements of an array are rounded. */
export interface ArrayRounding extends Rounding {
  readonly format: NumberFormat;
  /** u32 key of the random numbers of stochastic rounding. */
  readonly seed: number;
}

/**
 * Element i of an array draws component i mod 4 of Philox 4x32-10 with the counter (i div 4, 0, 0, ARRAY_STREAM) under
 * the key (seed, 0).
 */
export const ARRAY_STREAM = 2;

/** f32 patterns in, the f32 patterns of the rounded values out. */
export function roundWords(input: Uint32Array, rounding: ArrayRounding): Uint32Array<ArrayBuffer> {
  const { format, mode, randomBits, seed } = rounding;
  const output = new Uint32Array(input.length);
  const descriptor = roundingDescriptor(format, mode, randomBits);
  if (mode !== 'stochastic') {
    roundArray(input, output, descriptor);
    return output;
  }
  const random = new Uint32Array(4);
  for (let i = 0; i < input.length; i++) {
    if ((i & 3) === 0) philox4x32(i >>> 2, 0, 0, ARRAY_STREAM, seed, 0, random);
    output[i] = roundBitsWith(input[i], descriptor, random[i & 3]);
  }
  return output;
}
