/** Turns an experiment into a program: loads the data, builds the plans, fills the policy table and the weights. */
import { laneSettings } from '../experiment/apply';
import type { Experiment, OptimizerConfig } from '../experiment/experiment';
import { parseFormat } from '../numerics/formats';
import { batch, type RowOrder } from '../ops/batch';
import { crossEntropy } from '../ops/cross-entropy';
import type { Loss } from '../ops/loss';
import { meanSquaredError } from '../ops/mean-squared-error';
import { policyTable } from '../precision/autocast';
import { TASKS } from '../tasks';
import type { ReadFile, Rows, Task } from '../tasks/task';
import { adam } from '../training/adam';
import { initialParameters } from '../training/initial';
import type { Optimizer } from '../training/optimizer';
import type { Program } from '../training/program';
import { sgd } from '../training/sgd';
import { evaluationPlan, trainingPlan, type AppendBatch } from '../training/step';

export interface Compiled {
  readonly program: Program;
  readonly task: Task;
  readonly trainingRows: number;
  readonly stepsPerEpoch: number;
}

const LOSSES: Record<Task['loss'], Loss> = {
  'mean squared error': meanSquaredError,
  'cross-entropy': crossEntropy,
};

const optimizerOf = (config: OptimizerConfig): Optimizer => (config.kind === 'sgd' ? sgd() : adam(config));

/** A data set as a plan reads it: two shared tensors, whose names tell the backend what to fill them with. */
interface DataSet {
  readonly name: string;
  readonly rows: Rows;
  readonly featureShape: readonly number[];
  readonly targetSize: number;
}

const batchOf =
  ({ name, rows, featureShape, targetSize }: DataSet, size: number, order: RowOrder): AppendBatch =>
  (builder) => {
    const shared = { shared: true, differentiable: false };
    const features = builder.tensor(`${name}.features`, [rows.count, ...featureShape], shared);
    const targets = builder.tensor(`${name}.targets`, [rows.count, targetSize], shared);
    const { x, y } = batch(builder, { features, targets, size, order });
    return { features: x, targets: y };
  };

const contentsOf = ({ name, rows }: DataSet): [string, Float32Array][] => [
  [`${name}.features`, rows.features],
  [`${name}.targets`, rows.targets],
];

/** @throws {RangeError} when the batch does not fit the data, and what loading the data throws */
export async function compile(experiment: Experiment, read: ReadFile): Promise<Compiled> {
  const task: Task = TASKS[experiment.task];
  const { training, heldOut } = await task.load(read);
  if (experiment.batch > training.count) {
    throw new RangeError(
      `The batch is ${experiment.batch} rows, but the training set has only ${training.count}. Choose a smaller batch.`,
    );
  }
  const network = { model: task.model.bind(task), loss: LOSSES[task.loss] };
  const optimizer = optimizerOf(experiment.optimizer);
  const trainingSet: DataSet = { name: 'training', rows: training, ...task };
  const heldOutSet: DataSet = { name: 'held-out', rows: heldOut, ...task };
  const plan = trainingPlan(network, batchOf(trainingSet, experiment.batch, 'shuffled'), optimizer);
  const program: Program = {
    training: plan,
    evaluation: evaluationPlan(network, batchOf(heldOutSet, heldOut.count, 'sequential')),
    evaluationRows: heldOut.count,
    contents: new Map([...contentsOf(trainingSet), ...contentsOf(heldOutSet), ...optimizer.contents]),
    lanes: experiment.lanes.map((lane, index) => ({
      settings: laneSettings(experiment, index, 0),
      initial: initialParameters(plan.parameters, lane.seed ?? experiment.seed),
      formats: policyTable(plan.sites, {
        forward: parseFormat(lane.format),
        backward: parseFormat(lane.gradientFormat),
      }),
    })),
  };
  return {
    program,
    task,
    trainingRows: training.count,
    stepsPerEpoch: Math.floor(training.count / experiment.batch),
  };
}
