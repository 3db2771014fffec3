/**
 * Tensors, sites and parameters: the nouns of a graph.
 *
 * Every tensor has a leading lane axis that is not part of `shape`: one graph serves all lanes. Storage is one
 * layout for all backends: a tensor is a matrix of `rows` (the first dimension) by `columns` (all others),
 * row-major, each row padded with +0 to a multiple of four f32 elements so that kernels can load `vec4`s.
 */

import type { InitialDistribution } from './initial';

/** The regions of memory that hold one matrix per parameter, all with the same offsets. */
export type Arena =
  | 'parameters'
  | 'casts'
  | 'gradients'
  /** Gradients of later uses of a parameter, until they are added to the first. */
  | 'partialGradients'
  | 'firstMoments'
  | 'secondMoments'
  /** What the optimizer subtracts, the weights before that, and Kahan's compensation: training/stored. */
  | 'updates'
  | 'previousParameters'
  | 'compensations';

export interface Tensor {
  readonly id: number;
  readonly name: string;
  /** Dimensions within one lane; the first is the batch row (or the output channel of a weight). */
  readonly shape: readonly number[];
  /** The cast site whose format the values have; null while they are raw data in FP32. */
  site: Site | null;
  /** The tensor whose storage this one shares (reshape), or null. */
  readonly aliasOf: Tensor | null;
  /** The parameter this tensor belongs to and the arena it lives in, or null for a tensor with its own buffer. */
  residence: { readonly parameter: Parameter; readonly arena: Arena } | null;
  /** Whether a gradient with respect to this tensor is wanted. */
  readonly differentiable: boolean;
  /** One copy serves all lanes: data sets and tables. Its lane stride is 0. */
  readonly shared: boolean;
}

/**
 * What is written: an operand's cast, a result, a gradient, a gradient as the backward operation reads it, or, by the
 * optimizer, what is kept from step to step.
 */
export type SiteRole =
  | 'input'
  | 'weight'
  | 'bias'
  | 'output'
  | 'loss'
  | 'activation gradient'
  | 'gradient operand'
  | 'parameter gradient'
  | 'unscaled gradient'
  | 'first moment'
  | 'second moment'
  | 'update'
  | 'compensation'
  | 'master weight';

/** Whether gradients are written there that the backward pass works on; they are still multiplied with the loss scale. */
export const isGradientRole = (role: SiteRole): boolean =>
  role === 'activation gradient' || role === 'gradient operand' || role === 'parameter gradient';

/** A place where real hardware writes a value in some format. Structure knows the place, never the format. */
export interface Site {
  /** Dense, in order of registration: forward sites first, so that an evaluation graph numbers them alike. */
  readonly id: number;
  /** For example `conv1.weight.grad`. */
  readonly name: string;
  /** The layer it belongs to, for charts "by layer": `conv1`. */
  readonly layer: string;
  readonly role: SiteRole;
  /**
   * What frameworks call the operation that writes here, or that reads what is cast here: `linear`; an operation within
   * another behind a slash, `cross_entropy_loss/log_softmax`. What autocast does with it is the business of
   * src/precision.
   */
  op: string;
  /** The layer whose format by hand holds here: its own, and where a batch is gathered the one that reads it. */
  owner: string;
  /**
   * The sites of the values that the operation works on, null for raw data, which are FP32; for a gradient, the site of
   * the value that it is the gradient of.
   */
  readonly sources: readonly (Site | null)[];
  /**
   * Word of the counter of the random numbers that round here (graph/policy.ts). It must not change when other sites
   * come and go, so it is not the id: see `GraphBuilder.site`.
   */
  readonly stream: number;
  /** The tensor that is written there. */
  readonly tensor: Tensor;
  /** Values per lane and step. */
  readonly count: number;
}

export interface Parameter {
  readonly index: number;
  readonly name: string;
  readonly shape: readonly number[];
  readonly initial: InitialDistribution;
  /** The FP32 master copy, which the optimizer writes. */
  readonly master: Tensor;
  /** What the forward and backward pass read: the master copy, rounded at its cast site. */
  readonly cast: Tensor;
  readonly castSite: Site;
  /** Set by `differentiate`. */
  gradient: Tensor | null;
}

export const rowsOf = (tensor: { readonly shape: readonly number[] }): number =>
  tensor.shape.length > 1 ? tensor.shape[0] : 1;

export const columnsOf = (tensor: { readonly shape: readonly number[] }): number =>
  tensor.shape.slice(tensor.shape.length > 1 ? 1 : 0).reduce((a, b) => a * b, 1);

export const sizeOf = (tensor: { readonly shape: readonly number[] }): number =>
  rowsOf(tensor) * columnsOf(tensor);

/** Rows are padded to whole `vec4`s. */
export const padded = (elements: number): number => Math.ceil(elements / 4) * 4;

/** The tensor whose memory a tensor lies in. */
export const storageOf = (tensor: Tensor): Tensor => (tensor.aliasOf ? storageOf(tensor.aliasOf) : tensor);

/** Whether the numbers of one shape lie in memory as those of the other: row by row, or without pads in both. */
export function sharesRows(
  a: { readonly shape: readonly number[] },
  b: { readonly shape: readonly number[] },
): boolean {
  const [first, second] = [columnsOf(a), columnsOf(b)];
  const dense = first % 4 === 0 && second % 4 === 0;
  return sizeOf(a) === sizeOf(b) && (dense || first === second);
}
