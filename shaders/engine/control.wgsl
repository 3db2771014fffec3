// The control block: where a run stands. Written by one kernel alone (training/advance.wgsl), which binds the same
// buffer as storage (`controlWritable` in src/graph/kernel.ts) and declares its own variable for it; to everybody
// else it is the uniform below. src/backends/webgpu/control.ts mirrors the layout.

struct Control {
  // Zero-based index of the running step.
  step: u32,
  // Where this step's records go: step modulo slot_count.
  slot: u32,
  // Always 0, which a compiler cannot know: begin_exact(control.zero).
  zero: u32,
  lane_count: u32,
  // Words of one lane's record: header and counters of all sites (src/graph/records.ts).
  record_words: u32,
  slot_count: u32,
  // Keep the block a multiple of 16 bytes.
  reserved0: u32,
  reserved1: u32,
}

@group(0) @binding(1) var<uniform> control: Control;
