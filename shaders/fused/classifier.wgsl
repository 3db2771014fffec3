// The last layer of a classifier and its loss in one dispatch: ops/linear.wgsl's `forward`, then ops/cross_entropy.wgsl's
// `forward` and `gradient` and ops/loss_mean.wgsl. One workgroup computes a lane and waits for itself between them: a row
// of logits comes from several invocations, and the mean needs all rows in their order.
//
// The losses of the rows stay in the workgroup, and the layer's weight and bias are bound once, as the arena they lie in:
// a kernel may bind eight storage buffers.

import package::engine::call::row_base;
import package::engine::control::control;
import package::engine::sites::{site_begin, site_round4, site_end};
import package::layout::View;
import package::numerics::elementary::{exp_f32, log_f32};
import package::numerics::exact::{begin_exact, add, div, mul, sub, SIGN, MAGNITUDE, INFINITY_BITS, QUIET_NAN};
import package::ops::block::{add_to_rows, row_of, round_block};
import package::ops::cross_entropy::{rank, row_seed, NAN_RANK};
import package::ops::linear::product;
import package::ops::loss_mean::report_mean;
import package::ops::operands::right;
import package::ops::tile::{PARTS, tile_of, tile_count, part_of, part_row, remaining};

struct Call {
  x: View,
  weight: View,
  labels: View,
  logits: View,
  dz: View,
  bias: View,
  rows: u32,
  inputs: u32,
  classes: u32,
  site: u32,
  gradient_site: u32,
}

@group(0) @binding(0) var<uniform> call: Call;
// x and the arena are the operands of ops/operands.wgsl.
@group(0) @binding(7) var<storage, read> labels: array<vec4<f32>>;
@group(0) @binding(8) var<storage, read_write> logits: array<f32>;
@group(0) @binding(9) var<storage, read_write> dz: array<vec4<f32>>;

// Small where four invocations are executed at a time: such an adapter executes whole workgroups, and a barrier costs it
// the more the larger they are. A graphics card has threads for all rows of an ordinary batch.
@if(quads) const WORKGROUP: u32 = 16u;
@if(!quads) const WORKGROUP: u32 = 128u;
// MOST_ROWS_OF_A_LOSS in src/backends/webgpu/fusion/rules.ts.
const MOST_ROWS: u32 = 512u;

var<workgroup> row_losses: array<f32, MOST_ROWS>;
var<workgroup> row_correct: array<u32, MOST_ROWS>;

@compute @workgroup_size(WORKGROUP)
fn logits_and_loss(@builtin(local_invocation_index) local: u32, @builtin(workgroup_id) group: vec3<u32>) {
  let lane = group.z;
  begin_exact(control.zero);
  site_begin(call.site, lane);
  for (var tile = local; tile < tile_count(call.rows, call.classes); tile += WORKGROUP) {
    write_logits(tile, lane);
  }
  site_end(false);
  storageBarrier();
  site_begin(call.gradient_site, lane);
  let seed = row_seed(call.rows, lane);
  for (var row = local; row < call.rows; row += WORKGROUP) {
    write_row(row, lane, seed);
  }
  site_end(false);
  workgroupBarrier();
  if (local == 0u) {
    var sum = 0.0;
    var correct = 0u;
    for (var row = 0u; row < call.rows; row++) {
      sum = add(sum, row_losses[row]);
      correct += row_correct[row];
    }
    report_mean(div(sum, f32(call.rows)), correct, lane);
  }
}

// round(x · transpose(W) + b) in a tile
fn write_logits(index: u32, lane: u32) {
  let tile = tile_of(index, call.rows, call.classes);
  let sums = product(call.x, call.weight, vec3<u32>(call.rows, call.inputs, call.classes), tile, lane, call.site);
  let b = right[row_base(call.bias, lane, 0u) + tile.column];
  let columns = remaining(tile.column * 4u, call.classes);
  let stride = call.logits.row_stride;
  for (var part = 0u; part < PARTS; part++) {
    let row = part_row(tile, part);
    let rows = remaining(row, call.rows);
    let biased = add_to_rows(part_of(sums, tile, part), b);
    let rounded = round_block(biased, rows, columns, row * stride + tile.column * 4u, stride);
    let at = row_base(call.logits, lane, row) * 4u + tile.column * 4u;
    for (var i = 0u; i < select(0u, rows, columns > 0u); i++) {
      let four = row_of(rounded, i);
      logits[at + i * stride] = four.x;
      logits[at + i * stride + 1u] = four.y;
      logits[at + i * stride + 2u] = four.z;
      logits[at + i * stride + 3u] = four.w;
    }
  }
}

// What ops/cross_entropy.wgsl computes of a row: its loss, whether it is right, and dz.
fn write_row(row: u32, lane: u32, seed: f32) {
  let first = row_base(call.logits, lane, row) * 4u;
  let label = u32(labels[row_base(call.labels, lane, row)].x);
  var largest = 0u;
  var largest_rank = rank(bitcast<u32>(logits[first + 0u]));
  for (var i = 1u; i < call.classes; i++) {
    let its_rank = rank(bitcast<u32>(logits[first + i]));
    if (its_rank > largest_rank) {
      largest = i;
      largest_rank = its_rank;
    }
  }
  row_correct[row] = select(0u, 1u, largest == label && largest_rank != NAN_RANK);
  var max_bits = bitcast<u32>(logits[first + largest]);
  // Without a finite largest logit there is no softmax.
  if ((max_bits & MAGNITUDE) >= INFINITY_BITS) {
    max_bits = QUIET_NAN;
  }
  let max_logit = bitcast<f32>(max_bits);
  var sum = 0.0;
  for (var i = 0u; i < call.classes; i++) {
    sum = add(sum, exp_f32(sub(logits[first + i], max_logit)));
  }
  let log_sum = log_f32(sum);
  let log_probability = sub(sub(logits[first + label], max_logit), log_sum);
  row_losses[row] = bitcast<f32>(bitcast<u32>(log_probability) ^ SIGN);
  let dz_at = row_base(call.dz, lane, row);
  for (var next = 0u; next < call.classes; next += 4u) {
    let valid = min(4u, call.classes - next);
    var g = vec4<f32>();
    for (var i = 0u; i < valid; i++) {
      let probability = exp_f32(sub(sub(logits[first + next + i], max_logit), log_sum));
      g[i] = sub(mul(probability, seed), select(0.0, seed, next + i == label));
    }
    dz[dz_at + next / 4u] = site_round4(g, valid, row * call.dz.row_stride + next);
  }
}
