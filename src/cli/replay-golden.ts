/** Runs a golden run and collects what its `expected` holds. */
import { jsonNumber, type JsonNumber } from './report';
import { COUNTER, COUNTER_WORDS, HEADER, HEADER_WORDS, recordWords } from '../graph/records';
import { tensorAt } from '../graph/kernel';
import type { Plan } from '../graph/plan';
import type { Tensor } from '../graph/tensor';
import { encode } from '../numerics/codes';
import { fromBits, mul, toBits } from '../numerics/f32';
import { parseFormat, type NumberFormat } from '../numerics/formats';
import type { Backend, Runner } from '../training/backend';
import type { Program } from '../training/program';
import { goldenSiteName, type Golden } from './golden';

interface SiteCounts {
  readonly n: number;
  readonly nonzero_before: number[];
  readonly underflow: number[];
  readonly overflow: number[];
  readonly subnormal: number[];
  readonly nonfinite_after: number[];
}

interface TensorValues {
  readonly shape: readonly number[];
  readonly dtype: 'f32' | 'u16';
  readonly b64: string;
}

/** What step 0 computed before any weight changed: codes of the lane's format. */
interface FirstStep {
  readonly logits: TensorValues;
  /** (loss · multiplier) · scale, in f32. */
  readonly scaled_loss: JsonNumber;
  readonly grads: Record<string, TensorValues>;
}

interface FinalEvaluation {
  readonly loss: JsonNumber;
  readonly correct?: number;
  readonly n?: number;
}

interface LaneResult {
  readonly loss: JsonNumber[];
  readonly grad_norm: JsonNumber[];
  final_eval?: FinalEvaluation;
  final_weights?: Record<string, TensorValues>;
}

interface MixedResult extends LaneResult {
  readonly scale: JsonNumber[];
  readonly found_inf: (0 | 1)[];
  readonly growth_tracker_after: number[];
  readonly scale_after: JsonNumber[];
  /** Per step, the largest finite magnitude of a gradient before rounding, over all sites. */
  readonly max_abs_prequant: JsonNumber[];
  readonly counts: Record<string, SiteCounts>;
  step0?: FirstStep;
  readonly skipped_steps: number[];
}

export interface Replay {
  readonly fp32: LaneResult;
  readonly mixed: MixedResult;
}

function base64(values: Float32Array | Uint16Array): string {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
}

/** Euclidean norm of all unscaled parameter gradients, in doubles: for comparison only, no part of the run. */
async function gradientNorm(runner: Runner, plan: Plan, lane: number, scale: number): Promise<number> {
  let sum = 0;
  for (const { gradient } of plan.parameters) {
    if (!gradient) continue;
    for (const value of await runner.read(gradient.name, lane)) sum += (value / scale) ** 2;
  }
  return Number.isFinite(sum) ? Math.sqrt(sum) : Infinity;
}

function addCounts(counts: Record<string, SiteCounts>, plan: Plan, record: Uint32Array): void {
  for (const [goldenName, { id, count }] of gradientSites(plan)) {
    const at = (counter: number): number => record[HEADER_WORDS + id * COUNTER_WORDS + counter];
    const arrivedNonfinite = at(COUNTER.nan) + at(COUNTER.infinite);
    const site = (counts[goldenName] ??= {
      n: count,
      nonzero_before: [],
      underflow: [],
      overflow: [],
      subnormal: [],
      nonfinite_after: [],
    });
    site.nonzero_before.push(count - at(COUNTER.zeroBefore) - arrivedNonfinite);
    site.underflow.push(at(COUNTER.underflow));
    site.overflow.push(at(COUNTER.overflow));
    site.subnormal.push(at(COUNTER.subnormal));
    site.nonfinite_after.push(arrivedNonfinite + at(COUNTER.overflow));
  }
}

/** Gradients of the lane's sites in a step, by their names in golden files. */
function* gradientSites(plan: Plan): Generator<[name: string, site: Plan['sites'][number]]> {
  for (const site of plan.sites) {
    const name = goldenSiteName(site.name);
    if (name !== null) yield [name, site];
  }
}

