// What kernels have in common that treat every element of a matrix alike; src/ops/elementwise.ts counts the
// invocations. Operands of one shape have the same vec4s at the same places, so one index serves all of them.
// An invocation treats four vec4s that are `stride` apart: neighbours in a workgroup read neighbouring memory.
//
//   let vectors = vectors_of(call.rows, call.columns);
//   let stride = invocations_of(vectors);
//   if (id.x >= stride) { return; }
//   for (var i = id.x; i < vectors; i += stride) { ... }

fn vectors_of(rows: u32, columns: u32) -> u32 {
  return rows * ((columns + 3u) / 4u);
}

fn invocations_of(vectors: u32) -> u32 {
  return (vectors + 3u) / 4u;
}

// How many components of the vec4 at `index` are elements; the others are pads.
fn valid_of(index: u32, columns: u32) -> u32 {
  let rest = columns % 4u;
  if (rest == 0u) {
    return 4u;
  }
  let in_row = (columns + 3u) / 4u;
  return select(4u, rest, index % in_row == in_row - 1u);
}
