// The control block: where a run stands. Written by one kernel alone (training/advance.wgsl), which binds the same
// buffer as storage (`controlWritable` in src/graph/kernel.ts) and declares its own variable for it; to everybody
// else it is the uniform below.

import package::layout::Control;

@group(0) @binding(1) var<uniform> control: Control;
