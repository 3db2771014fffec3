// The mean of Adam's first moments; lerp in src/training/adam.ts.

import package::engine::lanes::lanes;
import package::numerics::exact::{add4, mul4, sub4};

const HALF: u32 = 0x3f000000u;

// ATen's lerp takes the formula that is exact at the nearer end. The weight, 1 - β1, is positive, so its bits are in
// order.
fn lerp4(start: vec4<f32>, end: vec4<f32>, lane: u32) -> vec4<f32> {
  let weight = vec4<f32>(lanes[lane].one_minus_beta1);
  let difference = sub4(end, start);
  if (bitcast<u32>(weight.x) < HALF) {
    return add4(start, mul4(weight, difference));
  }
  return sub4(end, mul4(difference, vec4<f32>(lanes[lane].beta1)));
}
