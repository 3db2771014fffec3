/**
 * Which calls of a plan become one dispatch. A dispatch costs a software adapter 25 to 50 µs, as much as the work of
 * many a call, and hardware some microseconds.
 *
 * A software adapter executes both sides of a branch, and a turn of every loop, for all invocations. So no dispatch here
 * has invocations of two kinds: what is fused is done one after the other by the same invocations. The gradients of a
 * layer's input and of its parameters, side by side in one dispatch, took 20 to 50 % longer than one after the other.
 *
 * Calls that a rule takes stand in a row in the plan, so nothing comes between them. What is left to say of each rule
 * is why its calls may run at the same time, since invocations of a dispatch do not wait for each other:
 *
 *   independent     no call reads or writes what another one writes, so their order does not matter
 *   by invocation   an invocation of the later call reads of the earlier ones' results only what it has itself
 *                   written in the fused dispatch
 *   by workgroup    the same for a workgroup, which can wait for its own invocations
 *
 * A fused dispatch writes every tensor that its calls write, with the same operations in the same order, but for
 * windows of convolutions (windows.ts) and the losses of the rows of a classifier. Each value is rounded and counted once
 * at its site. Counters are sums and maxima of integers, so it makes no difference who adds first.
 */
import beginStepShader from '../../../../shaders/fused/begin_step.wgsl';
import classifierShader from '../../../../shaders/fused/classifier.wgsl';
import directConvolutionShader from '../../../../shaders/fused/direct_conv2d.wgsl';
import linearActivationShader from '../../../../shaders/fused/linear_activation.wgsl';
import linearInputGradientShader from '../../../../shaders/fused/linear_input_gradient.wgsl';
import lossShader from '../../../../shaders/fused/loss.wgsl';
import { tensorAt, type KernelCall } from '../../../graph/kernel';
import { columnsOf, rowsOf } from '../../../graph/tensor';
import { toBits } from '../../../numerics/f32';
import { sequentialBatch, shuffledBatch } from '../../../ops/batch';
import {
  conv2dForward,
  conv2dInputGradient,
  conv2dParameterGradient,
  geometryOf,
  unfoldGradientMoving,
  unfoldMoving,
} from '../../../ops/conv2d-kernels';
import { crossEntropyForward, crossEntropyGradient } from '../../../ops/cross-entropy';
import { geometryWords } from '../../../ops/images';
import {
  linearForward,
  linearInputGradient,
  linearParameterGradient,
  linearWeightGradient,
} from '../../../ops/linear';
import { lossMean } from '../../../ops/loss';
import { meanSquaredErrorForward, meanSquaredErrorGradient } from '../../../ops/mean-squared-error';
import { reluForward, reluInputGradient } from '../../../ops/relu';
import { tanhForward, tanhInputGradient } from '../../../ops/tanh';
import { castParametersKernel } from '../../../training/cast-parameters';
import { dispatchOf, type Dispatch } from '../dispatch';
import { fusedKernel, type FusionContext, type Rule } from './rule';

/**
 * The batch and the cast of the parameters. An invocation does its part of both. Independent: one gathers data, the other
 * reads masters and writes casts. Batches from a table of rows stay as they are, because the table would be a ninth
 * storage buffer.
 */
const beginStep: Rule = {
  kernels: [[shuffledBatch, sequentialBatch], [castParametersKernel]],
  inOrder: false,
  fuse: (calls, { plan }) => {
    const [batch, cast] = calls;
    const [rows, dataRows, site] = batch.kernel.constants(batch, plan);
    return [
      {
        kernel: fusedKernel(calls, {
          shader: beginStepShader,
          entryPoint: batch.kernel.entryPoint,
          uses: ['policy', 'records'],
          workgroupSize: 64,
        }),
        label: batch.label,
        inputs: [...batch.inputs.slice(0, 2), ...cast.inputs],
        outputs: [...batch.outputs, ...cast.outputs],
        constants: [rows, dataRows, site, 0, ...cast.kernel.constants(cast, plan)],
        invocations: (variant) =>
          Math.max(...calls.map((call) => call.kernel.invocations(call, plan, variant))),
      },
    ];
  },
};

/**
 * A fully connected layer and its activation. By invocation: an activation looks at one element at a time, and both
 * calls have the same elements.
 */
const linearAndActivation: Rule = {
  kernels: [[linearForward], [reluForward, tanhForward]],
  inOrder: false,
  fuse: (calls, { plan }) => {
    const [layer, activation] = calls;
    if (activation.inputs[0] !== layer.outputs[0]) return null;
    return [
      {
        kernel: fusedKernel(calls, {
          shader: linearActivationShader,
          entryPoint: activation.kernel === reluForward ? 'relu' : 'tanh_rounded',
          uses: ['policy', 'records'],
          accumulates: true,
          workgroupSize: 64,
        }),
        label: layer.label,
        inputs: layer.inputs,
        outputs: [...layer.outputs, ...activation.outputs],
        constants: [...layer.kernel.constants(layer, plan), ...siteIds(1, activation)],
        invocations: (variant) => layer.kernel.invocations(layer, plan, variant),
      },
    ];
  },
};

