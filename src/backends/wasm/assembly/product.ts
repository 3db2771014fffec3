/**
 * Products of matrices in FP32: every sum over ascending k from +0, each product and each sum rounded, and nothing below
 * 2^-126 (f32.ts). src/ops/matmul.ts is the reference.
 *
 * Four rows by eight columns are computed at once, with their sums in registers. Flushing every product and every sum
 * would cost several times the product itself, so it is decided before the loop whether there can be anything to flush:
 *
 *   Let every non-zero product of an element of the rows with one of the columns be at least 2^-102. Rounded to 24 bits
 *   it is a multiple of 2^-125, since its exponent e is at least -102 and its last bit counts 2^(e-23). Sums of multiples
 *   of 2^-125 are multiples of 2^-125, before they are rounded, and after it as well: rounding keeps a number or puts it
 *   onto a coarser grid of powers of two. So no product and no sum lies strictly between 0 and 2^-126, and flushing
 *   changes nothing. For that it is enough that the smallest non-zero magnitudes of both operands have a product of at
 *   least 2^-102 and are normal numbers, so that neither counts as zero.
 *
 * The smallest magnitudes are taken of four rows and of eight columns, so one tiny number slows down its own rows and
 * columns alone.
 */
import { Vector } from './f32';
import { MAGNITUDE } from './round';

/** A matrix operand: element (i, j) lies at `address` + i · rowStep + j · columnStep, in bytes. */
@unmanaged
export class Factor {
  address!: usize;
  rowStep!: usize;
  columnStep!: usize;
}

/** a [rows, terms]. */
export const left = changetype<Factor>(memory.data(12));
/** b [terms, columns]; its columns lie next to each other: `columnStep` is that of groups of eight columns. */
export const right = changetype<Factor>(memory.data(12));

export const ROWS: u32 = 4;
export const COLUMNS: u32 = 8;
const GROUP_BYTES: usize = 32;

export function setLeft(address: usize, rowStep: usize, columnStep: usize): void {
  left.address = address;
  left.rowStep = rowStep;
  left.columnStep = columnStep;
}

/** b as it lies in memory, row by row. */
export function setRight(address: usize, rowStep: usize): void {
  right.address = address;
  right.rowStep = rowStep;
  right.columnStep = GROUP_BYTES;
}

/** Bytes of the panels of a matrix with so many terms and columns. */
export function panelBytes(terms: u32, columns: u32): usize {
  return (((columns + 7) >>> 3) * terms) << 5;
}

/** b has been written to panels at `address`: for eight columns each, [terms][8]. */
export function setPanels(address: usize, terms: u32): void {
  right.address = address;
  right.rowStep = GROUP_BYTES;
  right.columnStep = terms << 5;
}

/**
 * Writes the transpose of a matrix to panels: rows of the source, `rowStep` bytes apart, become columns; `terms` elements
 * of each become rows. Columns past the last are +0.
 *
 * @param panel where the first panel begins, `panelStep` bytes from one to the next: rows of other sources may follow
 */
export function packTransposed(
  source: usize,
  rowStep: usize,
  columns: u32,
  terms: u32,
  panel: usize,
  panelStep: usize,
): void {
  for (let column: u32 = 0; column < columns; column += COLUMNS) {
    packHalf(source, rowStep, min<u32>(4, columns - column), terms, panel);
    const rest = columns - column;
    packHalf(source + 4 * rowStep, rowStep, rest > 4 ? min<u32>(4, rest - 4) : 0, terms, panel + 16);
    source += rowStep << 3;
    panel += panelStep;
  }
}

/** Four columns of a panel; the source is readable up to whole vectors. */
function packHalf(source: usize, rowStep: usize, columns: u32, terms: u32, target: usize): void {
  const none = i32x4.splat(0);
  const second = source + rowStep;
  const third = second + rowStep;
  const fourth = third + rowStep;
  for (let k: u32 = 0; k < terms; k += 4) {
    const at = k << 2;
    const a = columns > 0 ? v128.load(source + at) : none;
    const b = columns > 1 ? v128.load(second + at) : none;
    const c = columns > 2 ? v128.load(third + at) : none;
    const d = columns > 3 ? v128.load(fourth + at) : none;
    const ab = i32x4.shuffle(a, b, 0, 4, 1, 5);
    const cd = i32x4.shuffle(c, d, 0, 4, 1, 5);
    const abHigh = i32x4.shuffle(a, b, 2, 6, 3, 7);
    const cdHigh = i32x4.shuffle(c, d, 2, 6, 3, 7);
    const to = target + (k << 5);
    v128.store(to, i64x2.shuffle(ab, cd, 0, 2));
    if (k + 1 < terms) v128.store(to, i64x2.shuffle(ab, cd, 1, 3), 32);
    if (k + 2 < terms) v128.store(to, i64x2.shuffle(abHigh, cdHigh, 0, 2), 64);
    if (k + 3 < terms) v128.store(to, i64x2.shuffle(abHigh, cdHigh, 1, 3), 96);
  }
}

