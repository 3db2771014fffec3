/**
 * Chooses how products are added up: in FP32 and in order (product.ts), or in another way that the policy of the site
 * names, at which the sums are written (src/numerics/accumulation-procedures.ts).
 *
 * Four rows by eight columns at a time, it is decided before the loops what the operands allow to be left out; what
 * must not be left out is computed once more, one sum at a time (exact.ts).
 */
import {
  exactFused,
  exactInChunks,
  exactKahan,
  exactPairwise,
  exactTensorCore,
  rule,
  setExactFormat,
} from './exact';
import {
  areExactInBinary32,
  areFinite,
  EXTENTS_BYTES,
  Extents,
  largestProduct,
  measureColumns,
  measureRows,
  productUnit,
  smallestExponent,
} from './extents';
import { Vector } from './f32';
import { FUSED, FUSED_AND_FLUSHED, sumFused } from './fused';
import {
  ACCUMULATION_FORMAT,
  ACCUMULATION_LENGTH,
  ACCUMULATION_MIN_FIELDS,
  ACCUMULATION_RULE,
  FORMAT_FLAGS,
  POLICY_ACCUMULATION,
} from './layout';
import { cannotFlush, COLUMNS, left, multiply, right, ROWS, storeRow } from './product';
import { shiftOf } from './round';
import {
  FLUSHED,
  limitOf,
  NARROW,
  NARROW_FLUSHING,
  PLAIN,
  setFormat,
  stepsFlush,
  WIDE,
  WIDE_FLUSHING,
} from './steps';
import { exceeded, sumInChunks, sumPairwise, sums, sumWithCorrection, tile } from './sums';
import {
  columns as preparedColumns,
  exponentsOf,
  isOrdinary,
  LEFT_BIAS,
  RIGHT_BIAS,
  row as preparedRow,
  sumTensorCore,
  totals,
} from './tensor-core';

const IN_ORDER: u32 = 0;
const FUSED_MULTIPLY_ADD: u32 = 1;
const CHUNKED: u32 = 2;
const PAIRWISE: u32 = 3;
const KAHAN: u32 = 4;
const TENSOR_CORE: u32 = 5;
const PROCEDURE: u32 = 0xff;
const IN_FORMAT: u32 = 1 << 8;
const INTERLEAVED: u32 = 1 << 9;

/** The accumulation in force: word 0, whether its steps keep to a format, that format, and the largest sum there. */
let procedure: u32 = 0;
let inFormat: bool = false;
let format: usize = 0;
let limit: f64 = 0;

/** Terms of a sum, and bytes between two rows of the result. */
let terms: u32 = 0;
let rowBytes: usize = 0;

/** Where copies of the operands in double precision lie, and exponents: of all rows, and of a group of columns. */
let rowNumbers: usize = 0;
let rowExponents: usize = 0;
let groupNumbers: usize = 0;
let groupExponents: usize = 0;

/** What is known of the group of columns in force. */
const groupExtents = changetype<Extents>(memory.data(16));

/**
 * product = a · b of `left` and `right` (product.ts).
 *
 * @param swapped whether `left` is the kernel's second operand and `right` its first, which tensor cores tell apart
 */
export function multiplyIn(
  policy: usize,
  swapped: bool,
  rows: u32,
  columns: u32,
  count: u32,
  out: usize,
  stride: u32,
  scratch: usize,
): void {
  const words = policy + POLICY_ACCUMULATION;
  if (load<u32>(words) == 0) multiply(rows, columns, count, out, stride, scratch);
  else multiplyOtherwise(words, swapped, rows, columns, count, out, stride, scratch);
}

