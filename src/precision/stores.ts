/**
 * Where the weights live: in which formats an optimizer reads and writes what lasts from one step to the next. Autocast
 * decides about the operations; this decides about the weights themselves, the gradients that the optimizer is given
 * and its own memory. Names of formats are those of numerics/formats.ts.
 */
import type { Site, SiteRole } from '../graph/tensor';
import {
  DEFAULT_RANDOM_BITS,
  parseFormat,
  type NumberFormat,
  type Rounding,
  type RoundingMode,
} from '../numerics/formats';

export const WEIGHT_UPDATES = ['nearest', 'stochastic', 'kahan'] as const;
/**
 * How the sum of weight and update is stored: rounded to nearest even; rounded up or down by chance, so that it is right
 * on average; or to nearest, with a compensation buffer in the weight's format that keeps what rounding took away
 * (optimi, https://optimi.benjaminwarner.dev/kahan_summation).
 */
export type WeightUpdate = (typeof WEIGHT_UPDATES)[number];

export const OPTIMIZER_KERNELS = ['fused', 'single-tensor'] as const;
/**
 * `fused`: one kernel computes in FP32 and rounds what it stores (torch `fused=True`, Apex FusedAdam). `single-tensor`:
 * one operation after the other as in torch/optim/adam.py, each of which writes a tensor in the format of its operands.
 */
export type OptimizerKernel = (typeof OPTIMIZER_KERNELS)[number];

export interface Stores {
  /** Format of the weights that the optimizer changes. */
  readonly weights: string;
  /** Whether they are a master copy, which autocast casts for the operations; without one these read them as they are. */
  readonly masters: boolean;
  /** Format of the unscaled gradients that the optimizer is given. */
  readonly gradients: string;
  /** Format of momentum, or of Adam's first and second moments. */
  readonly moments: string;
  /** Format that the learning rate, β1, β2 and ε have been rounded to. */
  readonly constants: string;
  /** Format of the update before it is added to the weight; FP32 where one operation computes and adds it. */
  readonly updates: string;
  readonly kernel: OptimizerKernel;
  readonly update: WeightUpdate;
}

/** What torch.optim has under autocast: FP32 throughout, and casts of the weights for the operations. */
export const FP32_STORES: Stores = {
  weights: 'fp32',
  masters: true,
  gradients: 'fp32',
  moments: 'fp32',
  constants: 'fp32',
  updates: 'fp32',
  kernel: 'fused',
  update: 'nearest',
};

/** What torch.optim has after `model.half()` or `model.bfloat16()`: everything in the format of the parameters. */
export const pureStores = ({ name }: Pick<NumberFormat, 'name'>): Stores => ({
  ...FP32_STORES,
  weights: name,
  masters: false,
  gradients: name,
  moments: name,
  kernel: 'single-tensor',
});

/** The format in which a lane writes at the sites of a role; null where its stores say nothing about them. */
function formatOfRole(role: SiteRole, stores: Stores): string | null {
  switch (role) {
    case 'master weight':
    case 'compensation':
      return stores.weights;
    case 'weight':
    case 'bias':
      return stores.masters ? null : stores.weights;
    case 'unscaled gradient':
      return stores.gradients;
    case 'first moment':
    case 'second moment':
      return stores.moments;
    case 'update':
      return stores.updates;
    case 'input':
    case 'output':
    case 'loss':
    case 'activation gradient':
    case 'gradient operand':
    case 'parameter gradient':
      return null;
  }
}

const OPTIMIZER_ROLES: readonly SiteRole[] = [
  'unscaled gradient',
  'first moment',
  'second moment',
  'update',
  'master weight',
  'compensation',
];

/**
 * Whether all is as in FP32_STORES but perhaps for the constants, and for casts of the weights: then the optimizer does
 * not round.
 */
const computesInFp32 = (stores: Stores): boolean =>
  stores.update !== 'kahan' && OPTIMIZER_ROLES.every((role) => formatOfRole(role, stores) === 'fp32');

/** Whether a lane stores as it would without a choice: in FP32. */
export const storesInFp32 = (stores: Stores): boolean =>
  computesInFp32(stores) && stores.constants === 'fp32';

/** The optimizer's roles at which some lane rounds; null where no lane needs more than the optimizers in FP32. */
export function roundedRoles(lanes: readonly Stores[]): ReadonlySet<SiteRole> | null {
  if (lanes.every(computesInFp32)) return null;
  const compensates = lanes.some(({ update }) => update === 'kahan');
  return new Set(
    OPTIMIZER_ROLES.filter(
      (role) =>
        (role !== 'compensation' || compensates) &&
        lanes.some((stores) => formatOfRole(role, stores) !== 'fp32'),
    ),
  );
}

/** A lane's policy with what its stores say about the optimizer's sites, and about weights that have no master copy. */
export interface StoresPolicy {
  /** Format of each site, by its id. */
  readonly formats: readonly NumberFormat[];
  /** How the optimizer rounds at its sites, whatever operations do. */
  readonly roundings: ReadonlyMap<number, Rounding>;
}

/**
 * @param formats what autocast has for each site
 * @param parse the format of a name, in the lane's way to treat subnormal numbers
 */
export function storesPolicy(
  sites: readonly Site[],
  formats: readonly NumberFormat[],
  stores: Stores,
  parse: (name: string) => NumberFormat = parseFormat,
): StoresPolicy {
  const stochastic = ({ role }: Site): boolean => role === 'master weight' && stores.update === 'stochastic';
  const modeAt = (site: Site): RoundingMode => (stochastic(site) ? 'stochastic' : 'nearest-even');
  return {
    formats: sites.map((site) => {
      const name = formatOfRole(site.role, stores);
      return name === null ? formats[site.id] : parse(name);
    }),
    roundings: new Map(
      sites
        .filter(({ role }) => OPTIMIZER_ROLES.includes(role))
        .map((site) => [site.id, { mode: modeAt(site), randomBits: DEFAULT_RANDOM_BITS }]),
    ),
  };
}
