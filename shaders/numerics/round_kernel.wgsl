// Rounds an array of f32 bit patterns: `output[i] = round_bits(input[i])`. The host side, which splits arrays of any
// length into dispatches, is src/numerics/round-kernel.ts.

import package::numerics::round::{Format, round_bits4};

@group(0) @binding(0) var<uniform> format: Format;
@group(0) @binding(1) var<storage, read> input: array<vec4<u32>>;
@group(0) @binding(2) var<storage, read_write> output: array<vec4<u32>>;

@compute @workgroup_size(64)
fn round_array(@builtin(global_invocation_id) id: vec3<u32>) {
  if (id.x < arrayLength(&output)) {
    output[id.x] = round_bits4(input[id.x], format);
  }
}