function begin(words: usize, swapped: bool): void {
  const word = load<u32>(words);
  procedure = word & PROCEDURE;
  inFormat = (word & IN_FORMAT) != 0;
  format = words + ACCUMULATION_FORMAT;
  limit = limitOf(format);
  setFormat(format);
  setExactFormat(format);
  const length = load<u32>(words + ACCUMULATION_LENGTH);
  tile.length = procedure == CHUNKED ? length : 0;
  const packed = load<u32>(words + ACCUMULATION_RULE);
  rule.block = packed & 0xff;
  rule.fractionBits = (packed >>> 8) & 0xff;
  rule.outputBits = packed >>> 16;
  rule.interleaved = (word & INTERLEAVED) != 0 ? 1 : 0;
  const fields = load<u32>(words + ACCUMULATION_MIN_FIELDS);
  const first = fields & 0xff;
  const second = (fields >>> 8) & 0xff;
  rule.leftField = swapped ? second : first;
  rule.rightField = swapped ? first : second;
  rule.promotion = length;
}

function aligned(address: usize): usize {
  return (address + 15) & ~15;
}

function multiplyOtherwise(
  words: usize,
  swapped: bool,
  rows: u32,
  columns: u32,
  count: u32,
  out: usize,
  stride: u32,
  scratch: usize,
): void {
  begin(words, swapped);
  terms = count;
  rowBytes = stride << 2;
  const extents = aligned(scratch);
  const blocks = (rows + 3) >>> 2;
  rowNumbers = extents + blocks * EXTENTS_BYTES;
  rowExponents = rowNumbers + ((blocks * terms) << 5);
  groupNumbers = aligned(rowExponents + ((blocks * terms) << 3));
  groupExponents = groupNumbers + (terms << 6);
  for (let row: u32 = 0; row < rows; row += ROWS) {
    measureRows(row, min(ROWS, rows - row), terms, changetype<Extents>(extents + (row << 2)));
  }
  let group = right.address;
  for (let column: u32 = 0; column < columns; column += COLUMNS) {
    measureColumns(group, terms, groupExtents);
    for (let row: u32 = 0; row < rows; row += ROWS) {
      const to = out + ((row * stride + column) << 2);
      const known = changetype<Extents>(extents + (row << 2));
      block(known, row, min(ROWS, rows - row), group, columns - column, to);
    }
    group += right.columnStep;
  }
}

/** No vector serves: every sum is computed by itself. */
const NO_MODE: i32 = -1;

/**
 * Products of a fused sum in f32x4 are multiples of 2 to this power: then sums so small that half a unit of the format
 * there is subnormal in f32, which is below 2^(11 - 126), are exact.
 */
const FUSED_UNIT: i32 = -138;

/** How the steps of sums of these rows and columns can be computed (steps.ts, fused.ts). */
function modeOf(rows: Extents): i32 {
  if (!inFormat && procedure == FUSED_MULTIPLY_ADD) {
    // Nothing is below 2^-126 where all products are multiples of it.
    return productUnit(rows, groupExtents) >= -126 ? FUSED : FUSED_AND_FLUSHED;
  }
  if (!inFormat) return cannotFlush(rows.smallest, groupExtents.smallest) ? PLAIN : FLUSHED;
  if (!fitsFormat(rows)) return NO_MODE;
  const shift = shiftOf(load<u32>(format + FORMAT_FLAGS));
  const narrow =
    shift >= 13 &&
    areExactInBinary32(rows, groupExtents, procedure == FUSED_MULTIPLY_ADD ? FUSED_UNIT : -149);
  if (stepsFlush(format)) return narrow ? NARROW_FLUSHING : WIDE_FLUSHING;
  return narrow ? NARROW : WIDE;
}

/**
 * Whether no product overflows the format, or what makes it up is infinite or NaN. Without significand bits ties go away
 * from zero, which no vector does.
 */
function fitsFormat(rows: Extents): bool {
  if (shiftOf(load<u32>(format + FORMAT_FLAGS)) > 22) return false;
  return areFinite(rows, groupExtents) && largestProduct(rows, groupExtents) <= allowed();
}

