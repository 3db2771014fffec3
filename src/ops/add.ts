/** Sum of two tensors of one shape: residual connections, and gradients of a tensor that is used more than once. */
import addShader from '../../shaders/ops/add.wgsl';
import type { GraphBuilder } from '../graph/builder';
import type { Accumulate } from '../graph/differentiate';
import type { Kernel } from '../graph/kernel';
import type { Site, SiteRole, Tensor } from '../graph/tensor';
import { add as addF32 } from '../numerics/f32';
import { operand } from './cast';
import { elementwiseAtSite, forEachElement } from './elementwise';

/** y = round(a + b). Constants: rows, columns, site, 1 if the site is that of a parameter gradient. */
export const addKernel: Kernel = {
  ...elementwiseAtSite,
  name: 'add',
  shader: addShader,
  entryPoint: 'add_elements',
  constants: (call, plan) => [
    ...elementwiseAtSite.constants(call, plan),
    Number(call.sites[0].role === 'parameter gradient'),
  ],
  reference: ({ inputs: [a, b], outputs: [y], rounders: [site] }) => {
    forEachElement(y, (i) => {
      y.data[i] = site.round(addF32(a.data[i], b.data[i]), i);
    });
  },
};

interface SumOptions {
  readonly name: string;
  readonly layer: string;
  readonly role: SiteRole;
  readonly op: string;
  readonly sources: readonly (Site | null)[];
}

function appendSum(builder: GraphBuilder, a: Tensor, b: Tensor, options: SumOptions): Tensor {
  if (a.shape.join() !== b.shape.join()) {
    throw new RangeError(
      `${options.name}: ${a.name} [${a.shape.join(', ')}] and ${b.name} [${b.shape.join(', ')}] differ in shape`,
    );
  }
  const { name, layer, role, op, sources } = options;
  const y = builder.tensor(name, a.shape, { differentiable: a.differentiable || b.differentiable });
  const site = builder.site(name, y, { layer, role, op, sources });
  builder.call(addKernel, { label: layer, inputs: [a, b], outputs: [y], sites: [site] });
  return y;
}

/**
 * Appends a + b. In PyTorch it has the wider of the operands' types; the gradient of an operand is that of the sum, cast
 * back to the operand's type.
 */
export function add(builder: GraphBuilder, a: Tensor, b: Tensor, options: { name: string }): Tensor {
  const { name } = options;
  const operands = [a, b].map((x, i) =>
    operand(builder, x, { name: `${name}.input${i + 1}`, layer: name, op: 'add', operands: [a, b] }),
  );
  const y = appendSum(builder, operands[0], operands[1], {
    name: `${name}.output`,
    layer: name,
    role: 'output',
    op: 'add',
    sources: operands.map(({ site }) => site),
  });
  return builder.operation({
    inputs: operands,
    output: y,
    gradient: ({ outputGradient, wanted }) => wanted.map((each) => (each ? outputGradient : null)),
  });
}

/**
 * y = round(y + x), where x is one more gradient of a parameter. Constants: rows, columns, site, 1 if the site is that of
 * a parameter gradient.
 */
export const addInPlaceKernel: Kernel = {
  ...addKernel,
  name: 'add.in.place',
  entryPoint: 'add_in_place',
  reference: ({ inputs: [x], outputs: [y], rounders: [site] }) => {
    forEachElement(y, (i) => {
      y.data[i] = site.round(addF32(y.data[i], x.data[i]), i);
    });
  },
};

/**
 * Adds two gradients of one tensor, for `differentiate`; the sum is rounded to the format of the tensor itself.
 *
 * Gradients of a parameter are added where the first of them lies, in the arena from which the optimizer reads, as
 * autograd accumulates them: the later use of the parameter comes first, since it is met first going backward.
 */
export const accumulate: Accumulate = (builder, of, first, second) => {
  const earlier = builder.sites.filter(({ name }) => name.startsWith(`${of.name}.grad.sum`)).length;
  const options: SumOptions = {
    name: `${of.name}.grad.sum${earlier + 1}`,
    layer: second.site?.layer ?? of.name,
    role: second.site?.role ?? 'activation gradient',
    op: second.site?.op ?? 'add',
    sources: [of.site],
  };
  if (of.residence === null) return appendSum(builder, first, second, options);
  const { name, ...site } = options;
  second.residence = { parameter: of.residence.parameter, arena: 'partialGradients' };
  const sum = builder.tensor(name, first.shape, { aliasOf: first });
  builder.call(addInPlaceKernel, {
    label: site.layer,
    inputs: [second],
    outputs: [sum],
    sites: [builder.site(name, sum, site)],
  });
  return sum;
};
