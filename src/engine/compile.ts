/** Experiment + data → program: plans, contents, and one policy table, settings row and set of weights per lane. */
import { laneSettings } from '../experiment/apply';
import { laneFormat, lanePrecision } from '../experiment/precision';
import { storesOf } from '../experiment/stores';
import type { Experiment, OptimizerConfig } from '../experiment/experiment';
import type { GraphBuilder } from '../graph/builder';
import { parseAccumulation } from '../numerics/accumulation';
import { roundToFormat } from '../numerics/round';
import type { NumberFormat } from '../numerics/formats';
import { batch, type RowOrder } from '../ops/batch';
import { demandOf, policyTable } from '../precision/autocast';
import { roundedRoles, storesPolicy } from '../precision/stores';
import { TASKS } from '../tasks';
import type { ReadFile, Rows, Task } from '../tasks/task';
import { adam } from '../training/adam';
import { initialParameters } from '../training/initial';
import type { Optimizer } from '../training/optimizer';
import type { LaneProgram, Program } from '../training/program';
import { sgd } from '../training/sgd';
import { storedAdam } from '../training/stored/adam';
import { storedSgd } from '../training/stored/sgd';
import type { RoundedRoles } from '../training/stored/sites';
import { castChanges, type CastChanges } from './cast-changes';
import type { SiteInfo } from './protocol';
import type { WatchableWeights } from './weight-watch';
import { evaluationPlan, trainingPlan, type AppendBatch } from '../training/step';

export interface Compiled {
  /** Of each lane. */
  readonly castChanges: readonly CastChanges[];
  readonly program: Program;
  readonly task: Task;
  readonly trainingRows: number;
  readonly stepsPerEpoch: number;
}

/** Before any intervention, those in front of step 0 included: a reset may drop them. */
const BEFORE_THE_RUN = -1;

/** @param rounded the roles at which optimizers round; null where all of them compute in FP32 */
function optimizerOf(config: OptimizerConfig, rounded: RoundedRoles | null): Optimizer {
  switch (config.kind) {
    case 'sgd':
      return rounded ? storedSgd(config.momentum, rounded) : sgd();
    case 'adam':
      return rounded ? storedAdam(config, rounded) : adam(config);
  }
}

/** Weights as they are stored before the first step: `model.half()` rounds those of an FP32 model to nearest even. */
function storedWeights(
  initial: ReadonlyMap<string, Float32Array>,
  format: NumberFormat,
): ReadonlyMap<string, Float32Array> {
  if (format.name === 'fp32') return initial;
  return new Map(
    [...initial].map(([name, values]) => [name, values.map((value) => roundToFormat(value, format))]),
  );
}

/** Reads batches of `size` from a data set that is a shared tensor of the graph. */
function batchesOf(name: string, rows: Rows, task: Task, size: number, order: RowOrder): AppendBatch {
  const options = { shared: true, differentiable: false };
  return (builder: GraphBuilder) => {
    const features = builder.tensor(`${name}.features`, [rows.count, ...task.featureShape], options);
    const targets = builder.tensor(`${name}.targets`, [rows.count, task.targetSize], options);
    const { x, y } = batch(builder, { features, targets, size, order });
    return { features: x, targets: y };
  };
}

const contentsOf = (name: string, rows: Rows): [string, Float32Array][] => [
  [`${name}.features`, rows.features],
  [`${name}.targets`, rows.targets],
];

/** The cast sites of a program's training step, with the formats of its lanes. */
export const siteInfos = ({ training, lanes }: Pick<Program, 'training' | 'lanes'>): SiteInfo[] =>
  training.sites.map(({ id, name, layer, role, count }) => ({
    id,
    name,
    layer,
    role,
    count,
    formats: lanes.map(({ formats }) => formats[id].name),
  }));

/** Weights per lane of the tensors whose updates a program keeps, by name. */
export const updatedWeights = ({
  training,
  lanes,
}: Pick<Program, 'training' | 'lanes'>): WatchableWeights => ({
  lanes: lanes.length,
  sizes: new Map(
    training.sites.flatMap(({ role, tensor, count }): [string, number][] =>
      role === 'update' && tensor.residence ? [[tensor.residence.parameter.name, count]] : [],
    ),
  ),
});

/** @throws Error in words when the task's data cannot be read */
export async function compile(experiment: Experiment, read: ReadFile): Promise<Compiled> {
  const task: Task = TASKS[experiment.task];
  const { training: rows, heldOut } = await task.load(read);
  const rounded = roundedRoles(experiment.lanes.map(storesOf));
  const optimizer = optimizerOf(experiment.optimizer, rounded);
  const demand = demandOf(experiment.lanes.map(lanePrecision));
  const batches = batchesOf('training', rows, task, experiment.batch, 'shuffled');
  const kinds = experiment.lanes.map(({ scaler }) => scaler.kind);
  const training = trainingPlan(task, batches, optimizer, demand, kinds);
  const allHeldOut = batchesOf('heldOut', heldOut, task, heldOut.count, 'sequential');
  const evaluation = evaluationPlan(task, allHeldOut, demand);
  const lanes = experiment.lanes.map((config, index): LaneProgram => {
    const settings = laneSettings(experiment, index, BEFORE_THE_RUN);
    const stores = storesOf(config);
    const parse = (name: string): NumberFormat => laneFormat(name, config);
    return {
      settings,
      initial: storedWeights(initialParameters(training.parameters, settings.seed), parse(stores.weights)),
      rounding: { mode: config.rounding, randomBits: config.randomBits },
      accumulation: parseAccumulation(config.accumulation),
      ...storesPolicy(training.sites, policyTable(training.sites, lanePrecision(config)), stores, parse),
    };
  });
  const contents = new Map([
    ...contentsOf('training', rows),
    ...contentsOf('heldOut', heldOut),
    ...optimizer.contents,
  ]);
  return {
    program: { training, evaluation, evaluationRows: heldOut.count, contents, lanes },
    castChanges: experiment.lanes.map((lane) => castChanges(lane, task, batches)),
    task,
    trainingRows: rows.count,
    stepsPerEpoch: Math.floor(rows.count / experiment.batch),
  };
}
