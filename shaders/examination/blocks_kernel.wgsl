// Rounds a tensor to a block format, one block per invocation. The counterpart of src/numerics/blocks.ts, function by
// function; the sources of the formats are named there. src/examination/blocks-device.ts is the host side.

import package::layout::Format;
import package::numerics::exact::{begin_exact, div, mul};
import package::numerics::philox::philox4x32;
import package::numerics::round::{
  max_finite_bits, round_bits, CANONICAL_NAN, F32_MIN_NORMAL, INFINITY_BITS, MAGNITUDE, MODE_STOCHASTIC, SIGN
};

struct Blocks {
  element: Format,
  // Format of the scales of NVFP4.
  scale: Format,
  // Key of the random numbers, and their place in the tensor of the first four elements of this dispatch.
  seed: u32,
  first_group: u32,
  stream: u32,
  // Elements of this dispatch.
  length: u32,
  // Elements of a block.
  size: u32,
  kind: u32,
  // The largest finite magnitude of the whole tensor, for NVFP4.
  tensor_largest: u32,
  zero: u32,
}

const KIND_UP: u32 = 1u;
const KIND_NVFP4: u32 = 2u;

const FRACTION: u32 = 0x7fffffu;
const BIAS: i32 = 127;
const LOWEST_SCALE: i32 = -127;
// 448 * 6 and 2^126.
const NVFP4_RANGE: f32 = 2688.0;
const MAX_ENCODE: u32 = 0x7e800000u;

@group(0) @binding(0) var<uniform> blocks: Blocks;
@group(0) @binding(1) var<storage, read> input: array<u32>;
@group(0) @binding(2) var<storage, read_write> output: array<u32>;

struct Normalized {
  exponent: i32,
  significand: u32,
}

fn normalized(magnitude: u32) -> Normalized {
  if (magnitude >= F32_MIN_NORMAL) {
    return Normalized(i32(magnitude >> 23u) - BIAS, (magnitude & FRACTION) | F32_MIN_NORMAL);
  }
  let places = countLeadingZeros(magnitude) - 8u;
  return Normalized(1 - BIAS - i32(places), magnitude << places);
}

fn times_power_of_two(u: u32, power: i32) -> u32 {
  let magnitude = u & MAGNITUDE;
  if (magnitude == 0u) {
    return u;
  }
  let sign = u & SIGN;
  let n = normalized(magnitude);
  let field = n.exponent + power + BIAS;
  if (field > 254) {
    return sign | INFINITY_BITS;
  }
  if (field > 0) {
    return sign | (u32(field) << 23u) | (n.significand & FRACTION);
  }
  let places = u32(min(1 - field, 25));
  let kept = n.significand >> places;
  return sign | kept | select(0u, 1u, (kept << places) != n.significand);
}

fn scale_exponent(largest: u32) -> i32 {
  let n = normalized(largest);
  let top = normalized(max_finite_bits(blocks.element.flags));
  let up = select(0, 1, blocks.kind == KIND_UP && n.significand > top.significand);
  return max(n.exponent - top.exponent + up, LOWEST_SCALE);
}

// What the elements of a block are divided by and multiplied with.
struct Scale {
  // All elements become zero.
  zero: bool,
  // MX: exponent of the scale.
  power: i32,
  // NVFP4: the factor before rounding to E2M1, and the two after it.
  inverse: f32,
  block: f32,
  tensor: f32,
}

fn nvfp4_scale(largest: u32) -> Scale {
  var encode = 1.0;
  if (blocks.tensor_largest != 0u) {
    // Positive patterns are in the order of their values.
    encode = bitcast<f32>(min(bitcast<u32>(div(NVFP4_RANGE, bitcast<f32>(blocks.tensor_largest))), MAX_ENCODE));
  }
  let decode = div(1.0, encode);
  let wanted = mul(div(bitcast<f32>(largest), 6.0), encode);
  let block = bitcast<f32>(round_bits(bitcast<u32>(wanted), blocks.scale, 0u));
  let product = mul(block, decode);
  if (bitcast<u32>(product) == 0u) {
    return Scale(true, 0, 0.0, 0.0, 0.0);
  }
  return Scale(false, 0, div(1.0, product), block, decode);
}

fn scale_of(largest: u32) -> Scale {
  if (largest == 0u) {
    return Scale(true, 0, 0.0, 0.0, 0.0);
  }
  if (blocks.kind == KIND_NVFP4) {
    return nvfp4_scale(largest);
  }
  return Scale(false, scale_exponent(largest), 0.0, 0.0, 0.0);
}

fn round_element(u: u32, scale: Scale, random: u32) -> u32 {
  if (scale.zero) {
    return u & SIGN;
  }
  if (blocks.kind == KIND_NVFP4) {
    let scaled = bitcast<u32>(mul(bitcast<f32>(u), scale.inverse));
    let element = bitcast<f32>(round_bits(scaled, blocks.element, random));
    return bitcast<u32>(mul(mul(element, scale.block), scale.tensor));
  }
  let scaled = times_power_of_two(u, -scale.power);
  return times_power_of_two(round_bits(scaled, blocks.element, random), scale.power);
}

@compute @workgroup_size(64)
fn round_blocks(@builtin(global_invocation_id) id: vec3<u32>) {
  begin_exact(blocks.zero);
  let begin = id.x * blocks.size;
  let end = min(begin + blocks.size, blocks.length);
  var largest = 0u;
  for (var i = begin; i < end; i++) {
    largest = max(largest, input[i] & MAGNITUDE);
  }
  let finite = largest < INFINITY_BITS;
  let scale = scale_of(select(0u, largest, finite));
  let stochastic = ((blocks.element.flags >> 5u) & 7u) == MODE_STOCHASTIC;
  var random = vec4<u32>();
  for (var i = begin; i < end; i++) {
    if (stochastic && (i & 3u) == 0u) {
      let counter = vec4<u32>(blocks.first_group + (i >> 2u), 0u, 0u, blocks.stream);
      random = philox4x32(counter, vec2<u32>(blocks.seed, 0u));
    }
    output[i] = select(CANONICAL_NAN, round_element(input[i], scale, random[i & 3u]), finite);
  }
}
