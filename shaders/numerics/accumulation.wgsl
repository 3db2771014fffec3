// How the products of a dot product are added up; the counterpart of src/numerics/accumulation.ts. One dot product at a
// time per invocation, in private variables: accumulate_begin, accumulate_term for each pair of operands in order, and
// accumulate_end once. begin_exact() comes first. Operands are values of the formats they were cast to.

import package::layout::{Accumulation, Format};
import package::numerics::exact::{add, mul};
import package::numerics::format_arithmetic::{fma_in_format, fma_flushed, ONE};
import package::numerics::round::SIGN;
import package::numerics::tensor_core::{TensorRule, tensor_begin, tensor_restart, tensor_term, tensor_value, tensor_end};

const IN_ORDER: u32 = 0u;
const FUSED: u32 = 1u;
const CHUNKED: u32 = 2u;
const PAIRWISE: u32 = 3u;
const KAHAN: u32 = 4u;
const TENSOR_CORE: u32 = 5u;

// What the accumulations of a program come down to; whoever makes a pipeline may say that something does not occur
// (accumulationConstants() in src/numerics/accumulation.ts), because a software adapter compiles and executes both
// sides of every branch. Steps are those of all procedures but the tensor core's.
override with_tensor_core: bool = true;
override with_steps: bool = true;
override with_steps_in_format: bool = true;
override with_fused_in_binary32: bool = true;

var<private> accumulation: Accumulation;
var<private> accumulated: f32;
// Of the chunk or since the last promotion.
var<private> accumulated_part: f32;
// What Kahan's sum has too much.
var<private> accumulated_excess: f32;
var<private> accumulated_terms: u32;
// Sums of 1, 2, 4, ... terms that wait for their neighbour; the bits of accumulated_terms say which ones do.
var<private> accumulated_pairs: array<f32, 31>;

fn accumulate_begin(words: Accumulation, c: f32) {
  accumulation = words;
  accumulated = c;
  accumulated_part = 0.0;
  accumulated_excess = 0.0;
  accumulated_terms = 0u;
  let rule = TensorRule(
    words.rule & 0xffu,
    (words.rule >> 8u) & 0xffu,
    (words.rule >> 16u) & 0xffu,
    (words.procedure & 0x200u) != 0u,
    words.min_fields & 0xffu,
    (words.min_fields >> 8u) & 0xffu,
  );
  tensor_begin(rule, select(bitcast<u32>(c), 0u, words.length != 0u));
}

fn accumulate_term(a: f32, b: f32) {
  accumulate_term_bits(bitcast<u32>(a), bitcast<u32>(b));
}

// The same for operands as bit patterns, which keeps subnormals from being flushed on the way.
fn accumulate_term_bits(a: u32, b: u32) {
  accumulated_terms += 1u;
  if (with_tensor_core && procedure() == TENSOR_CORE) {
    tensor_term(a, b);
    if (accumulated_terms == accumulation.length) {
      // An interval is a multiple of every block, so that no term waits.
      promote(tensor_value());
    }
  } else if (with_steps) {
    add_product(a, b);
  }
}

fn accumulate_end() -> f32 {
  if (with_steps && procedure() != TENSOR_CORE) {
    add_parts();
  } else if (with_tensor_core) {
    let sum = tensor_end();
    if (accumulation.length == 0u) {
      return bitcast<f32>(sum);
    }
    if (accumulated_terms > 0u) {
      promote(sum);
    }
  }
  return accumulated;
}

fn procedure() -> u32 {
  return accumulation.procedure & 0xffu;
}

fn promote(sum: u32) {
  accumulated = add(accumulated, bitcast<f32>(sum));
  accumulated_terms = 0u;
  tensor_restart(0u);
}

// One rounding of a*b + c, of a*b where c is a zero (is_product), or of c + a where b is one; in the format or in
// binary32.
fn step(a: u32, b: u32, c: u32, is_product: bool) -> u32 {
  if (with_steps_in_format && (accumulation.procedure & 0x100u) != 0u) {
    return fma_in_format(a, b, c, accumulation.format);
  }
  if (with_fused_in_binary32 && procedure() == FUSED) {
    return fma_flushed(a, b, c);
  }
  let x = bitcast<f32>(a);
  return bitcast<u32>(select(add(x, bitcast<f32>(c)), mul(x, bitcast<f32>(b)), is_product));
}

fn negated(x: f32) -> u32 {
  return bitcast<u32>(x) ^ SIGN;
}

// Products and sums are steps of one loop, because a software adapter pays for every call of step() that it sees.
fn add_product(a: u32, b: u32) {
  let kind = procedure();
  // In a tree a term is added to as many waiting sums as the number of terms before it ends in ones.
  let ones = min(countTrailingZeros(accumulated_terms), 30u);
  let chunk_ends = kind == CHUNKED && accumulated_terms == accumulation.length;
  var steps = 2u;
  if (kind == FUSED) {
    steps = 1u;
  } else if (kind == KAHAN) {
    steps = 5u;
  } else if (kind == PAIRWISE) {
    steps = 1u + ones;
  } else if (chunk_ends) {
    steps = 3u;
  }
  // The product, with a zero of its sign; fused, with the sum.
  var left = a;
  var factor = b;
  var right = select((a ^ b) & SIGN, bitcast<u32>(accumulated), kind == FUSED);
  var value = 0u;
  var increment = 0u;
  for (var i = 1u; i <= steps; i++) {
    value = step(left, factor, right, i == 1u);
    left = value;
    factor = ONE;
    if (kind == PAIRWISE) {
      right = bitcast<u32>(accumulated_pairs[i - 1u]);
    } else if (kind == CHUNKED) {
      right = bitcast<u32>(select(accumulated, accumulated_part, i == 1u));
    } else if (kind == IN_ORDER) {
      right = bitcast<u32>(accumulated);
    } else if (kind == KAHAN) {
      // increment = product - excess; new = sum + increment; excess = (new - sum) - increment
      if (i == 1u) {
        right = negated(accumulated_excess);
      } else if (i == 2u) {
        increment = value;
        right = bitcast<u32>(accumulated);
      } else if (i == 3u) {
        right = negated(accumulated);
        accumulated = bitcast<f32>(value);
      } else if (i == 4u) {
        right = increment ^ SIGN;
      }
    }
  }
  let result = bitcast<f32>(value);
  if (kind == KAHAN) {
    accumulated_excess = result;
  } else if (kind == PAIRWISE) {
    accumulated_pairs[ones] = result;
  } else if (kind != CHUNKED || chunk_ends) {
    accumulated = result;
    accumulated_part = 0.0;
  } else {
    accumulated_part = result;
  }
  if (chunk_ends) {
    accumulated_terms = 0u;
  }
}

// What still waits: the last chunk, or the sums of a tree from the last, smallest one to the first, and then c.
fn add_parts() {
  let kind = procedure();
  if (accumulated_terms == 0u || (kind != CHUNKED && kind != PAIRWISE)) {
    return;
  }
  let tree = kind == PAIRWISE;
  let first = select(0u, countTrailingZeros(accumulated_terms), tree);
  let levels = select(0u, 32u - countLeadingZeros(accumulated_terms), tree);
  var value = bitcast<u32>(select(accumulated_part, accumulated_pairs[first], tree));
  for (var i = first + 1u; i <= max(levels, first + 1u); i++) {
    let last = i >= levels;
    if (last || ((accumulated_terms >> i) & 1u) == 1u) {
      value = step(value, ONE, bitcast<u32>(select(accumulated_pairs[min(i, 30u)], accumulated, last)), false);
    }
  }
  accumulated = bitcast<f32>(value);
}