/** Least value of each lane's non-zero magnitudes as bits, less one, so that zeros are the largest. */
class Extent {
  @inline
  static include(least: v128, values: v128): v128 {
    const magnitude = v128.and(values, i32x4.splat(MAGNITUDE));
    return i32x4.min_u(least, i32x4.sub(magnitude, i32x4.splat(1)));
  }
}

/** The smallest of four u32, plus one: the bits of the smallest non-zero magnitude, 0 where there is none. */
function smallest(least: v128): u32 {
  const halves = i32x4.min_u(least, i32x4.shuffle(least, least, 2, 3, 0, 1));
  return min<u32>(i32x4.extract_lane(halves, 0), i32x4.extract_lane(halves, 1)) + 1;
}

/** Smallest non-zero magnitude of rows [row, row + count) of a. */
function smallestOfRows(row: u32, count: u32, terms: u32): u32 {
  const start = left.address + row * left.rowStep;
  let least = i32x4.splat(-1);
  if (left.rowStep == 4 && count == ROWS) {
    for (let k: u32 = 0; k < terms; k++)
      least = Extent.include(least, v128.load(start + k * left.columnStep));
    return smallest(least);
  }
  const whole = left.columnStep == 4 ? terms & ~3 : 0;
  for (let i: u32 = 0; i < count; i++) {
    const from = start + i * left.rowStep;
    for (let k: u32 = 0; k < whole; k += 4) least = Extent.include(least, v128.load(from + (k << 2)));
    for (let k = whole; k < terms; k++) {
      least = Extent.include(least, v128.load32_splat(from + k * left.columnStep));
    }
  }
  return smallest(least);
}

/** Smallest non-zero magnitude of a group of eight columns of b, which begins at `from`. */
function smallestOfColumns(from: usize, terms: u32): u32 {
  let first = i32x4.splat(-1);
  let second = first;
  for (let k: u32 = 0; k < terms; k++) {
    first = Extent.include(first, v128.load(from));
    second = Extent.include(second, v128.load(from, 16));
    from += right.rowStep;
  }
  return smallest(i32x4.min_u(first, second));
}

/** 2^-102 */
const UNFLUSHED: f64 = 1.9721522630525295e-31;
const F32_MIN_NORMAL: u32 = 0x00800000;

/** Whether neither products nor sums can be subnormal, given the smallest non-zero magnitudes (0: none) as bits. */
export function cannotFlush(a: u32, b: u32): bool {
  if (a == 0 || b == 0) return true;
  if (a < F32_MIN_NORMAL || b < F32_MIN_NORMAL) return false;
  return <f64>reinterpret<f32>(a) * <f64>reinterpret<f32>(b) >= UNFLUSHED;
}

/**
 * product = a · b of `left` and `right`. Values are not rounded to a format; whole vectors are stored, with +0 in the
 * pads.
 *
 * @param out address of element (0, 0), `stride` elements from one row to the next
 * @param scratch (rows / 4 + 1) words
 */
export function multiply(rows: u32, columns: u32, terms: u32, out: usize, stride: u32, scratch: usize): void {
  for (let row: u32 = 0; row < rows; row += ROWS) {
    store<u32>(scratch + row, smallestOfRows(row, min<u32>(ROWS, rows - row), terms));
  }
  multiplyMeasured(rows, columns, terms, out, stride, scratch);
}

/** The same where the smallest magnitudes of the rows are at `scratch` already. */
export function multiplyMeasured(
  rows: u32,
  columns: u32,
  terms: u32,
  out: usize,
  stride: u32,
  scratch: usize,
): void {
  let group = right.address;
  for (let column: u32 = 0; column < columns; column += COLUMNS) {
    const least = smallestOfColumns(group, terms);
    for (let row: u32 = 0; row < rows; row += ROWS) {
      const a = left.address + row * left.rowStep;
      const to = out + ((row * stride + column) << 2);
      const count = min<u32>(ROWS, rows - row);
      if (cannotFlush(load<u32>(scratch + row), least)) {
        block(a, group, terms, count, columns - column, to, stride << 2);
      } else {
        flushedBlock(a, group, terms, count, columns - column, to, stride << 2);
      }
    }
    group += right.columnStep;
  }
}

/** All ones in the first `columns` of four elements. */
function maskOf(columns: u32): v128 {
  return i32x4.lt_u(i32x4(0, 1, 2, 3), i32x4.splat(columns));
}

