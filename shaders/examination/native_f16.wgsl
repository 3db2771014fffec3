// The device's own 16-bit floats (the feature shader-f16), which the engine does not use: the trust page shows where
// they differ from the emulation. Host side: src/examination/native.ts.
enable f16;

struct Parameters {
  count: u32,
}

// Codes of FP16; for CONVERT the bits of an f32.
struct Row {
  a: u32,
  b: u32,
  c: u32,
  operation: u32,
}

@group(0) @binding(0) var<uniform> parameters: Parameters;
@group(0) @binding(1) var<storage, read> rows: array<Row>;
@group(0) @binding(2) var<storage, read_write> results: array<u32>;

// Indices into NATIVE_F16_OPERATIONS.
const CONVERT: u32 = 0u;
const ADD: u32 = 1u;
const MULTIPLY: u32 = 2u;
const DIVIDE: u32 = 3u;
const SQUARE_ROOT: u32 = 4u;
// The last one, by default: fma.

fn number(code: u32) -> f16 {
  return bitcast<vec2<f16>>(code).x;
}

fn evaluate(row: Row) -> f16 {
  switch (row.operation) {
    case CONVERT: {
      return f16(bitcast<f32>(row.a));
    }
    case ADD: {
      return number(row.a) + number(row.b);
    }
    case MULTIPLY: {
      return number(row.a) * number(row.b);
    }
    case DIVIDE: {
      return number(row.a) / number(row.b);
    }
    case SQUARE_ROOT: {
      return sqrt(number(row.a));
    }
    default: {
      return fma(number(row.a), number(row.b), number(row.c));
    }
  }
}

@compute @workgroup_size(64)
fn native_f16(@builtin(global_invocation_id) id: vec3<u32>) {
  if (id.x < parameters.count) {
    results[id.x] = bitcast<u32>(vec2<f16>(evaluate(rows[id.x]), 0.0h)) & 0xffffu;
  }
}
