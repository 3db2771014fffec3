/** What kernels have in common that treat every element of a matrix alike. All their operands have one shape. */
import { tensorAt, type Kernel, type Matrix, type SiteRounder } from '../graph/kernel';
import { columnsOf, padded, rowsOf } from '../graph/tensor';

/** Each invocation treats four vec4s (shaders/ops/elementwise.wgsl). */
const VECTORS = 4;

/** Constants: rows, columns. */
export const elementwise: Pick<Kernel, 'workgroupSize' | 'invocations' | 'constants'> = {
  workgroupSize: 64,
  invocations: ({ outputs }) => {
    const y = tensorAt(outputs, 0);
    return Math.ceil((rowsOf(y) * padded(columnsOf(y))) / (4 * VECTORS));
  },
  constants: ({ outputs }) => {
    const y = tensorAt(outputs, 0);
    return [rowsOf(y), columnsOf(y)];
  },
};

/** For kernels that round their output. Constants: rows, columns, site. */
export const elementwiseAtSite: typeof elementwise & Pick<Kernel, 'uses'> = {
  ...elementwise,
  uses: ['policy', 'records'],
  constants: (call, plan) => [...elementwise.constants(call, plan), call.sites[0].id],
};

/** Visits every element in memory order, pads left out; the index serves all operands of the same shape. */
export function forEachElement({ rows, columns, stride }: Matrix, visit: (index: number) => void): void {
  for (let row = 0; row < rows; row++) {
    const start = row * stride;
    for (let index = start; index < start + columns; index++) visit(index);
  }
}

/** Rounds a matrix in place. */
export function roundElements(matrix: Matrix, site: SiteRounder): void {
  forEachElement(matrix, (i) => {
    matrix.data[i] = site.round(matrix.data[i], i);
  });
}
