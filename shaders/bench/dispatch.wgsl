// What the benchmark dispatches over and over to learn what a dispatch itself costs on a device.

@group(0) @binding(0) var<storage, read_write> counter: array<u32>;

@compute @workgroup_size(1)
fn empty() {
}

// Each dispatch needs what the one before has written, as the kernels of a training step do.
@compute @workgroup_size(1)
fn dependent() {
  counter[0] = counter[0] + 1u;
}
