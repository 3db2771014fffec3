// One dot product per invocation: records of bit patterns a[0..k), b[0..k), c in, one pattern out. The host side is
// src/examination/dot-device.ts.

import package::layout::Accumulation;
import package::numerics::accumulation::{accumulate_begin, accumulate_term_bits, accumulate_end};
import package::numerics::exact::begin_exact;
import package::numerics::round::{MAGNITUDE, INFINITY_BITS, CANONICAL_NAN};

struct Task {
  accumulation: Accumulation,
  k: u32,
  zero: u32,
  reserved: vec2<u32>,
}

@group(0) @binding(0) var<uniform> task: Task;
@group(0) @binding(1) var<storage, read> records: array<u32>;
@group(0) @binding(2) var<storage, read_write> sums: array<u32>;

@compute @workgroup_size(64)
fn dot_records(@builtin(global_invocation_id) id: vec3<u32>) {
  if (id.x >= arrayLength(&sums)) {
    return;
  }
  begin_exact(task.zero);
  let at = id.x * (2u * task.k + 1u);
  accumulate_begin(task.accumulation, bitcast<f32>(records[at + 2u * task.k]));
  for (var i = 0u; i < task.k; i++) {
    accumulate_term_bits(records[at + i], records[at + task.k + i]);
  }
  let sum = bitcast<u32>(accumulate_end());
  sums[id.x] = select(sum, CANONICAL_NAN, (sum & MAGNITUDE) > INFINITY_BITS);
}
