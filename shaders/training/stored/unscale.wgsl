// A gradient without the loss scale; `unscaled` in src/training/optimizer.ts.

import package::engine::lanes::lanes;
import package::numerics::exact::mul4;

fn unscaled4(gradient: vec4<f32>, lane: u32) -> vec4<f32> {
  return mul4(gradient, vec4<f32>(lanes[lane].inverse_scale));
}
