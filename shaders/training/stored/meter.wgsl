// Counts what becomes of the updates of a parameter (src/graph/records.ts, UPDATE_COUNTER);
// src/training/stored/meter.ts is the reference.

import package::engine::control::control;
import package::engine::records::{records, record_base};
import package::layout::{
  HEADER_WORDS, COUNTER_WORDS, UPDATE_ZERO_GRADIENT, UPDATE_ZERO_UPDATE, UPDATE_ROUNDED_AWAY, UPDATE_MOVED,
  UPDATE_INTENDED, UPDATE_INTENDED_REST, UPDATE_COVERED, UPDATE_COVERED_REST
};
@if(counting) import package::engine::sites::add_to_counter;
import package::numerics::exact::{mul4, sub4};

const SIGN: u32 = 0x80000000u;
const MAGNITUDE: u32 = 0x7fffffffu;
const INFINITY: u32 = 0x7f800000u;
// Whole units are 2^-16; what is left counts in 2^-32.
const UNIT: f32 = 65536.0;

@if(counting) var<private> meter_most: f32;
@if(counting) var<private> meter_zero_gradient: u32;
@if(counting) var<private> meter_zero_update: u32;
@if(counting) var<private> meter_rounded_away: u32;
@if(counting) var<private> meter_moved: u32;
@if(counting) var<private> meter_intended: vec2<u32>;
@if(counting) var<private> meter_covered: vec2<u32>;

// @param most the largest magnitude that is added up, as f32 bits
@if(!counting)
fn meter_begin(most: u32) {}

@if(counting)
fn meter_begin(most: u32) {
  meter_most = bitcast<f32>(most);
  meter_zero_gradient = 0u;
  meter_zero_update = 0u;
  meter_rounded_away = 0u;
  meter_moved = 0u;
  meter_intended = vec2<u32>();
  meter_covered = vec2<u32>();
}

// Four weights, of which the first `valid` exist.
@if(!counting)
fn meter4(gradient: vec4<f32>, update: vec4<f32>, before: vec4<f32>, after: vec4<f32>, valid: u32) {}

@if(counting)
fn meter4(gradient: vec4<f32>, update: vec4<f32>, before: vec4<f32>, after: vec4<f32>, valid: u32) {
  let update_bits = bitcast<vec4<u32>>(update);
  let step = update_bits & vec4<u32>(MAGNITUDE);
  let was = bitcast<vec4<u32>>(before);
  let is = bitcast<vec4<u32>>(after);
  let real = vec4<u32>(0u, 1u, 2u, 3u) < vec4<u32>(valid);
  let finite = real & (step < vec4<u32>(INFINITY)) & ((is & vec4<u32>(MAGNITUDE)) < vec4<u32>(INFINITY));
  let no_gradient = (bitcast<vec4<u32>>(gradient) & vec4<u32>(MAGNITUDE)) == vec4<u32>(0u);
  let no_update = step == vec4<u32>(0u);
  // Zeros of either sign are the same weight.
  let moved = (was != is) & (((was | is) & vec4<u32>(MAGNITUDE)) != vec4<u32>(0u));
  let stayed = finite & !moved;
  meter_moved += number_of(finite & moved);
  meter_rounded_away += number_of(stayed & !no_update);
  meter_zero_gradient += number_of(stayed & no_update & no_gradient);
  meter_zero_update += number_of(stayed & no_update & !no_gradient);
  meter_intended += units_of(bitcast<vec4<f32>>(select(vec4<u32>(0u), step, finite)));
  let distance = bitcast<vec4<u32>>(sub4(before, after)) ^ (update_bits & vec4<u32>(SIGN));
  meter_covered += units_of(bitcast<vec4<f32>>(select(vec4<u32>(0u), distance, finite & !no_update)));
}

@if(counting)
fn number_of(which: vec4<bool>) -> u32 {
  let ones = select(vec4<u32>(0u), vec4<u32>(1u), which);
  return ones.x + ones.y + ones.z + ones.w;
}

// The sum of four magnitudes: whole units (of negative ones in two's complement), and what is left.
@if(counting)
fn units_of(magnitudes: vec4<f32>) -> vec2<u32> {
  let units = mul4(clamp(magnitudes, vec4<f32>(-meter_most), vec4<f32>(meter_most)), vec4<f32>(UNIT));
  let whole = floor(units);
  let sums = bitcast<vec4<u32>>(vec4<i32>(whole));
  let rest = vec4<u32>(floor(mul4(sub4(units, whole), vec4<f32>(UNIT))));
  return vec2<u32>(sums.x + sums.y + sums.z + sums.w, rest.x + rest.y + rest.z + rest.w);
}

// Adds what was counted to the record of the lane; rests that make up whole units are carried over.
@if(!counting)
fn meter_end(site: u32, lane: u32) {}

@if(counting)
fn meter_end(site: u32, lane: u32) {
  let record = record_base(control.slot, lane, control.lane_count, control.record_words);
  let base = record + HEADER_WORDS + site * COUNTER_WORDS;
  add_to_counter(base + UPDATE_ZERO_GRADIENT, meter_zero_gradient);
  add_to_counter(base + UPDATE_ZERO_UPDATE, meter_zero_update);
  add_to_counter(base + UPDATE_ROUNDED_AWAY, meter_rounded_away);
  add_to_counter(base + UPDATE_MOVED, meter_moved);
  add_to_counter(base + UPDATE_INTENDED, meter_intended.x + (meter_intended.y >> 16u));
  add_to_counter(base + UPDATE_INTENDED_REST, meter_intended.y & 0xffffu);
  add_to_counter(base + UPDATE_COVERED, meter_covered.x + (meter_covered.y >> 16u));
  add_to_counter(base + UPDATE_COVERED_REST, meter_covered.y & 0xffffu);
}
