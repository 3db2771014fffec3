// The device's own operations, none of which the engine relies on: the trust page shows what they give beside what
// would be right. Host side: src/examination/native.ts.

struct Parameters {
  count: u32,
}

struct Row {
  a: u32,
  b: u32,
  c: u32,
  operation: u32,
}

@group(0) @binding(0) var<uniform> parameters: Parameters;
@group(0) @binding(1) var<storage, read> rows: array<Row>;
@group(0) @binding(2) var<storage, read_write> results: array<u32>;

// Indices into NATIVE_OPERATIONS.
const DIVIDE: u32 = 0u;
const DIVIDE_BY_3: u32 = 1u;
const SQUARE_ROOT: u32 = 2u;
const INVERSE_SQUARE_ROOT: u32 = 3u;
const EXP: u32 = 4u;
const LOG: u32 = 5u;
const TANH: u32 = 6u;
const FMA: u32 = 7u;
const QUANTIZE: u32 = 8u;
const PACK: u32 = 9u;
// The last one, by default: whether a number differs from itself.

fn evaluate(operation: u32, a: f32, b: f32, c: f32) -> u32 {
  switch (operation) {
    case DIVIDE: {
      return bitcast<u32>(a / b);
    }
    case DIVIDE_BY_3: {
      return bitcast<u32>(a / 3.0);
    }
    case SQUARE_ROOT: {
      return bitcast<u32>(sqrt(a));
    }
    case INVERSE_SQUARE_ROOT: {
      return bitcast<u32>(inverseSqrt(a));
    }
    case EXP: {
      return bitcast<u32>(exp(a));
    }
    case LOG: {
      return bitcast<u32>(log(a));
    }
    case TANH: {
      return bitcast<u32>(tanh(a));
    }
    case FMA: {
      return bitcast<u32>(fma(a, b, c));
    }
    case QUANTIZE: {
      return bitcast<u32>(quantizeToF16(a));
    }
    case PACK: {
      return pack2x16float(vec2<f32>(a, 0.0));
    }
    default: {
      return select(0u, 1u, a != a);
    }
  }
}

@compute @workgroup_size(64)
fn native(@builtin(global_invocation_id) id: vec3<u32>) {
  if (id.x < parameters.count) {
    let row = rows[id.x];
    results[id.x] = evaluate(row.operation, bitcast<f32>(row.a), bitcast<f32>(row.b), bitcast<f32>(row.c));
  }
}
