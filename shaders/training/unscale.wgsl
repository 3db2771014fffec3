// A gradient without the loss scale; `unscaled` in src/training/optimizer.ts.

import package::engine::lanes::lanes;
import package::numerics::exact::mul4;
import package::numerics::exact4::div4;

// Whether some lane of the program has a scaler that divides; the others need not compile a division.
override some_lane_divides: bool = false;

fn unscaled4(gradient: vec4<f32>, lane: u32) -> vec4<f32> {
  if (some_lane_divides && lanes[lane].divides_by_scale == 1u) {
    return div4(gradient, vec4<f32>(lanes[lane].scale));
  }
  return mul4(gradient, vec4<f32>(lanes[lane].inverse_scale));
}
