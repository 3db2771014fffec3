/** Assembles the plans of a program: one training step, and the evaluation on held-out rows. */
import { GraphBuilder, type SiteDemand } from '../graph/builder';
import { differentiate } from '../graph/differentiate';
import { plan, type Plan } from '../graph/plan';
import { rowsOf, type Tensor } from '../graph/tensor';
import { accumulate } from '../ops/add';
import { operand } from '../ops/cast';
import { appendLayers, type Layer } from '../ops/layers';
import { mean, type Loss } from '../ops/loss';
import { appendRoundedMean, appendSeed, isRounded } from '../ops/rounded-loss';
import { advance } from './advance';
import { castParameters } from './cast-parameters';
import { needsOverflowCheck } from './lanes';
import type { Optimizer } from './optimizer';
import { overflowCheck } from './overflow-check';

/** Appends the call that reads a batch: features [batch, ...], rounded at site `input`, and targets. */
export type AppendBatch = (builder: GraphBuilder) => { readonly features: Tensor; readonly targets: Tensor };

export interface Network {
  /** From features [batch, ...] to the prediction, [batch, outputs]. */
  readonly layers: readonly Layer[];
  readonly loss: Loss;
}

/** A network may reshape its tensors in between, but a loss compares row by row. */
function checkRows(prediction: Tensor, targets: Tensor): void {
  const [rows, wanted] = [rowsOf(prediction), rowsOf(targets)];
  if (rows !== wanted) {
    throw new RangeError(`the network predicts ${rows} rows for a batch of ${wanted}`);
  }
}

/** Batch, cast of the weights, forward pass and mean loss: what training and evaluation have in common. */
function appendForward(builder: GraphBuilder, { layers, loss }: Network, batch: AppendBatch) {
  const { features, targets } = batch(builder);
  const start = builder.calls.length;
  const output = appendLayers(builder, features, layers);
  checkRows(output, targets);
  // Which weights there are is known only now, but they are cast before the first operation reads them.
  castParameters(builder);
  builder.calls.splice(start, 0, ...builder.calls.splice(-1));
  const operands = lossOperands(builder, loss, output, targets);
  const losses = loss.forward(builder, operands.output, operands.targets);
  const rounded = isRounded(builder, loss.op, operands.output);
  if (rounded) appendRoundedMean(builder, losses, loss.op, operands.output);
  else mean(builder, losses);
  return { ...operands, losses, rounded };
}

/** What the loss reads, cast where some lane wants it in another type. */
function lossOperands(builder: GraphBuilder, { op, comparesTargets }: Loss, output: Tensor, targets: Tensor) {
  const options = { layer: 'loss', op };
  const operands = comparesTargets ? [output, targets] : [output];
  return {
    output: operand(builder, output, { ...options, name: 'loss.input', operands }),
    targets: comparesTargets
      ? operand(builder, targets, { ...options, name: 'loss.target', operands })
      : targets,
  };
}

/**
 * One training step: forward, backward, optimizer, and the update of scaler and records.
 *
 * @param demand what the lanes want of it; without one there are the sites that every program of the network has
 * @param scalers kinds of the lanes' loss scalers
 */
export function trainingPlan(
  network: Network,
  batch: AppendBatch,
  optimizer: Optimizer,
  demand?: SiteDemand,
  scalers: readonly string[] = [],
): Plan {
  const builder = new GraphBuilder(demand);
  const { output, targets, losses, rounded } = appendForward(builder, network, batch);
  const seed = rounded ? appendSeed(builder, network.loss.op) : null;
  const gradient = network.loss.gradient(builder, output, targets, losses, seed);
  differentiate(builder, output, gradient, accumulate);
  if (scalers.some(needsOverflowCheck)) overflowCheck(builder);
  optimizer.append(builder);
  advance(builder);
  return plan(builder);
}

/** Forward pass and loss. Its sites and parameters are the first of the training plan's, in the same order. */
export function evaluationPlan(network: Network, batch: AppendBatch, demand?: SiteDemand): Plan {
  const builder = new GraphBuilder(demand);
  appendForward(builder, network, batch);
  return plan(builder);
}
