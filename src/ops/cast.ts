/** Casts between formats: what autocast inserts before an operation of its low-precision list. */
import castShader from '../../shaders/ops/cast.wgsl';
import type { GraphBuilder, SiteOptions } from '../graph/builder';
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
      y.data[i] = site.round(x.data[i], i);
    });
  },
};

/** The class that decides a site's format: `follow` looks at where the value came from; raw data are FP32. */
export function autocastOf(site: Site | null): 'low' | 'full' {
  if (!site) return 'full';
  return site.autocast === 'follow' ? autocastOf(site.source) : site.autocast;
}

/** Appends a copy of `x` that is rounded at a site of its own. */
export function castCopy(builder: GraphBuilder, x: Tensor, name: string, options: SiteOptions): Tensor {
  const y = builder.tensor(name, x.shape, { differentiable: x.differentiable });
  const site = builder.site(name, y, options);
  builder.call(castKernel, { label: options.layer, inputs: [x], outputs: [y], sites: [site] });
  return y;
}

/**
 * The tensor a low-precision operation reads: `x` itself when an earlier low-precision operation or the input cast
 * wrote it, otherwise a cast copy. The gradient passes a cast unchanged: it widens exactly.
 */
export function lowPrecisionInput(builder: GraphBuilder, x: Tensor, layer: string): Tensor {
  if (autocastOf(x.site) === 'low') return x;
  const options = { layer, role: 'input', autocast: 'low', source: x.site } as const;
  return builder.operation({
    inputs: [x],
    output: castCopy(builder, x, `${layer}.input`, options),
    gradient: ({ outputGradient }) => [outputGradient],
  });
}
