/**
 * Fully connected layer, y = x·Wᵀ + b, with x [batch, in], W [out, in], b [out], y [batch, out].
 * Sums run over ascending k from +0 in f32, each product and each sum rounded (numerics/f32.ts); the bias is added
 * before the single rounding to the site's format, as cuBLASLt's epilogue does under autocast.
 */
import linearShader from '../../shaders/ops/linear.wgsl';
import type { GraphBuilder } from '../graph/builder';
import { tensorAt, type Kernel, type Matrix, type SiteRounder } from '../graph/kernel';
import type { ShaderConditions } from '../graph/shader';
import { columnsOf, padded, rowsOf, type Tensor } from '../graph/tensor';
import { add } from '../numerics/f32';
import { gradientOperand, operand } from './cast';
import { roundElements } from './elementwise';
import { asStored, multiplyIn, transposed } from './matmul';
import { layerParameters, parameterGradients, type ParameterOptions } from './parameters';
import { tileCount } from './tiles';

const WORKGROUP = 64;

const tiles = (tensor: Tensor, variant: ShaderConditions): number =>
  tileCount(rowsOf(tensor), columnsOf(tensor), variant);

/** y = round(x·Wᵀ + b). Constants: batch, in, out, site. */
export const linearForward: Kernel = {
  name: 'linear.forward',
  shader: linearShader,
  entryPoint: 'forward',
  uses: ['policy', 'records'],
  accumulates: true,
  workgroupSize: WORKGROUP,
  invocations: (call, _, variant) => tiles(tensorAt(call.outputs, 0), variant),
  constants: (call) => {
    const x = tensorAt(call.inputs, 0);
    const y = tensorAt(call.outputs, 0);
    return [rowsOf(x), columnsOf(x), columnsOf(y), call.sites[0].id];
  },
  reference: ({ inputs: [x, weight, bias], outputs: [y], rounders: [site], accumulator }) => {
    multiplyIn(accumulator, asStored(x), transposed(weight), x.columns, y);
    for (let row = 0; row < y.rows; row++) {
      for (let out = 0; out < y.columns; out++) {
        const i = row * y.stride + out;
        y.data[i] = site.round(add(y.data[i], bias.data[out]), i);
      }
    }
  },
};

/** y = round(x·Wᵀ). Constants: batch, in, out, site. */
export const linearForwardUnbiased: Kernel = {
  ...linearForward,
  name: 'linear.forward.unbiased',
  entryPoint: 'forward_unbiased',
  reference: ({ inputs: [x, weight], outputs: [y], rounders: [site], accumulator }) => {
    multiplyIn(accumulator, asStored(x), transposed(weight), x.columns, y);
    roundElements(y, site);
  },
};

/** dx = round(dy·W). Constants: batch, in, out, site. */
export const linearInputGradient: Kernel = {
  name: 'linear.input.grad',
  shader: linearShader,
  entryPoint: 'input_gradient',
  uses: ['policy', 'records'],
  accumulates: true,
  workgroupSize: WORKGROUP,
  invocations: (call, _, variant) => tiles(tensorAt(call.outputs, 0), variant),
  constants: (call) => {
    const dy = tensorAt(call.inputs, 0);
    const dx = tensorAt(call.outputs, 0);
    return [rowsOf(dx), columnsOf(dx), columnsOf(dy), call.sites[0].id];
  },
  reference: ({ inputs: [dy, weight], outputs: [dx], rounders: [site], accumulator }) => {
    multiplyIn(accumulator, asStored(dy), asStored(weight), dy.columns, dx);
    roundElements(dx, site);
  },
};

/** dW = round(dyᵀ·x) and db = round(Σ dy over the batch). Constants: batch, in, out, weight site, bias site. */
export const linearParameterGradient: Kernel = {
  name: 'linear.parameter.grad',
  shader: linearShader,
  entryPoint: 'parameter_gradient',
  uses: ['policy', 'records'],
  accumulates: true,
  outputsShareBuffer: true,
  workgroupSize: WORKGROUP,
  // Those after the tiles compute the bias gradient.
  invocations: (call, _, variant) =>
    tiles(tensorAt(call.outputs, 0), variant) + padded(rowsOf(tensorAt(call.outputs, 0))) / 4,
  constants: (call) => {
    const dy = tensorAt(call.inputs, 0);
    const x = tensorAt(call.inputs, 1);
    return [rowsOf(x), columnsOf(x), columnsOf(dy), call.sites[0].id, call.sites[1].id];
  },
  reference: ({
    inputs: [dy, x],
    outputs: [dWeight, dBias],
    rounders: [weightSite, biasSite],
    accumulator,
  }) => {
    multiplyIn(accumulator, transposed(dy), asStored(x), x.rows, dWeight);
    roundElements(dWeight, weightSite);
    sumOverBatch(dy, dBias, biasSite);
  },
};

