/** Pseudo-random permutations: src/numerics/permutation.ts. */

const ROUNDS: u32 = 8;

function scramble(h: u32): u32 {
  h = (h ^ (h >>> 16)) * 0x85ebca6b;
  h = (h ^ (h >>> 13)) * 0xc2b2ae35;
  return h ^ (h >>> 16);
}

function roundFunction(half: u32, round: u32, seed: u32, epoch: u32): u32 {
  return scramble(scramble(half ^ (seed + (round + 1) * 0x9e3779b9)) + epoch);
}

/** A bijection of [0, size), one per seed and epoch. */
export function permute(index: u32, size: u32, seed: u32, epoch: u32): u32 {
  const bits = max<u32>(2, 32 - clz<u32>(size - 1));
  const lowBits = bits >>> 1;
  const lowMask: u32 = (1 << lowBits) - 1;
  const highMask: u32 = (1 << (bits - lowBits)) - 1;
  let position = index;
  do {
    let high = position >>> lowBits;
    let low = position & lowMask;
    for (let round: u32 = 0; round < ROUNDS; round += 2) {
      high ^= roundFunction(low, round, seed, epoch) & highMask;
      low ^= roundFunction(high, round + 1, seed, epoch) & lowMask;
    }
    position = (high << lowBits) | low;
  } while (position >= size);
  return position;
}
