/** Plans of small networks, and steps of them with values that overflow, vanish or are none, in lanes of many formats. */
import type { GraphBuilder } from '../graph/builder';
import type { Plan } from '../graph/plan';
import type { Tensor } from '../graph/tensor';
import { FORMATS, type Rounding } from '../numerics/formats';
import { batch, type RowOrder } from '../ops/batch';
import { crossEntropy } from '../ops/cross-entropy';
import type { Layer } from '../ops/layers';
import type { Loss } from '../ops/loss';
import { laneScaler } from '../training/lanes';
import { sgd } from '../training/sgd';
import { evaluationPlan, trainingPlan } from '../training/step';
import { adversarial, gaussian } from './inputs';
import { DEFAULT_SETTINGS } from './kernels';
import type { PlanCase } from './plans';

/** Rows of the data. */
export const ROWS = 12;

/** A small network with its data. */
export interface Net {
  readonly features: readonly number[];
  readonly batch: number;
  readonly outputs: number;
  readonly loss: Loss;
  readonly layers: readonly Layer[];
  readonly order?: 'shuffled' | 'sequential';
}

export function planOf(
  { features, batch: size, outputs, loss, layers, order = 'shuffled' }: Net,
  evaluation = false,
): Plan {
  const append = (builder: GraphBuilder) => {
    const data = (name: string, shape: readonly number[]): Tensor =>
      builder.tensor(name, shape, { differentiable: false, shared: true });
    const rowOrder: RowOrder = order;
    const { x, y } = batch(builder, {
      features: data('features', [ROWS, ...features]),
      targets: data('targets', [ROWS, loss === crossEntropy ? 1 : outputs]),
      size,
      order: rowOrder,
    });
    return { features: x, targets: y };
  };
  const network = { layers, loss };
  return evaluation ? evaluationPlan(network, append) : trainingPlan(network, append, sgd());
}

const LANES = [FORMATS.fp32, FORMATS.fp16, FORMATS.bf16, FORMATS.e5m2, FORMATS.e4m3fn];

/** Ordinary values in every other run of eight, and between them whatever a float can be. */
const mixed = (length: number, seed: number): Float32Array => {
  const [ordinary, hostile] = [gaussian(length, seed), adversarial(length, seed + 1)];
  return ordinary.map((value, i) => (i % 16 < 13 ? value : hostile[i]));
};

/** A step of it in lanes of many formats. */
export function caseOf(
  plan: Plan,
  seed: number,
  hostile: boolean,
  roundings?: readonly Rounding[],
): PlanCase {
  const lanes = roundings?.length ?? LANES.length;
  const values = hostile ? mixed : gaussian;
  const buffers = new Map<string, Float32Array>();
  const { elements } = plan.buffers.get('parameters')!;
  // Pads of the arenas are +0, as in a run.
  const arena = new Float32Array(elements * lanes);
  for (const { master } of plan.parameters) {
    const { offset, rows, columns, rowStride, laneStride } = plan.view(master);
    for (let lane = 0; lane < lanes; lane++) {
      for (let row = 0; row < rows; row++) {
        arena.set(values(columns, seed + lane + 31 * row), offset + lane * laneStride + row * rowStride);
      }
    }
  }
  buffers.set('parameters', arena);
  for (const tensor of plan.tensors.filter(({ shared }) => shared)) {
    const { buffer, rows, columns, rowStride } = plan.view(tensor);
    const data = new Float32Array(rows * rowStride);
    for (let row = 0; row < rows; row++) {
      const label = tensor.name === 'targets' && columns === 1;
      data.set(label ? [row % 2] : values(columns, seed + 7 * row), row * rowStride);
    }
    buffers.set(buffer, data);
  }
  const perLane = Array.from({ length: lanes }, (_, lane) => lane);
  return {
    plan,
    settings: perLane.map((lane) => ({
      ...DEFAULT_SETTINGS,
      seed: seed + lane,
      scaler: laneScaler('dynamic', { initialScale: 2 ** (8 * lane) }),
    })),
    formats: perLane.map((lane) => plan.sites.map(() => LANES[lane % LANES.length])),
    buffers,
    roundings,
    step: seed % 5,
  };
}
