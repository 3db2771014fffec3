/**
 * Golden runs (schema mp-oracle/run/1): a network, its data, batches and initial weights in one file, together with
 * what an independent program computed. Two lanes run it, in FP32 and in mixed precision.
 */
import * as v from 'valibot';
import type { LaneScaler, LaneSettings } from '../graph/lanes';
import type { Plan } from '../graph/plan';
import { IN_ORDER, NEAREST_EVEN } from '../graph/policy';
import { columnsOf, sizeOf } from '../graph/tensor';
import { FORMATS, parseFormat } from '../numerics/formats';
import { batch, type RowOrder } from '../ops/batch';
import { crossEntropy } from '../ops/cross-entropy';
import { meanSquaredError } from '../ops/mean-squared-error';
import { inFormats, policyTable } from '../precision/autocast';
import { adam } from '../training/adam';
import type { Program } from '../training/program';
import { laneScaler } from '../training/lanes';
import { sgd } from '../training/sgd';
import { evaluationPlan, trainingPlan, type AppendBatch, type Network } from '../training/step';
import { count, layerSchema, only, readLayers, statedInputs } from './golden-layers';

const tensorSchema = v.object({
  shape: v.array(v.number()),
  dtype: v.picklist(['f32', 'u8', 'u16', 'i32']),
  b64: v.string(),
  scale: v.optional(v.number()),
});

const goldenSchema = v.object({
  schema: v.literal('mp-oracle/run/1'),
  model: v.object({ input_shape: v.array(count), layers: v.array(layerSchema) }),
  loss: v.object({
    type: v.picklist(['mse', 'cross_entropy']),
    multiplier: v.optional(v.number(), 1),
    reduction: only('mean'),
    label_smoothing: only(0),
  }),
  optimizer: v.variant('type', [
    v.object({
      type: v.literal('sgd'),
      lr: v.number(),
      momentum: v.optional(v.number(), 0),
      dampening: only(0),
      weight_decay: only(0),
      nesterov: only(false),
    }),
    v.object({
      type: v.literal('adam'),
      lr: v.number(),
      betas: v.optional(v.tuple([v.number(), v.number()]), [0.9, 0.999]),
      eps: v.optional(v.number(), 1e-8),
      weight_decay: only(0),
      amsgrad: only(false),
    }),
  ]),
  policy: v.object({
    format: v.string(),
    scaler: v.object({
      enabled: v.boolean(),
      init_scale: v.optional(v.number(), 1),
      growth_factor: v.optional(v.number(), 2),
      backoff_factor: v.optional(v.number(), 0.5),
      growth_interval: v.optional(v.number(), 2000),
    }),
  }),
  steps: count,
  init: v.record(v.string(), tensorSchema),
  data: v.object({ x: tensorSchema, y: tensorSchema }),
  batches: v.pipe(
    v.array(v.pipe(v.array(v.pipe(v.number(), v.integer(), v.minValue(0))), v.minLength(1))),
    v.minLength(1),
    v.check(
      (batches) => batches.every(({ length }) => length === batches[0].length),
      'all batches have to be of the same size',
    ),
  ),
});

export type Golden = v.InferOutput<typeof goldenSchema>;

/** @throws {Error} naming the first thing in the file that is not as it should be */
export function parseGolden(json: unknown): Golden {
  const result = v.safeParse(goldenSchema, json);
  if (result.success) return result.output;
  const [issue] = result.issues;
  throw new Error(`${v.getDotPath(issue) ?? 'the file'}: ${issue.message}`);
}

const ELEMENTS = { f32: Float32Array, u8: Uint8Array, u16: Uint16Array, i32: Int32Array };

/** Values of a tensor: raw · scale, rounded to f32. @throws {Error} when there are not as many as expected */
function valuesOf(
  name: string,
  { dtype, b64, scale = 1 }: v.InferOutput<typeof tensorSchema>,
  expected: number,
): Float32Array {
  const elements = ELEMENTS[dtype];
  let bytes: Uint8Array<ArrayBuffer>;
  try {
    bytes = Uint8Array.from(atob(b64), (character) => character.charCodeAt(0));
  } catch (cause) {
    throw new Error(`${name}.b64 is not base64`, { cause });
  }
  const count = bytes.length / elements.BYTES_PER_ELEMENT;
  if (count !== expected) throw new Error(`${name} has ${count} values, not ${expected}`);
  return Float32Array.from(new elements(bytes.buffer), (value) => value * scale);
}

