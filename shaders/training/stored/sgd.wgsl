// The update that stochastic gradient descent proposes, all parameters of a lane; src/training/stored/sgd.ts is the
// reference.

import package::engine::call::lane_base;
import package::engine::control::control;
import package::engine::lanes::lanes;
import package::layout::View;
import package::numerics::exact::{begin_exact, add4, mul4};
import package::training::skip::skips_step;
import package::training::unscale::unscaled4;
import package::training::stored::parameters::{
  StoredParameter, MAX_PARAMETERS, CHUNK, begin_chunk, chunk_length, values, write_values, round_values, round_between
};

struct Call {
  gradients: View,
  updates: View,
  buffers: View,
  count: u32,
  reserved0: u32,
  reserved1: u32,
  reserved2: u32,
  // In ascending order; sites: unscaled gradient, momentum, update.
  parameters: array<StoredParameter, MAX_PARAMETERS>,
}

@group(0) @binding(0) var<uniform> call: Call;
@group(0) @binding(5) var<storage, read> gradients: array<vec4<f32>>;
@group(0) @binding(6) var<storage, read_write> updates: array<vec4<f32>>;
@group(0) @binding(7) var<storage, read_write> buffers: array<vec4<f32>>;

@compute @workgroup_size(64)
fn sgd_stored(@builtin(global_invocation_id) id: vec3<u32>) {
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
  if ((bitcast<u32>(lanes[lane].momentum) << 1u) != 0u) {
    add_momentum(parameter.sites.y, lane_base(call.buffers, lane) + first, lane);
  }
  let learning_rate = vec4<f32>(lanes[lane].learning_rate);
  for (var i = 0u; i < chunk_length; i++) {
    values[i] = mul4(learning_rate, values[i]);
  }
  round_values(parameter.sites.z, lane);
  let updates_at = lane_base(call.updates, lane) + first;
  for (var i = 0u; i < chunk_length; i++) {
    updates[updates_at + i] = values[i];
  }
}

// values = momentum · buffer + values, or values at the first executed step; the buffer keeps it.
fn add_momentum(site: u32, buffers_at: u32, lane: u32) {
  if (lanes[lane].optimizer_steps > 0u) {
    let gradient = values;
    let momentum = vec4<f32>(lanes[lane].momentum);
    for (var i = 0u; i < chunk_length; i++) {
      values[i] = mul4(momentum, buffers[buffers_at + i]);
    }
    round_between(lanes[lane].single_tensor != 0u, site, lane);
    for (var i = 0u; i < chunk_length; i++) {
      values[i] = add4(values[i], gradient[i]);
    }
  }
  write_values(site, lane);
  for (var i = 0u; i < chunk_length; i++) {
    buffers[buffers_at + i] = values[i];
  }
}
