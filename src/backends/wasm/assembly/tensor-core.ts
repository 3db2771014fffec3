/**
 * Sums of tensor cores (src/numerics/tensor-core.ts), of one row by eight columns.
 *
 * Of each block the largest exponent is found for all eight columns at once, from exponents of the operands in i16. Then
 * every product, exact in double precision, is scaled so that the kept bits are an integer, cut off and added; such sums
 * stay below 2^33 and are exact. The powers of two are made from their exponents.
 *
 * Operands are finite. A sum from 2^128 or below 2^-126, which is cut off otherwise, is only noticed here: exact.ts
 * computes it again.
 */
import { rule } from './exact';
import { F32_MIN_NORMAL, MAGNITUDE } from './round';

/** Exponent of a zero: the sum with any other is below all others. */
const NONE: i16 = -10000;
const MIN_ALIGNMENT: i16 = -133;

/** Terms of a matrix in double precision and their exponents. */
@unmanaged
export class Prepared {
  numbers!: usize;
  exponents!: usize;
}

/** One row, and eight columns, whose numbers lie next to each other. */
export const row = changetype<Prepared>(memory.data(8));
export const columns = changetype<Prepared>(memory.data(8));

/** Sums of eight columns in double precision: of blocks, of interleaved instructions, and all that was promoted. */
const parts = memory.data(64);
const instructions = memory.data(64);
export const totals = memory.data(64);
/** Not zero where a sum has to be computed again. */
const noticed = memory.data(16);

/**
 * Exponents of four numbers, `NONE` for zeros.
 *
 * @param field the exponent field of the format's smallest normal number: exponents are not below its
 */
export function exponentsOf(values: v128, field: u32): v128 {
  const m = v128.and(values, i32x4.splat(MAGNITUDE));
  const exponent = i32x4.sub(i32x4.max_s(i32x4.shr_u(m, 23), i32x4.splat(field)), i32x4.splat(127));
  return v128.bitselect(i32x4.splat(NONE), exponent, i32x4.eq(m, i32x4.splat(0)));
}

class Pair {
  /** The powers of two with two of four exponents, at least that of `c`. */
  @inline
  static unit(exponents: v128, c: v128): v128 {
    const power = i64x2.shl(i64x2.add(exponents, i64x2.splat(1023)), 52);
    const own = f64x2.pmax(
      v128.and(c, i64x2.splat(0x7ff0000000000000)),
      f64x2.splat(<f64>reinterpret<f32>(F32_MIN_NORMAL)),
    );
    return f64x2.pmax(power, v128.and(own, f64x2.ne(c, f64x2.splat(0))));
  }

  @inline
  static aligned(x: v128, scale: v128): v128 {
    return f64x2.trunc(f64x2.mul(x, scale));
  }

  /** The kept bits of a sum; notices what is kept otherwise. */
  @inline
  static cutOff(v: v128): v128 {
    const m = f64x2.abs(v);
    const small = v128.and(
      f64x2.lt(m, f64x2.splat(<f64>reinterpret<f32>(F32_MIN_NORMAL))),
      f64x2.ne(v, f64x2.splat(0)),
    );
    const large = f64x2.ge(m, f64x2.splat(3.402823669209385e38));
    v128.store(noticed, v128.or(v128.load(noticed), v128.or(small, large)));
    const dropped = ((<i64>1) << (52 - rule.outputBits)) - 1;
    return v128.andnot(v, i64x2.splat(dropped));
  }
}

