/**
 * Counter-based random numbers: Philox 4x32-10 (Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as
 * 1, 2, 3", SC 2011). The n-th number of a stream is a function of (seed, stream, n), so an invocation of a GPU
 * kernel, the CPU and an exported script draw the same one without any state.
 * `shaders/numerics/philox.wgsl` is the counterpart.
 *
 * The counter is laid out as in cuRAND and PyTorch: key = seed, counter = (index / 4 in two words, stream in two).
 */

const MULTIPLIER_0 = 0xd2511f53;
const MULTIPLIER_1 = 0xcd9e8d57;
const KEY_STEP_0 = 0x9e3779b9;
const KEY_STEP_1 = 0xbb67ae85;

/** The upper 32 bits of the 64-bit product of two unsigned 32-bit integers, as an int32. */
function multiplyHigh(a: number, b: number): number {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  // None of these exceeds 2^32 - 1, so doubles hold them exactly.
  const carried = aHigh * bLow + ((aLow * bLow) >>> 16);
  const middle = aLow * bHigh + (carried & 0xffff);
  return (aHigh * bHigh + (carried >>> 16) + (middle >>> 16)) | 0;
}

/**
 * Ten rounds of Philox 4x32 on the counter (c0, c1, c2, c3) under the key (k0, k1), all taken modulo 2^32.
 * Writes four words to `out`.
 */
export function philox4x32(
  c0: number,
  c1: number,
  c2: number,
  c3: number,
  k0: number,
  k1: number,
  out: Uint32Array,
): void {
  for (let round = 0; round < 10; round++) {
    const high0 = multiplyHigh(MULTIPLIER_0, c0);
    const low0 = Math.imul(MULTIPLIER_0, c0);
    const high1 = multiplyHigh(MULTIPLIER_1, c2);
    const low1 = Math.imul(MULTIPLIER_1, c2);
    c0 = high1 ^ c1 ^ k0;
    c1 = low1;
    c2 = high0 ^ c3 ^ k1;
    c3 = low0;
    k0 = (k0 + KEY_STEP_0) | 0;
    k1 = (k1 + KEY_STEP_1) | 0;
  }
  out[0] = c0;
  out[1] = c1;
  out[2] = c2;
  out[3] = c3;
}

const block = new Uint32Array(4);

/**
 * 32 random bits, 0 to 2^32-1.
 *
 * @param seed unsigned 32-bit integer
 * @param stream unsigned 32-bit integer that names what the numbers are for
 * @param index position in the stream, 0 to 2^32-1
 */
export function randomWord(seed: number, stream: number, index: number): number {
  philox4x32(index >>> 2, 0, stream, 0, seed, 0, block);
  return block[index & 3];
}

/** A binary32 number in [0, 1): the upper 24 bits of a random word times 2^-24, without rounding. */
export function uniform(seed: number, stream: number, index: number): number {
  return (randomWord(seed, stream, index) >>> 8) * 2 ** -24;
}
