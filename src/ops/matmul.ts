/**
 * The matrix product of the reference implementations. What it computes is `exactRow`: every sum runs over ascending
 * k from +0 in f32, each product and each sum rounded as numerics/f32.ts defines.
 *
 * Plain double arithmetic with one Math.fround per operation gives the same bits, many times faster, whenever no
 * subnormal can arise. A look at the operands tells: if every non-zero product is 2^-100 or larger, all rounded
 * products, and therefore all sums, are multiples of 2^-123, so none lies strictly between 0 and 2^-126.
 */
import type { Matrix } from '../graph/kernel';
import type { Accumulator } from '../numerics/accumulators';
import { add, mul } from '../numerics/f32';

/** A matrix operand: element (i, j) is `data[i * rowStride + j * columnStride]`. */
export interface Factor {
  readonly data: Float32Array;
  readonly rowStride: number;
  readonly columnStride: number;
}

/** A matrix as it lies in memory. */
export const asStored = ({ data, stride }: Matrix): Factor => ({ data, rowStride: stride, columnStride: 1 });

/** The transpose of a matrix. */
export const transposed = ({ data, stride }: Matrix): Factor => ({
  data,
  rowStride: 1,
  columnStride: stride,
});

/** Where a product of matrices goes: element (i, j) is `data[i * rowStride + j * columnStride]`. */
export interface Target extends Factor {
  readonly rows: number;
  readonly columns: number;
}

/** out = a · b with each sum made by an accumulator: begun from +0, then the terms in ascending order. */
export function accumulate(accumulator: Accumulator, a: Factor, b: Factor, terms: number, out: Target): void {
  for (let row = 0; row < out.rows; row++) {
    for (let column = 0; column < out.columns; column++) {
      let atA = row * a.rowStride;
      let atB = column * b.columnStride;
      accumulator.begin(0);
      for (let k = 0; k < terms; k++) {
        accumulator.term(a.data[atA], b.data[atB]);
        atA += a.columnStride;
        atB += b.rowStride;
      }
      out.data[row * out.rowStride + column * out.columnStride] = accumulator.end();
    }
  }
}

/** Magnitudes of the non-zero elements of an operand, as f32 bits. */
class Extent {
  smallest = 0x7fffffff;
  largest = 0;

  include(bits: number): void {
    const magnitude = bits & 0x7fffffff;
    if (magnitude === 0) return;
    if (magnitude < this.smallest) this.smallest = magnitude;
    if (magnitude > this.largest) this.largest = magnitude;
  }

  clear(): void {
    this.smallest = 0x7fffffff;
    this.largest = 0;
  }
}

const MIN_NORMAL_BITS = 0x00800000;
const INFINITY_BITS = 0x7f800000;

/** No product of non-zero elements is below 2^-100, and no element counts as zero though it is not. */
const cannotFlush = (a: Extent, b: Extent): boolean =>
  a.smallest >= MIN_NORMAL_BITS &&
  b.smallest >= MIN_NORMAL_BITS &&
  (a.smallest >>> 23) + (b.smallest >>> 23) - 254 >= -100;

/** Memory that calls reuse: rows of b, and the terms of one row of a. */
let rowsOfB = new Float32Array(0);
let values = new Float32Array(0);
let offsets = new Int32Array(0);
const extentA = new Extent();
const extentB = new Extent();

/** product = a · b, added up as the lane does it; see `multiply`. */
export function multiplyIn(
  accumulator: Accumulator | null,
  a: Factor,
  b: Factor,
  terms: number,
  product: Matrix,
): void {
  if (accumulator) accumulate(accumulator, a, b, terms, { ...product, ...asStored(product) });
  else multiply(a, b, terms, product);
}

/**
 * product = a · b, with a [rows, terms], b [terms, columns] and the rows and columns of `product`. Values are not
 * rounded to a format and NaN are not canonical; pads of `product` stay as they are.
 */
