// Rounds an array of f32 bit patterns: `output[i] = round_bits(input[i])`. The host side, which splits arrays of any
// length into dispatches, is src/examination/round-kernel.ts.

import package::layout::Format;
import package::numerics::philox::philox4x32;
import package::numerics::round::{round_bits4, MODE_STOCHASTIC};

struct Rounding {
  format: Format,
  // Key of the random numbers, and their place in the array of the first vec4 of this dispatch.
  seed: u32,
  first_block: u32,
  stream: u32,
}

@group(0) @binding(0) var<uniform> rounding: Rounding;
@group(0) @binding(1) var<storage, read> input: array<vec4<u32>>;
@group(0) @binding(2) var<storage, read_write> output: array<vec4<u32>>;

@compute @workgroup_size(64)
fn round_array(@builtin(global_invocation_id) id: vec3<u32>) {
  if (id.x < arrayLength(&output)) {
    var random = vec4<u32>();
    if (((rounding.format.flags >> 5u) & 7u) == MODE_STOCHASTIC) {
      let counter = vec4<u32>(rounding.first_block + id.x, 0u, 0u, rounding.stream);
      random = philox4x32(counter, vec2<u32>(rounding.seed, 0u));
    }
    output[id.x] = round_bits4(input[id.x], rounding.format, random);
  }
}
