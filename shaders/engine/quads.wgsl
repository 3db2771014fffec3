// Do four invocations in a row of a workgroup exchange values as ops/tile.wgsl expects? Asked once, before a kernel is
// compiled (src/backends/webgpu/quads.ts), because WebGPU promises no order of invocations in a quad.
enable subgroups;

struct Parameters {
  count: u32,
}

@group(0) @binding(0) var<uniform> parameters: Parameters;
@group(0) @binding(1) var<storage, read> input: array<u32>;
// For each number that of the neighbour beside, and of the one above or below.
@group(0) @binding(2) var<storage, read_write> output: array<vec2<u32>>;

@compute @workgroup_size(64)
fn exchange(@builtin(global_invocation_id) id: vec3<u32>) {
  let own = input[min(id.x, parameters.count - 1u)];
  let exchanged = vec2<u32>(quadSwapX(own), quadSwapY(own));
  if (id.x < parameters.count) {
    output[id.x] = exchanged;
  }
}
