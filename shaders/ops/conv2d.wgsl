// Convolution of images; src/ops/conv2d.ts says what is computed, src/ops/conv2d-reference.ts is the reference.

import package::engine::call::{View, row_base};
import package::engine::control::control;
import package::engine::sites::{site_begin, site_round, site_round4, site_end};
import package::numerics::exact::{begin_exact, add4, mul4};

struct Geometry {
  batch: u32,
  in_channels: u32,
  in_height: u32,
  in_width: u32,
  out_channels: u32,
  out_height: u32,
  out_width: u32,
  kernel: u32,
  stride: u32,
  padding: u32,
  site: u32,
  bias_site: u32,
}

struct ForwardCall {
  x: View,
  weight: View,
  bias: View,
  y: View,
  geometry: Geometry,
}

struct UnbiasedCall {
  x: View,
  weight: View,
  y: View,
  geometry: Geometry,
}

struct InputGradientCall {
  dy: View,
  weight: View,
  dx: View,
  geometry: Geometry,
}

struct ParameterGradientCall {
  dy: View,
  x: View,
  weight_gradient: View,
  bias_gradient: View,
  geometry: Geometry,
}

struct WeightGradientCall {
  dy: View,
  x: View,
  weight_gradient: View,
  geometry: Geometry,
}

@group(0) @binding(0) var<uniform> forward_call: ForwardCall;
@group(0) @binding(0) var<uniform> unbiased_call: UnbiasedCall;
@group(0) @binding(0) var<uniform> input_call: InputGradientCall;
@group(0) @binding(0) var<uniform> parameter_call: ParameterGradientCall;
@group(0) @binding(0) var<uniform> weight_call: WeightGradientCall;

// The first two operands: x and weight, dy and weight, or dy and x. Rows of an image begin anywhere, so elements
// are loaded one by one.
@group(0) @binding(5) var<storage, read> left: array<f32>;
@group(0) @binding(6) var<storage, read> right: array<f32>;
@group(0) @binding(7) var<storage, read> bias: array<f32>;
@group(0) @binding(8) var<storage, read_write> y: array<f32>;
// y without bias, dx, dW, or the arena that holds both parameter gradients.
@group(0) @binding(7) var<storage, read_write> result: array<f32>;

// 4 channels x 4 pixels, one vec4 per channel.
struct Block {
  row0: vec4<f32>,
  row1: vec4<f32>,
  row2: vec4<f32>,
  row3: vec4<f32>,
}

// Where an invocation's block of an output image lies.
struct Place {
  sample: u32,
  channel: u32,
  y: u32,
  x: u32,
}

fn place_of(id: u32, channels: u32, height: u32, width: u32) -> Place {
  let channel_blocks = (channels + 3u) / 4u;
  let column_blocks = (width + 3u) / 4u;
  let at = id / channel_blocks;
  let row = at / column_blocks;
  return Place(row / height * 2u, id % channel_blocks * 4u, row % height, at % column_blocks * 4u);
}

// Keeps the products of the pixels that are inside the image and makes the others -0, which changes no sum.
fn keep4(product: vec4<f32>, keep: vec4<u32>, drop: vec4<u32>) -> vec4<f32> {
  return bitcast<vec4<f32>>((bitcast<vec4<u32>>(product) & keep) | drop);
}

fn add_outer(sum: Block, a: vec4<f32>, b: vec4<f32>) -> Block {
  return Block(
    add4(sum.row0, mul4(a.xxxx, b)),
    add4(sum.row1, mul4(a.yyyy, b)),
    add4(sum.row2, mul4(a.zzzz, b)),
    add4(sum.row3, mul4(a.wwww, b)),
  );
}

fn add_outer_kept(sum: Block, a: vec4<f32>, b: vec4<f32>, keep: vec4<u32>, drop: vec4<u32>) -> Block {
  return Block(
    add4(sum.row0, keep4(mul4(a.xxxx, b), keep, drop)),
    add4(sum.row1, keep4(mul4(a.yyyy, b), keep, drop)),
    add4(sum.row2, keep4(mul4(a.zzzz, b), keep, drop)),
    add4(sum.row3, keep4(mul4(a.wwww, b), keep, drop)),
  );
}

