/**
 * Pseudo-random permutations without a table: sample `permute(i, size, [seed, epoch])` comes i-th in that epoch.
 * `shaders/numerics/permutation.wgsl` is the counterpart.
 *
 * A Feistel network permutes the smallest power of two that holds `size`, whatever its round function; results
 * outside [0, size) are permuted again until one falls inside ("cycle walking", Black and Rogaway, "Ciphers with
 * arbitrary finite domains", 2002). The domain is less than 2 * size, so this takes two passes on average at most.
 */

/** Half-rounds: each half of the number is changed four times. */
const ROUNDS = 8;

/** The finalizer of MurmurHash3 (Appleby): every input bit changes every output bit with probability near 1/2. */
function scramble(h: number): number {
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

function roundFunction(half: number, round: number, key: PermutationKey): number {
  return scramble(scramble(half ^ (key[0] + Math.imul(round + 1, 0x9e3779b9))) + key[1]);
}

/** Two unsigned 32-bit integers: the seed and the epoch. */
export type PermutationKey = readonly [number, number];

/**
 * A bijection of [0, size), one per key.
 *
 * @param index integer in [0, size)
 * @param size 1 to 2^31
 */
export function permute(index: number, size: number, key: PermutationKey): number {
  // At least one bit on either side, so that both halves exist.
  const bits = Math.max(2, 32 - Math.clz32(size - 1));
  const lowBits = bits >>> 1;
  const lowMask = (1 << lowBits) - 1;
  const highMask = (1 << (bits - lowBits)) - 1;
  let position = index;
  do {
    let high = position >>> lowBits;
    let low = position & lowMask;
    for (let round = 0; round < ROUNDS; round += 2) {
      high ^= roundFunction(low, round, key) & highMask;
      low ^= roundFunction(high, round + 1, key) & lowMask;
    }
    position = ((high << lowBits) | low) >>> 0;
  } while (position >= size);
  return position;
}
