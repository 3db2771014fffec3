// What the kernels of stored optimizers have in common: the table of parameters (src/training/stored/sites.ts), and the
// values that an invocation has under way.
//
// An invocation works on CHUNK vec4s of one parameter, one tensor after the other, because a site rounds one tensor at
// a time (engine/sites.wgsl).

import package::engine::sites::{site_begin, site_round4, site_end};

struct StoredParameter {
  // First vec4 in the arena, rows, columns, and the largest magnitude that is added up, as f32 bits.
  place: vec4<u32>,
  // The sites of its tensors, NO_SITE where the program does not have one.
  sites: vec4<u32>,
}

const NO_SITE: u32 = 0xffffffffu;
const MAX_PARAMETERS: u32 = 64u;

// Parameters start at multiples of 16 elements (src/graph/plan.ts), so these vec4s belong to one.
const CHUNK: u32 = 4u;

// The place of the parameter, the chunk's first vec4, and how many there are; an arena has vec4s that belong to none.
var<private> chunk_place: vec4<u32>;
var<private> chunk_first: u32;
var<private> chunk_length: u32;

// What is about to be written.
var<private> values: array<vec4<f32>, CHUNK>;

fn begin_chunk(parameter: StoredParameter, first: u32) {
  let place = parameter.place;
  let end = place.x + place.y * vectors_of_row(place);
  chunk_place = place;
  chunk_first = first;
  chunk_length = select(0u, min(CHUNK, end - first), first < end);
}

fn vectors_of_row(place: vec4<u32>) -> u32 {
  return (place.z + 3u) / 4u;
}

// How many components of the chunk's i-th vec4 are elements.
fn valid_at(i: u32) -> u32 {
  let vector = chunk_first + i - chunk_place.x;
  return min(4u, chunk_place.z - vector % vectors_of_row(chunk_place) * 4u);
}

// Rounds `values` at a site and counts them.
fn write_values(site: u32, lane: u32) {
  round_values(site, lane);
  if (site != NO_SITE) {
    site_end(false);
  }
}

// Rounds `values` as a site has it, without counting them. Where there is no site they stay as they are. What was computed
// of pads is not kept.
fn round_values(site: u32, lane: u32) {
  if (site == NO_SITE) {
    clear_pads();
    return;
  }
  site_begin(site, lane);
  for (var i = 0u; i < chunk_length; i++) {
    let index = (chunk_first + i - chunk_place.x) * 4u;
    values[i] = site_round4(values[i], valid_at(i), index);
  }
}

fn clear_pads() {
  for (var i = 0u; i < chunk_length; i++) {
    let real = vec4<u32>(0u, 1u, 2u, 3u) < vec4<u32>(valid_at(i));
    values[i] = bitcast<vec4<f32>>(select(vec4<u32>(0u), bitcast<vec4<u32>>(values[i]), real));
  }
}

// The same for what one of several operations leaves to the next, if the lane has them one by one.
fn round_between(single_tensor: bool, site: u32, lane: u32) {
  if (single_tensor) {
    round_values(site, lane);
  }
}