/** Stores eight sums of a row, or as many as there are columns and pads. */
export function storeRow(to: usize, first: v128, second: v128, columns: u32): void {
  v128.store(to, columns >= 4 ? first : v128.and(first, maskOf(columns)));
  if (columns <= 4) return;
  v128.store(to, columns >= 8 ? second : v128.and(second, maskOf(columns - 4)), 16);
}

/** Four rows by eight columns where nothing can be flushed. Rows past the last repeat the last and are not stored. */
function block(a: usize, b: usize, terms: u32, rows: u32, columns: u32, to: usize, stride: usize): void {
  const step = left.columnStep;
  const rowStep = right.rowStep;
  const a1 = rows > 1 ? left.rowStep : 0;
  const a2 = rows > 2 ? left.rowStep << 1 : 0;
  const a3 = rows > 3 ? left.rowStep * 3 : 0;
  let s00 = f32x4.splat(0);
  let s01 = s00;
  let s10 = s00;
  let s11 = s00;
  let s20 = s00;
  let s21 = s00;
  let s30 = s00;
  let s31 = s00;
  for (let k: u32 = 0; k < terms; k++) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    const x0 = v128.load32_splat(a);
    s00 = f32x4.add(s00, f32x4.mul(x0, b0));
    s01 = f32x4.add(s01, f32x4.mul(x0, b1));
    const x1 = v128.load32_splat(a + a1);
    s10 = f32x4.add(s10, f32x4.mul(x1, b0));
    s11 = f32x4.add(s11, f32x4.mul(x1, b1));
    const x2 = v128.load32_splat(a + a2);
    s20 = f32x4.add(s20, f32x4.mul(x2, b0));
    s21 = f32x4.add(s21, f32x4.mul(x2, b1));
    const x3 = v128.load32_splat(a + a3);
    s30 = f32x4.add(s30, f32x4.mul(x3, b0));
    s31 = f32x4.add(s31, f32x4.mul(x3, b1));
    a += step;
    b += rowStep;
  }
  storeRow(to, s00, s01, columns);
  if (rows > 1) storeRow(to + stride, s10, s11, columns);
  if (rows > 2) storeRow(to + 2 * stride, s20, s21, columns);
  if (rows > 3) storeRow(to + 3 * stride, s30, s31, columns);
}

/** The same with every operand, product and sum flushed, row by row. */
function flushedBlock(
  a: usize,
  b: usize,
  terms: u32,
  rows: u32,
  columns: u32,
  to: usize,
  stride: usize,
): void {
  for (let row: u32 = 0; row < rows; row++) {
    let atA = a + row * left.rowStep;
    let atB = b;
    let first = f32x4.splat(0);
    let second = first;
    for (let k: u32 = 0; k < terms; k++) {
      const x = Vector.flush(v128.load32_splat(atA));
      first = Vector.add(first, Vector.mul(x, Vector.flush(v128.load(atB))));
      second = Vector.add(second, Vector.mul(x, Vector.flush(v128.load(atB, 16))));
      atA += left.columnStep;
      atB += right.rowStep;
    }
    storeRow(to + row * stride, first, second, columns);
  }
}

/**
 * +0 plus the rows of a matrix, ascending, for each of its columns, which are whole vectors. Nothing has to be flushed
 * where all non-zero elements are at least 2^-102: they are multiples of 2^-125 (see above).
 */
export function sumColumns(from: usize, rowStep: usize, rows: u32, columns: u32, to: usize): void {
  for (let column: u32 = 0; column < columns; column += 4) {
    if (mayFlush(from, rowStep, rows)) sumFlushed(from, rowStep, rows, to);
    else sumExactly(from, rowStep, rows, to);
    from += 16;
    to += 16;
  }
}

/** 2^-102 */
const UNFLUSHED_BITS: u32 = (127 - 102) << 23;

/** Whether a sum of the elements of some of four columns can be subnormal. */
function mayFlush(from: usize, rowStep: usize, rows: u32): bool {
  let least = i32x4.splat(-1);
  for (let row: u32 = 0; row < rows; row++) {
    least = Extent.include(least, v128.load(from));
    from += rowStep;
  }
  const bits = smallest(least);
  return bits != 0 && bits < UNFLUSHED_BITS;
}

function sumExactly(from: usize, rowStep: usize, rows: u32, to: usize): void {
  let sum = f32x4.splat(0);
  for (let row: u32 = 0; row < rows; row++) {
    sum = f32x4.add(sum, v128.load(from));
    from += rowStep;
  }
  v128.store(to, sum);
}

function sumFlushed(from: usize, rowStep: usize, rows: u32, to: usize): void {
  let sum = f32x4.splat(0);
  for (let row: u32 = 0; row < rows; row++) {
    sum = Vector.add(sum, Vector.flush(v128.load(from)));
    from += rowStep;
  }
  v128.store(to, sum);
}
