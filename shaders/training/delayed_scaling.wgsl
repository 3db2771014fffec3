// The end of a step under delayed scaling; src/training/delayed-scaling.ts is the reference.

import package::engine::control::control;
import package::layout::View;
import package::numerics::round::{MAGNITUDE, INFINITY_BITS};
import package::training::scale_arithmetic::{f32_is_finite, f32_is_nan, f32_order, f32_over};

struct Call {
  magnitudes: View,
  recipe: View,
  history: View,
  scale: View,
}

@group(0) @binding(0) var<uniform> call: Call;
// Bits, for magnitudes and scales may be subnormal.
@group(0) @binding(5) var<storage, read_write> arena: array<u32>;

const LARGEST: u32 = 0x7f7fffffu;
const ONE: u32 = 0x3f800000u;

@compute @workgroup_size(1)
fn delayed_scaling(@builtin(workgroup_id) group: vec3<u32>) {
  let lane = group.z;
  if (control.step >= call.magnitudes.columns) {
    return;
  }
  let latest = arena[base_of(call.magnitudes, lane) + control.step];
  // A step without values, or with zeros alone, changes nothing.
  if ((latest & MAGNITUDE) == 0u) {
    return;
  }
  let recipe = base_of(call.recipe, lane);
  let history = base_of(call.history, lane);
  let decisive = select(roll(history, u32(bitcast<f32>(arena[recipe])), latest), latest, arena[recipe + 2u] == ONE);
  if (!f32_is_finite(decisive) || (decisive >> 31u) == 1u || decisive == 0u) {
    return;
  }
  let scale = f32_over(arena[recipe + 1u], decisive);
  arena[base_of(call.scale, lane)] = select(LARGEST, scale, f32_is_finite(scale));
}

fn base_of(view: View, lane: u32) -> u32 {
  return view.offset + lane * view.lane_stride;
}

// Puts the latest magnitude behind the others, of which the first place is left empty; the largest of them before
// that. A number beats NaN, as in CUDA's fmaxf.
fn roll(history: u32, length: u32, latest: u32) -> u32 {
  var largest = 0u;
  for (var i = 0u; i < length; i++) {
    var next = latest;
    if (i + 1u < length) {
      next = arena[history + i + 1u];
    }
    if (!f32_is_nan(next) && f32_order(next) > f32_order(largest)) {
      largest = next;
    }
    arena[history + i] = select(next, 0u, i == 0u);
  }
  return largest;
}
