// Moves what an optimizer remembers into another unit, all parameters of a lane; src/training/rescale.ts is the reference.

import package::engine::call::lane_base;
import package::engine::control::control;
import package::engine::lanes::lanes;
import package::layout::View;
import package::numerics::exact::{begin_exact, mul4};

struct Call {
  arena: View,
  vectors: u32,
  // 1 or 2: the power of the gradient's unit in which the arena is.
  power: u32,
}

@group(0) @binding(0) var<uniform> call: Call;
@group(0) @binding(5) var<storage, read_write> arena: array<vec4<f32>>;

const CHUNK: u32 = 4u;

@compute @workgroup_size(64)
fn rescale(@builtin(global_invocation_id) id: vec3<u32>) {
  let first = id.x * CHUNK;
  if (first >= call.vectors) {
    return;
  }
  begin_exact(control.zero);
  var factor = vec4<f32>(lanes[id.z].moment_factor);
  if (call.power == 2u) {
    factor = mul4(factor, factor);
  }
  let arena_at = lane_base(call.arena, id.z);
  for (var i = first; i < min(first + CHUNK, call.vectors); i++) {
    arena[arena_at + i] = mul4(arena[arena_at + i], factor);
  }
}
