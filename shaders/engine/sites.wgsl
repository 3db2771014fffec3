// Writing values at a cast site: rounding to the format that the policy table has for the site and lane, and
// counting what happens to the values (src/graph/records.ts). The reference is src/backends/cpu/rounder.ts.
//
//   site_begin(call.site, lane);
//   y[i] = site_round4(sum, valid);     // as often as the invocation has values
//   site_end(false);
//
// An invocation counts in private variables and adds to the records once, in site_end. Almost all values are
// normal numbers of the format, and four of those pass one common test: they need no counter but the extremes.

import package::engine::control::control;
import package::engine::records::{
  records, record_base, HEADER_FOUND_INF, HEADER_WORDS, COUNTER_WORDS, COUNTER_ZERO_BEFORE, COUNTER_UNDERFLOW,
  COUNTER_SUBNORMAL, COUNTER_OVERFLOW, COUNTER_NAN, COUNTER_INFINITE, COUNTER_LARGEST, COUNTER_SMALLEST
};
import package::numerics::round::{
  Format, round_bits4, max_finite_bits, min_normal_bits, MAGNITUDE, INFINITY_BITS
};

// The policy table, [site][lane].
@group(0) @binding(3) var<storage, read> formats: array<Format>;

var<private> site_index: u32;
var<private> site_lane: u32;
var<private> site_format: Format;
// The normal numbers of the format are the magnitudes from site_low to site_low + site_span.
var<private> site_low: u32;
var<private> site_span: u32;
// `site_format` taken apart for the common case.
var<private> site_increment: u32;
var<private> site_shift: u32;
var<private> site_tie: u32;
var<private> site_mask: u32;
// Whether a rounded value was an infinity or NaN.
var<private> site_nonfinite: bool;

@if(counting) var<private> tally_zero_before: u32;
@if(counting) var<private> tally_underflow: u32;
@if(counting) var<private> tally_subnormal: u32;
@if(counting) var<private> tally_overflow: u32;
@if(counting) var<private> tally_nan: u32;
@if(counting) var<private> tally_infinite: u32;
@if(counting) var<private> tally_largest: u32;
@if(counting) var<private> tally_smallest: u32;

// Before the first value of a site; loads the format and clears the counters.
fn site_begin(site: u32, lane: u32) {
  site_index = site;
  site_lane = lane;
  site_format = formats[site * control.lane_count + lane];
  site_low = min_normal_bits(site_format);
  site_span = max_finite_bits(site_format.flags) - site_low;
  site_increment = site_format.increment;
  site_shift = site_format.flags & 31u;
  site_tie = (site_format.flags >> 12u) & 1u;
  site_mask = 0xffffffffu << site_shift;
  site_nonfinite = false;
  site_clear();
}

@if(counting)
fn site_clear() {
  tally_zero_before = 0u;
  tally_underflow = 0u;
  tally_subnormal = 0u;
  tally_overflow = 0u;
  tally_nan = 0u;
  tally_infinite = 0u;
  tally_largest = 0u;
  tally_smallest = 0xffffffffu;
}

@if(!counting)
fn site_clear() {}

// Rounds four values of which the first `valid` (0 to 4) exist; the others come back as +0 and are not counted.
fn site_round4(v: vec4<f32>, valid: u32) -> vec4<f32> {
  let u = bitcast<vec4<u32>>(v);
  // Zeros and subnormals wrap around to huge distances, infinities and NaN lie beyond the span.
  let distance = (u & vec4<u32>(MAGNITUDE)) - vec4<u32>(site_low);
  let farthest = max(max(distance.x, distance.y), max(distance.z, distance.w));
  if (farthest <= site_span && valid >= 4u) {
    count_extremes(min(min(distance.x, distance.y), min(distance.z, distance.w)), farthest);
    return bitcast<vec4<f32>>(round_normal4(u));
  }
  return bitcast<vec4<f32>>(round_and_count(u, valid));
}

// Rounds one value.
fn site_round(x: f32) -> f32 {
  let u = bitcast<u32>(x);
  let distance = (u & MAGNITUDE) - site_low;
  if (distance <= site_span) {
    count_extremes(distance, distance);
    return bitcast<f32>((u + site_increment + ((u >> site_shift) & site_tie)) & site_mask);
  }
  return bitcast<f32>(round_and_count(vec4<u32>(u, 0u, 0u, 0u), 1u).x);
}