export function multiply(a: Factor, b: Factor, terms: number, product: Matrix): void {
  const { rows, columns } = product;
  const stored = b.columnStride === 1 ? b : copyRows(b, terms, columns);
  measure(stored, terms, columns);
  if (values.length < terms) {
    values = new Float32Array(terms);
    offsets = new Int32Array(terms);
  }
  // 0 · inf is NaN, so products with zeros can be left out only if b is finite. Sums are never -0 here, because
  // nothing is flushed, so adding a zero of either sign changes nothing.
  const skipZeros = extentB.largest < INFINITY_BITS;
  for (let row = 0; row < rows; row++) {
    const count = gather(a, row, terms, stored.rowStride, skipZeros);
    if (cannotFlush(extentA, extentB)) sumProducts(stored.data, count, product, row);
    else exactRow(a, row, stored, terms, product);
  }
}

/** The definition, for one row of the product. */
function exactRow(a: Factor, row: number, b: Factor, terms: number, product: Matrix): void {
  for (let column = 0; column < product.columns; column++) {
    let sum = 0;
    for (let k = 0; k < terms; k++) {
      const x = a.data[row * a.rowStride + k * a.columnStride];
      sum = add(sum, mul(x, b.data[k * b.rowStride + column * b.columnStride]));
    }
    product.data[row * product.stride + column] = sum;
  }
}

/** `b` with its rows stored one after another. */
function copyRows(b: Factor, rows: number, columns: number): Factor {
  if (rowsOfB.length < rows * columns) rowsOfB = new Float32Array(rows * columns);
  for (let column = 0; column < columns; column++) {
    for (let row = 0; row < rows; row++) {
      rowsOfB[row * columns + column] = b.data[row * b.rowStride + column * b.columnStride];
    }
  }
  return { data: rowsOfB, rowStride: columns, columnStride: 1 };
}

const bitsOf = ({ buffer, byteOffset, length }: Float32Array): Uint32Array =>
  new Uint32Array(buffer, byteOffset, length);

function measure(b: Factor, rows: number, columns: number): void {
  const bits = bitsOf(b.data);
  extentB.clear();
  for (let row = 0; row < rows; row++) {
    const start = row * b.rowStride;
    for (let i = start; i < start + columns; i++) extentB.include(bits[i]);
  }
}

/** Lists the terms of one row of a, with the offset of the row of b that each meets; returns how many there are. */
function gather(a: Factor, row: number, terms: number, strideB: number, skipZeros: boolean): number {
  const { data, rowStride, columnStride } = a;
  let count = 0;
  for (let k = 0; k < terms; k++) {
    const value = data[row * rowStride + k * columnStride];
    if (value === 0 && skipZeros) continue;
    values[count] = value;
    offsets[count++] = k * strideB;
  }
  extentA.clear();
  const bits = bitsOf(values);
  for (let i = 0; i < count; i++) extentA.include(bits[i]);
  return count;
}

/** One row of the product, four terms at a time, where nothing can be flushed. */
function sumProducts(b: Float32Array, count: number, product: Matrix, row: number): void {
  const { data, columns } = product;
  const start = row * product.stride;
  data.fill(0, start, start + columns);
  let i = 0;
  for (; i + 4 <= count; i += 4) {
    const a0 = values[i];
    const a1 = values[i + 1];
    const a2 = values[i + 2];
    const a3 = values[i + 3];
    const b0 = offsets[i];
    const b1 = offsets[i + 1];
    const b2 = offsets[i + 2];
    const b3 = offsets[i + 3];
    for (let j = 0; j < columns; j++) {
      let sum = data[start + j];
      sum = Math.fround(sum + Math.fround(a0 * b[b0 + j]));
      sum = Math.fround(sum + Math.fround(a1 * b[b1 + j]));
      sum = Math.fround(sum + Math.fround(a2 * b[b2 + j]));
      data[start + j] = sum + Math.fround(a3 * b[b3 + j]);
    }
  }
  for (; i < count; i++) {
    const a0 = values[i];
    const b0 = offsets[i];
    for (let j = 0; j < columns; j++) data[start + j] += Math.fround(a0 * b[b0 + j]);
  }
}
