// Rounds an array of f32 bit patterns to one format, one pattern to an invocation.

import package::numerics::round::{Format, round_bits};

@group(0) @binding(0) var<uniform> format: Format;
@group(0) @binding(1) var<storage, read> input: array<u32>;
@group(0) @binding(2) var<storage, read_write> output: array<u32>;

@compute @workgroup_size(64)
fn round_array(@builtin(global_invocation_id) id: vec3<u32>) {
  if (id.x < arrayLength(&input)) {
    output[id.x] = round_bits(input[id.x], format);
  }
}