// After the last value of a site. `parameter_gradient`: infinities and NaN at this site mean that the scaler has
// found an overflow, so the header says so (torch/amp/grad_scaler.py, found_inf).
fn site_end(parameter_gradient: bool) {
  let record = record_base(control.slot, site_lane, control.lane_count, control.record_words);
  if (parameter_gradient && site_nonfinite) {
    atomicStore(&records[record + HEADER_FOUND_INF], 1u);
  }
  site_report(record + HEADER_WORDS + site_index * COUNTER_WORDS);
}

fn round_normal4(u: vec4<u32>) -> vec4<u32> {
  let odd = (u >> vec4<u32>(site_shift)) & vec4<u32>(site_tie);
  return (u + vec4<u32>(site_increment) + odd) & vec4<u32>(site_mask);
}

@if(counting)
fn count_extremes(nearest: u32, farthest: u32) {
  tally_largest = max(tally_largest, site_low + farthest);
  tally_smallest = min(tally_smallest, site_low + nearest);
}

@if(!counting)
fn count_extremes(nearest: u32, farthest: u32) {}

// The general case: pads, zeros, subnormals, overflow, infinities, NaN.
fn round_and_count(raw: vec4<u32>, valid: u32) -> vec4<u32> {
  let real = vec4<u32>(0u, 1u, 2u, 3u) < vec4<u32>(valid);
  let u = select(vec4<u32>(0u), raw, real);
  let rounded = round_bits4(u, site_format);
  let before = u & vec4<u32>(MAGNITUDE);
  let after = rounded & vec4<u32>(MAGNITUDE);
  let beyond = before > vec4<u32>(site_low + site_span);
  if (any(beyond)) {
    site_nonfinite = site_nonfinite || any(after >= vec4<u32>(INFINITY_BITS));
    count_beyond(before);
  }
  count_within(before, after, real);
  return rounded;
}

fn number_of(condition: vec4<bool>) -> u32 {
  let ones = select(vec4<u32>(0u), vec4<u32>(1u), condition);
  return ones.x + ones.y + ones.z + ones.w;
}

// Counters of magnitudes above the largest finite one.
@if(counting)
fn count_beyond(before: vec4<u32>) {
  let infinity = vec4<u32>(INFINITY_BITS);
  // What rounds down to the largest finite number has not overflowed, and what is saturated to it has.
  let unbounded = round_normal4(before);
  let overflow = (before < infinity) & (unbounded > vec4<u32>(site_low + site_span));
  tally_overflow += number_of(overflow);
  tally_nan += number_of(before > infinity);
  tally_infinite += number_of(before == infinity);
}

@if(!counting)
fn count_beyond(before: vec4<u32>) {}

@if(counting)
fn count_within(before: vec4<u32>, after: vec4<u32>, real: vec4<bool>) {
  let zero = vec4<u32>(0u);
  let was_zero = before == zero;
  let is_zero = after == zero;
  tally_zero_before += number_of(was_zero & real);
  tally_underflow += number_of(is_zero & !was_zero);
  tally_subnormal += number_of(!is_zero & (after < vec4<u32>(site_low)));
  let finite = before < vec4<u32>(INFINITY_BITS);
  let large = select(zero, before, finite);
  let small = select(vec4<u32>(0xffffffffu), before, finite & !was_zero);
  tally_largest = max(tally_largest, max(max(large.x, large.y), max(large.z, large.w)));
  tally_smallest = min(tally_smallest, min(min(small.x, small.y), min(small.z, small.w)));
}

@if(!counting)
fn count_within(before: vec4<u32>, after: vec4<u32>, real: vec4<bool>) {}

// Adds the counters to the record. Most are zero, and an atomic operation is dear on a software adapter.
@if(counting)
fn site_report(base: u32) {
  if (tally_zero_before != 0u) {
    atomicAdd(&records[base + COUNTER_ZERO_BEFORE], tally_zero_before);
  }
  if (tally_underflow != 0u) {
    atomicAdd(&records[base + COUNTER_UNDERFLOW], tally_underflow);
  }
  if (tally_subnormal != 0u) {
    atomicAdd(&records[base + COUNTER_SUBNORMAL], tally_subnormal);
  }
  if (tally_overflow != 0u) {
    atomicAdd(&records[base + COUNTER_OVERFLOW], tally_overflow);
  }
  if (tally_nan != 0u) {
    atomicAdd(&records[base + COUNTER_NAN], tally_nan);
  }
  if (tally_infinite != 0u) {
    atomicAdd(&records[base + COUNTER_INFINITE], tally_infinite);
  }
  if (tally_largest != 0u) {
    atomicMax(&records[base + COUNTER_LARGEST], tally_largest);
    atomicMax(&records[base + COUNTER_SMALLEST], ~tally_smallest);
  }
}

@if(!counting)
fn site_report(base: u32) {}
