// Adds the proposed updates to the weights, all parameters of a lane, and counts what becomes of them;
// src/training/stored/store-weights.ts is the reference.

import package::engine::call::lane_base;
import package::engine::control::control;
import package::engine::lanes::lanes;
import package::layout::View;
import package::numerics::exact::{begin_exact, add4, sub4};
import package::training::skip::skips_step;
import package::training::stored::meter::{meter_begin, meter4, meter_end};
import package::training::stored::parameters::{
  StoredParameter, MAX_PARAMETERS, CHUNK, begin_chunk, chunk_length, chunk_place, valid_at, values, write_values,
  round_values
};

struct Call {
  gradients: View,
  updates: View,
  parameters_view: View,
  previous: View,
  compensations: View,
  count: u32,
  reserved0: u32,
  reserved1: u32,
  reserved2: u32,
  // In ascending order; sites: weight, compensation, update.
  parameters: array<StoredParameter, MAX_PARAMETERS>,
}

@group(0) @binding(0) var<uniform> call: Call;
@group(0) @binding(5) var<storage, read> gradients: array<vec4<f32>>;
@group(0) @binding(6) var<storage, read> updates: array<vec4<f32>>;
@group(0) @binding(7) var<storage, read_write> parameters: array<vec4<f32>>;
@group(0) @binding(8) var<storage, read_write> previous: array<vec4<f32>>;
@group(0) @binding(9) var<storage, read_write> compensations: array<vec4<f32>>;

@compute @workgroup_size(64)
fn store_weights(@builtin(global_invocation_id) id: vec3<u32>) {
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
  let parameters_at = lane_base(call.parameters_view, lane) + first;
  let updates_at = lane_base(call.updates, lane) + first;
  if (lanes[lane].kahan != 0u) {
    add_compensated(parameter.sites, first, lane);
  } else {
    for (var i = 0u; i < chunk_length; i++) {
      values[i] = sub4(parameters[parameters_at + i], updates[updates_at + i]);
    }
    write_values(parameter.sites.x, lane);
  }
  let gradients_at = lane_base(call.gradients, lane) + first;
  let previous_at = lane_base(call.previous, lane) + first;
  meter_begin(parameter.place.w);
  for (var i = 0u; i < chunk_length; i++) {
    let before = parameters[parameters_at + i];
    meter4(gradients[gradients_at + i], updates[updates_at + i], before, values[i], valid_at(i));
    previous[previous_at + i] = before;
    parameters[parameters_at + i] = values[i];
  }
  meter_end(parameter.sites.z, lane);
}

// Leaves the new weights in `values`, and in the compensations what rounding took away.
fn add_compensated(sites: vec4<u32>, first: u32, lane: u32) {
  let parameters_at = lane_base(call.parameters_view, lane) + first;
  let updates_at = lane_base(call.updates, lane) + first;
  let compensations_at = lane_base(call.compensations, lane) + first;
  for (var i = 0u; i < chunk_length; i++) {
    values[i] = sub4(compensations[compensations_at + i], updates[updates_at + i]);
  }
  round_values(sites.y, lane);
  let owed = values;
  for (var i = 0u; i < chunk_length; i++) {
    values[i] = add4(parameters[parameters_at + i], owed[i]);
  }
  write_values(sites.x, lane);
  let after = values;
  for (var i = 0u; i < chunk_length; i++) {
    values[i] = sub4(parameters[parameters_at + i], after[i]);
  }
  round_values(sites.y, lane);
  for (var i = 0u; i < chunk_length; i++) {
    values[i] = add4(owed[i], values[i]);
  }
  write_values(sites.y, lane);
  for (var i = 0u; i < chunk_length; i++) {
    compensations[compensations_at + i] = values[i];
  }
  values = after;
}
