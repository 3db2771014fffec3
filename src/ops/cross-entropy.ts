/**
 * Softmax cross-entropy, mean over the batch (torch.nn.functional.cross_entropy), in f32. Labels are class numbers
 * from 0, exact in f32. A row without a finite largest logit (one is NaN or +inf, or all are -inf) has no softmax: its
 * loss and its gradient are NaN.
 */
import crossEntropyShader from '../../shaders/ops/cross_entropy.wgsl';
import type { GraphBuilder } from '../graph/builder';
import { tensorAt, type Kernel, type Matrix, type ReferenceContext } from '../graph/kernel';
import { columnsOf, rowsOf, type Tensor } from '../graph/tensor';
import { exp, log } from '../numerics/elementary';
import { add, div, mul, sub } from '../numerics/f32';
import { gradientSeed, logitsGradient, rowStats, type Loss } from './loss';

/** One invocation to a row. Constants: rows, classes. */
const byRow: Pick<Kernel, 'workgroupSize' | 'invocations' | 'constants'> = {
  workgroupSize: 64,
  invocations: (call) => rowsOf(tensorAt(call.inputs, 0)),
  constants: (call) => [rowsOf(tensorAt(call.inputs, 0)), columnsOf(tensorAt(call.inputs, 0))],
};

/** The first largest logit of a row; its value is NaN where the row has no finite largest one. */
function largest({ data, columns, stride }: Matrix, row: number): { value: number; column: number } {
  let column = 0;
  let value = data[row * stride];
  for (let i = 1; i < columns; i++) {
    const logit = data[row * stride + i];
    if (Number.isNaN(value)) break;
    if (!(logit <= value)) [value, column] = [logit, i];
  }
  if (Number.isNaN(value)) return { value, column: NaN };
  return { value: Number.isFinite(value) ? value : NaN, column };
}

/**
 * stats = [loss, largest logit m, log Σ exp(z - m), 1 if the first largest logit is that of the label, else 0], with
 * log softmax(z) = (z - m) - log Σ exp(z - m) in this order, as PyTorch has it (aten's SoftMaxKernel.cpp).
 */
export const crossEntropyForward: Kernel = {
  ...byRow,
  name: 'cross-entropy.forward',
  shader: crossEntropyShader,
  entryPoint: 'forward',
  uses: [],
  reference: ({ inputs: [logits, labels], outputs: [stats] }) => {
    for (let row = 0; row < logits.rows; row++) {
      const start = row * logits.stride;
      const label = labels.data[row * labels.stride];
      const max = largest(logits, row);
      let sum = 0;
      for (let i = start; i < start + logits.columns; i++)
        sum = add(sum, exp(sub(logits.data[i], max.value)));
      const logSum = log(sum);
      const loss = -sub(sub(logits.data[start + label], max.value), logSum);
      stats.data.set([loss, max.value, logSum, max.column === label ? 1 : 0], row * stats.stride);
    }
  },
};

/**
 * dz = round(softmax(z) · s - (s at the label)), with s = seed / batch and softmax(z) = exp(log softmax(z)): the
 * operations of PyTorch's nll_loss_backward and log_softmax_backward. Constants: rows, classes, site.
 */
export const crossEntropyGradient: Kernel = {
  ...byRow,
  name: 'cross-entropy.grad',
  shader: crossEntropyShader,
  entryPoint: 'gradient',
  uses: ['lanes', 'policy', 'records'],
  constants: (call, plan) => [...byRow.constants(call, plan), call.sites[0].id],
  reference: (context) => writeGradient(context, gradientSeed(context.lane)),
};

/** The same where the gradient of the loss is a tensor, the fourth operand. Constants: rows, classes, site. */
export const crossEntropySeededGradient: Kernel = {
  ...crossEntropyGradient,
  name: 'cross-entropy.grad.seeded',
  entryPoint: 'seeded_gradient',
  uses: ['policy', 'records'],
  reference: (context) => writeGradient(context, context.inputs[3].data[0]),
};

function writeGradient(
  { inputs: [logits, labels, stats], outputs: [dz], rounders: [site] }: ReferenceContext,
  seed: number,
): void {
  const rowSeed = div(seed, logits.rows);
  for (let row = 0; row < logits.rows; row++) {
    const label = labels.data[row * labels.stride];
    const max = stats.data[row * stats.stride + 1];
    const logSum = stats.data[row * stats.stride + 2];
    for (let column = 0; column < logits.columns; column++) {
      const i = row * logits.stride + column;
      const probability = exp(sub(sub(logits.data[i], max), logSum));
      dz.data[i] = site.round(sub(mul(probability, rowSeed), column === label ? rowSeed : 0), i);
    }
  }
}

function checkShapes(logits: Tensor, labels: Tensor): void {
  if (columnsOf(labels) === 1 && rowsOf(labels) === rowsOf(logits)) return;
  throw new RangeError(
    `cross-entropy needs one label per row: ` +
      `${logits.name} is [${logits.shape.join(', ')}], ${labels.name} [${labels.shape.join(', ')}]`,
  );
}

/** `cross_entropy` is `nll_loss` of `log_softmax`, which some frameworks' lists name instead. */
const OP = 'cross_entropy_loss/nll_loss';

export const crossEntropy: Loss = {
  op: OP,
  comparesTargets: false,

  forward(builder: GraphBuilder, output: Tensor, target: Tensor) {
    checkShapes(output, target);
    const stats = rowStats(builder, output);
    builder.call(crossEntropyForward, {
      label: 'loss',
      inputs: [output, target],
      outputs: [stats],
      sites: [],
    });
    return { stats, divisor: rowsOf(output) };
  },

  gradient(builder: GraphBuilder, output: Tensor, target: Tensor, { stats }, seed) {
    const { gradient, site } = logitsGradient(builder, output, OP);
    builder.call(seed ? crossEntropySeededGradient : crossEntropyGradient, {
      label: 'loss',
      inputs: [output, target, stats, ...(seed ? [seed] : [])],
      outputs: [gradient],
      sites: [site],
    });
    return gradient;
  },
};
