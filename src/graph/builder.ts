/**
 * Builds a graph: a list of kernel calls in execution order, with the tensors they read and write, the
 * parameters, and the cast sites. An op is a function that takes the builder and appends its calls
 * (ops/*.ts); nothing here knows what an op computes.
 */
import type { InitialDistribution } from './initial';
import type { Kernel, KernelCall } from './kernel';
import { sizeOf, type Parameter, type Site, type SiteRole, type Tensor } from './tensor';

/** What an op appends for the backward pass. */
export interface GradientRequest {
  readonly builder: GraphBuilder;
  /** Gradient with respect to the forward call's output. */
  readonly outputGradient: Tensor;
  /** Which inputs want a gradient, in the forward call's order. */
  readonly wanted: readonly boolean[];
}

/** Appends backward calls and returns the gradient of each input, null where none is wanted. */
export type GradientRule = (request: GradientRequest) => readonly (Tensor | null)[];

/** A forward operation with its rule for the backward pass. */
export interface Operation {
  readonly inputs: readonly Tensor[];
  readonly output: Tensor;
  readonly gradient: GradientRule;
}

export interface Graph {
  readonly calls: readonly KernelCall[];
  readonly tensors: readonly Tensor[];
  readonly parameters: readonly Parameter[];
  readonly sites: readonly Site[];
}

export interface SiteOptions {
  readonly layer: string;
  readonly role: SiteRole;
  readonly op: string;
  readonly sources: readonly (Site | null)[];
  /** Stands in a program only if some of its lanes round there. */
  readonly conditional?: boolean;
}

/** A site that might be registered. */
export type PossibleSite = { readonly name: string } & SiteOptions;

/** What the lanes of a program make of its sites; src/precision answers, and the graph knows no format. */
export interface SiteDemand {
  /**
   * Whether in some lane a copy of a value written at `from` (null: raw data), made at `to`, is another value, or its
   * gradient, handed back from `to` to `from`, another gradient.
   */
  changes(from: Site | null, to: PossibleSite): boolean;
  /** Whether the types at `from` and `to` differ in some lane, even if no value does. */
  retypes(from: Site | null, to: PossibleSite): boolean;
  /** Whether some lane rounds what is written at a site. */
  rounds(site: PossibleSite): boolean;
}

/** Of a program whose lanes are not known: nothing is wanted but what every program has. */
const NO_DEMAND: SiteDemand = { changes: () => false, retypes: () => false, rounds: () => false };

/** Streams of conditional sites begin here; no program has as many others. */
const CONDITIONAL_STREAMS = 2 ** 31;

/** FNV-1a over the UTF-16 units of a text, 32 bits. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

export class GraphBuilder implements Graph {
  readonly demand: SiteDemand;
  #unconditionalSites = 0;

  constructor(demand: SiteDemand = NO_DEMAND) {
    this.demand = demand;
  }

  readonly calls: KernelCall[] = [];
  readonly tensors: Tensor[] = [];
  readonly parameters: Parameter[] = [];
  readonly sites: Site[] = [];
  /** Forward operations in order, for `differentiate`. */
  readonly operations: Operation[] = [];

  /** A new tensor of this shape within a lane. */
  tensor(
    name: string,
    shape: readonly number[],
    options: Partial<Pick<Tensor, 'aliasOf' | 'differentiable' | 'shared'>> = {},
  ): Tensor {
    const tensor: Tensor = {
      id: this.tensors.length,
      name,
      shape,
      site: options.aliasOf?.site ?? null,
      aliasOf: options.aliasOf ?? null,
      residence: null,
      differentiable: options.differentiable ?? options.aliasOf?.differentiable ?? true,
      shared: options.shared ?? false,
    };
    this.tensors.push(tensor);
    return tensor;
  }

  /**
   * Registers the cast site at which `tensor` is written.
   *
   * Its stream of random numbers is its number among the sites that every program of the network has; that of a
   * conditional one follows from its name. So no stream depends on which conditional sites there are.
   */
  site(name: string, tensor: Tensor, { conditional = false, ...options }: SiteOptions): Site {
    if (this.sites.some((site) => site.name === name)) throw new Error(`two cast sites are named ${name}`);
    const stream = conditional
      ? CONDITIONAL_STREAMS + (hashOf(name) % CONDITIONAL_STREAMS)
      : this.#unconditionalSites++;
    const id = this.sites.length;
    const site: Site = { id, name, tensor, count: sizeOf(tensor), stream, owner: options.layer, ...options };
    this.sites.push(site);
    tensor.site = site;
    return site;
  }

  /**
   * A trainable parameter: an FP32 master copy and the rounded copy that the ops read. Asking twice for the same
   * name gives the same parameter, as autocast's weight cache does.
   *
   * @throws {RangeError} when it is there with another shape
   */
  parameter(
    layer: string,
    role: 'weight' | 'bias',
    shape: readonly number[],
    initial: InitialDistribution,
    op: string,
  ): Parameter {
    const name = `${layer}.${role}`;
    const known = this.parameters.find((parameter) => parameter.name === name);
    if (known) {
      if (known.shape.join() === shape.join()) return known;
      throw new RangeError(`${name} has the shape [${known.shape.join(', ')}], not [${shape.join(', ')}]`);
    }
    const master = this.tensor(`${name}.master`, shape);
    const cast = this.tensor(name, shape);
    const castSite = this.site(name, cast, { layer, role, op, sources: [] });
    const index = this.parameters.length;
    const parameter: Parameter = { index, name, shape, initial, master, cast, castSite, gradient: null };
    master.residence = { parameter, arena: 'parameters' };
    cast.residence = { parameter, arena: 'casts' };
    this.parameters.push(parameter);
    return parameter;
  }

  /** Appends a kernel call. */
  call(
    kernel: Kernel,
    call: Omit<KernelCall, 'kernel' | 'attributes'> & { attributes?: KernelCall['attributes'] },
  ): KernelCall {
    const appended: KernelCall = { attributes: {}, ...call, kernel };
    this.calls.push(appended);
    return appended;
  }

  /** Records a forward operation for `differentiate` and returns its output. */
  operation(operation: Operation): Tensor {
    this.operations.push(operation);
    return operation.output;
  }
}
