// Stochastic gradient descent with momentum, all parameters of a lane; src/training/sgd.ts is the reference.

import package::engine::call::lane_base;
import package::engine::control::control;
import package::engine::lanes::lanes;
import package::layout::View;
import package::numerics::exact::{begin_exact, add4, mul4, sub4};
import package::training::skip::skips_step;
import package::training::unscale::unscaled4;

struct Call {
  gradients: View,
  parameters: View,
  buffers: View,
  vectors: u32,
}

@group(0) @binding(0) var<uniform> call: Call;
@group(0) @binding(5) var<storage, read> gradients: array<vec4<f32>>;
@group(0) @binding(6) var<storage, read_write> parameters: array<vec4<f32>>;
@group(0) @binding(7) var<storage, read_write> buffers: array<vec4<f32>>;

const CHUNK: u32 = 4u;

@compute @workgroup_size(64)
fn sgd(@builtin(global_invocation_id) id: vec3<u32>) {
  let first = id.x * CHUNK;
  if (first >= call.vectors || skips_step(id.z)) {
    return;
  }
  begin_exact(control.zero);
  let learning_rate = vec4<f32>(lanes[id.z].learning_rate);
  let momentum = vec4<f32>(lanes[id.z].momentum);
  let remembers = (bitcast<u32>(momentum.x) << 1u) != 0u && lanes[id.z].optimizer_steps > 0u;
  let gradients_at = lane_base(call.gradients, id.z);
  let parameters_at = lane_base(call.parameters, id.z);
  let buffers_at = lane_base(call.buffers, id.z);
  for (var i = first; i < min(first + CHUNK, call.vectors); i++) {
    var buffer = unscaled4(gradients[gradients_at + i], id.z);
    if (remembers) {
      buffer = add4(mul4(momentum, buffers[buffers_at + i]), buffer);
    }
    buffers[buffers_at + i] = buffer;
    parameters[parameters_at + i] = sub4(parameters[parameters_at + i], mul4(learning_rate, buffer));
  }
}
