// Blocks of 4x4 sums of products in the way that the lane chose (`general_accumulation`); ops/block.wgsl has those in
// FP32 in order, all sixteen at once. Here they are made one after the other, because an accumulation keeps its state
// in private variables. src/ops/matmul.ts (accumulate) is the reference.

import package::engine::control::control;
import package::engine::policy::policy;
import package::numerics::accumulation::{accumulate_begin, accumulate_term, accumulate_end};
import package::ops::block::Block;
import package::ops::operands::{left, right};

// The elements that one operand brings to four sums, one to each term: the first ones, and how far it is to the next,
// within a run of terms and from one run to the next.
struct Walk {
  starts: vec4<u32>,
  step: u32,
  stride: u32,
}

// Row i and column j: the sum over all terms of the i-th walk of `left` times the j-th of `right`. The terms come in
// `runs` runs of `length`. `site` is where the sums will be written.
fn accumulate_block(a: Walk, b: Walk, runs: u32, length: u32, site: u32, lane: u32) -> Block {
  let accumulation = policy[site * control.lane_count + lane].accumulation;
  var rows = array<vec4<f32>, 4>();
  for (var sum = 0u; sum < 16u; sum++) {
    accumulate_begin(accumulation, 0.0);
    for (var run = 0u; run < runs; run++) {
      var a_at = a.starts[sum / 4u] + run * a.stride;
      var b_at = b.starts[sum % 4u] + run * b.stride;
      for (var k = 0u; k < length; k++) {
        accumulate_term(left[a_at / 4u][a_at % 4u], right[b_at / 4u][b_at % 4u]);
        a_at += a.step;
        b_at += b.step;
      }
    }
    rows[sum / 4u][sum % 4u] = accumulate_end();
  }
  return Block(rows[0], rows[1], rows[2], rows[3]);
}
