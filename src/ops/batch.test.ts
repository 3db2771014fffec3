import { describe, expect, test } from 'vitest';
import { GraphBuilder } from '../graph/builder';
import { FORMATS } from '../numerics/formats';
import { roundToFormat } from '../numerics/round';
import { adversarial } from '../testing/inputs';
import { compareKernel, type KernelResult } from '../testing/kernels';
import { batch, sequentialBatch, shuffledBatch, tableBatch } from './batch';

const LANES = [FORMATS.fp32, FORMATS.fp16, FORMATS.e4m3fn];
const SETTINGS = [{ seed: 1 }, { seed: 1 }, { seed: 0xdeadbeef }];

interface Data {
  readonly rows: number;
  readonly columns: readonly number[];
  readonly targetSize: number;
}

const size = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

/** The data set; its target is the number of the row, so that rows can be told from what comes out. */
const dataSet = ({ rows, columns, targetSize }: Data) =>
  [
    { shape: [rows, ...columns], values: adversarial(rows * size(columns), 5), shared: true },
    {
      shape: [rows, targetSize],
      values: Float32Array.from({ length: rows * targetSize }, (_, i) => Math.floor(i / targetSize)),
      shared: true,
    },
  ] as const;

function compareBatch(
  kernel: typeof shuffledBatch,
  data: Data,
  batchSize: number,
  step: number,
  table?: { readonly shape: readonly number[]; readonly values: Float32Array },
): Promise<KernelResult> {
  const [features, targets] = dataSet(data);
  return compareKernel(kernel, {
    inputs: [features, targets, table ? { ...table, shared: true } : targets],
    outputs: [{ shape: [batchSize, ...data.columns] }, { shape: [batchSize, data.targetSize] }],
    sites: [{ formats: LANES, role: 'input' }],
    settings: SETTINGS,
    step,
  });
}

/** The rows that a lane's batch was made of; checks that x has their features, rounded. */
function expectRows({ outputs: [x, y] }: KernelResult, data: Data, lane: number): number[] {
  const columns = size(data.columns);
  const rows = [...y[lane]].filter((_, i) => i % data.targetSize === 0);
  const features = dataSet(data)[0].values;
  const expected = rows.flatMap((row) => [...features.subarray(row * columns, (row + 1) * columns)]);
  expect([...x[lane]]).toEqual(expected.map((value) => roundToFormat(value, LANES[lane])));
  return rows;
}

const SIZES: [Data, number][] = [
  [{ rows: 11, columns: [1], targetSize: 1 }, 3],
  [{ rows: 7, columns: [10], targetSize: 2 }, 7],
  [{ rows: 40, columns: [64], targetSize: 1 }, 16],
  [{ rows: 9, columns: [2, 3, 5], targetSize: 5 }, 4],
];

describe.each(SIZES)('%j, batch %i', (data, batchSize) => {
  const stepsPerEpoch = Math.floor(data.rows / batchSize);

  test('shuffled: each epoch has every row once at most, and lanes of one seed see the same', async () => {
    const epochs: number[][][] = [];
    for (let step = 0; step < 2 * stepsPerEpoch; step++) {
      const result = await compareBatch(shuffledBatch, data, batchSize, step);
      const byLane = LANES.map((_, lane) => expectRows(result, data, lane));
      expect(byLane[1]).toEqual(byLane[0]);
      const epoch = (epochs[Math.floor(step / stepsPerEpoch)] ??= LANES.map(() => []));
      byLane.forEach((rows, lane) => epoch[lane].push(...rows));
    }
    for (const lane of [0, 2]) {
      for (const epoch of epochs) expect(new Set(epoch[lane]).size).toBe(stepsPerEpoch * batchSize);
      expect(epochs[1][lane]).not.toEqual(epochs[0][lane]);
    }
    expect(epochs[0][2]).not.toEqual(epochs[0][0]);
  });

  test('sequential: the first rows, at any step', async () => {
    const expected = Array.from({ length: batchSize }, (_, i) => i);
    for (const step of [0, 5]) {
      const result = await compareBatch(sequentialBatch, data, batchSize, step);
      expect(expectRows(result, data, 2)).toEqual(expected);
    }
  });

  test('from a table, which starts anew after its last step', async () => {
    const steps = 3;
    const values = Float32Array.from({ length: steps * batchSize }, (_, i) => (i * 5 + 2) % data.rows);
    for (const step of [0, 2, 3, 7]) {
      const result = await compareBatch(tableBatch, data, batchSize, step, {
        shape: [steps, batchSize],
        values,
      });
      const start = (step % steps) * batchSize;
      expect(expectRows(result, data, 1)).toEqual([...values.subarray(start, start + batchSize)]);
    }
  });
});

describe('structure', () => {
  const shared = (builder: GraphBuilder, name: string, shape: number[]) =>
    builder.tensor(name, shape, { shared: true, differentiable: false });

  test('x is rounded at site input and nobody wants its gradient', () => {
    const builder = new GraphBuilder();
    const features = shared(builder, 'features', [20, 1, 8, 8]);
    const targets = shared(builder, 'targets', [20, 1]);
    const { x, y } = batch(builder, { features, targets, size: 6, order: 'shuffled' });
    expect([x.shape, y.shape]).toEqual([
      [6, 1, 8, 8],
      [6, 1],
    ]);
    expect([x.differentiable, x.shared, y.shared]).toEqual([false, false, false]);
    expect(builder.sites).toHaveLength(1);
    expect(x.site).toMatchObject({ name: 'input', layer: 'input', role: 'input', op: 'input' });
  });

  test('sizes that do not fit are refused', () => {
    const builder = new GraphBuilder();
    const features = shared(builder, 'features', [20, 3]);
    const targets = shared(builder, 'targets', [20, 1]);
    const options = { features, targets, size: 6, order: 'shuffled' } as const;
    expect(() => batch(builder, { ...options, size: 21 })).toThrow('a batch of 21 rows');
    expect(() => batch(builder, { ...options, targets: shared(builder, 't', [19, 1]) })).toThrow(
      '20 rows of features have 19 rows of targets',
    );
    const order = shared(builder, 'table', [4, 5]);
    expect(() => batch(builder, { ...options, order })).toThrow('batches of 5, not 6');
  });
});