function sumOverBatch(dy: Matrix, dBias: Matrix, site: SiteRounder): void {
  for (let out = 0; out < dBias.columns; out++) {
    let sum = 0;
    for (let row = 0; row < dy.rows; row++) sum = add(sum, dy.data[row * dy.stride + out]);
    dBias.data[out] = site.round(sum, out);
  }
}

/** db = round(Σ dy over the batch), where the product reads dy in another type. Constants: batch, out, site. */
export const linearBiasGradient: Kernel = {
  name: 'linear.bias.grad',
  shader: linearShader,
  entryPoint: 'bias_gradient',
  uses: ['policy', 'records'],
  workgroupSize: WORKGROUP,
  invocations: (call) => padded(columnsOf(tensorAt(call.outputs, 0))) / 4,
  constants: (call) => {
    const dy = tensorAt(call.inputs, 0);
    return [rowsOf(dy), columnsOf(dy), call.sites[0].id];
  },
  reference: ({ inputs: [dy], outputs: [dBias], rounders: [site] }) => sumOverBatch(dy, dBias, site),
};

/** dW = round(dyᵀ·x). Constants: batch, in, out, site. */
export const linearWeightGradient: Kernel = {
  ...linearParameterGradient,
  name: 'linear.weight.grad',
  entryPoint: 'weight_gradient',
  invocations: (call, _, variant) => tiles(tensorAt(call.outputs, 0), variant),
  constants: (call) => {
    const dy = tensorAt(call.inputs, 0);
    const x = tensorAt(call.inputs, 1);
    return [rowsOf(x), columnsOf(x), columnsOf(dy), call.sites[0].id];
  },
  reference: ({ inputs: [dy, x], outputs: [dWeight], rounders: [site], accumulator }) => {
    multiplyIn(accumulator, transposed(dy), asStored(x), x.rows, dWeight);
    roundElements(dWeight, site);
  },
};

export interface LinearOptions extends ParameterOptions {
  /** Output features. */
  readonly out: number;
}

/** Appends `Linear(in, out)`. */
export function linear(builder: GraphBuilder, x: Tensor, options: LinearOptions): Tensor {
  const { name, out, bias: biased = true } = options;
  const input = operand(builder, x, { layer: name, op: 'linear', roundsBatch: true });
  const features = columnsOf(input);
  const parameters = layerParameters(builder, options, {
    shape: [out, features],
    fans: { fanIn: features, fanOut: out },
    op: 'linear',
  });
  const [weight] = parameters;
  const inputs = [input, ...parameters.map(({ cast }) => cast)];
  const y = builder.tensor(`${name}.output`, [rowsOf(input), out]);
  const site = builder.site(`${name}.output`, y, {
    layer: name,
    role: 'output',
    op: 'linear',
    sources: [input.site],
  });
  builder.call(biased ? linearForward : linearForwardUnbiased, {
    label: name,
    inputs,
    outputs: [y],
    sites: [site],
  });
  return builder.operation({
    inputs,
    output: y,
    gradient: ({ outputGradient, wanted }) => {
      const dy = gradientOperand(builder, outputGradient, { of: y, layer: name, op: 'linear' });
      const dx = wanted[0] ? builder.tensor(`${name}.input.grad`, input.shape) : null;
      if (dx) {
        const dxSite = builder.site(dx.name, dx, {
          layer: name,
          role: 'activation gradient',
          op: 'linear',
          sources: [input.site],
        });
        builder.call(linearInputGradient, {
          label: name,
          inputs: [dy, weight.cast],
          outputs: [dx],
          sites: [dxSite],
        });
      }
      const gradients = parameterGradients(builder, parameters, { layer: name, op: 'linear' });
      const append = (kernel: Kernel, inputs: readonly Tensor[], outputs: readonly Tensor[]): void => {
        const sites = outputs.flatMap((gradient) => gradient.site ?? []);
        builder.call(kernel, { label: name, inputs, outputs, sites });
      };
      if (dy === outputGradient) {
        append(biased ? linearParameterGradient : linearWeightGradient, [dy, input], gradients);
      } else {
        // The bias is added outside of the product, so its gradient is the sum of what came in.
        append(linearWeightGradient, [dy, input], gradients.slice(0, 1));
        if (biased) append(linearBiasGradient, [outputGradient], gradients.slice(1));
      }
      return [dx, ...gradients];
    },
  });
}
