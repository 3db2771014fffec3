/**
 * Sums one at a time and step by step, as src/numerics/accumulators.ts and tensor-core.ts write them: for operands that
 * are not finite and for sums that overflow, which the vectors leave aside. Steps here are in a format.
 */
import { Scalar } from './f32';
import { MAGNITUDE, roundBits } from './round';
import { tile } from './sums';

/** The format's words. */
let format: usize = 0;

export function setExactFormat(words: usize): void {
  format = words;
}

/** x + y rounded to odd in double precision: cut off, with the last bit set where anything was lost. */
export function oddSum(x: f64, y: f64): f64 {
  const sum = x + y;
  const z = sum - x;
  const lost = x - (sum - z) + (y - z);
  if (lost == 0 || lost != lost) return sum;
  const bits = reinterpret<u64>(sum);
  if ((bits & 1) == 1) return sum;
  return reinterpret<f64>(lost > 0 == sum > 0 ? bits + 1 : bits - 1);
}

/** Bits of the f32 next to `x` whose last bit is set, or of `x` itself. */
function oddBits(x: f64): u32 {
  const nearest = <f32>x;
  const bits = reinterpret<u32>(nearest);
  if (nearest == x || (bits & 1) == 1 || x != x) return bits;
  return abs<f64>(nearest) > abs(x) ? bits - 1 : bits + 1;
}

function toFormat(x: f64): f32 {
  return reinterpret<f32>(roundBits(oddBits(x), format, 0));
}

function product(a: f32, b: f32): f32 {
  return toFormat(<f64>a * <f64>b);
}

function plus(x: f32, y: f32): f32 {
  return toFormat(oddSum(x, y));
}

/** p + c rounded once to the format, for an exact product p. */
export function fusedInFormat(p: f64, c: f64): f32 {
  return toFormat(oddSum(p, c));
}

/** Sums that wait for their neighbour. */
const waiting = memory.data(32 * 4);

export function exactInChunks(a: usize, b: usize): f32 {
  let total: f32 = 0;
  let sum: f32 = 0;
  let count: u32 = 0;
  for (let k: u32 = 0; k < tile.terms; k++) {
    sum = plus(sum, product(load<f32>(a), load<f32>(b)));
    a += tile.aStep;
    b += tile.bStep;
    if (++count != tile.length) continue;
    total = plus(total, sum);
    sum = 0;
    count = 0;
  }
  if (tile.length == 0) return sum;
  return count > 0 ? plus(total, sum) : total;
}

export function exactFused(a: usize, b: usize): f32 {
  let sum: f32 = 0;
  for (let k: u32 = 0; k < tile.terms; k++) {
    sum = fusedInFormat(<f64>load<f32>(a) * <f64>load<f32>(b), sum);
    a += tile.aStep;
    b += tile.bStep;
  }
  return sum;
}

export function exactPairwise(a: usize, b: usize): f32 {
  const terms = tile.terms;
  for (let k: u32 = 0; k < terms; k++) {
    let sum = product(load<f32>(a), load<f32>(b));
    let level: usize = 0;
    for (; ((k >>> level) & 1) == 1; level++) sum = plus(load<f32>(waiting + (level << 2)), sum);
    store<f32>(waiting + (level << 2), sum);
    a += tile.aStep;
    b += tile.bStep;
  }
  let level: u32 = ctz(terms);
  let sum = load<f32>(waiting + (level << 2));
  for (level++; terms >>> level != 0; level++) {
    if (((terms >>> level) & 1) == 1) sum = plus(load<f32>(waiting + (level << 2)), sum);
  }
  return plus(0, sum);
}

export function exactKahan(a: usize, b: usize): f32 {
  let sum: f32 = 0;
  let excess: f32 = 0;
  for (let k: u32 = 0; k < tile.terms; k++) {
    const increment = plus(product(load<f32>(a), load<f32>(b)), -excess);
    const next = plus(sum, increment);
    excess = plus(plus(next, -sum), -increment);
    sum = next;
    a += tile.aStep;
    b += tile.bStep;
  }
  return sum;
}

