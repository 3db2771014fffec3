// Adam, all parameters of a lane; src/training/adam.ts is the reference.

import package::engine::call::{lane_base, row_base};
import package::engine::control::control;
import package::engine::lanes::lanes;
import package::layout::View;
import package::numerics::exact::{begin_exact, add4, mul, mul4, sub4};
import package::numerics::exact4::{div4, square_root4};
import package::training::lerp::lerp4;
import package::training::skip::skips_step;
import package::training::unscale::unscaled4;

struct Call {
  gradients: View,
  corrections: View,
  parameters: View,
  first_moments: View,
  second_moments: View,
  vectors: u32,
}

@group(0) @binding(0) var<uniform> call: Call;
@group(0) @binding(5) var<storage, read> gradients: array<vec4<f32>>;
@group(0) @binding(6) var<storage, read> corrections: array<f32>;
@group(0) @binding(7) var<storage, read_write> parameters: array<vec4<f32>>;
@group(0) @binding(8) var<storage, read_write> first_moments: array<vec4<f32>>;
@group(0) @binding(9) var<storage, read_write> second_moments: array<vec4<f32>>;

const CHUNK: u32 = 4u;

@compute @workgroup_size(64)
fn adam(@builtin(global_invocation_id) id: vec3<u32>) {
  let first = id.x * CHUNK;
  let lane = id.z;
  if (first >= call.vectors || skips_step(lane)) {
    return;
  }
  begin_exact(control.zero);
  let column = min(lanes[lane].optimizer_steps, call.corrections.columns - 1u);
  let step_size = vec4<f32>(mul(lanes[lane].learning_rate, corrections[column]));
  let correction2 = vec4<f32>(corrections[call.corrections.row_stride + column]);
  let beta2 = vec4<f32>(lanes[lane].beta2);
  let one_minus_beta2 = vec4<f32>(lanes[lane].one_minus_beta2);
  let epsilon = vec4<f32>(lanes[lane].epsilon);
  let gradients_at = lane_base(call.gradients, lane);
  let parameters_at = lane_base(call.parameters, lane);
  let firsts_at = lane_base(call.first_moments, lane);
  let seconds_at = lane_base(call.second_moments, lane);
  for (var i = first; i < min(first + CHUNK, call.vectors); i++) {
    let gradient = unscaled4(gradients[gradients_at + i], lane);
    let m = lerp4(first_moments[firsts_at + i], gradient, lane);
    let v = add4(mul4(beta2, second_moments[seconds_at + i]), mul4(mul4(one_minus_beta2, gradient), gradient));
    first_moments[firsts_at + i] = m;
    second_moments[seconds_at + i] = v;
    let denominator = add4(div4(square_root4(v), correction2), epsilon);
    let update = mul4(step_size, div4(m, denominator));
    parameters[parameters_at + i] = sub4(parameters[parameters_at + i], update);
  }
}