/** Adds a block to the sums at `parts`: terms from `first` to `end`, `run` of every `period`. */
function addBlock(first: u32, end: u32, run: u32, period: u32): void {
  let largest = i16x8.splat(MIN_ALIGNMENT);
  for (let start = first; start < end; start += period) {
    const stop = min(start + run, end);
    for (let k = start; k < stop; k++) {
      const a = v128.load16_splat(row.exponents + (k << 1));
      largest = i16x8.max_s(largest, i16x8.add(a, v128.load(columns.exponents + (k << 4))));
    }
  }
  const low = i32x4.extend_low_i16x8_s(largest);
  const high = i32x4.extend_high_i16x8_s(largest);
  const c0 = v128.load(parts);
  const c1 = v128.load(parts, 16);
  const c2 = v128.load(parts, 32);
  const c3 = v128.load(parts, 48);
  const unit0 = Pair.unit(i64x2.extend_low_i32x4_s(low), c0);
  const unit1 = Pair.unit(i64x2.extend_high_i32x4_s(low), c1);
  const unit2 = Pair.unit(i64x2.extend_low_i32x4_s(high), c2);
  const unit3 = Pair.unit(i64x2.extend_high_i32x4_s(high), c3);
  // 2^(F - E) of 2^E
  const inverse = i64x2.splat((<i64>(2046 + rule.fractionBits)) << 52);
  const scale0 = i64x2.sub(inverse, unit0);
  const scale1 = i64x2.sub(inverse, unit1);
  const scale2 = i64x2.sub(inverse, unit2);
  const scale3 = i64x2.sub(inverse, unit3);
  let s0 = Pair.aligned(c0, scale0);
  let s1 = Pair.aligned(c1, scale1);
  let s2 = Pair.aligned(c2, scale2);
  let s3 = Pair.aligned(c3, scale3);
  for (let start = first; start < end; start += period) {
    const stop = min(start + run, end);
    for (let k = start; k < stop; k++) {
      const a = v128.load64_splat(row.numbers + (k << 3));
      const b = columns.numbers + (k << 6);
      s0 = f64x2.add(s0, Pair.aligned(f64x2.mul(a, v128.load(b)), scale0));
      s1 = f64x2.add(s1, Pair.aligned(f64x2.mul(a, v128.load(b, 16)), scale1));
      s2 = f64x2.add(s2, Pair.aligned(f64x2.mul(a, v128.load(b, 32)), scale2));
      s3 = f64x2.add(s3, Pair.aligned(f64x2.mul(a, v128.load(b, 48)), scale3));
    }
  }
  const fraction = f64x2.splat(reinterpret<f64>((<u64>(1023 - rule.fractionBits)) << 52));
  v128.store(parts, Pair.cutOff(f64x2.mul(s0, f64x2.mul(unit0, fraction))));
  v128.store(parts, Pair.cutOff(f64x2.mul(s1, f64x2.mul(unit1, fraction))), 16);
  v128.store(parts, Pair.cutOff(f64x2.mul(s2, f64x2.mul(unit2, fraction))), 32);
  v128.store(parts, Pair.cutOff(f64x2.mul(s3, f64x2.mul(unit3, fraction))), 48);
}

/**
 * Adds sums to others in binary32, and makes them zero. The double sum of two f32 may be rounded once more: 53 bits are
 * more than twice 24 and 2.
 */
function promote(source: usize, target: usize): void {
  for (let i: usize = 0; i < 64; i += 16) {
    const sum = f64x2.add(v128.load(target + i), v128.load(source + i));
    const rounded = f64x2.promote_low_f32x4(f32x4.demote_f64x2_zero(sum));
    const small = v128.and(
      f64x2.lt(f64x2.abs(rounded), f64x2.splat(<f64>reinterpret<f32>(F32_MIN_NORMAL))),
      f64x2.ne(rounded, f64x2.splat(0)),
    );
    v128.store(noticed, v128.or(v128.load(noticed), small));
    v128.store(target + i, rounded);
    v128.store(source + i, i32x4.splat(0));
  }
}

/** Terms [first, end) on top of `parts`. */
function addBlocks(first: u32, end: u32): void {
  const block = rule.block;
  for (let k = first; k < end; k += block) addBlock(k, min(k + block, end), block, block);
}

/** Terms [first, end) on top of `instructions`, whose blocks begin from zero. */
function addInterleaved(first: u32, end: u32): void {
  const block = rule.block;
  for (let k = first; k < end; k += block) {
    const stop = min(k + block, end);
    addBlock(k, stop, 2, 4);
    addBlock(k + 2, stop, 2, 4);
    promote(parts, instructions);
  }
}

/** All sums of the row; whether they are right as they are. */
export function sumTensorCore(terms: u32): bool {
  v128.store(noticed, i32x4.splat(0));
  memory.fill(totals, 0, 64);
  memory.fill(parts, 0, 64);
  memory.fill(instructions, 0, 64);
  const interval = rule.promotion > 0 ? rule.promotion : terms;
  for (let k: u32 = 0; k < terms; k += interval) {
    const end = min(k + interval, terms);
    if (rule.interleaved == 0) {
      addBlocks(k, end);
      promote(parts, totals);
    } else {
      addInterleaved(k, end);
      promote(instructions, totals);
    }
  }
  return !v128.any_true(v128.load(noticed));
}
