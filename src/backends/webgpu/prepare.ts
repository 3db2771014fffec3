/** Makes a program ready to run: memory, tables, rings of records, pipelines. */
import { LANE_ROW_WORDS, type LaneSettings } from '../../graph/lanes';
import type { Plan } from '../../graph/plan';
import type { KernelCall } from '../../graph/kernel';
import {
  accumulatesOtherwise,
  accumulationConstantsOf,
  POLICY_WORDS,
  roundsOtherwise,
  type LanePolicy,
} from '../../graph/policy';
import { recordWords } from '../../graph/records';
import { histogramPlan, type HistogramPlan } from '../../training/histogram';
import { rescalePlan } from '../../training/rescale';
import { policyOf, type Program } from '../../training/program';
import { PreparedPlan, type EngineBuffers } from './calls';
import type { Dispatch } from './dispatch';
import { inErrorScope } from './error-scope';
import { fuse, unfused } from './fusion/fuse';
import { Memory, type Unused } from './memory';
import type { Pipelines, ProgramVariant } from './pipelines';
import { RecordRing } from './records';
import { message, MessageError } from '../../numerics/message';

declare module '../../numerics/message' {
  interface Messages {
    'card-memory-full': Record<never, never>;
  }
}

/** Records of this many bytes at most are read back at once. */
const RECORD_BYTES = 2 ** 23;
const MAX_STEPS = 256;

/** What a runner works with. */
export interface Parts {
  readonly memory: Memory;
  readonly tables: { readonly lanes: GPUBuffer; readonly policy: GPUBuffer };
  readonly training: PreparedPlan;
  readonly evaluation: PreparedPlan;
  readonly histograms: PreparedPlan;
  readonly rescale: PreparedPlan;
  readonly histogramPlan: HistogramPlan;
  readonly records: RecordRing;
  readonly evaluationRecords: RecordRing;
}

function stepsAtOnce({ training, lanes }: Program): number {
  const bytes = lanes.length * recordWords(training.sites.length) * 4;
  return Math.min(MAX_STEPS, Math.max(1, Math.floor(RECORD_BYTES / bytes)));
}

/** Kernels of the evaluation look formats up by the site's id in the training plan's table. */
function checkSites({ training, evaluation, lanes }: Program): void {
  const stray = evaluation.sites.find((site, id) => training.sites[id]?.name !== site.name);
  if (stray) throw new Error(`site ${stray.name} of the evaluation is not that of the training plan`);
  const wrong = lanes.findIndex(({ formats }) => formats.length !== training.sites.length);
  if (wrong >= 0) throw new Error(`lane ${wrong} does not have a format for each of the plan's sites`);
}

/** One row per lane and one policy per site and lane, filled when the runner is reset. */
function allocateTables(device: GPUDevice, lanes: number, sites: number): Parts['tables'] {
  const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST;
  const table = (label: string, words: number): GPUBuffer =>
    device.createBuffer({ label, size: Math.max(words * 4, 16), usage });
  return {
    lanes: table('lanes', lanes * LANE_ROW_WORDS),
    policy: table('policy', sites * lanes * POLICY_WORDS),
  };
}

type Allocated = Omit<Parts, 'training' | 'evaluation' | 'histograms' | 'rescale'>;

/** Whatever has memory on the device. */
interface Owner {
  destroy(): void;
}

const ownersOf = ({ memory, tables, records, evaluationRecords }: Allocated): Owner[] => [
  memory,
  tables.lanes,
  tables.policy,
  records,
  evaluationRecords,
];

async function allocate(device: GPUDevice, program: Program, unused: Unused): Promise<Allocated> {
  const { training, evaluation } = program;
  const lanes = program.lanes.length;
  const sites = training.sites.length;
  const histograms = histogramPlan(training);
  const { made, error } = await inErrorScope(device, 'out-of-memory', () => ({
    memory: new Memory(device, lanes, [training, evaluation, histograms.plan], unused),
    tables: allocateTables(device, lanes, sites),
    histogramPlan: histograms,
    records: new RecordRing(device, { lanes, sites, maxSteps: stepsAtOnce(program) }),
    evaluationRecords: new RecordRing(device, { lanes, sites: evaluation.sites.length, maxSteps: 1 }),
  }));
  if (error) {
    for (const owner of ownersOf(made)) owner.destroy();
    throw new MessageError(message('card-memory-full', {}));
  }
  return made;
}

/** The slower, more general kernels only where some lane needs them. */
export function variantFor(
  calls: readonly KernelCall[],
  lanes: readonly LanePolicy[],
  settings: readonly LaneSettings[],
): ProgramVariant {
  return {
    conditions: {
      general_rounding: roundsOtherwise(lanes),
      general_accumulation: accumulatesOtherwise(lanes),
    },
    constants: accumulationConstantsOf(calls, lanes),
    scalers: [...new Set(settings.map(({ scaler }) => scaler.kind))].sort(),
  };
}

export interface PrepareOptions {
  readonly device: GPUDevice;
  readonly pipelines: Pipelines;
  /** False dispatches the calls of the plans one by one. */
  readonly fusion: boolean;
}

/**
 * Allocates memory and compiles everything, in parallel.
 *
 * @throws {RangeError} in words for people, when the program does not fit the device
 */
export async function prepare(
  program: Program,
  { device, pipelines, fusion }: PrepareOptions,
): Promise<Parts> {
  checkSites(program);
  const variant = variantFor(
    program.training.calls,
    program.lanes.map(policyOf),
    program.lanes.map(({ settings }) => settings),
  );
  const [training, evaluation] = [program.training, program.evaluation].map((plan) => ({
    plan,
    ...(fusion ? fuse(plan, variant.conditions) : unfused(plan)),
  }));
  const unused = new Map([training, evaluation].map(({ plan, unused }) => [plan, unused]));
  const allocated = await allocate(device, program, unused);
  const { memory, tables, histogramPlan, records, evaluationRecords } = allocated;
  const compile = (
    { plan, dispatches }: { readonly plan: Plan; readonly dispatches: readonly Dispatch[] },
    ring: RecordRing,
  ): Promise<PreparedPlan> => {
    const engine: EngineBuffers = { ...tables, control: ring.control, records: ring.buffer };
    const lanes = program.lanes.length;
    return PreparedPlan.prepare(plan, dispatches, { device, pipelines, memory, engine, lanes, variant });
  };
  const compileCalls = (plan: Plan): Promise<PreparedPlan> =>
    compile({ plan, dispatches: unfused(plan).dispatches }, records);
  const compiling = [
    compile(training, records),
    compile(evaluation, evaluationRecords),
    compileCalls(histogramPlan.plan),
    compileCalls(rescalePlan(program.training)),
  ] as const;
  try {
    const [ofTraining, ofEvaluation, histograms, rescale] = await Promise.all(compiling);
    return { ...allocated, training: ofTraining, evaluation: ofEvaluation, histograms, rescale };
  } catch (error) {
    // The others may have been ready before, or may be only after.
    for (const plan of compiling)
      void plan.then(
        (ready) => ready.destroy(),
        () => undefined,
      );
    for (const owner of ownersOf(allocated)) owner.destroy();
    throw error;
  }
}
