/**
 * Histograms of gradients: how many values of each cast site have which f32 exponent field. They are not part of a
 * step; a backend runs their plan when somebody looks, on what the last step left in the gradients' memory.
 */
import histogramShader from '../../shaders/engine/histogram.wgsl';
import { tensorAt, type Kernel } from '../graph/kernel';
import type { Plan } from '../graph/plan';
import { columnsOf, isGradientRole, padded, rowsOf, type Site, type Tensor } from '../graph/tensor';

/** Exponent fields of binary32. */
export const HISTOGRAM_BINS = 256;

/** vec4s to an invocation. */
const CHUNK = 4;

/**
 * Adds the values of a tensor to a row of `counts`. Counts are u32; only their bits lie in the f32 memory.
 * Constants: rows, columns, row of `counts`.
 */
export const histogramKernel: Kernel = {
  name: 'histogram',
  shader: histogramShader,
  entryPoint: 'histogram',
  uses: [],
  workgroupSize: 64,
  invocations: (call) => {
    const values = tensorAt(call.inputs, 0);
    return Math.ceil((rowsOf(values) * padded(columnsOf(values))) / (4 * CHUNK));
  },
  constants: (call) => {
    const values = tensorAt(call.inputs, 0);
    return [rowsOf(values), columnsOf(values), call.attributes.entry];
  },
  reference: ({ inputs: [values], outputs: [counts] }, call) => {
    const bits = new Uint32Array(values.data.buffer, values.data.byteOffset, values.data.length);
    const bins = new Uint32Array(counts.data.buffer, counts.data.byteOffset, counts.data.length).subarray(
      call.attributes.entry * counts.stride,
    );
    for (let row = 0; row < values.rows; row++) {
      const start = row * values.stride;
      for (let i = start; i < start + values.columns; i++) bins[(bits[i] >>> 23) & 0xff]++;
    }
  },
};

export interface HistogramPlan {
  /** Reads the memory of the training plan. `counts` has to be cleared before every run. */
  readonly plan: Plan;
  /** Sites with a histogram: all gradients that outlast the step, in the order of their ids. */
  readonly sites: readonly Site[];
  /** [site][256]. */
  readonly counts: Tensor;
}

/**
 * Sites of gradients whose values are still there after a step: where gradients of a parameter are added up in place, the
 * sum has taken the place of the first, and updates that of unscaled gradients.
 */
function lastingGradients(plan: Plan): readonly Site[] {
  const last = new Map<string, Site>();
  for (const site of plan.sites.filter(({ role }) => isGradientRole(role))) {
    const { buffer, offset } = plan.view(site.tensor);
    last.set(`${buffer} ${offset}`, site);
  }
  return [...last.values()].sort((a, b) => a.id - b.id);
}

/** The plan that fills the histograms of the gradient sites of a training plan. */
export function histogramPlan(training: Plan): HistogramPlan {
  const sites = lastingGradients(training);
  const counts: Tensor = {
    id: training.tensors.length,
    name: 'histograms',
    shape: [sites.length, HISTOGRAM_BINS],
    site: null,
    aliasOf: null,
    residence: null,
    differentiable: false,
    shared: false,
  };
  const calls = sites.map((site, entry) => ({
    kernel: histogramKernel,
    label: site.layer,
    inputs: [site.tensor],
    outputs: [counts],
    attributes: { entry },
    sites: [],
  }));
  const plan: Plan = {
    ...training,
    base: training,
    calls,
    tensors: [...training.tensors, counts],
    buffers: new Map(training.buffers).set(training.view(counts).buffer, {
      elements: sites.length * HISTOGRAM_BINS,
      shared: false,
    }),
  };
  return { plan, sites, counts };
}
