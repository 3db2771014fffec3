import { expect, test } from 'vitest';
import { canonicalizeNaN, packMatrix, unpackMatrix } from './packing';

const layout = { offset: 4, rowStride: 8, rows: 2, columns: 5 };
const dense = Float32Array.from([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);

test('rows are padded and come back dense', () => {
  const lane = new Float32Array(24);
  packMatrix(dense, layout, lane);
  expect([...lane]).toEqual([0, 0, 0, 0, 1, 2, 3, 4, 5, 0, 0, 0, 6, 7, 8, 9, 10, 0, 0, 0, 0, 0, 0, 0]);
  expect(unpackMatrix(layout, lane)).toEqual(dense);
});

test('bits survive, payloads of NaN included', () => {
  const bits = Uint32Array.from(dense, (_, i) => 0xff800001 + i);
  const lane = new Float32Array(24);
  packMatrix(new Float32Array(bits.buffer), layout, lane);
  expect(new Uint32Array(unpackMatrix(layout, lane).buffer)).toEqual(bits);
});

test('a wrong number of values is refused', () => {
  expect(() => packMatrix(dense.subarray(1), layout, new Float32Array(24))).toThrow(
    /2×5 matrix cannot be filled with 9 values/,
  );
});

test('only NaN becomes canonical', () => {
  const values = new Float32Array(Uint32Array.of(0xffc00001, 0x7f800001, 0x80000000, 0xff800000).buffer);
  canonicalizeNaN(values);
  expect([...new Uint32Array(values.buffer)]).toEqual([0x7fc00000, 0x7fc00000, 0x80000000, 0xff800000]);
});
