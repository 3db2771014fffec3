/** Operations on each element for itself whose gradient is a function of dy and y: relu.ts, tanh.ts. */
import type { GraphBuilder } from '../graph/builder';
import type { Kernel } from '../graph/kernel';
import type { Site, SiteRole, Tensor } from '../graph/tensor';
import { operand } from './cast';

export interface Activation {
  /** What the framework calls it. */
  readonly op: string;
  /** y of x. */
  readonly forward: Kernel;
  /** dx of dy and y. */
  readonly inputGradient: Kernel;
  /** Results are numbers of the format of the input, so nothing is rounded and there are no cast sites. */
  readonly exact: boolean;
}

export interface ActivationOptions {
  readonly name: string;
  /** The layer that charts count it to; its own unless told. */
  readonly layer?: string;
}

/** The function that appends an activation to a graph. */
export function activation({ op, forward, inputGradient, exact }: Activation) {
  return (builder: GraphBuilder, input: Tensor, { name, layer = name }: ActivationOptions): Tensor => {
    const x = operand(builder, input, { name: `${name}.input`, layer, op, passesType: exact });
    /** The cast sites of a result: its own, or none and that of what it was made of. */
    const written = (result: Tensor, role: SiteRole, from: Tensor): readonly Site[] => {
      if (!exact) return [builder.site(result.name, result, { layer, role, op, sources: [x.site] })];
      result.site = from.site;
      return [];
    };
    const y = builder.tensor(`${name}.output`, x.shape, { differentiable: x.differentiable });
    builder.call(forward, { label: name, inputs: [x], outputs: [y], sites: written(y, 'output', x) });
    return builder.operation({
      inputs: [x],
      output: y,
      gradient: ({ outputGradient: dy, wanted: [wanted] }) => {
        if (!wanted) return [null];
        const dx = builder.tensor(`${name}.input.grad`, x.shape);
        const sites = written(dx, 'activation gradient', dy);
        builder.call(inputGradient, { label: name, inputs: [dy, y], outputs: [dx], sites });
        return [dx];
      },
    });
  };
}
