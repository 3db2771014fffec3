/** Philox 4x32-10 (src/numerics/philox.ts), of which stochastic rounding draws: src/graph/policy.ts says which counters. */

const MULTIPLIER_0: u64 = 0xd2511f53;
const MULTIPLIER_1: u64 = 0xcd9e8d57;
const KEY_STEP_0: u32 = 0x9e3779b9;
const KEY_STEP_1: u32 = 0xbb67ae85;

/** Four random words for the counter (c0, c1, c2, c3) under the key (k0, 0). */
export function philox4x32(c0: u32, c1: u32, c2: u32, c3: u32, k0: u32): v128 {
  let k1: u32 = 0;
  for (let round = 0; round < 10; round++) {
    const first = MULTIPLIER_0 * <u64>c0;
    const second = MULTIPLIER_1 * <u64>c2;
    c0 = (<u32>(second >>> 32)) ^ c1 ^ k0;
    c1 = <u32>second;
    c2 = (<u32>(first >>> 32)) ^ c3 ^ k1;
    c3 = <u32>first;
    k0 += KEY_STEP_0;
    k1 += KEY_STEP_1;
  }
  let words = i32x4.splat(c0);
  words = i32x4.replace_lane(words, 1, c1);
  words = i32x4.replace_lane(words, 2, c2);
  return i32x4.replace_lane(words, 3, c3);
}
