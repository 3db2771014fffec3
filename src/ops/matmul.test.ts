import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Matrix } from '../graph/kernel';
import { padded } from '../graph/tensor';
import { add, fromBits, mul } from '../numerics/f32';
import { asStored, multiply, transposed, type Factor } from './matmul';

/** The definition of a matrix product, without any cleverness. */
function defined(a: Factor, b: Factor, rows: number, terms: number, columns: number): number[] {
  const out: number[] = [];
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      let sum = 0;
      for (let k = 0; k < terms; k++) {
        const x = a.data[i * a.rowStride + k * a.columnStride];
        sum = add(sum, mul(x, b.data[k * b.rowStride + j * b.columnStride]));
      }
      out.push(sum);
    }
  }
  return out;
}

const matrix = (rows: number, columns: number): Matrix => {
  const stride = padded(columns);
  return { data: new Float32Array(rows * stride), rows, columns, stride };
};

/** Fills the elements, not the pads, from the list of values in turn. */
function filled(rows: number, columns: number, values: readonly number[], first: number): Matrix {
  const out = matrix(rows, columns);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      out.data[row * out.stride + column] = values[(first + row * columns + column) % values.length];
    }
  }
  return out;
}

const anyBits = fc.integer({ min: 0, max: 0xffffffff }).map(fromBits);
/** Products of these come close to 2^-126, above and below. */
const tiny = fc.tuple(fc.float({ min: 1, max: 2, noNaN: true }), fc.integer({ min: -75, max: -55 }));
const ordinary = fc.float({ min: -2, max: 2, noNaN: true });
const half = ordinary.map((x) => Math.round(x * 1024) / 1024);
const huge = fc.constantFrom(2 ** 60, -(2 ** 63), 2 ** 64, -(2 ** 67));
const element = {
  'ordinary values': ordinary,
  'values of few bits, many zeros': fc.oneof(half, fc.constant(0), fc.constant(-0)),
  'tiny values': fc.oneof(
    tiny.map(([x, e]) => x * 2 ** e),
    fc.constant(0),
  ),
  'few bits and overflow': fc.oneof(half, huge),
  'any bit pattern': fc.oneof(anyBits, fc.constantFrom(Infinity, -Infinity, NaN, 0, -0), ordinary),
};

describe('multiply', () => {
  for (const [name, arbitrary] of Object.entries(element)) {
    it(`equals the definition: ${name}`, () => {
      const size = fc.integer({ min: 1, max: 11 });
      const values = fc.array(arbitrary, { minLength: 1, maxLength: 60 });
      fc.assert(
        fc.property(size, size, size, values, fc.nat(50), (rows, terms, columns, list, first) => {
          const forms: [Factor, Factor][] = [
            [asStored(filled(rows, terms, list, 0)), transposed(filled(columns, terms, list, first))],
            [asStored(filled(rows, terms, list, 0)), asStored(filled(terms, columns, list, first))],
            [transposed(filled(terms, rows, list, 0)), asStored(filled(terms, columns, list, first))],
          ];
          for (const [a, b] of forms) {
            const product = filled(rows, columns, [NaN], 0);
            multiply(a, b, terms, product);
            const found = Array.from({ length: rows * columns }, (_, i) => {
              const row = Math.floor(i / columns);
              return product.data[row * product.stride + (i - row * columns)];
            });
            expect(found).toEqual(defined(a, b, rows, terms, columns));
          }
        }),
        { numRuns: 300 },
      );
    });
  }

  it('keeps an infinity that meets a zero', () => {
    const product = matrix(1, 1);
    multiply(asStored(filled(1, 2, [0, 1], 0)), asStored(filled(2, 1, [Infinity, 1], 0)), 2, product);
    expect(product.data[0]).toBeNaN();
  });

  it('overflows product by product, not in double precision', () => {
    const product = matrix(1, 1);
    const [a, b] = [filled(1, 2, [2 ** 100, -(2 ** 100)], 0), filled(2, 1, [2 ** 100], 0)];
    multiply(asStored(a), asStored(b), 2, product);
    expect(product.data[0]).toBeNaN();
  });

  it('flushes a product below 2^-126 to a zero of its sign', () => {
    const product = matrix(1, 1);
    multiply(asStored(filled(1, 1, [2 ** -70], 0)), asStored(filled(1, 1, [2 ** -70], 0)), 1, product);
    expect(product.data[0]).toBe(0);
  });
});
