/** Casts between formats: what autocast inserts before an operation of its low-precision list. */
import castShader from '../../shaders/ops/cast.wgsl';
import type { GraphBuilder } from '../graph/builder';
import { tensorAt, type Kernel } from '../graph/kernel';
import { columnsOf, padded, rowsOf, type Site, type Tensor } from '../graph/tensor';

/** Four vec4s of one row to an invocation. */
const chunks = (tensor: Tensor): number => rowsOf(tensor) * Math.ceil(padded(columnsOf(tensor)) / 16);

/** y = round(x), element by element. Constants: rows, columns, site. */
export const castKernel: Kernel = {
  name: 'cast',
  shader: castShader,
  entryPoint: 'cast',
  uses: ['formats', 'records'],
  workgroupSize: 64,
  invocations: (call) => chunks(tensorAt(call.outputs, 0)),
  constants: (call) => {
    const y = tensorAt(call.outputs, 0);
    return [rowsOf(y), columnsOf(y), call.sites[0].id];
  },
  reference: ({ inputs: [x], outputs: [y], rounders: [site] }) => {
    for (let row = 0; row < y.rows; row++) {
      for (let column = 0; column < y.columns; column++) {
        y.data[row * y.stride + column] = site.round(x.data[row * x.stride + column]);
      }
    }
  },
};

/** The class that decides a site's format: `follow` looks at where the value came from. */
function autocastOf(site: Site): 'low' | 'full' {
  if (site.autocast !== 'follow') return site.autocast;
  return site.source ? autocastOf(site.source) : 'full';
}

/**
 * The tensor a low-precision operation reads: `x` itself when an earlier low-precision operation or the input cast
 * wrote it, otherwise a cast copy. The gradient passes a cast unchanged: it widens exactly.
 */
export function lowPrecisionInput(builder: GraphBuilder, x: Tensor, layer: string): Tensor {
  if (x.site && autocastOf(x.site) === 'low') return x;
  const y = builder.tensor(`${layer}.input`, x.shape, { differentiable: x.differentiable });
  const site = builder.site(y.name, y, { layer, role: 'input', autocast: 'low', source: x.site });
  builder.call(castKernel, { label: layer, inputs: [x], outputs: [y], sites: [site] });
  return builder.operation({ inputs: [x], output: y, gradient: ({ outputGradient }) => [outputGradient] });
}
