/** Casts between formats: what autocast inserts before an operation whose operands it wants in another type. */
import castShader from '../../shaders/ops/cast.wgsl';
import type { GraphBuilder, PossibleSite } from '../graph/builder';
import type { Kernel } from '../graph/kernel';
import type { Tensor } from '../graph/tensor';
import { elementwiseAtSite, forEachElement } from './elementwise';

/** y = round(x), element by element. */
export const castKernel: Kernel = {
  ...elementwiseAtSite,
  name: 'cast',
  shader: castShader,
  entryPoint: 'cast_elements',
  reference: ({ inputs: [x], outputs: [y], rounders: [site] }) => {
    forEachElement(y, (i) => {
      y.data[i] = site.round(x.data[i], i);
    });
  },
};

/** Appends a copy of `x` that is rounded at a site of its own, which stands because some lane wants it. */
function castCopy(builder: GraphBuilder, x: Tensor, { name, ...options }: PossibleSite): Tensor {
  const y = builder.tensor(name, x.shape, { differentiable: x.differentiable });
  const site = builder.site(name, y, { ...options, conditional: true });
  builder.call(castKernel, { label: options.layer, inputs: [x], outputs: [y], sites: [site] });
  return y;
}

export interface OperandOptions {
  /** Of the cast's site, should there be one; `<layer>.input` unless told. */
  readonly name?: string;
  readonly layer: string;
  readonly op: string;
  /** All operands, where autocast looks at all of them for the type of each; `x` alone unless told. */
  readonly operands?: readonly Tensor[];
  /** The operation has no site of its own, so what it writes has the type of what it reads. */
  readonly passesType?: boolean;
  /** The first operation with this flag says how the batch is rounded when it is gathered. */
  readonly roundsBatch?: boolean;
}

function claimBatch({ site }: Tensor, { layer, op, roundsBatch = false }: OperandOptions): boolean {
  if (!roundsBatch || site?.op !== 'input') return false;
  site.op = op;
  site.owner = layer;
  return true;
}

/**
 * The tensor that an operation reads for its operand `x`: `x` itself where no lane would change it, otherwise a cast
 * copy. The gradient takes the way back: it is rounded to the type of `x` where some lane has a narrower one there.
 */
export function operand(builder: GraphBuilder, x: Tensor, options: OperandOptions): Tensor {
  if (claimBatch(x, options)) return x;
  const { layer, op, name = `${layer}.input`, operands = [x] } = options;
  const to: PossibleSite = { name, layer, role: 'input', op, sources: operands.map(({ site }) => site) };
  const { demand } = builder;
  if (!demand.changes(x.site, to) && !(options.passesType && demand.retypes(x.site, to))) return x;
  const y = castCopy(builder, x, to);
  return builder.operation({
    inputs: [x],
    output: y,
    gradient: ({ outputGradient, wanted: [wanted] }) => [
      wanted ? castBack(builder, outputGradient, { of: x, layer, op, name: `${name}.uncast.grad` }) : null,
    ],
  });
}

interface GradientOptions {
  /** The value that it is the gradient of. */
  readonly of: Tensor;
  readonly layer: string;
  readonly op: string;
}

/** A gradient in the type of the value that it is the gradient of. */
function castBack(
  builder: GraphBuilder,
  gradient: Tensor,
  { of, layer, op, name }: GradientOptions & { readonly name: string },
): Tensor {
  const to: PossibleSite = { name, layer, role: 'activation gradient', op, sources: [of.site] };
  return builder.demand.changes(gradient.site, to) ? castCopy(builder, gradient, to) : gradient;
}

/** The gradient of an operation's result as its backward products read it: cast where some lane multiplies FP8. */
export function gradientOperand(
  builder: GraphBuilder,
  gradient: Tensor,
  { of, layer, op }: GradientOptions,
): Tensor {
  const to: PossibleSite = {
    name: `${layer}.output.grad.operand`,
    layer,
    role: 'gradient operand',
    op,
    sources: [of.site],
  };
  return builder.demand.changes(gradient.site, to) ? castCopy(builder, gradient, to) : gradient;
}
