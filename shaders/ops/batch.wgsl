// Gathers the rows of a batch from a data set; src/ops/batch.ts is the reference. An invocation copies 16 columns of a
// row of x, the first one of a row its target as well.

import package::engine::call::row_base;
import package::engine::control::control;
import package::engine::lanes::lanes;
import package::engine::sites::{site_begin, site_round4, site_end};
import package::layout::View;
import package::numerics::permutation::permute;

struct Call {
  features: View,
  targets: View,
  table: View,
  x: View,
  y: View,
  batch: u32,
  data_rows: u32,
  site: u32,
  table_steps: u32,
}

@group(0) @binding(0) var<uniform> call: Call;
@group(0) @binding(5) var<storage, read> features: array<vec4<f32>>;
@group(0) @binding(6) var<storage, read> targets: array<vec4<f32>>;
// Row numbers, [step][place in the batch]; only `from_table` reads it.
@group(0) @binding(7) var<storage, read> table: array<f32>;
@group(0) @binding(8) var<storage, read_write> x: array<vec4<f32>>;
@group(0) @binding(9) var<storage, read_write> y: array<vec4<f32>>;

// vec4s that an invocation copies.
const CHUNK: u32 = 4u;

// What an invocation copies: vec4s `first` to `end` of row `index` of the batch.
struct Job {
  lane: u32,
  index: u32,
  first: u32,
  end: u32,
}

fn job_of(id: vec3<u32>, columns: u32) -> Job {
  let vectors = (columns + 3u) / 4u;
  let chunks = (vectors + CHUNK - 1u) / CHUNK;
  let first = id.x % chunks * CHUNK;
  return Job(id.z, id.x / chunks, first, min(first + CHUNK, vectors));
}

@compute @workgroup_size(64)
fn shuffled(@builtin(global_invocation_id) id: vec3<u32>) {
  let job = job_of(id, call.x.columns);
  if (job.index >= call.batch) {
    return;
  }
  copy(job, views(), shuffled_row(job.index, call.batch, call.data_rows, lanes[job.lane].seed), call.site);
}

// The row of the data set at a place of the running step's batch.
fn shuffled_row(index: u32, batch: u32, data_rows: u32, seed: u32) -> u32 {
  let steps_per_epoch = data_rows / batch;
  let epoch = control.step / steps_per_epoch;
  let position = control.step % steps_per_epoch * batch + index;
  return permute(position, data_rows, vec2<u32>(seed, epoch));
}

@compute @workgroup_size(64)
fn sequential(@builtin(global_invocation_id) id: vec3<u32>) {
  let job = job_of(id, call.x.columns);
  if (job.index < call.batch) {
    copy(job, views(), job.index, call.site);
  }
}

@compute @workgroup_size(64)
fn from_table(@builtin(global_invocation_id) id: vec3<u32>) {
  let job = job_of(id, call.x.columns);
  if (job.index < call.batch) {
    let in_table = row_base(call.table, job.lane, control.step % call.table_steps) * 4u;
    copy(job, views(), u32(table[in_table + job.index]), call.site);
  }
}

// Of what `copy` reads and writes.
struct BatchViews {
  features: View,
  targets: View,
  x: View,
  y: View,
}

fn views() -> BatchViews {
  return BatchViews(call.features, call.targets, call.x, call.y);
}

fn copy(job: Job, views: BatchViews, row: u32, site: u32) {
  let source = row_base(views.features, job.lane, row);
  let to = row_base(views.x, job.lane, job.index);
  site_begin(site, job.lane);
  for (var i = job.first; i < job.end; i++) {
    let valid = min(4u, views.x.columns - i * 4u);
    x[to + i] = site_round4(features[source + i], valid, job.index * views.x.row_stride + i * 4u);
  }
  site_end(false);
  if (job.first == 0u) {
    let target_from = row_base(views.targets, job.lane, row);
    let target_to = row_base(views.y, job.lane, job.index);
    for (var i = 0u; i < views.y.row_stride / 4u; i++) {
      y[target_to + i] = targets[target_from + i];
    }
  }
}
