/** Runs a golden run and collects what its `expected` holds. */
import { jsonNumber, type JsonNumber } from '../engine/report';
import { COUNTER, COUNTER_WORDS, HEADER, HEADER_WORDS, recordWords } from '../graph/records';
import type { Plan } from '../graph/plan';
import { fromBits } from '../numerics/f32';
import type { Backend, Runner } from '../training/backend';
import { goldenProgram, goldenSiteName, type Golden } from './golden';

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
  readonly dtype: 'f32';
  readonly b64: string;
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
  readonly counts: Record<string, SiteCounts>;
  readonly skipped_steps: number[];
}

export interface Replay {
  readonly fp32: LaneResult;
  readonly mixed: MixedResult;
}

function base64(values: Float32Array): string {
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
  for (const { id, name, count } of plan.sites) {
    const goldenName = goldenSiteName(name);
    if (goldenName === null) continue;
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

async function finalWeights(runner: Runner, plan: Plan, lane: number): Promise<Record<string, TensorValues>> {
  const weights: Record<string, TensorValues> = {};
  for (const { name, shape, master } of plan.parameters) {
    weights[name] = { shape, dtype: 'f32', b64: base64(await runner.read(master.name, lane)) };
  }
  return weights;
}

/** Steps one at a time, because the gradients of every step are read back for their norm. */
export async function replayGolden(golden: Golden, backend: Backend): Promise<Replay> {
  const program = goldenProgram(golden);
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
    addCounts(mixed.counts, plan, record);
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
