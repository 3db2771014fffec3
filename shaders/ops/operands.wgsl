// The first two operands of matrix products and convolutions.

@group(0) @binding(5) var<storage, read> left: array<vec4<f32>>;
@group(0) @binding(6) var<storage, read> right: array<vec4<f32>>;
// The second one again, in halves of a vec4.
@group(0) @binding(6) var<storage, read> right_halves: array<vec2<f32>>;
