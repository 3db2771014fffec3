/**
 * Gathers the rows of a step's batch from a data set that all lanes share: x, rounded at site `input` as autocast casts
 * the first layer's input, and y as it is.
 */
import batchShader from '../../shaders/ops/batch.wgsl';
import type { GraphBuilder } from '../graph/builder';
import { tensorAt, type Kernel, type ReferenceContext } from '../graph/kernel';
import { columnsOf, padded, rowsOf, type Tensor } from '../graph/tensor';
import { permute } from '../numerics/permutation';

/**
 * Which row of the data set comes at which place of a step's batch:
 *   shuffled    a permutation of the data set for each epoch, from the lane's seed; rows that do not fill a batch at the
 *               end of an epoch are left out (PyTorch's DataLoader with shuffle and drop_last)
 *   sequential  the first rows in their order, whatever the step: for evaluation
 *   a tensor    [steps, batch] of row numbers, exact in f32, shared by all lanes; it starts anew after its last step
 */
export type RowOrder = 'shuffled' | 'sequential' | Tensor;

/** The row of the data set at place `index` of the batch. */
type RowAt = (context: ReferenceContext, index: number) => number;

const shuffledRow: RowAt = ({ lane, step, inputs: [features], outputs: [x] }, index) => {
  const stepsPerEpoch = Math.floor(features.rows / x.rows);
  const epoch = Math.floor(step / stepsPerEpoch);
  const position = (step % stepsPerEpoch) * x.rows + index;
  return permute(position, features.rows, [lane.settings.seed, epoch]);
};

const tableRow: RowAt = ({ step, inputs: [, , table] }, index) =>
  table.data[(step % table.rows) * table.stride + index];

/** 16 columns of x to an invocation. */
const chunks = (x: Tensor): number => Math.ceil(padded(columnsOf(x)) / 16);

/**
 * Inputs: features, targets, table of row numbers. Orders without a table have the targets in its place, so that all
 * have their operands at the same bindings. Constants: batch, rows of the data set, site, steps of the table.
 */
function batchKernel(order: string, uses: Kernel['uses'], rowAt: RowAt): Kernel {
  return {
    name: `batch.${order}`,
    shader: batchShader,
    entryPoint: order,
    uses: [...uses, 'policy', 'records'],
    workgroupSize: 64,
    invocations: ({ outputs }) => rowsOf(tensorAt(outputs, 0)) * chunks(tensorAt(outputs, 0)),
    constants: ({ inputs, outputs, sites }) => [
      rowsOf(tensorAt(outputs, 0)),
      rowsOf(tensorAt(inputs, 0)),
      sites[0].id,
      rowsOf(tensorAt(inputs, 2)),
    ],
    reference: (context) => {
      const { inputs, outputs, rounders } = context;
      const [features, targets] = inputs;
      const [x, y] = outputs;
      for (let index = 0; index < x.rows; index++) {
        const row = rowAt(context, index);
        for (let column = 0; column < x.columns; column++) {
          const value = features.data[row * features.stride + column];
          const i = index * x.stride + column;
          x.data[i] = rounders[0].round(value, i);
        }
        const target = targets.data.subarray(row * targets.stride, row * targets.stride + targets.columns);
        y.data.set(target, index * y.stride);
      }
    },
  };
}

export const shuffledBatch = batchKernel('shuffled', ['lanes'], shuffledRow);
export const sequentialBatch = batchKernel('sequential', [], (_, index) => index);
export const tableBatch = batchKernel('from_table', [], tableRow);

export interface BatchOptions {
  /** Shared, [rows, ...feature shape]. */
  readonly features: Tensor;
  /** Shared, [rows, target size]. */
  readonly targets: Tensor;
  /** Rows of a batch. */
  readonly size: number;
  readonly order: RowOrder;
}

function check({ features, targets, size, order }: BatchOptions): void {
  if (size > rowsOf(features)) {
    throw new RangeError(
      `a batch of ${size} rows needs a data set that has them; this one has ${rowsOf(features)}`,
    );
  }
  if (rowsOf(targets) !== rowsOf(features)) {
    throw new RangeError(`${rowsOf(features)} rows of features have ${rowsOf(targets)} rows of targets`);
  }
  if (typeof order !== 'string' && columnsOf(order) !== size) {
    throw new RangeError(`the table of rows is for batches of ${columnsOf(order)}, not ${size}`);
  }
}

/**
 * Appends the gathering of a batch: x [size, ...feature shape] and y [size, target size].
 *
 * @throws {RangeError} when the sizes do not fit together
 */
export function batch(builder: GraphBuilder, options: BatchOptions): { x: Tensor; y: Tensor } {
  check(options);
  const { features, targets, size, order } = options;
  const x = builder.tensor('input', [size, ...features.shape.slice(1)], { differentiable: false });
  const y = builder.tensor('target', [size, columnsOf(targets)], { differentiable: false });
  const site = builder.site('input', x, { layer: 'input', role: 'input', op: 'input', sources: [] });
  const kernel = order === 'shuffled' ? shuffledBatch : order === 'sequential' ? sequentialBatch : tableBatch;
  builder.call(kernel, {
    label: 'batch',
    inputs: [features, targets, typeof order === 'string' ? targets : order],
    outputs: [x, y],
    sites: [site],
  });
  return { x, y };
}
