// What every kernel knows of its operands. The call's uniform block (binding 0) holds one View per operand, inputs
// then outputs, and then the kernel's constants; each shader declares its own `struct Call` and `call` variable:
//
//   struct Call { x: View, y: View, rows: u32, columns: u32, site: u32 }
//   @group(0) @binding(0) var<uniform> call: Call;
//   @group(0) @binding(5) var<storage, read> x: array<vec4<f32>>;
//   @group(0) @binding(6) var<storage, read_write> y: array<vec4<f32>>;

import package::layout::View;

// Index of a lane's first vec4.
fn lane_base(view: View, lane: u32) -> u32 {
  return (view.offset + lane * view.lane_stride) / 4u;
}

// Index of the first vec4 of a row.
fn row_base(view: View, lane: u32, row: u32) -> u32 {
  return (view.offset + lane * view.lane_stride + row * view.row_stride) / 4u;
}
