// Casts the master copies of all parameters at their cast sites; src/training/cast-parameters.ts is the reference.

import package::engine::call::lane_base;
import package::engine::sites::{site_begin, site_round4, site_end};
import package::layout::View;

struct Call {
  masters: View,
  casts: View,
  count: u32,
  reserved0: u32,
  reserved1: u32,
  reserved2: u32,
  // Per parameter: first vec4 in the arena, rows, columns, site. In ascending order.
  parameters: array<vec4<u32>, 64>,
}

@group(0) @binding(0) var<uniform> call: Call;
@group(0) @binding(5) var<storage, read> masters: array<vec4<f32>>;
@group(0) @binding(6) var<storage, read_write> casts: array<vec4<f32>>;

// Parameters start at multiples of 16 elements (src/graph/plan.ts), so these four vec4s belong to one.
const CHUNK: u32 = 4u;

@compute @workgroup_size(64)
fn cast_parameters(@builtin(global_invocation_id) id: vec3<u32>) {
  let first = id.x * CHUNK;
  if (first >= call.masters.columns / 4u) {
    return;
  }
  var parameter = call.parameters[0];
  for (var i = 1u; i < call.count && call.parameters[i].x <= first; i++) {
    parameter = call.parameters[i];
  }
  let end = end_of(parameter);
  let masters_at = lane_base(call.masters, id.z);
  let casts_at = lane_base(call.casts, id.z);
  site_begin(parameter.w, id.z);
  for (var i = first; i < min(first + CHUNK, end); i++) {
    casts[casts_at + i] = site_round4(masters[masters_at + i], valid_at(parameter, i), (i - parameter.x) * 4u);
  }
  site_end(false);
}

// A parameter is an entry of `parameters`: the vec4 after its last one, and how many components of a vec4 are elements.
fn end_of(parameter: vec4<u32>) -> u32 {
  return parameter.x + parameter.y * ((parameter.z + 3u) / 4u);
}

fn valid_at(parameter: vec4<u32>, vector: u32) -> u32 {
  let column = (vector - parameter.x) % ((parameter.z + 3u) / 4u) * 4u;
  return min(4u, parameter.z - column);
}
