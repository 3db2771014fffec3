/** Runs an experiment to the end and reports it as one document (schema amp-playground/run/1), without a page. */
import type { Experiment } from '../experiment/experiment';
import {
  COUNTER,
  COUNTER_WORDS,
  HEADER,
  HEADER_WORDS,
  readUpdates,
  recordWords,
  type StepRecords,
} from '../graph/records';
import type { Plan } from '../graph/plan';
import type { Site } from '../graph/tensor';
import { fromBits } from '../numerics/f32';
import type { ReadFile } from '../tasks/task';
import type { Backend, BackendInfo, Evaluation, Runner } from '../training/backend';
import type { Program } from '../training/program';
import { raisedError, scalerOf } from '../training/scalers';
import type { LossScaler } from '../training/scalers/scaler';
import { compile, siteInfos } from '../engine/compile';
import type { SiteInfo } from '../engine/protocol';
import { applyInterventions, isEvaluationStep, stepsUntilEvent } from '../engine/schedule';
import { laneNames } from '../i18n/lane-names';

export const RUN_SCHEMA = 'amp-playground/run/1';

/** JSON has no NaN and no infinities; they are written as in the golden runs. */
export type JsonNumber = number | 'nan' | 'inf' | '-inf';

/** One number per step. The values at this cast site, and what rounding did to them (graph/records.ts). */
export interface SiteReport {
  /** Values per step. */
  readonly count: number;
  readonly zeroBefore: number[];
  readonly underflow: number[];
  readonly subnormal: number[];
  readonly overflow: number[];
  readonly nan: number[];
}

/** One number per step: what became of the updates of a weight tensor (graph/records.ts, UPDATE_COUNTER). */
export interface UpdateReport {
  /** Weights in the tensor. */
  readonly count: number;
  readonly zeroGradient: number[];
  readonly zeroUpdate: number[];
  readonly roundedAway: number[];
  readonly moved: number[];
  /** Sum of the magnitudes of the updates, and of how far the weights went in their directions. */
  readonly intended: number[];
  readonly covered: number[];
}

export interface LaneReport {
  readonly name: string;
  /** Mean training loss of each step's batch, without λ and loss scale. */
  readonly loss: JsonNumber[];
  /** The scale used in each step. */
  readonly scale: JsonNumber[];
  readonly foundInf: (0 | 1)[];
  /** The step in which the lane's scaler raised, and what (training/scalers); the lane stopped there. */
  raised?: { readonly step: number; readonly code: string };
  /** Steps in which the optimizer did nothing. */
  skippedSteps: number;
  /** Share of held-out rows classified correctly after so many steps; empty for tasks without classes. */
  readonly accuracy: { readonly step: number[]; readonly value: number[] };
  /** Mean loss over the held-out rows after so many steps. */
  readonly heldOutLoss: { readonly step: number[]; readonly value: JsonNumber[] };
  /** Over the little-endian f32 bytes of the final parameters, in order of name. */
  readonly weightsSha256: string;
  readonly sites: Record<string, SiteReport>;
  /** Of each weight tensor, where some lane stores weights or the optimizer's memory in a format. */
  readonly updates?: Record<string, UpdateReport>;
}

export interface RunReport {
  readonly schema: typeof RUN_SCHEMA;
  readonly experiment: Experiment;
  readonly backend: Pick<BackendInfo, 'kind' | 'adapter'>;
  readonly lanes: readonly LaneReport[];
}

export function jsonNumber(value: number): JsonNumber {
  if (Number.isNaN(value)) return 'nan';
  if (Number.isFinite(value)) return value;
  return value > 0 ? 'inf' : '-inf';
}

const roundingSites = ({ sites }: Plan): Site[] => sites.filter(({ role }) => role !== 'update');
const updateSites = ({ sites }: Plan): Site[] => sites.filter(({ role }) => role === 'update');

function emptyLane(name: string, plan: Plan): LaneReport {
  const sites = roundingSites(plan).map((site): [string, SiteReport] => [
    site.name,
    { count: site.count, zeroBefore: [], underflow: [], subnormal: [], overflow: [], nan: [] },
  ]);
  const updates = updateSites(plan).map(({ name: site, count }): [string, UpdateReport] => [
    site,
    { count, zeroGradient: [], zeroUpdate: [], roundedAway: [], moved: [], intended: [], covered: [] },
  ]);
  return {
    name,
    loss: [],
    scale: [],
    foundInf: [],
    skippedSteps: 0,
    accuracy: { step: [], value: [] },
    heldOutLoss: { step: [], value: [] },
    weightsSha256: '',
    sites: Object.fromEntries(sites),
    ...(updates.length > 0 && { updates: Object.fromEntries(updates) }),
  };
}

