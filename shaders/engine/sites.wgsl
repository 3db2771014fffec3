// Writing values at a cast site: rounding to the format that the policy table has for the site and lane, and
// counting what happens to the values (src/graph/records.ts). The reference is src/backends/cpu/rounder.ts.
//
//   site_begin(call.site, lane);
//   y[i] = site_round4(sum, valid, index);     // as often as the invocation has values, at most 65535
//   site_end(false);
//
// An invocation counts in private variables and adds to the records once, in site_end.
//
// Everything is done without branches and without shifts. A software adapter executes both sides of a branch whatever
// the condition (only a loop can be left), and takes ten times as long for a shift, or for the minimum of two
// floats, as for an addition; numerics/round.wgsl, which has both, took twenty times as long here. So magnitudes are
// kept as i32, for which comparisons are cheapest, and masks stand for shifts. This is rounding to nearest even. A
// program with a lane that rounds otherwise runs the variant `general_rounding`, which rounds value by value with
// numerics/round.wgsl and counts in the same way.

import package::engine::control::control;
import package::engine::records::{records, record_base};
import package::engine::policy::policy;
import package::layout::{
  ROUNDING_STREAM, HEADER_FOUND_INF, HEADER_WORDS, COUNTER_WORDS, COUNTER_ZERO_BEFORE, COUNTER_UNDERFLOW,
  COUNTER_SUBNORMAL, COUNTER_OVERFLOW, COUNTER_NAN, COUNTER_INFINITE, COUNTER_LARGEST, COUNTER_SMALLEST,
  Format
};
import package::numerics::philox::philox4x32;
import package::numerics::round::{
  max_finite_bits, min_normal_bits, round_bits, FLAG_FLUSH, MODE_STOCHASTIC, OVERFLOW_NAN, OVERFLOW_SATURATE
};

const MAGNITUDE: u32 = 0x7fffffffu;
const SIGN: u32 = 0x80000000u;
const INFINITY: i32 = 0x7f800000;
const CANONICAL_NAN: u32 = 0x7fc00000u;
const F32_MIN_NORMAL: u32 = 0x00800000u;

var<private> site_index: u32;
var<private> site_lane: u32;
// Smallest normal and largest finite magnitude.
var<private> site_normal: i32;
var<private> site_max: i32;
// Below this the grid is that of the smallest normal numbers; 0 where f32 has the same grid.
var<private> site_fine: i32;
// Half a unit of the last kept bit, the dropped bits, and what stays of a sum: of one that was a tie, without its
// last kept bit.
var<private> site_half: i32;
var<private> site_dropped: i32;
var<private> site_kept: i32;
var<private> site_kept_tie: i32;
// A power of two whose unit in the last place is the smallest subnormal.
var<private> site_anchor: f32;
// Results below this become zero: the smallest normal where the format flushes, otherwise 0.
var<private> site_flushed: i32;
// The magnitude that overflow gives, unless it gives NaN.
var<private> site_overflow: i32;
var<private> site_overflow_is_nan: bool;

// Two counters of 16 bits in each: values that were zero and values that became it; results below the smallest
// normal number, zeros included, and what lies beyond the largest one; NaN and infinities.
@if(counting) var<private> tally_zero: u32;
@if(counting) var<private> tally_range: u32;
@if(counting) var<private> tally_special: u32;
@if(counting) var<private> tally_smallest: i32;
// Of finite magnitudes when counting, and otherwise of all.
var<private> tally_largest: i32;

@if(general_rounding) var<private> site_format: Format;
// Key of the lane's random numbers, and the word of their counter that tells sites apart.
@if(general_rounding) var<private> site_seed: u32;
@if(general_rounding) var<private> site_stream: u32;
@if(general_rounding) var<private> site_nonfinite: bool;
// One unit of f32's exponent field, so that subtracting it from a bit pattern halves the value.
@if(general_rounding) const HALVED: u32 = 0x00800000u;

// Before the first value of a site; loads the format and clears the counters.
fn site_begin(site: u32, lane: u32) {
  let format = policy[site * control.lane_count + lane].format;
  let shift = format.flags & 31u;
  let unit = 1u << shift;
  let ties_to_even = (format.flags & 0x1000u) != 0u;
  let rule = (format.flags >> 8u) & 3u;
  site_index = site;
  site_lane = lane;
  site_normal = i32(min_normal_bits(format));
  site_max = i32(max_finite_bits(format.flags));
  site_fine = i32(select(format.low, 0u, format.low <= F32_MIN_NORMAL));
  site_dropped = i32(unit - 1u);
  site_half = i32(unit >> 1u);
  site_kept = ~site_dropped;
  site_kept_tie = select(site_kept, site_kept << 1u, ties_to_even);
  site_anchor = bitcast<f32>(format.low + (shift << 23u));
  site_flushed = select(0, site_normal, (format.flags & FLAG_FLUSH) != 0u);
  site_overflow = select(INFINITY, site_max, rule == OVERFLOW_SATURATE);
  site_overflow_is_nan = rule == OVERFLOW_NAN;
  tally_largest = 0;
  site_clear();
  site_begin_general(site * control.lane_count + lane);
}

