// Arithmetic on rows of storage codes: one operation, one result code per row. The host side is
// src/examination/arithmetic-device.ts.

import package::layout::Format;
import package::numerics::codes::{CodeFormat, decode_code, encode_bits};
import package::numerics::format_arithmetic::{add_in_format, mul_in_format, div_in_format, sqrt_in_format, fma_in_format};

struct Task {
  format: Format,
  code_format: CodeFormat,
}

@group(0) @binding(0) var<uniform> task: Task;
// One code per word.
@group(0) @binding(1) var<storage, read> codes: array<u32>;
@group(0) @binding(2) var<storage, read_write> results: array<u32>;

fn operand(row: u32, operands: u32, index: u32) -> u32 {
  return decode_code(codes[row * operands + index], task.code_format);
}

fn give(row: u32, u: u32) {
  results[row] = encode_bits(u, task.code_format);
}

@compute @workgroup_size(64)
fn add_codes(@builtin(global_invocation_id) id: vec3<u32>) {
  if (id.x < arrayLength(&results)) {
    give(id.x, add_in_format(operand(id.x, 2u, 0u), operand(id.x, 2u, 1u), task.format));
  }
}

@compute @workgroup_size(64)
fn mul_codes(@builtin(global_invocation_id) id: vec3<u32>) {
  if (id.x < arrayLength(&results)) {
    give(id.x, mul_in_format(operand(id.x, 2u, 0u), operand(id.x, 2u, 1u), task.format));
  }
}

@compute @workgroup_size(64)
fn div_codes(@builtin(global_invocation_id) id: vec3<u32>) {
  if (id.x < arrayLength(&results)) {
    give(id.x, div_in_format(operand(id.x, 2u, 0u), operand(id.x, 2u, 1u), task.format));
  }
}

@compute @workgroup_size(64)
fn sqrt_codes(@builtin(global_invocation_id) id: vec3<u32>) {
  if (id.x < arrayLength(&results)) {
    give(id.x, sqrt_in_format(operand(id.x, 1u, 0u), task.format));
  }
}

@compute @workgroup_size(64)
fn fma_codes(@builtin(global_invocation_id) id: vec3<u32>) {
  if (id.x < arrayLength(&results)) {
    let product = vec2<u32>(operand(id.x, 3u, 0u), operand(id.x, 3u, 1u));
    give(id.x, fma_in_format(product.x, product.y, operand(id.x, 3u, 2u), task.format));
  }
}