/** One workgroup computes the loss of a lane, which for more rows would take longer than the dispatches it saves. */
const MOST_ROWS_OF_A_LOSS = 512;

/**
 * Losses of the rows, their mean, and the gradient. By workgroup: the gradient of a row needs the row's numbers alone,
 * and the mean waits for all rows of the lane, which one workgroup computes.
 */
const loss: Rule = {
  kernels: [
    [crossEntropyForward, meanSquaredErrorForward],
    [lossMean],
    [crossEntropyGradient, meanSquaredErrorGradient],
  ],
  inOrder: false,
  fuse: (calls) => {
    const [rows, mean, gradient] = calls;
    const logits = tensorAt(rows.inputs, 0);
    const ofSame = [0, 1].every((i) => gradient.inputs[i] === rows.inputs[i]);
    if (!ofSame || mean.inputs[0] !== rows.outputs[0] || rowsOf(logits) > MOST_ROWS_OF_A_LOSS) return null;
    const crossEntropy = rows.kernel === crossEntropyForward;
    const n = rowsOf(logits) * columnsOf(logits);
    return [
      {
        kernel: fusedKernel(calls, {
          shader: lossShader,
          entryPoint: crossEntropy ? 'cross_entropy_and_mean' : 'mean_squared_error_and_mean',
          uses: ['lanes', 'policy', 'records'],
          workgroupSize: 64,
        }),
        label: rows.label,
        inputs: rows.inputs,
        outputs: [...rows.outputs, ...gradient.outputs],
        constants: [
          rowsOf(logits),
          columnsOf(logits),
          ...siteIds(1, gradient),
          mean.attributes.divisor,
          toBits(2 / n),
        ],
        invocations: () => 64,
      },
    ];
  },
};

/** The last layer is narrow: one workgroup computes all of it. */
const MOST_CLASSES = 16;

/**
 * The last layer of a classifier and all of its loss. By workgroup: a row of the loss needs that row of logits, which
 * the same workgroup computes. The losses of the rows are not written.
 */
const classifier: Rule = {
  kernels: [[linearForward], [crossEntropyForward], [lossMean], [crossEntropyGradient]],
  inOrder: false,
  fuse: (calls, { plan }) => {
    const [layer, rows, mean, gradient] = calls;
    const logits = tensorAt(layer.outputs, 0);
    const [x, weight, bias] = layer.inputs;
    const ofLayer = rows.inputs[0] === logits && gradient.inputs[0] === logits;
    if (!ofLayer || mean.inputs[0] !== rows.outputs[0] || mean.attributes.divisor !== rowsOf(logits))
      return null;
    if (rowsOf(logits) > MOST_ROWS_OF_A_LOSS || columnsOf(logits) > MOST_CLASSES) return null;
    const ofBias = plan.view(bias);
    if (ofBias.buffer !== plan.view(weight).buffer) return null;
    return [
      {
        kernel: fusedKernel(calls, {
          shader: classifierShader,
          entryPoint: 'logits_and_loss',
          uses: ['lanes', 'policy', 'records'],
          accumulates: true,
          workgroupSize: 1,
        }),
        label: layer.label,
        inputs: [x, weight, rows.inputs[1]],
        outputs: [logits, ...gradient.outputs],
        constants: [
          // The view of the bias: it is bound with the weight.
          ofBias.offset,
          ofBias.laneStride,
          ofBias.rowStride,
          ofBias.columns,
          rowsOf(logits),
          columnsOf(tensorAt([x], 0)),
          columnsOf(logits),
          ...siteIds(2, layer, gradient),
        ],
        // The shader knows how many its one workgroup has, which differs between variants.
        invocations: () => 1,
      },
    ];
  },
};

/**
 * The gradient of a layer's input and that of the activation before the layer. By invocation, as going forward. Between
 * them the plan has the gradients of the parameters, which are independent of both, and come first here.
 */
