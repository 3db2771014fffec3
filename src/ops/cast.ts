/** Casts between formats: what autocast inserts before an operation of its low-precision list. */
import castShader from '../../shaders/ops/cast.wgsl';
import type { GraphBuilder } from '../graph/builder';
import type { Kernel } from '../graph/kernel';
import type { Site, Tensor } from '../graph/tensor';
import { elementwiseAtSite, forEachElement } from './elementwise';

/** y = round(x), element by element. */
export const castKernel: Kernel = {
  ...elementwiseAtSite,
  name: 'cast',
  shader: castShader,
  entryPoint: 'cast_elements',
  reference: ({ inputs: [x], outputs: [y], rounders: [site] }) => {
    forEachElement(y, (i) => {
      y.data[i] = site.round(x.data[i]);
    });
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
