// The update that Adam proposes, all parameters of a lane; src/training/stored/adam.ts is the reference.

import package::engine::call::lane_base;
import package::engine::control::control;
import package::engine::lanes::lanes;
import package::layout::View;
import package::numerics::exact::{begin_exact, add4, mul, mul4};
import package::numerics::exact4::{div4, square_root4};
import package::training::lerp::lerp4;
import package::training::skip::skips_step;
import package::training::unscale::unscaled4;
import package::training::stored::parameters::{
  StoredParameter, MAX_PARAMETERS, CHUNK, begin_chunk, chunk_length, values, write_values, round_values, round_between
};

struct Call {
  gradients: View,
  corrections: View,
  updates: View,
  first_moments: View,
  second_moments: View,
  count: u32,
  reserved0: u32,
  reserved1: u32,
  reserved2: u32,
  // In ascending order; sites: unscaled gradient, first moment, second moment, update.
  parameters: array<StoredParameter, MAX_PARAMETERS>,
}

@group(0) @binding(0) var<uniform> call: Call;
@group(0) @binding(5) var<storage, read> gradients: array<vec4<f32>>;
@group(0) @binding(6) var<storage, read> corrections: array<f32>;
@group(0) @binding(7) var<storage, read_write> updates: array<vec4<f32>>;
@group(0) @binding(8) var<storage, read_write> first_moments: array<vec4<f32>>;
@group(0) @binding(9) var<storage, read_write> second_moments: array<vec4<f32>>;

// The gradient in the chunk, unscaled and as the lane stores it.
var<private> gradient: array<vec4<f32>, CHUNK>;

@compute @workgroup_size(64)
fn adam_stored(@builtin(global_invocation_id) id: vec3<u32>) {
  let first = id.x * CHUNK;
  let lane = id.z;
  if (first >= call.updates.columns / 4u || skips_step(lane)) {
    return;
  }
  begin_exact(control.zero);
  var parameter = call.parameters[0];
  for (var i = 1u; i < call.count && call.parameters[i].place.x <= first; i++) {
    parameter = call.parameters[i];
  }
  begin_chunk(parameter, first);
  let gradients_at = lane_base(call.gradients, lane) + first;
  for (var i = 0u; i < chunk_length; i++) {
    values[i] = unscaled4(gradients[gradients_at + i], lane);
  }
  write_values(parameter.sites.x, lane);
  gradient = values;
  let firsts_at = lane_base(call.first_moments, lane) + first;
  move_first_moments(parameter.sites.y, firsts_at, lane);
  move_second_moments(parameter.sites.z, lane_base(call.second_moments, lane) + first, lane);
  values_to_denominators(parameter.sites.z, lane);
  let column = min(lanes[lane].optimizer_steps, call.corrections.columns - 1u);
  let step_size = vec4<f32>(mul(lanes[lane].learning_rate, corrections[column]));
  for (var i = 0u; i < chunk_length; i++) {
    values[i] = mul4(step_size, div4(first_moments[firsts_at + i], values[i]));
  }
  round_values(parameter.sites.w, lane);
  let updates_at = lane_base(call.updates, lane) + first;
  for (var i = 0u; i < chunk_length; i++) {
    updates[updates_at + i] = values[i];
  }
}

fn move_first_moments(site: u32, firsts_at: u32, lane: u32) {
  for (var i = 0u; i < chunk_length; i++) {
    values[i] = lerp4(first_moments[firsts_at + i], gradient[i], lane);
  }
  write_values(site, lane);
  for (var i = 0u; i < chunk_length; i++) {
    first_moments[firsts_at + i] = values[i];
  }
}

// Leaves them in `values`.
fn move_second_moments(site: u32, seconds_at: u32, lane: u32) {
  let beta2 = vec4<f32>(lanes[lane].beta2);
  let one_minus_beta2 = vec4<f32>(lanes[lane].one_minus_beta2);
  for (var i = 0u; i < chunk_length; i++) {
    values[i] = mul4(beta2, second_moments[seconds_at + i]);
  }
  round_between(lanes[lane].single_tensor != 0u, site, lane);
  for (var i = 0u; i < chunk_length; i++) {
    values[i] = add4(values[i], mul4(mul4(one_minus_beta2, gradient[i]), gradient[i]));
  }
  write_values(site, lane);
  for (var i = 0u; i < chunk_length; i++) {
    second_moments[seconds_at + i] = values[i];
  }
}

// √v / √(1 - β2^t) + ε of the second moments in `values`.
fn values_to_denominators(site: u32, lane: u32) {
  let single_tensor = lanes[lane].single_tensor != 0u;
  let column = min(lanes[lane].optimizer_steps, call.corrections.columns - 1u);
  let correction = vec4<f32>(corrections[call.corrections.row_stride + column]);
  let epsilon = vec4<f32>(lanes[lane].epsilon);
  for (var i = 0u; i < chunk_length; i++) {
    values[i] = square_root4(values[i]);
  }
  round_between(single_tensor, site, lane);
  for (var i = 0u; i < chunk_length; i++) {
    values[i] = div4(values[i], correction);
  }
  round_between(single_tensor, site, lane);
  for (var i = 0u; i < chunk_length; i++) {
    values[i] = add4(values[i], epsilon);
  }
  round_between(single_tensor, site, lane);
}
