/** Pseudo-random permutations: src/numerics/permutation.ts, four at a time. */

const ROUNDS: u32 = 8;

/** The finalizer of MurmurHash3. */
function scramble(h: v128): v128 {
  h = i32x4.mul(v128.xor(h, i32x4.shr_u(h, 16)), i32x4.splat(0x85ebca6b));
  h = i32x4.mul(v128.xor(h, i32x4.shr_u(h, 13)), i32x4.splat(0xc2b2ae35));
  return v128.xor(h, i32x4.shr_u(h, 16));
}

function roundFunction(half: v128, round: u32, seed: u32, epoch: u32): v128 {
  const key = i32x4.splat(seed + (round + 1) * 0x9e3779b9);
  return scramble(i32x4.add(scramble(v128.xor(half, key)), i32x4.splat(epoch)));
}

/** Where four indices in [0, size) go, by a bijection of [0, size) for each seed and epoch. */
export function permute4(index: v128, size: u32, seed: u32, epoch: u32): v128 {
  const bits = max<u32>(2, 32 - clz<u32>(size - 1));
  const lowBits = bits >>> 1;
  const lowMask = i32x4.splat((1 << lowBits) - 1);
  const highMask = i32x4.splat((1 << (bits - lowBits)) - 1);
  let position = index;
  let outside = i32x4.splat(-1);
  do {
    let high = i32x4.shr_u(position, lowBits);
    let low = v128.and(position, lowMask);
    for (let round: u32 = 0; round < ROUNDS; round += 2) {
      high = v128.xor(high, v128.and(roundFunction(low, round, seed, epoch), highMask));
      low = v128.xor(low, v128.and(roundFunction(high, round + 1, seed, epoch), lowMask));
    }
    const next = v128.or(i32x4.shl(high, lowBits), low);
    // What has arrived inside stays; what lies outside is permuted once more.
    position = v128.bitselect(next, position, outside);
    outside = i32x4.ge_u(position, i32x4.splat(size));
  } while (v128.any_true(outside));
  return position;
}
