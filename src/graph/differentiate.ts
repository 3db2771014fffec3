/** Appends the backward graph: reverse-mode differentiation over the recorded forward operations. */
import type { GraphBuilder } from './builder';
import { storageOf, type Tensor } from './tensor';

/** Adds two gradients of the same tensor; given by ops/add.ts so that the graph need not know the op. */
export type Accumulate = (builder: GraphBuilder, of: Tensor, first: Tensor, second: Tensor) => Tensor;

/**
 * @param seed gradient of the scaled loss with respect to `output`, appended by the loss op
 * @returns the gradient of every tensor that has one
 * @throws when a parameter does not influence `output`, because its gradient would silently be missing
 */
export function differentiate(
  builder: GraphBuilder,
  output: Tensor,
  seed: Tensor,
  accumulate: Accumulate,
): ReadonlyMap<Tensor, Tensor> {
  const gradients = new Map<Tensor, Tensor>([[output, seed]]);
  for (const operation of builder.operations.toReversed()) {
    const outputGradient = gradients.get(operation.output);
    if (!outputGradient) continue;
    const wanted = operation.inputs.map((input) => input.differentiable);
    const inputGradients = operation.gradient({ builder, outputGradient, wanted });
    inputGradients.forEach((gradient, i) => {
      if (!gradient) return;
      const input = operation.inputs[i];
      const sum = gradients.get(input);
      gradients.set(input, sum ? accumulate(builder, input, sum, gradient) : gradient);
    });
  }
  for (const parameter of builder.parameters) {
    const gradient = gradients.get(parameter.cast);
    if (!gradient) throw new Error(`the loss does not depend on parameter ${parameter.name}`);
    storageOf(gradient).residence = { parameter, arena: 'gradients' };
    parameter.gradient = gradient;
  }
  return gradients;
}
