// Rounds consecutive f32 bit patterns, `results[i] = round_bits(first + i)`: for the comparison of all 2^32 of them with
// the CPU (src/examination/round-device.ts).

import package::layout::Format;
import package::numerics::round::round_bits4;

struct Parameters {
  format: Format,
  // Pattern of the first input.
  first: u32,
}

@group(0) @binding(0) var<uniform> parameters: Parameters;
@group(0) @binding(1) var<storage, read_write> results: array<vec4<u32>>;

@compute @workgroup_size(64)
fn round_range(@builtin(global_invocation_id) id: vec3<u32>) {
  let first = parameters.first + id.x * 4u;
  let inputs = vec4<u32>(first, first + 1u, first + 2u, first + 3u);
  results[id.x] = round_bits4(inputs, parameters.format, vec4<u32>());
}
