// Counts the values of a tensor by the exponent field of their bits; src/training/histogram.ts is the reference.

import package::engine::call::row_base;
import package::layout::View;

struct Call {
  values: View,
  counts: View,
  rows: u32,
  columns: u32,
  // The row of `counts` that belongs to this tensor.
  entry: u32,
}

@group(0) @binding(0) var<uniform> call: Call;
@group(0) @binding(5) var<storage, read> values: array<vec4<u32>>;
@group(0) @binding(6) var<storage, read_write> counts: array<atomic<u32>>;

const BINS: u32 = 256u;
const WORKGROUP: u32 = 64u;
// vec4s that one invocation looks at.
const CHUNK: u32 = 4u;

// Gradients crowd into a few bins, so each workgroup first counts for itself.
var<workgroup> bins: array<atomic<u32>, BINS>;

@compute @workgroup_size(64)
fn histogram(
  @builtin(global_invocation_id) id: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let vectors = (call.columns + 3u) / 4u;
  let first = id.x * CHUNK;
  for (var i = first; i < min(first + CHUNK, call.rows * vectors); i++) {
    let row = i / vectors;
    let column = i % vectors;
    let exponents = (values[row_base(call.values, id.z, row) + column] >> vec4<u32>(23u)) & vec4<u32>(255u);
    for (var k = 0u; k < min(4u, call.columns - column * 4u); k++) {
      atomicAdd(&bins[exponents[k]], 1u);
    }
  }
  workgroupBarrier();
  let entry = row_base(call.counts, id.z, call.entry) * 4u;
  for (var bin = local; bin < BINS; bin += WORKGROUP) {
    let count = atomicLoad(&bins[bin]);
    if (count > 0u) {
      atomicAdd(&counts[entry + bin], count);
    }
  }
}