/** How a tensor core adds: src/numerics/tensor-core.ts, where the names are explained. */
@unmanaged
export class TensorRule {
  block!: u32;
  fractionBits!: u32;
  outputBits!: u32;
  interleaved!: u32;
  /** Exponent fields of the smallest normal numbers of the left and the right operand. */
  leftField!: u32;
  rightField!: u32;
  /** Terms between promotions; 0: none. */
  promotion!: u32;
}

export const rule = changetype<TensorRule>(memory.data(28));

/** The products of a block, and the sums of their exponent fields; 0 for a product that is 0. */
const products = memory.data(32 * 8);
const fields = memory.data(32 * 4);

const BOTH_HALVES: u32 = 2;
/** E is at least -133; a field is an exponent and 254. */
const MIN_ALIGNMENT_FIELD: u32 = 121;

function fieldOf(x: f32): u32 {
  return (reinterpret<u32>(x) & MAGNITUDE) >>> 23;
}

function cutOff(v: f64): f32 {
  const magnitude = abs(v);
  if (magnitude >= 3.402823669209385e38) return v > 0 ? f32.POSITIVE_INFINITY : f32.NEGATIVE_INFINITY;
  if (magnitude >= <f64>f32.MIN_NORMAL_VALUE) {
    const kept = ~(((<u64>1) << (52 - rule.outputBits)) - 1);
    return <f32>reinterpret<f64>(reinterpret<u64>(v) & kept);
  }
  const unit = reinterpret<f64>((<u64>(1023 - 126 - rule.outputBits)) << 52);
  return <f32>(trunc(v / unit) * unit);
}

/** `c` and the terms of one half of a block of `length`, or of both. */
function blockSum(c: f32, length: u32, half: u32): f32 {
  let field = MIN_ALIGNMENT_FIELD;
  if (c != 0) field = max(field, max<u32>(fieldOf(c), 1) + 127);
  let ordinary: f64 = c;
  for (let i: u32 = 0; i < length; i++) {
    if (half != BOTH_HALVES && ((i >>> 1) & 1) != half) continue;
    ordinary += load<f64>(products + (i << 3));
    field = max(field, load<u32>(fields + (i << 2)));
  }
  // Infinite or NaN exactly when an operand is.
  if (!isFinite(ordinary)) return <f32>ordinary;
  const scale = reinterpret<f64>((<u64>(1023 + rule.fractionBits + 254 - field)) << 52);
  let aligned = trunc(<f64>c * scale);
  for (let i: u32 = 0; i < length; i++) {
    if (half != BOTH_HALVES && ((i >>> 1) & 1) != half) continue;
    aligned += trunc(load<f64>(products + (i << 3)) * scale);
  }
  return aligned == 0 ? 0 : cutOff(aligned / scale);
}

function finishBlock(sum: f32, length: u32): f32 {
  if (rule.interleaved == 0) return blockSum(sum, length, BOTH_HALVES);
  const blocks = blockSum(blockSum(0, length, 0), length, 1);
  return blocks == 0 ? sum : Scalar.add(Scalar.flush(sum), Scalar.flush(blocks));
}

/** Terms [0, terms) in blocks. */
function tensorSum(a: usize, b: usize, terms: u32): f32 {
  let sum: f32 = 0;
  let length: u32 = 0;
  for (let k: u32 = 0; k < terms; k++) {
    const x = load<f32>(a);
    const y = load<f32>(b);
    const p = <f64>x * <f64>y;
    const field = max(fieldOf(x), rule.leftField) + max(fieldOf(y), rule.rightField);
    store<f64>(products + (length << 3), p);
    store<u32>(fields + (length << 2), p == 0 ? 0 : field);
    a += tile.aStep;
    b += tile.bStep;
    if (++length != rule.block) continue;
    sum = finishBlock(sum, length);
    length = 0;
  }
  if (length > 0) sum = finishBlock(sum, length);
  return sum == 0 ? 0 : sum;
}

export function exactTensorCore(a: usize, b: usize): f32 {
  if (rule.promotion == 0) return tensorSum(a, b, tile.terms);
  let sum: f32 = 0;
  for (let k: u32 = 0; k < tile.terms; k += rule.promotion) {
    const part = tensorSum(a + k * tile.aStep, b + k * tile.bStep, min(rule.promotion, tile.terms - k));
    sum = Scalar.add(Scalar.flush(sum), Scalar.flush(part));
  }
  return sum;
}