@if(!general_rounding)
fn site_begin_general(entry: u32) {}

@if(general_rounding)
fn site_begin_general(entry: u32) {
  site_format = policy[entry].format;
  site_seed = policy[entry].seed;
  site_stream = policy[entry].stream;
  site_nonfinite = false;
}

// Rounds four values of which the first `valid` (0 to 4) exist; the others come back as +0 and are not counted. The
// first is element `index` of the lane's tensor, its pads counted; stochastic rounding draws the random number for it.
@if(!general_rounding)
fn site_round4(v: vec4<f32>, valid: u32, index: u32) -> vec4<f32> {
  let real = vec4<i32>(0, 1, 2, 3) < vec4<i32>(i32(valid));
  let u = select(vec4<u32>(0u), bitcast<vec4<u32>>(v), real);
  let sign = u & vec4<u32>(SIGN);
  let before = bitcast<vec4<i32>>(u & vec4<u32>(MAGNITUDE));
  let coarse = on_coarse_grid(before);
  // What rounds up to the smallest normal number does so on either grid.
  let kept = select(coarse, on_fine_grid(before), coarse < vec4<i32>(site_fine));
  let after = select(kept, vec4<i32>(0), kept < vec4<i32>(site_flushed));
  let nan = before > vec4<i32>(INFINITY);
  // The sum of a NaN and the half unit may have wrapped around.
  let beyond = (coarse > vec4<i32>(site_max)) | nan;
  count(before, after, beyond, nan, valid);
  let rounded = bitcast<vec4<u32>>(select(after, vec4<i32>(site_overflow), beyond)) | sign;
  let quiet = select(nan, beyond, vec4<bool>(site_overflow_is_nan));
  return bitcast<vec4<f32>>(select(rounded, vec4<u32>(CANONICAL_NAN), quiet));
}

@if(general_rounding)
fn site_round4(v: vec4<f32>, valid: u32, index: u32) -> vec4<f32> {
  let random = random_words(index);
  var before = vec4<i32>();
  var rounded = vec4<u32>();
  var beyond = vec4<bool>();
  for (var i = 0u; i < valid; i++) {
    let u = bitcast<u32>(v[i]);
    let word = random[((index & 3u) + i) >> 2u][(index + i) & 3u];
    before[i] = i32(u & MAGNITUDE);
    rounded[i] = round_bits(u, site_format, word);
    beyond[i] = exceeds(u, word);
  }
  let after = bitcast<vec4<i32>>(rounded & vec4<u32>(MAGNITUDE));
  count(before, after, beyond, before > vec4<i32>(INFINITY), valid);
  site_nonfinite = site_nonfinite || any(after >= vec4<i32>(INFINITY));
  return bitcast<vec4<f32>>(rounded);
}

// The random numbers of the aligned vec4 that holds element `index`, and of the next one unless index is its first.
@if(general_rounding)
fn random_words(index: u32) -> array<vec4<u32>, 2> {
  var words = array<vec4<u32>, 2>();
  let stochastic = ((site_format.flags >> 5u) & 7u) == MODE_STOCHASTIC;
  let blocks = select(0u, select(1u, 2u, (index & 3u) != 0u), stochastic);
  for (var i = 0u; i < blocks; i++) {
    let counter = vec4<u32>((index >> 2u) + i, site_stream, control.step, ROUNDING_STREAM);
    words[i] = philox4x32(counter, vec2<u32>(site_seed, 0u));
  }
  return words;
}

// Whether a value, rounded without a limit to its exponent, lies beyond the largest finite number; NaN and infinities
// do. Just above that number the same value one binade lower tells whether the dropped bits round up.
@if(general_rounding)
fn exceeds(u: u32, random: u32) -> bool {
  let m = i32(u & MAGNITUDE);
  let halved = i32(round_bits(u - HALVED, site_format, random) & MAGNITUDE);
  return m > site_max && (m > site_max + site_dropped || halved > site_max - i32(HALVED));
}

// Rounds one value.
fn site_round(x: f32, index: u32) -> f32 {
  return site_round4(vec4<f32>(x, 0.0, 0.0, 0.0), 1u, index).x;
}

// Rounds magnitudes whose dropped bits are always the same: normal numbers. Beyond the largest finite number this is
// the rounding with unbounded exponent.
fn on_coarse_grid(m: vec4<i32>) -> vec4<i32> {
  let tie = (m & vec4<i32>(site_dropped)) == vec4<i32>(site_half);
  return (m + vec4<i32>(site_half)) & select(vec4<i32>(site_kept), vec4<i32>(site_kept_tie), tie);
}

