/** Assembles the plans of a program: one training step, and the evaluation on held-out rows. */
import { GraphBuilder } from '../graph/builder';
import { differentiate } from '../graph/differentiate';
import { plan, type Plan } from '../graph/plan';
import type { Tensor } from '../graph/tensor';
import { accumulate } from '../ops/add';
import { mean, type Loss } from '../ops/loss';
import { advance } from './advance';
import { castParameters } from './cast-parameters';
import type { Optimizer } from './optimizer';

/** Appends the call that reads a batch: features [batch, ...], rounded at site `input`, and targets. */
export type AppendBatch = (builder: GraphBuilder) => { readonly features: Tensor; readonly targets: Tensor };

export interface Network {
  /** Appends the forward pass and returns the prediction, [batch, outputs]. */
  readonly model: (builder: GraphBuilder, features: Tensor) => Tensor;
  readonly loss: Loss;
}

/** Batch, cast of the weights, forward pass and mean loss: what training and evaluation have in common. */
function appendForward(builder: GraphBuilder, { model, loss }: Network, batch: AppendBatch) {
  const { features, targets } = batch(builder);
  const start = builder.calls.length;
  const output = model(builder, features);
  // Which weights there are is known only now, but they are cast before the first operation reads them.
  castParameters(builder);
  builder.calls.splice(start, 0, ...builder.calls.splice(-1));
  const losses = loss.forward(builder, output, targets);
  mean(builder, losses);
  return { output, targets, losses };
}

/** One training step: forward, backward, optimizer, and the update of scaler and records. */
export function trainingPlan(network: Network, batch: AppendBatch, optimizer: Optimizer): Plan {
  const builder = new GraphBuilder();
  const { output, targets, losses } = appendForward(builder, network, batch);
  const seed = network.loss.gradient(builder, output, targets, losses);
  differentiate(builder, output, seed, accumulate);
  optimizer.append(builder);
  advance(builder);
  return plan(builder);
}

/** Forward pass and loss. Its sites and parameters are the first of the training plan's, in the same order. */
export function evaluationPlan(network: Network, batch: AppendBatch): Plan {
  const builder = new GraphBuilder();
  appendForward(builder, network, batch);
  return plan(builder);
}