@compute @workgroup_size(64)
fn forward(@builtin(global_invocation_id) id: vec3<u32>) {
  let g = forward_call.geometry;
  let lane = id.z;
  let at = place_of(id.x, g.out_channels, g.out_height, g.out_width);
  if (at.sample >= g.batch) {
    return;
  }
  begin_exact(control.zero);
  let last = g.out_channels - 1u;
  let w_base = row_base(forward_call.weight, lane, 0u) * 4u;
  let w_rows = vec4<u32>(w_base) + forward_call.weight.row_stride *
    min(vec4<u32>(at.channel) + vec4<u32>(0u, 1u, 2u, 3u), vec4<u32>(last));
  let x0 = row_base(forward_call.x, lane, at.sample) * 4u;
  let x1 = row_base(forward_call.x, lane, min(at.sample + 1u, g.batch - 1u)) * 4u;
  var sum0 = Block();
  var sum1 = Block();
  let top = at.y * g.stride - g.padding;
  let first = at.x * g.stride - g.padding;
  let beyond = vec4<u32>(at.x) + vec4<u32>(0u, 1u, 2u, 3u) >= vec4<u32>(g.out_width);
  for (var ic = 0u; ic < g.in_channels; ic++) {
    for (var ky = 0u; ky < g.kernel; ky++) {
      let iy = top + ky;
      if (iy >= g.in_height) {
        continue;
      }
      let row = (ic * g.in_height + iy) * g.in_width;
      let tap = (ic * g.kernel + ky) * g.kernel;
      var a0 = vec4<f32>();
      var a1 = vec4<f32>();
      for (var kx = 0u; kx < g.kernel; kx++) {
        let column = first + kx;
        let i0 = x0 + row + column;
        let i1 = x1 + row + column;
        if (kx > 0u && g.stride == 1u) {
          a0 = vec4<f32>(a0.yzw, left[i0 + 3u]);
          a1 = vec4<f32>(a1.yzw, left[i1 + 3u]);
        } else {
          let s = g.stride;
          a0 = vec4<f32>(left[i0], left[i0 + s], left[i0 + 2u * s], left[i0 + 3u * s]);
          a1 = vec4<f32>(left[i1], left[i1 + s], left[i1 + 2u * s], left[i1 + 3u * s]);
        }
        let w = vec4<f32>(right[w_rows.x + tap + kx], right[w_rows.y + tap + kx], right[w_rows.z + tap + kx], right[w_rows.w + tap + kx]);
        let inside = (vec4<u32>(column) + g.stride * vec4<u32>(0u, 1u, 2u, 3u)) < vec4<u32>(g.in_width);
        if (all(inside | beyond)) {
          sum0 = add_outer(sum0, w, a0);
          sum1 = add_outer(sum1, w, a1);
        } else {
          let keep = select(vec4<u32>(0u), vec4<u32>(0xffffffffu), inside);
          let drop = ~keep & vec4<u32>(0x80000000u);
          sum0 = add_outer_kept(sum0, w, a0, keep, drop);
          sum1 = add_outer_kept(sum1, w, a1, keep, drop);
        }
      }
    }
  }
  site_begin(g.site, lane);
  let channels = min(4u, g.out_channels - at.channel);
  let valid = min(4u, g.out_width - at.x);
  let y0 = row_base(forward_call.y, lane, at.sample) * 4u;
  let b = row_base(forward_call.bias, lane, 0u) * 4u + at.channel;
  let bb = vec4<f32>(bias[b], bias[b + 1u], bias[b + 2u], bias[b + 3u]);
  store(sum0, bb, y0 + (at.channel * g.out_height + at.y) * g.out_width + at.x, g.out_height * g.out_width, channels, valid);
  if (at.sample + 1u < g.batch) {
    let y1 = y0 + forward_call.y.row_stride;
    store(sum1, bb, y1 + (at.channel * g.out_height + at.y) * g.out_width + at.x, g.out_height * g.out_width, channels, valid);
  }
  site_end(false);
}

fn store(sum: Block, b: vec4<f32>, at: u32, plane: u32, channels: u32, valid: u32) {
  store4(site_round4(add4(sum.row0, b.xxxx), valid), at, valid);
  if (channels > 1u) {
    store4(site_round4(add4(sum.row1, b.yyyy), valid), at + plane, valid);
  }
  if (channels > 2u) {
    store4(site_round4(add4(sum.row2, b.zzzz), valid), at + 2u * plane, valid);
  }
  if (channels > 3u) {
    store4(site_round4(add4(sum.row3, b.wwww), valid), at + 3u * plane, valid);
  }
}

fn store4(v: vec4<f32>, at: u32, valid: u32) {
  y[at] = v.x;
  if (valid > 1u) {
    y[at + 1u] = v.y;
  }
  if (valid > 2u) {
    y[at + 2u] = v.z;
  }
  if (valid > 3u) {
    y[at + 3u] = v.w;
  }
}
