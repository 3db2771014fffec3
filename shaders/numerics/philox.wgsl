// Counter-based random numbers: Philox 4x32-10, the counterpart of src/numerics/philox.ts.

import package::numerics::integer::multiply_high;

// Ten rounds of Philox 4x32 on a counter under a key.
fn philox4x32(counter: vec4<u32>, key: vec2<u32>) -> vec4<u32> {
  var c = counter;
  var k = key;
  for (var round = 0u; round < 10u; round++) {
    let high0 = multiply_high(0xd2511f53u, c.x);
    let low0 = 0xd2511f53u * c.x;
    let high1 = multiply_high(0xcd9e8d57u, c.z);
    let low1 = 0xcd9e8d57u * c.z;
    c = vec4<u32>(high1 ^ c.y ^ k.x, low1, high0 ^ c.w ^ k.y, low0);
    k = k + vec2<u32>(0x9e3779b9u, 0xbb67ae85u);
  }
  return c;
}

// The four words at the indices 4 * block to 4 * block + 3 of a stream.
fn random_block(seed: u32, stream: u32, block: u32) -> vec4<u32> {
  return philox4x32(vec4<u32>(block, 0u, stream, 0u), vec2<u32>(seed, 0u));
}

// 32 random bits.
fn random_word(seed: u32, stream: u32, index: u32) -> u32 {
  return random_block(seed, stream, index >> 2u)[index & 3u];
}

// A number in [0, 1): the upper 24 bits of a word times 2^-24, which binary32 holds exactly.
fn uniform_f32(seed: u32, stream: u32, index: u32) -> f32 {
  return uniform_from_word(random_word(seed, stream, index));
}

fn uniform_from_word(word: u32) -> f32 {
  return f32(word >> 8u) * 0x1p-24;
}