const linearInputGradientAndActivation: Rule = {
  kernels: [
    [linearInputGradient],
    [linearParameterGradient, linearWeightGradient],
    [reluInputGradient, tanhInputGradient],
  ],
  inOrder: false,
  fuse: (calls, { plan }) => {
    const [ofInput, ofParameters, activation] = calls;
    const dx = tensorAt(ofInput.outputs, 0);
    const [gradient, activated] = activation.inputs;
    if (gradient !== dx) return null;
    return [
      dispatchOf(ofParameters, plan),
      {
        kernel: fusedKernel([ofInput, activation], {
          shader: linearInputGradientShader,
          entryPoint: activation.kernel === reluInputGradient ? 'relu' : 'tanh_rounded',
          uses: ['policy', 'records'],
          accumulates: true,
          workgroupSize: 64,
        }),
        label: ofInput.label,
        inputs: [...ofInput.inputs, activated],
        outputs: [dx, ...activation.outputs],
        constants: [...ofInput.kernel.constants(ofInput, plan), ...siteIds(1, activation)],
        invocations: (variant) => ofInput.kernel.invocations(ofInput, plan, variant),
      },
    ];
  },
};

/**
 * Windows, convolution and relu. By invocation: it looks into the images where it would have read windows, and the relu
 * is one element at a time.
 */
const convolution: Rule = {
  kernels: [[unfoldMoving], [conv2dForward], [reluForward]],
  inOrder: true,
  fuse: (calls, { plan, spared }) => {
    const [unfold, product, activation] = calls;
    if (!spared.has(tensorAt(unfold.outputs, 0))) return null;
    return [
      {
        kernel: fusedKernel(calls, {
          ...directConvolution,
          entryPoint: 'forward_and_relu',
        }),
        label: product.label,
        inputs: [unfold.inputs[0], ...product.inputs.slice(1)],
        outputs: [...product.outputs, ...activation.outputs],
        constants: [...geometryWords(geometryOf(unfold)), ...siteIds(2, product)],
        invocations: (variant) => product.kernel.invocations(product, plan, variant),
      },
    ];
  },
};

const directConvolution = {
  shader: directConvolutionShader,
  uses: ['policy', 'records'],
  workgroupSize: 64,
} as const;

/** The gradients of a convolution's parameters, from the images in place of the windows. One call, so nothing else. */
const convolutionParameterGradient: Rule = {
  kernels: [[conv2dParameterGradient]],
  inOrder: true,
  fuse: ([call], context) => {
    const dispatch = directParameterGradient(call, context);
    return dispatch && [dispatch];
  },
};

function directParameterGradient(call: KernelCall, { plan, spared }: FusionContext): Dispatch | null {
  const [dy, windows] = call.inputs;
  const x = spared.get(tensorAt([windows], 0));
  if (x === undefined) return null;
  return {
    kernel: fusedKernel([call], {
      ...directConvolution,
      entryPoint: 'parameter_gradients',
      outputsInOneBuffer: 2,
      workgroupSize: call.kernel.workgroupSize,
    }),
    label: call.label,
    inputs: [dy, x],
    outputs: call.outputs,
    constants: [...geometryWords(geometryOf(call)), ...siteIds(2, call)],
    invocations: (variant) => call.kernel.invocations(call, plan, variant),
  };
}

/**
 * The gradient of a convolution's images and that of the relu whose output they are. By invocation, as going forward:
 * it looks into dy where it would have read the windows of dy. Between them the plan has the gradients of the
 * parameters, which are independent of both, and come first here.
 */
const convolutionBackward: Rule = {
  kernels: [[unfoldGradientMoving], [conv2dInputGradient], [conv2dParameterGradient], [reluInputGradient]],
  inOrder: true,
  fuse: (calls, context) => {
    const [unfold, ofInput, ofParameters, activation] = calls;
    const [gradient, activated] = activation.inputs;
    const geometry = geometryOf(unfold);
    if (ofInput.inputs[0] !== unfold.outputs[0] || gradient !== ofInput.outputs[0]) return null;
    const parameters = directParameterGradient(ofParameters, context);
    if (!parameters) return null;
    return [
      parameters,
      {
        kernel: fusedKernel([unfold, ofInput, activation], {
          ...directConvolution,
          entryPoint: 'input_gradient_and_relu',
        }),
        label: ofInput.label,
        inputs: [...unfold.inputs, activated],
        outputs: [...ofInput.outputs, ...activation.outputs],
        constants: [...geometryWords(geometry), ...siteIds(2, ofInput)],
        invocations: (variant) => ofInput.kernel.invocations(ofInput, context.plan, variant),
      },
    ];
  },
};

/** Ids of the sites of calls in their order, and zeros until there are so many as the shader's block has. */
function siteIds(count: number, ...calls: readonly (KernelCall | undefined)[]): number[] {
  const ids = calls.flatMap((call) => call?.sites.map(({ id }) => id) ?? []);
  return [...ids, ...Array.from({ length: count - ids.length }, () => 0)];
}

/** In the order in which they are tried: those that take more calls before those that take fewer of the same. */
export const RULES: readonly Rule[] = [
  convolutionBackward,
  linearInputGradientAndActivation,
  convolution,
  convolutionParameterGradient,
  classifier,
  linearAndActivation,
  loss,
  beginStep,
];