// Rounds magnitudes below the smallest normal number. Adding the anchor makes the device round them to multiples of
// the smallest subnormal, which is as exact as all its sums (numerics/exact.wgsl says how they are isolated, and the
// probe checks them); all operands and results are normal f32 numbers or zero.
fn on_fine_grid(m: vec4<i32>) -> vec4<i32> {
  let anchored = bitcast<vec4<u32>>(bitcast<vec4<f32>>(m) + vec4<f32>(site_anchor)) ^ vec4<u32>(control.zero);
  return bitcast<vec4<i32>>(bitcast<vec4<f32>>(anchored) - vec4<f32>(site_anchor));
}

// After the last value of a site. `parameter_gradient`: infinities and NaN at this site mean that the scaler has
// found an overflow, so the header says so (torch/amp/grad_scaler.py, found_inf).
fn site_end(parameter_gradient: bool) {
  let record = record_base(control.slot, site_lane, control.lane_count, control.record_words);
  if (parameter_gradient && found_nonfinite()) {
    atomicStore(&records[record + HEADER_FOUND_INF], 1u);
  }
  report(record + HEADER_WORDS + site_index * COUNTER_WORDS);
}

fn saturates() -> bool {
  return site_overflow == site_max;
}

fn sum_of(v: vec4<u32>) -> u32 {
  return v.x + v.y + v.z + v.w;
}

fn largest_of(v: vec4<i32>) -> i32 {
  return max(max(v.x, v.y), max(v.z, v.w));
}

@if(counting)
fn site_clear() {
  tally_zero = 0u;
  tally_range = 0u;
  tally_special = 0u;
  tally_smallest = INFINITY;
}

@if(!counting)
fn site_clear() {}

@if(counting)
fn count(before: vec4<i32>, after: vec4<i32>, beyond: vec4<bool>, nan: vec4<bool>, valid: u32) {
  let none = vec4<u32>(0u);
  let low = vec4<u32>(1u);
  let high = vec4<u32>(0x10000u);
  let was_zero = before == vec4<i32>(0);
  let nonfinite = before >= vec4<i32>(INFINITY);
  let pads = 4u - valid;
  tally_zero += sum_of(select(select(none, high, after == vec4<i32>(0)), low, was_zero)) - pads;
  tally_range += sum_of(select(select(none, low, after < vec4<i32>(site_normal)), high, beyond)) - pads;
  tally_special += sum_of(select(select(none, high, nonfinite), low, nan));
  tally_largest = max(tally_largest, largest_of(select(before, vec4<i32>(0), nonfinite)));
  let small = select(before, vec4<i32>(INFINITY), was_zero);
  tally_smallest = min(tally_smallest, min(min(small.x, small.y), min(small.z, small.w)));
}

@if(!counting)
fn count(before: vec4<i32>, after: vec4<i32>, beyond: vec4<bool>, nan: vec4<bool>, valid: u32) {
  tally_largest = max(tally_largest, largest_of(before));
}

@if(general_rounding)
fn found_nonfinite() -> bool {
  return site_nonfinite;
}

@if(counting && !general_rounding)
fn found_nonfinite() -> bool {
  return select(tally_range >> 16u, tally_special & 0xffffu, saturates()) != 0u;
}

// The largest magnitude tells, because rounding keeps the order.
@if(!counting && !general_rounding)
fn found_nonfinite() -> bool {
  let beyond = on_coarse_grid(vec4<i32>(tally_largest)).x > site_max && !saturates();
  return beyond || tally_largest > INFINITY;
}

// Adds the counters to the record.
@if(counting)
fn report(base: u32) {
  let zero_before = tally_zero & 0xffffu;
  let underflow = tally_zero >> 16u;
  let nan = tally_special & 0xffffu;
  let infinite = tally_special >> 16u;
  add_to_counter(base + COUNTER_ZERO_BEFORE, zero_before);
  add_to_counter(base + COUNTER_UNDERFLOW, underflow);
  add_to_counter(base + COUNTER_SUBNORMAL, (tally_range & 0xffffu) - zero_before - underflow);
  add_to_counter(base + COUNTER_OVERFLOW, (tally_range >> 16u) - nan - infinite);
  add_to_counter(base + COUNTER_NAN, nan);
  add_to_counter(base + COUNTER_INFINITE, infinite);
  if (tally_largest != 0) {
    atomicMax(&records[base + COUNTER_LARGEST], u32(tally_largest));
    atomicMax(&records[base + COUNTER_SMALLEST], ~u32(tally_smallest));
  }
}

@if(!counting)
fn report(base: u32) {}

// Most counters stay zero, and an atomic operation is dear.
@if(counting)
fn add_to_counter(index: u32, amount: u32) {
  if (amount != 0u) {
    atomicAdd(&records[index], amount);
  }
}
