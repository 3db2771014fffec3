// The beginning of a step in one dispatch: an invocation does what those of the cast of the parameters
// (training/cast_parameters.wgsl) and of the gathering of the batch (ops/batch.wgsl) with its number do. Neither reads what
// the other writes. Invocations that did the one or the other would cost more: a software adapter executes both sides
// of a branch.
//
// The lane's seed is that of the policy table, where the batch's kernel has it from the lanes: a kernel may bind eight
// storage buffers. It is the same number.

import package::engine::call::lane_base;
import package::engine::control::control;
import package::engine::policy::policy;
import package::engine::sites::{site_begin, site_round4, site_end};
import package::layout::View;
import package::ops::batch::{BatchViews, copy, job_of, shuffled_row};
import package::training::cast_parameters::{end_of, valid_at};

struct Call {
  features: View,
  targets: View,
  masters: View,
  x: View,
  y: View,
  casts: View,
  batch: u32,
  data_rows: u32,
  site: u32,
  reserved0: u32,
  count: u32,
  reserved1: u32,
  reserved2: u32,
  reserved3: u32,
  // Per parameter, as in training/cast_parameters.wgsl.
  parameters: array<vec4<u32>, 64>,
}

@group(0) @binding(0) var<uniform> call: Call;
// Features, targets, x and y are declared with the batch.
@group(0) @binding(7) var<storage, read> masters: array<vec4<f32>>;
@group(0) @binding(10) var<storage, read_write> casts: array<vec4<f32>>;

// vec4s of the arena that one invocation casts.
const CHUNK: u32 = 4u;

@compute @workgroup_size(64)
fn shuffled(@builtin(global_invocation_id) id: vec3<u32>) {
  cast_parameters(id);
  let job = job_of(id, call.x.columns);
  if (job.index < call.batch) {
    let seed = policy[call.site * control.lane_count + id.z].seed;
    copy(job, batch_views(), shuffled_row(job.index, call.batch, call.data_rows, seed), call.site);
  }
}

@compute @workgroup_size(64)
fn sequential(@builtin(global_invocation_id) id: vec3<u32>) {
  cast_parameters(id);
  let job = job_of(id, call.x.columns);
  if (job.index < call.batch) {
    copy(job, batch_views(), job.index, call.site);
  }
}

fn batch_views() -> BatchViews {
  return BatchViews(call.features, call.targets, call.x, call.y);
}

fn cast_parameters(id: vec3<u32>) {
  let first = id.x * CHUNK;
  if (first < call.masters.columns / 4u) {
    var parameter = call.parameters[0];
    for (var i = 1u; i < call.count && call.parameters[i].x <= first; i++) {
      parameter = call.parameters[i];
    }
    let masters_at = lane_base(call.masters, id.z);
    let casts_at = lane_base(call.casts, id.z);
    site_begin(parameter.w, id.z);
    for (var i = first; i < min(first + CHUNK, end_of(parameter)); i++) {
      let index = (i - parameter.x) * 4u;
      casts[casts_at + i] = site_round4(masters[masters_at + i], valid_at(parameter, i), index);
    }
    site_end(false);
  }
}
