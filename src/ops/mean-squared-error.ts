/** Mean squared error over all elements (torch.nn.functional.mse_loss), in f32. */
import meanSquaredErrorShader from '../../shaders/ops/mean_squared_error.wgsl';
import type { GraphBuilder } from '../graph/builder';
import { tensorAt, type Kernel, type ReferenceContext } from '../graph/kernel';
import { columnsOf, rowsOf, sizeOf, type Tensor } from '../graph/tensor';
import { add, mul, sub, toBits } from '../numerics/f32';
import { elementwise, elementwiseAtSite, forEachElement } from './elementwise';
import { gradientSeed, logitsGradient, rowStats, type Loss } from './loss';

/** stats = [Σ (x - t)² over the row, 0, 0, 0]. Constants: rows, columns. */
export const meanSquaredErrorForward: Kernel = {
  name: 'mean squared error.forward',
  shader: meanSquaredErrorShader,
  entryPoint: 'forward',
  uses: [],
  workgroupSize: 64,
  invocations: (call) => rowsOf(tensorAt(call.inputs, 0)),
  constants: (call) => [rowsOf(tensorAt(call.inputs, 0)), columnsOf(tensorAt(call.inputs, 0))],
  reference: ({ inputs: [x, target], outputs: [stats] }) => {
    for (let row = 0; row < x.rows; row++) {
      let sum = 0;
      for (let i = row * x.stride; i < row * x.stride + x.columns; i++) {
        const difference = sub(x.data[i], target.data[i]);
        sum = add(sum, mul(difference, difference));
      }
      stats.data.set([sum, 0, 0, 0], row * stats.stride);
    }
  },
};

/**
 * dx = round((2/n · (x - t)) · seed), in the order of PyTorch's mse_backward (aten's PointwiseOpsKernel.cpp).
 * Constants: rows, columns, site, 2/n as f32 bits.
 */
export const meanSquaredErrorGradient: Kernel = {
  ...elementwiseAtSite,
  name: 'mean squared error.grad',
  shader: meanSquaredErrorShader,
  entryPoint: 'gradient',
  uses: ['lanes', ...elementwiseAtSite.uses],
  constants: (call, plan) => [
    ...elementwise.constants(call, plan),
    call.sites[0].id,
    toBits(2 / sizeOf(tensorAt(call.outputs, 0))),
  ],
  reference: (context) => writeGradient(context, gradientSeed(context.lane)),
};

/**
 * The same where the gradient of the loss is a tensor, the third operand. Constants: rows, columns, site, 2/n as f32
 * bits.
 */
export const meanSquaredErrorSeededGradient: Kernel = {
  ...meanSquaredErrorGradient,
  name: 'mean squared error.grad.seeded',
  entryPoint: 'seeded_gradient',
  uses: elementwiseAtSite.uses,
  reference: (context) => writeGradient(context, context.inputs[2].data[0]),
};

function writeGradient(
  { inputs: [x, target], outputs: [dx], rounders: [site] }: ReferenceContext,
  seed: number,
): void {
  const norm = Math.fround(2 / (dx.rows * dx.columns));
  forEachElement(dx, (i) => {
    dx.data[i] = site.round(mul(mul(norm, sub(x.data[i], target.data[i])), seed), i);
  });
}

function checkShapes(output: Tensor, target: Tensor): void {
  if (rowsOf(output) === rowsOf(target) && columnsOf(output) === columnsOf(target)) return;
  throw new RangeError(
    `mean squared error needs as many targets as outputs: ` +
      `${output.name} is [${output.shape.join(', ')}], ${target.name} [${target.shape.join(', ')}]`,
  );
}

const OP = 'mse_loss';

export const meanSquaredError: Loss = {
  op: OP,
  comparesTargets: true,

  forward(builder: GraphBuilder, output: Tensor, target: Tensor) {
    checkShapes(output, target);
    const stats = rowStats(builder, output);
    builder.call(meanSquaredErrorForward, {
      label: 'loss',
      inputs: [output, target],
      outputs: [stats],
      sites: [],
    });
    return { stats, divisor: sizeOf(output) };
  },

  gradient(builder: GraphBuilder, output: Tensor, target: Tensor, _, seed) {
    const { gradient, site } = logitsGradient(builder, output, OP);
    builder.call(seed ? meanSquaredErrorSeededGradient : meanSquaredErrorGradient, {
      label: 'loss',
      inputs: [output, target, ...(seed ? [seed] : [])],
      outputs: [gradient],
      sites: [site],
    });
    return gradient;
  },
};
