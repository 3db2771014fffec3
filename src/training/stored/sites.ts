/**
 * The cast sites of an optimizer, and where each parameter of an arena has them. Autocast says nothing about them: which
 * formats a lane stores its weights, moments and unscaled gradients in does (precision/stores.ts). A site stands in a
 * program only if some lane rounds there.
 */
import type { GraphBuilder } from '../../graph/builder';
import type { KernelCall, ReferenceContext, SiteRounder } from '../../graph/kernel';
import { arenaLayout, type Plan } from '../../graph/plan';
import {
  columnsOf,
  rowsOf,
  sizeOf,
  type Arena,
  type Parameter,
  type Site,
  type SiteRole,
  type Tensor,
} from '../../graph/tensor';
import { toBits } from '../../numerics/f32';
import { MAX_PARAMETERS } from '../cast-parameters';

/** Where a kernel finds the number of a site that the program does not have. */
const NO_SITE = 0xffffffff;

/** A tensor of a parameter's shape in an arena; its name is that of the parameter with `suffix`. */
export function arenaTensor(
  builder: GraphBuilder,
  parameter: Parameter,
  suffix: string,
  arena: Arena,
): Tensor {
  const tensor = builder.tensor(`${parameter.name}.${suffix}`, parameter.shape, { differentiable: false });
  tensor.residence = { parameter, arena };
  return tensor;
}

/** Roles at which some lane of a program rounds. */
export type RoundedRoles = ReadonlySet<SiteRole>;

/**
 * Registers the site at which the optimizer writes a tensor that lies in an arena, if some lane rounds there. The one of
 * an update always stands there, because that is where it is counted what becomes of it (graph/records.ts).
 */
export function optimizerSite(
  builder: GraphBuilder,
  tensor: Tensor,
  role: SiteRole,
  rounded: RoundedRoles,
): readonly Site[] {
  const { residence, name } = tensor;
  if (!residence) throw new Error(`${name} lies in no arena`);
  if (role !== 'update' && !rounded.has(role)) return [];
  const { layer } = residence.parameter.castSite;
  return [builder.site(name, tensor, { layer, role, op: 'optimizer', sources: [], conditional: true })];
}

/** The site of a call at which it writes this of a parameter. */
export const siteOf = ({ sites }: KernelCall, parameter: Parameter, role: SiteRole): Site | undefined =>
  sites.find((site) => site.role === role && site.tensor.residence?.parameter === parameter);

/** A kernel's table of parameters has room for so many sites of each. */
const TABLE_SITES = 4;

/**
 * Constants of a kernel that rounds at sites of all parameters: their number and three zeros, then for each its first vec4
 * in the arena, rows, columns and `shareOf`, and the numbers of its sites in the order of `roles`.
 */
export function parameterTable(call: KernelCall, { parameters }: Plan, roles: readonly SiteRole[]): number[] {
  const { offsets } = arenaLayout(parameters);
  const words = new Uint32Array(4 + 8 * MAX_PARAMETERS);
  words[0] = parameters.length;
  parameters.forEach((parameter, i) => {
    const sites = Array.from(
      { length: TABLE_SITES },
      (_, k) => (roles[k] && siteOf(call, parameter, roles[k])?.id) ?? NO_SITE,
    );
    const { master } = parameter;
    const place = [offsets[i] / 4, rowsOf(master), columnsOf(master), toBits(shareOf(parameter))];
    words.set([...place, ...sites], 4 + 8 * i);
  });
  return [...words];
}

/** Magnitudes are added up to this number of all elements of a parameter at most. */
const LARGEST_SUM = 2 ** 15;

/** The largest power of two that all elements of a parameter may have without exceeding `LARGEST_SUM`. */
export const shareOf = (parameter: Parameter): number =>
  2 ** Math.floor(Math.log2(LARGEST_SUM / sizeOf(parameter)));

/** Where there is no site, nothing is rounded. */
const UNROUNDED: SiteRounder = { round: (value) => value, roundUncounted: (value) => value };

/** What the reference of a call writes this of a parameter with. */
export function rounderOf(
  { rounders }: Pick<ReferenceContext, 'rounders'>,
  call: KernelCall,
  parameter: Parameter,
  role: SiteRole,
): SiteRounder {
  const site = siteOf(call, parameter, role);
  return site ? rounders[call.sites.indexOf(site)] : UNROUNDED;
}

/**
 * Visits the elements of a parameter, pads left out.
 *
 * @param visit gets an element's place in the arena and within the parameter's memory
 */
export function forEachElement(
  plan: Plan,
  { master }: Parameter,
  visit: (at: number, index: number) => void,
): void {
  const { offset, rows, columns, rowStride } = plan.view(master);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const index = row * rowStride + column;
      visit(offset + index, index);
    }
  }
}