/** Appends one lane's record of one step. */
function addRecord(lane: LaneReport, record: Uint32Array, plan: Plan, scaler: LossScaler): void {
  lane.loss.push(jsonNumber(fromBits(record[HEADER.loss])));
  lane.scale.push(jsonNumber(fromBits(record[HEADER.scale])));
  lane.foundInf.push(record[HEADER.foundInf] === 0 ? 0 : 1);
  const error = raisedError(scaler, record[HEADER.raised]);
  if (error !== null) lane.raised ??= { step: lane.loss.length - 1, code: error.code };
  lane.skippedSteps = lane.loss.length - record[HEADER.optimizerSteps];
  for (const { id, name } of roundingSites(plan)) {
    const counters = record.subarray(HEADER_WORDS + id * COUNTER_WORDS);
    const site = lane.sites[name];
    site.zeroBefore.push(counters[COUNTER.zeroBefore]);
    site.underflow.push(counters[COUNTER.underflow]);
    site.subnormal.push(counters[COUNTER.subnormal]);
    site.overflow.push(counters[COUNTER.overflow]);
    site.nan.push(counters[COUNTER.nan]);
  }
  for (const { id, name } of updateSites(plan)) {
    const report = lane.updates?.[name];
    const counts = readUpdates(record.subarray(HEADER_WORDS + id * COUNTER_WORDS));
    report?.zeroGradient.push(counts.zeroGradient);
    report?.zeroUpdate.push(counts.zeroUpdate);
    report?.roundedAway.push(counts.roundedAway);
    report?.moved.push(counts.moved);
    report?.intended.push(counts.intended);
    report?.covered.push(counts.covered);
  }
}

function addRecords(
  lanes: readonly LaneReport[],
  records: StepRecords,
  { training: plan, lanes: programs }: Program,
): void {
  const length = recordWords(records.sites);
  for (let row = 0; row < records.steps * records.lanes; row++) {
    const lane = row % records.lanes;
    const scaler = scalerOf(programs[lane].settings.scaler.kind);
    addRecord(lanes[lane], records.words.subarray(row * length, (row + 1) * length), plan, scaler);
  }
}

function addEvaluation(
  lanes: readonly LaneReport[],
  evaluation: Evaluation,
  metric: 'accuracy' | 'loss',
): void {
  lanes.forEach((lane, i) => {
    lane.heldOutLoss.step.push(evaluation.step);
    lane.heldOutLoss.value.push(jsonNumber(evaluation.loss[i]));
    if (metric === 'loss') return;
    lane.accuracy.step.push(evaluation.step);
    lane.accuracy.value.push(evaluation.correct[i] / evaluation.rows);
  });
}

/** SHA-256, in hexadecimal, over a lane's master weights. */
export async function weightsSha256(runner: Runner, plan: Plan, lane: number): Promise<string> {
  const parameters = plan.parameters.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const values = await Promise.all(parameters.map(({ master }) => runner.read(master.name, lane)));
  const bytes = new DataView(new ArrayBuffer(4 * values.reduce((sum, { length }) => sum + length, 0)));
  let offset = 0;
  for (const value of values.flatMap((each) => [...each])) {
    bytes.setFloat32(offset, value, true);
    offset += 4;
  }
  const digest = await crypto.subtle.digest('SHA-256', bytes.buffer);
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Is told the sites once, and the records of all steps in order as they come. */
export type Observe = (sites: readonly SiteInfo[]) => (records: StepRecords) => void;

/**
 * Runs so many steps. The held-out rows are evaluated as in the page, and after the last step.
 *
 * @throws Error in words when data cannot be read or the experiment does not fit the backend
 */
export async function runExperiment(
  experiment: Experiment,
  steps: number,
  backend: Backend,
  read: ReadFile,
  observe: Observe = () => () => undefined,
): Promise<RunReport> {
  const { program, task } = await compile(experiment, read);
  const { training } = program;
  const observed = observe(siteInfos(program));
  const runner = await backend.prepare(program);
  const lanes = laneNames(experiment).map((name) => emptyLane(name, training));
  const evaluate = async (): Promise<void> => addEvaluation(lanes, await runner.evaluate(), task.metric);
  await evaluate();
  for (let step = 0; step < steps;) {
    applyInterventions(runner, experiment, step);
    const chunk = Math.min(
      stepsUntilEvent(experiment, step, task.evaluationInterval),
      runner.maxSteps,
      steps - step,
    );
    const records = await runner.run(chunk);
    addRecords(lanes, records, program);
    observed(records);
    step += chunk;
    if (isEvaluationStep(step, task.evaluationInterval) || step === steps) await evaluate();
  }
  const hashes = await Promise.all(lanes.map((_, lane) => weightsSha256(runner, training, lane)));
  runner.destroy();
  return {
    schema: RUN_SCHEMA,
    experiment,
    backend: { kind: backend.info.kind, adapter: backend.info.adapter },
    lanes: lanes.map((lane, i) => ({ ...lane, weightsSha256: hashes[i] })),
  };
}