/**
 * What sums may reach without being computed again. The steps of Kahan's correction are not watched: while sums and
 * products are within a quarter of the limit they are within the limit.
 */
function allowed(): f64 {
  return procedure == KAHAN ? limit * 0.25 : limit;
}

/** Whether sums in this mode are formed of copies in double precision. */
function isWide(mode: i32): bool {
  return inFormat ? mode >= WIDE : procedure == FUSED_MULTIPLY_ADD;
}

function block(known: Extents, row: u32, rows: u32, group: usize, columns: u32, to: usize): void {
  if (procedure == TENSOR_CORE) {
    if (areFinite(known, groupExtents)) {
      copy(known, row, rows, group);
      const ordinary = isOrdinary(
        smallestExponent(known, groupExtents),
        largestProduct(known, groupExtents),
        terms,
      );
      for (let i: u32 = 0; i < rows; i++) tensorRow(row + i, ordinary, group, columns, to + i * rowBytes);
    } else {
      for (let i: u32 = 0; i < rows; i++) exactRow(row + i, group, columns, to + i * rowBytes);
    }
    return;
  }
  const mode = modeOf(known);
  if (isWide(mode)) copy(known, row, rows, group);
  const most: u32 = procedure == KAHAN ? 4 : 2;
  for (let i: u32 = 0; i < rows; i += most) {
    const count = min(most, rows - i);
    if (mode != NO_MODE && someRows(mode, row + i, count, group, columns, to + i * rowBytes)) continue;
    for (let j = i; j < i + count; j++) exactRow(row + j, group, columns, to + j * rowBytes);
  }
}

/** The first four columns of rows whose sums are formed in double precision. */
const firstColumns = memory.data(64);

/** A few rows by eight columns; whether the sums are right as they are. */
function someRows(mode: i32, row: u32, rows: u32, group: usize, columns: u32, to: usize): bool {
  tile.terms = terms;
  tile.rows = rows;
  if (!isWide(mode)) {
    setTile(left.address + row * left.rowStep, left.rowStep, left.columnStep, group, right.rowStep);
    if (!sum(mode)) return false;
    for (let i: usize = 0; i < rows; i++) {
      const from = sums + (i << 5);
      storeRow(to + i * rowBytes, v128.load(from), v128.load(from, 16), columns);
    }
    return true;
  }
  const pitch = terms << 3;
  setTile(rowNumbers + row * pitch, pitch, 8, groupNumbers, 64);
  if (!sum(mode)) return false;
  for (let i: usize = 0; i < rows; i++) v128.store(firstColumns + (i << 4), demoted(i << 5));
  if (columns > 4) {
    tile.b = groupNumbers + 32;
    if (!sum(mode)) return false;
  }
  for (let i: usize = 0; i < rows; i++) {
    storeRow(to + i * rowBytes, v128.load(firstColumns + (i << 4)), demoted(i << 5), columns);
  }
  return true;
}

/** Four sums in double precision, which are numbers of binary32. */
function demoted(at: usize): v128 {
  const low = f32x4.demote_f64x2_zero(v128.load(sums + at));
  const high = f32x4.demote_f64x2_zero(v128.load(sums + at, 16));
  return i64x2.shuffle(low, high, 0, 2);
}

function setTile(a: usize, nextRow: usize, aStep: usize, b: usize, bStep: usize): void {
  tile.a = a;
  tile.nextRow = nextRow;
  tile.secondRow = tile.rows > 1 ? nextRow : 0;
  tile.aStep = aStep;
  tile.b = b;
  tile.bStep = bStep;
}

/** The sums of a tile; false where one has to be computed again. */
function sum(mode: i32): bool {
  if (procedure == FUSED_MULTIPLY_ADD) sumFused(mode);
  else if (procedure == PAIRWISE) sumPairwise(mode);
  else if (procedure == KAHAN) sumWithCorrection(mode);
  else sumInChunks(mode);
  return !inFormat || !exceeded(isWide(mode), allowed());
}

