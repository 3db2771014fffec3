/**
 * Turns a graph into a plan: the calls in order, and where in memory each tensor lies. Both backends obey the
 * same layout, so a buffer of one can be compared with the other's word by word.
 */
import type { Graph } from './builder';
import type { KernelCall, Operand } from './kernel';
import { isTensor } from './kernel';
import {
  columnsOf,
  padded,
  rowsOf,
  sharesRows,
  storageOf,
  type Parameter,
  type Site,
  type Tensor,
} from './tensor';

/** Where an operand lies in its buffer; in f32 elements, every offset and stride a multiple of four. */
export interface View {
  /** Buffers are named: an arena, or `tensor:<id>`. */
  readonly buffer: string;
  readonly offset: number;
  readonly laneStride: number;
  readonly rowStride: number;
  readonly rows: number;
  readonly columns: number;
}

export interface BufferSize {
  /** f32 elements of one lane, or of the only copy. */
  readonly elements: number;
  /** One copy for all lanes. */
  readonly shared: boolean;
}

export interface Plan {
  /** The plan whose memory this one works on as well (histograms of a training plan); none for a plan of its own. */
  readonly base?: Plan;
  readonly calls: readonly KernelCall[];
  readonly tensors: readonly Tensor[];
  readonly parameters: readonly Parameter[];
  readonly sites: readonly Site[];
  /** Elements per lane of each parameter arena. */
  readonly arenaStride: number;
  /** Every buffer that a call touches, by name. */
  readonly buffers: ReadonlyMap<string, BufferSize>;
  view(operand: Operand): View;
}

/** Parameters start at multiples of this, so that one invocation of an arena kernel serves one parameter. */
export const ARENA_ALIGNMENT = 16;

const roundUp = (value: number, multiple: number): number => Math.ceil(value / multiple) * multiple;

/** Elements of one matrix with padded rows. */
const matrixElements = (tensor: Tensor): number => rowsOf(tensor) * padded(columnsOf(tensor));

/** First element of each parameter within an arena, and the elements of the whole arena, per lane. */
export function arenaLayout(parameters: readonly Parameter[]): {
  offsets: readonly number[];
  stride: number;
} {
  const offsets: number[] = [];
  let stride = 0;
  for (const parameter of parameters) {
    offsets.push(stride);
    stride += roundUp(matrixElements(parameter.master), ARENA_ALIGNMENT);
  }
  return { offsets, stride };
}

export function plan(graph: Graph): Plan {
  const { offsets, stride } = arenaLayout(graph.parameters);
  const view = (operand: Operand): View => {
    if (!isTensor(operand)) {
      return { buffer: operand, offset: 0, laneStride: stride, rowStride: stride, rows: 1, columns: stride };
    }
    const storage = storageOf(operand);
    const rows = rowsOf(operand);
    const columns = columnsOf(operand);
    const rowStride = padded(columns);
    if (operand !== storage && !sharesRows(operand, storage)) {
      throw new Error(`${operand.name} cannot share the storage of ${storage.name}: its rows lie otherwise`);
    }
    if (storage.residence) {
      const { arena, parameter } = storage.residence;
      return {
        buffer: arena,
        offset: offsets[parameter.index],
        laneStride: stride,
        rowStride,
        rows,
        columns,
      };
    }
    const laneStride = storage.shared ? 0 : matrixElements(storage);
    return { buffer: `tensor:${storage.id}`, offset: 0, laneStride, rowStride, rows, columns };
  };
  const buffers = new Map<string, BufferSize>();
  for (const call of graph.calls) {
    for (const operand of [...call.inputs, ...call.outputs]) {
      const { buffer, rowStride, rows } = view(operand);
      const own = isTensor(operand) && !storageOf(operand).residence;
      buffers.set(buffer, {
        elements: own ? rows * rowStride : stride,
        shared: isTensor(operand) && storageOf(operand).shared,
      });
    }
  }
  const { calls, tensors, parameters, sites } = graph;
  return { calls, tensors, parameters, sites, arenaStride: stride, buffers, view };
}