/** @throws {Error} when the data, the batches and the number of steps do not fit together */
function checkSizes({ model, data, batches, steps }: Golden): void {
  const [rows, ...shape] = data.x.shape;
  if (productOf(shape) !== productOf(model.input_shape)) {
    throw new Error(`data.x has rows of ${shape.join('×')}, the model wants ${model.input_shape.join('×')}`);
  }
  if (data.y.shape[0] !== rows) throw new Error(`data.y has ${data.y.shape[0]} rows, data.x has ${rows}`);
  if (steps > batches.length) throw new Error(`there are ${steps} steps, but ${batches.length} batches`);
  const beyond = batches.flat().find((row) => row >= rows);
  if (beyond !== undefined) throw new Error(`batches name row ${beyond}, but there are ${rows} rows`);
}

const productOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

const networkOf = ({ model, loss }: Golden): Network => ({
  layers: readLayers(model.layers),
  loss: loss.type === 'mse' ? meanSquaredError : crossEntropy,
});

/** @throws {Error} when a layer takes other numbers than the file says */
function checkInputs({ model }: Golden, { parameters }: Plan): void {
  for (const [layer, features] of statedInputs(model.layers)) {
    const weight = parameters.find(({ name }) => name === `${layer}.weight`);
    if (weight && columnsOf(weight) !== features) {
      throw new Error(`${layer} takes ${features} numbers, but gets ${columnsOf(weight)}`);
    }
  }
}

const shared = { shared: true, differentiable: false };

function batchOf(golden: Golden, evaluation: boolean): AppendBatch {
  const { model, data, batches } = golden;
  return (builder) => {
    const rows = data.x.shape[0];
    const features = builder.tensor('features', [rows, ...model.input_shape], shared);
    const targets = builder.tensor('targets', [rows, data.y.shape[1] ?? 1], shared);
    const table = builder.tensor('batches', [batches.length, batches[0].length], shared);
    const order: RowOrder = evaluation ? 'sequential' : table;
    const size = evaluation ? rows : batches[0].length;
    const { x, y } = batch(builder, { features, targets, size, order });
    return { features: x, targets: y };
  };
}

const gradScaler = (scaler: Golden['policy']['scaler']): LaneScaler =>
  laneScaler('dynamic', {
    initialScale: scaler.init_scale,
    growthFactor: scaler.growth_factor,
    backoffFactor: scaler.backoff_factor,
    growthInterval: scaler.growth_interval,
  });

function settingsOf({ loss, optimizer, policy: { scaler } }: Golden, mixed: boolean): LaneSettings {
  const [beta1, beta2] = optimizer.type === 'adam' ? optimizer.betas : [0, 0];
  return {
    scaler: mixed && scaler.enabled ? gradScaler(scaler) : laneScaler('none'),
    multiplier: loss.multiplier,
    learningRate: optimizer.lr,
    momentum: optimizer.type === 'sgd' ? optimizer.momentum : 0,
    beta1,
    beta2,
    epsilon: optimizer.type === 'adam' ? optimizer.eps : 0,
    singleTensor: false,
    kahan: false,
    seed: 0,
  };
}

/** Lane 0 is FP32, lane 1 mixed precision. @throws {Error} when sizes contradict each other */
export function goldenProgram(golden: Golden): Program {
  checkSizes(golden);
  const { data } = golden;
  const optimizer =
    golden.optimizer.type === 'sgd'
      ? sgd()
      : adam({ beta1: golden.optimizer.betas[0], beta2: golden.optimizer.betas[1] });
  const network = networkOf(golden);
  const training = trainingPlan(network, batchOf(golden, false), optimizer);
  checkInputs(golden, training);
  const initial = new Map(
    training.parameters.map((parameter) => {
      const tensor = golden.init[parameter.name];
      if (tensor === undefined) throw new Error(`init has no ${parameter.name}`);
      return [parameter.name, valuesOf(`init.${parameter.name}`, tensor, sizeOf(parameter))];
    }),
  );
  const low = parseFormat(golden.policy.format);
  return {
    training,
    evaluation: evaluationPlan(network, batchOf(golden, true)),
    evaluationRows: data.x.shape[0],
    contents: new Map([
      ['features', valuesOf('data.x', data.x, productOf(data.x.shape))],
      ['targets', valuesOf('data.y', data.y, productOf(data.y.shape))],
      ['batches', Float32Array.from(golden.batches.flat())],
      ...optimizer.contents,
    ]),
    lanes: [FORMATS.fp32, low].map((format, lane) => ({
      settings: settingsOf(golden, lane === 1),
      initial,
      formats: policyTable(training.sites, inFormats(format)),
      rounding: NEAREST_EVEN,
      accumulation: IN_ORDER,
    })),
  };
}

/** The golden files' names for gradient sites. */
export function goldenSiteName(site: string): string | null {
  if (site === 'logits.grad') return 'loss.grad_output';
  if (site.endsWith('.input.grad')) return site.replace(/\.input\.grad$/, '.grad_input');
  return /\.(weight|bias)\.grad$/.test(site) ? site.replace(/\.grad$/, '') : null;
}
