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
const NONE: i32 = -10000;
const MIN_ALIGNMENT: i16 = -133;
/** The bias of f64, of which an operand gets a half, the left one the larger. */
export const LEFT_BIAS: i32 = 512;
export const RIGHT_BIAS: i32 = 511;

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
/** Whether there cannot be any such sum. */
let ordinary: bool = false;

/** 2^128 */
const OVERFLOW: f64 = 3.402823669209385e38;

/**
 * Whether all sums are zero or lie in [2^-126, 2^128). A block that is not zero is at least 2^(E - F), and E is at least the
 * exponent of its non-zero products; without such products it is what it was.
 *
 * @param smallest exponent of a product that is not zero, @param largest product of all `terms`
 */
export function isOrdinary(smallest: i32, largest: f64, terms: u32): bool {
  return smallest >= -126 + <i32>rule.fractionBits && largest * 2 * terms < OVERFLOW;
}

/**
 * Exponents of four numbers with `bias`, `NONE` for zeros.
 *
 * @param field the exponent field of the format's smallest normal number: exponents are not below its
 */
export function exponentsOf(values: v128, field: u32, bias: i32): v128 {
  const m = v128.and(values, i32x4.splat(MAGNITUDE));
  const exponent = i32x4.sub(i32x4.max_s(i32x4.shr_u(m, 23), i32x4.splat(field)), i32x4.splat(127 - bias));
  return v128.bitselect(i32x4.splat(NONE), exponent, i32x4.eq(m, i32x4.splat(0)));
}

class Pair {
  /** 2^E, for the largest field of a product in two columns and the numbers `c` that they are added to. */
  @inline
  static unit(checked: bool, fields: v128, c: v128): v128 {
    const power = i64x2.shl(fields, 52);
    const own = v128.and(c, i64x2.splat(0x7ff0000000000000));
    if (!checked) return f64x2.pmax(power, own);
    const normal = f64x2.pmax(own, f64x2.splat(<f64>reinterpret<f32>(F32_MIN_NORMAL)));
    return f64x2.pmax(power, v128.and(normal, f64x2.ne(c, f64x2.splat(0))));
  }

  @inline
  static aligned(x: v128, scale: v128): v128 {
    return f64x2.trunc(f64x2.mul(x, scale));
  }

  /** The kept bits of a sum that counts `unit` 2^-F. */
  @inline
  static cutOff(checked: bool, sum: v128, unit: v128, fraction: v128, dropped: v128): v128 {
    const v = f64x2.mul(sum, i64x2.sub(unit, fraction));
    if (checked) {
      const m = f64x2.abs(v);
      const normal = f64x2.splat(<f64>reinterpret<f32>(F32_MIN_NORMAL));
      const small = v128.and(f64x2.lt(m, normal), f64x2.ne(v, f64x2.splat(0)));
      const large = f64x2.ge(m, f64x2.splat(OVERFLOW));
      v128.store(noticed, v128.or(v128.load(noticed), v128.or(small, large)));
    }
    return v128.andnot(v, dropped);
  }
}

class Block {
  /** Adds a block to the sums at `parts`: terms from `first` to `end`, `run` of every `period`. */
  @inline
  static add(checked: bool, first: u32, end: u32, run: u32, period: u32): void {
    let largest = i16x8.splat(MIN_ALIGNMENT + 1023);
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
    const unit0 = Pair.unit(checked, i64x2.extend_low_i32x4_s(low), c0);
    const unit1 = Pair.unit(checked, i64x2.extend_high_i32x4_s(low), c1);
    const unit2 = Pair.unit(checked, i64x2.extend_low_i32x4_s(high), c2);
    const unit3 = Pair.unit(checked, i64x2.extend_high_i32x4_s(high), c3);
    // The bits of 2^(F - E) are these without those of 2^E.
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
    const fraction = i64x2.splat((<i64>rule.fractionBits) << 52);
    const dropped = i64x2.splat(((<i64>1) << (52 - rule.outputBits)) - 1);
    v128.store(parts, Pair.cutOff(checked, s0, unit0, fraction, dropped));
    v128.store(parts, Pair.cutOff(checked, s1, unit1, fraction, dropped), 16);
    v128.store(parts, Pair.cutOff(checked, s2, unit2, fraction, dropped), 32);
    v128.store(parts, Pair.cutOff(checked, s3, unit3, fraction, dropped), 48);
  }
}

function addChecked(first: u32, end: u32, run: u32, period: u32): void {
  Block.add(true, first, end, run, period);
}

function addUnchecked(first: u32, end: u32, run: u32, period: u32): void {
  Block.add(false, first, end, run, period);
}

function addBlock(first: u32, end: u32, run: u32, period: u32): void {
  if (ordinary) addUnchecked(first, end, run, period);
  else addChecked(first, end, run, period);
}

/**
 * Adds sums to others in binary32, and makes them zero. The double sum of two f32 may be rounded once more: 53 bits are
 * more than twice 24 and 2.
 */
function promote(source: usize, target: usize): void {
  for (let i: usize = 0; i < 64; i += 16) {
    const sum = f64x2.add(v128.load(target + i), v128.load(source + i));
    const rounded = f64x2.promote_low_f32x4(f32x4.demote_f64x2_zero(sum));
    // Sums of ordinary parts can cancel to numbers below 2^-126.
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
export function sumTensorCore(terms: u32, sumsAreOrdinary: bool): bool {
  ordinary = sumsAreOrdinary;
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
