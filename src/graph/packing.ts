/**
 * Moves matrices between their dense form (initial values, data sets, what `Runner.read` returns) and the padded
 * rows in which all backends store them (graph/tensor.ts). Bits are kept, those of NaN included.
 */
import { toBits } from '../numerics/f32';
import type { View } from './plan';

type Layout = Pick<View, 'offset' | 'rowStride' | 'rows' | 'columns'>;

/**
 * Writes the dense `[rows][columns]` values of one lane into that lane's memory.
 *
 * @param lane the lane's elements of the buffer; the matrix starts at `layout.offset`. Pads are left alone
 * @throws {RangeError} when the number of values is not that of the matrix
 */
export function packMatrix(dense: Float32Array, layout: Layout, lane: Float32Array): void {
  const { offset, rowStride, rows, columns } = layout;
  if (dense.length !== rows * columns) {
    throw new RangeError(`a ${rows}×${columns} matrix cannot be filled with ${dense.length} values`);
  }
  for (let row = 0; row < rows; row++) {
    lane.set(dense.subarray(row * columns, (row + 1) * columns), offset + row * rowStride);
  }
}

/** The dense `[rows][columns]` values of a matrix in one lane's memory. */
export function unpackMatrix(layout: Layout, lane: Float32Array): Float32Array {
  const { offset, rowStride, rows, columns } = layout;
  const dense = new Float32Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    const start = offset + row * rowStride;
    dense.set(lane.subarray(start, start + columns), row * columns);
  }
  return dense;
}

/**
 * Makes every NaN the canonical one, in place. Which NaN a float operation gives is the processor's choice; outside of
 * a backend's memory there is one.
 */
export function canonicalizeNaN(values: Float32Array): Float32Array {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  values.forEach((value, i) => {
    if (value !== value) bits[i] = toBits(value);
  });
  return values;
}