function tensorRow(row: u32, ordinary: bool, group: usize, columns: u32, to: usize): void {
  preparedRow.numbers = rowNumbers + ((row * terms) << 3);
  preparedRow.exponents = rowExponents + ((row * terms) << 1);
  preparedColumns.numbers = groupNumbers;
  preparedColumns.exponents = groupExponents;
  if (!sumTensorCore(terms, ordinary)) {
    exactRow(row, group, columns, to);
    return;
  }
  memory.copy(sums, totals, 64);
  storeRow(to, demoted(0), demoted(32), columns);
}

/** Eight columns of a row, or as many as there are, each sum by itself. */
function exactRow(row: u32, group: usize, columns: u32, to: usize): void {
  tile.terms = terms;
  tile.aStep = left.columnStep;
  tile.bStep = right.rowStep;
  const a = left.address + row * left.rowStep;
  for (let column: u32 = 0; column < 8; column++) {
    const value: f32 = column < columns ? exactSum(a, group + (column << 2)) : 0;
    store<f32>(sums + (column << 2), value);
  }
  storeRow(to, v128.load(sums), v128.load(sums, 16), columns);
}

function exactSum(a: usize, b: usize): f32 {
  if (procedure == TENSOR_CORE) return exactTensorCore(a, b);
  if (procedure == FUSED_MULTIPLY_ADD) return exactFused(a, b);
  if (procedure == PAIRWISE) return exactPairwise(a, b);
  return procedure == KAHAN ? exactKahan(a, b) : exactInChunks(a, b);
}

/** Copies in double precision of some rows and of the group in force, unless they have been made. */
function copy(known: Extents, row: u32, rows: u32, group: usize): void {
  if (known.copied == 0) {
    for (let i: u32 = 0; i < rows; i++) copyRow(row + i);
    known.copied = 1;
  }
  if (groupExtents.copied == 1) return;
  groupExtents.copied = 1;
  let numbers = groupNumbers;
  let exponents = groupExponents;
  for (let k: u32 = 0; k < terms; k++) {
    const first = operandsOf(v128.load(group));
    const second = operandsOf(v128.load(group, 16));
    v128.store(numbers, f64x2.promote_low_f32x4(first));
    v128.store(numbers, f64x2.promote_low_f32x4(upper(first)), 16);
    v128.store(numbers, f64x2.promote_low_f32x4(second), 32);
    v128.store(numbers, f64x2.promote_low_f32x4(upper(second)), 48);
    if (procedure == TENSOR_CORE) {
      const low = exponentsOf(first, rule.rightField, RIGHT_BIAS);
      v128.store(exponents, i16x8.narrow_i32x4_s(low, exponentsOf(second, rule.rightField, RIGHT_BIAS)));
      exponents += 16;
    }
    numbers += 64;
    group += right.rowStep;
  }
}

/** Operands count without their subnormals in binary32 alone. */
function operandsOf(values: v128): v128 {
  return procedure == FUSED_MULTIPLY_ADD && !inFormat ? Vector.flush(values) : values;
}

function upper(values: v128): v128 {
  return i64x2.shuffle(values, values, 1, 0);
}

function copyRow(row: u32): void {
  let from = left.address + row * left.rowStep;
  const numbers = rowNumbers + ((row * terms) << 3);
  const exponents = rowExponents + ((row * terms) << 1);
  for (let k: u32 = 0; k < terms; k++) {
    const value = operandsOf(v128.load32_splat(from));
    v128.store64_lane(numbers + (k << 3), f64x2.promote_low_f32x4(value), 0);
    if (procedure == TENSOR_CORE) {
      store<u16>(exponents + (k << 1), i32x4.extract_lane(exponentsOf(value, rule.leftField, LEFT_BIAS), 0));
    }
    from += left.columnStep;
  }
}
