// Pseudo-random permutations without a table, the counterpart of src/numerics/permutation.ts: sample
// permute(i, size, vec2(seed, epoch)) comes i-th in that epoch.

// Half-rounds: each half of the number is changed four times.
const ROUNDS: u32 = 8u;

// The finalizer of MurmurHash3 (Appleby).
fn scramble(value: u32) -> u32 {
  var h = value;
  h = (h ^ (h >> 16u)) * 0x85ebca6bu;
  h = (h ^ (h >> 13u)) * 0xc2b2ae35u;
  return h ^ (h >> 16u);
}

fn round_function(half: u32, round: u32, key: vec2<u32>) -> u32 {
  return scramble(scramble(half ^ (key.x + (round + 1u) * 0x9e3779b9u)) + key.y);
}

// A bijection of [0, size), one per key; size is 1 to 2^31.
fn permute(index: u32, size: u32, key: vec2<u32>) -> u32 {
  let bits = max(2u, 32u - countLeadingZeros(size - 1u));
  let low_bits = bits >> 1u;
  let low_mask = (1u << low_bits) - 1u;
  let high_mask = (1u << (bits - low_bits)) - 1u;
  var position = index;
  // Walking the cycle of an index below `size` comes back below `size` before it has seen every number outside.
  let outside = (1u << bits) - size;
  for (var walked = 0u; walked <= outside; walked++) {
    var high = position >> low_bits;
    var low = position & low_mask;
    for (var round = 0u; round < ROUNDS; round += 2u) {
      high ^= round_function(low, round, key) & high_mask;
      low ^= round_function(high, round + 1u, key) & low_mask;
    }
    position = (high << low_bits) | low;
    if (position < size) {
      break;
    }
  }
  return position;
}
