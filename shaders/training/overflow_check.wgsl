// Looks for an overflow where a lane's scaler does and the cast of the gradients does not tell; src/training/overflow-check.ts
// is the reference. One workgroup for each lane.

import package::engine::call::lane_base;
import package::engine::control::control;
import package::engine::lanes::lanes;
import package::engine::records::{records, record_base};
import package::layout::{View, HEADER_FOUND_INF, LOOKS_AT_NORM, LOOKS_AT_SUM, LOOKS_AT_UNSCALED};
import package::numerics::exact::{begin_exact, add, add4, mul, mul4, square_root};
import package::training::unscale::unscaled4;

struct Call {
  gradients: View,
  count: u32,
  reserved0: u32,
  reserved1: u32,
  reserved2: u32,
  // Per parameter: first vec4 in the arena, rows, columns, 0.
  parameters: array<vec4<u32>, 64>,
}

@group(0) @binding(0) var<uniform> call: Call;
@group(0) @binding(5) var<storage, read> gradients: array<vec4<f32>>;

const WORKGROUP: u32 = 64u;
const MAGNITUDE: u32 = 0x7fffffffu;
const INFINITY_BITS: u32 = 0x7f800000u;

var<workgroup> sums: array<vec4<f32>, 64>;

@compute @workgroup_size(64)
fn overflow_check(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) local: u32) {
  let lane = group.z;
  begin_exact(control.zero);
  var found = false;
  var squares = 0.0;
  for (var i = 0u; i < call.count; i++) {
    let total = sum_of(call.parameters[i], lane, local);
    found = found || !is_finite(total);
    squares = add(squares, total);
  }
  let looks_at = lanes[lane].looks_at;
  if (looks_at == LOOKS_AT_NORM) {
    found = !is_finite(mul(square_root(squares), lanes[lane].inverse_scale));
  }
  let looks = looks_at == LOOKS_AT_NORM || looks_at == LOOKS_AT_SUM || looks_at == LOOKS_AT_UNSCALED;
  if (local == 0u && looks && found) {
    let record = record_base(control.slot, lane, control.lane_count, control.record_words);
    atomicStore(&records[record + HEADER_FOUND_INF], 1u);
  }
}

// What the elements of a parameter's gradient stand for, added up. Each invocation adds every 64th vec4 in ascending
// order; then the upper half of the invocations' sums is added to the lower half until there is one, (x + y) + (z + w).
fn sum_of(parameter: vec4<u32>, lane: u32, local: u32) -> f32 {
  let width = (parameter.z + 3u) / 4u;
  let at = lane_base(call.gradients, lane) + parameter.x;
  var sum = vec4<f32>(0.0);
  for (var i = local; i < parameter.y * width; i += WORKGROUP) {
    sum = add4(sum, term(gradients[at + i], min(4u, parameter.z - (i % width) * 4u), lane));
  }
  sums[local] = sum;
  for (var half = WORKGROUP / 2u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (local < half) {
      sums[local] = add4(sums[local], sums[local + half]);
    }
  }
  workgroupBarrier();
  let all = sums[0];
  workgroupBarrier();
  return add(add(all.x, all.y), add(all.z, all.w));
}

// Of the first `valid` components of a gradient. An unscaled gradient counts as +0 while it is finite and is NaN
// otherwise, so that the sum tells whether one was not.
fn term(gradient: vec4<f32>, valid: u32, lane: u32) -> vec4<f32> {
  switch lanes[lane].looks_at {
    case LOOKS_AT_NORM: {
      return mul4(gradient, gradient);
    }
    case LOOKS_AT_UNSCALED: {
      let real = vec4<u32>(0u, 1u, 2u, 3u) < vec4<u32>(valid);
      let magnitude = bitcast<vec4<u32>>(unscaled4(gradient, lane)) & vec4<u32>(MAGNITUDE);
      let lost = real & (magnitude >= vec4<u32>(INFINITY_BITS));
      return bitcast<vec4<f32>>(select(vec4<u32>(0u), vec4<u32>(0x7fc00000u), lost) ^ vec4<u32>(control.zero));
    }
    default: {
      return gradient;
    }
  }
}

fn is_finite(x: f32) -> bool {
  return (bitcast<u32>(x) & MAGNITUDE) < INFINITY_BITS;
}
