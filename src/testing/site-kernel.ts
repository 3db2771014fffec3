/** A kernel that does nothing but write values at a cast site: shaders/testing/sites.wgsl. */
import shader from '../../shaders/testing/sites.wgsl';
import { tensorAt, type Kernel } from '../graph/kernel';
import { rowsOf } from '../graph/tensor';

export function siteKernel(entryPoint: 'vectors' | 'scalars'): Kernel {
  return {
    name: `test.site.${entryPoint}`,
    shader,
    entryPoint,
    uses: ['policy', 'records'],
    workgroupSize: 64,
    invocations: (call) => rowsOf(tensorAt(call.outputs, 0)),
    constants: ({ outputs, sites: [site] }) => [
      rowsOf(tensorAt(outputs, 0)),
      site.id,
      site.role === 'parameter gradient' ? 1 : 0,
    ],
    reference: ({ inputs: [x], outputs: [y], rounders: [site] }) => {
      for (let row = 0; row < y.rows; row++) {
        for (let column = 0; column < y.columns; column++) {
          const i = row * y.stride + column;
          y.data[i] = site.round(x.data[row * x.stride + column], i);
        }
      }
    },
  };
}
