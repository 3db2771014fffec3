// Evaluates one elementary function at consecutive bit patterns: `results[i] = f(first + i)`, for the exhaustive
// comparison with the CPU (src/examination/elementary-kernel.ts is the host side). One entry point for each function, because a
// software adapter executes all cases of a switch.

import package::numerics::exact::{begin_exact, div_bits, sqrt_bits};
import package::numerics::elementary::{exp_bits, log_bits, tanh_bits, erf_bits, rsqrt_bits};

struct Parameters {
  // Pattern of the first input.
  first: u32,
  zero: u32,
}

@group(0) @binding(0) var<uniform> parameters: Parameters;
@group(0) @binding(1) var<storage, read_write> results: array<u32>;

fn begin(index: u32) -> u32 {
  begin_exact(parameters.zero);
  return parameters.first + index;
}

@compute @workgroup_size(128)
fn run_exp(@builtin(global_invocation_id) id: vec3<u32>) {
  results[id.x] = exp_bits(begin(id.x));
}

@compute @workgroup_size(128)
fn run_log(@builtin(global_invocation_id) id: vec3<u32>) {
  results[id.x] = log_bits(begin(id.x));
}

@compute @workgroup_size(128)
fn run_tanh(@builtin(global_invocation_id) id: vec3<u32>) {
  results[id.x] = tanh_bits(begin(id.x));
}

@compute @workgroup_size(128)
fn run_erf(@builtin(global_invocation_id) id: vec3<u32>) {
  results[id.x] = erf_bits(begin(id.x));
}

@compute @workgroup_size(128)
fn run_rsqrt(@builtin(global_invocation_id) id: vec3<u32>) {
  results[id.x] = rsqrt_bits(begin(id.x));
}

@compute @workgroup_size(128)
fn run_sqrt(@builtin(global_invocation_id) id: vec3<u32>) {
  results[id.x] = sqrt_bits(begin(id.x));
}

@compute @workgroup_size(128)
fn run_reciprocal(@builtin(global_invocation_id) id: vec3<u32>) {
  results[id.x] = div_bits(0x3f800000u, begin(id.x));
}
