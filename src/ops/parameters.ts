/** What layers with weights have in common: their parameters and the gradients of them. */
import type { GraphBuilder } from '../graph/builder';
import { resolveInitial, type Fans, type InitialRule } from '../graph/initial';
import type { Parameter, Tensor } from '../graph/tensor';

export interface ParameterOptions {
  readonly name: string;
  /** true unless told. */
  readonly bias?: boolean;
  /** PyTorch's default for weight and bias unless told: uniform within 1/√in. */
  readonly initial?: { readonly weight?: InitialRule; readonly bias?: InitialRule };
  /** An earlier layer with the same sizes, whose weight and bias this one uses too instead of having its own. */
  readonly sharedWith?: string;
}

const FAN_IN: InitialRule = { kind: 'fan-in' };

/**
 * Weight and, if there is one, bias of a layer.
 *
 * @throws {RangeError} when the layer to share with is not there, or has other sizes
 */
export function layerParameters(
  builder: GraphBuilder,
  { name, bias = true, initial = {}, sharedWith }: ParameterOptions,
  { shape, fans, op }: { shape: readonly number[]; fans: Fans; op: string },
): readonly [weight: Parameter, ...bias: Parameter[]] {
  const owner = sharedWith ?? name;
  if (sharedWith !== undefined) {
    const known = builder.parameters.filter((parameter) => parameter.castSite.layer === owner);
    if (known.length !== (bias ? 2 : 1)) {
      const what = bias ? 'a weight and a bias' : 'a weight and no bias';
      throw new RangeError(`${name} shares ${what} with ${owner}, which has to come before it and have them`);
    }
  }
  const made = (role: 'weight' | 'bias', of: readonly number[]): Parameter =>
    builder.parameter(owner, role, of, resolveInitial(initial[role] ?? FAN_IN, fans), op);
  const weight = made('weight', shape);
  return bias ? [weight, made('bias', [shape[0]])] : [weight];
}

/** Tensors for the gradients of a layer's parameters, each with its site. */
export function parameterGradients(
  builder: GraphBuilder,
  parameters: readonly Parameter[],
  { layer, op }: { layer: string; op: string },
): readonly Tensor[] {
  return parameters.map(({ name, shape, castSite }) => {
    const role = name.slice(name.lastIndexOf('.') + 1);
    const gradient = builder.tensor(`${layer}.${role}.grad`, shape);
    builder.site(gradient.name, gradient, {
      layer,
      role: 'parameter gradient',
      op,
      sources: [castSite],
    });
    return gradient;
  });
}