/** The prediction, which the loss is computed from. */
function predictionOf(plan: Plan): Tensor {
  const loss = plan.calls.find(({ label, outputs }) => label === 'loss' && outputs.length === 1);
  if (loss === undefined) throw new Error('the plan has no loss');
  return tensorAt(loss.inputs, 0);
}

function largestBeforeRounding(plan: Plan, record: Uint32Array): JsonNumber {
  let largest = 0;
  for (const [, { id }] of gradientSites(plan)) {
    largest = Math.max(largest, record[HEADER_WORDS + id * COUNTER_WORDS + COUNTER.largest]);
  }
  return jsonNumber(fromBits(largest));
}

/** What the mixed lane holds after a step, as codes of its format. */
async function firstStep(
  runner: Runner,
  plan: Plan,
  format: NumberFormat,
  scaledLoss: number,
): Promise<FirstStep> {
  const codes = async ({ name, shape }: Tensor): Promise<TensorValues> => {
    const values = await runner.read(name, 1);
    return { shape, dtype: 'u16', b64: base64(Uint16Array.from(values, (x) => encode(toBits(x), format))) };
  };
  const grads: Record<string, TensorValues> = {};
  for (const [name, { tensor }] of gradientSites(plan)) grads[name] = await codes(tensor);
  return { logits: await codes(predictionOf(plan)), scaled_loss: jsonNumber(scaledLoss), grads };
}

async function finalWeights(runner: Runner, plan: Plan, lane: number): Promise<Record<string, TensorValues>> {
  const weights: Record<string, TensorValues> = {};
  for (const { name, shape, master } of plan.parameters) {
    weights[name] = { shape, dtype: 'f32', b64: base64(await runner.read(master.name, lane)) };
  }
  return weights;
}

/** Steps one at a time, because the gradients of every step are read back for their norm. */
export async function replayGolden(golden: Golden, program: Program, backend: Backend): Promise<Replay> {
  const plan = program.training;
  const runner = await backend.prepare(program);
  const fp32: LaneResult = { loss: [], grad_norm: [] };
  const mixed: MixedResult = {
    loss: [],
    grad_norm: [],
    scale: [],
    found_inf: [],
    growth_tracker_after: [],
    scale_after: [],
    max_abs_prequant: [],
    counts: {},
    skipped_steps: [],
  };
  const length = recordWords(plan.sites.length);
  const checked = golden.policy.scaler.enabled;
  for (let step = 0; step < golden.steps; step++) {
    const { words } = await runner.run(1);
    const [baseline, record] = [words.subarray(0, length), words.subarray(length, 2 * length)];
    const scale = fromBits(record[HEADER.scale]);
    const foundInf = checked && record[HEADER.foundInf] !== 0;
    fp32.loss.push(jsonNumber(fromBits(baseline[HEADER.loss])));
    fp32.grad_norm.push(jsonNumber(await gradientNorm(runner, plan, 0, 1)));
    mixed.loss.push(jsonNumber(fromBits(record[HEADER.loss])));
    mixed.grad_norm.push(jsonNumber(await gradientNorm(runner, plan, 1, scale)));
    mixed.scale.push(jsonNumber(scale));
    mixed.found_inf.push(foundInf ? 1 : 0);
    mixed.growth_tracker_after.push(record[HEADER.growthTrackerAfter]);
    mixed.scale_after.push(jsonNumber(fromBits(record[HEADER.scaleAfter])));
    mixed.max_abs_prequant.push(largestBeforeRounding(plan, record));
    addCounts(mixed.counts, plan, record);
    if (step === 0) {
      const loss = mul(fromBits(record[HEADER.loss]), Math.fround(golden.loss.multiplier));
      mixed.step0 = await firstStep(runner, plan, parseFormat(golden.policy.format), mul(loss, scale));
    }
    if (foundInf) mixed.skipped_steps.push(step);
  }
  const evaluation = await runner.evaluate();
  for (const [lane, result] of [fp32, mixed].entries()) {
    const classified =
      golden.loss.type === 'cross_entropy' ? { correct: evaluation.correct[lane], n: evaluation.rows } : {};
    result.final_eval = { loss: jsonNumber(evaluation.loss[lane]), ...classified };
    result.final_weights = await finalWeights(runner, plan, lane);
  }
  runner.destroy();
  return { fp32, mixed };
}
