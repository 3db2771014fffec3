// The rows of the lanes as words, for whoever may not take a number for a float: a scale can be subnormal, and WGSL floats
// do not carry that safely. The same buffer as `lanes` in lanes.wgsl.

@group(0) @binding(2) var<storage, read_write> lane_words: array<u32>;
