/** Gathers what comes back from a backend into frames: columns over consecutive steps. */
import { COUNTER_WORDS, HEADER, HEADER_WORDS, recordWords, type StepRecords } from '../graph/records';
import { SCALER_STATE_WORDS } from '../graph/layout/tables';
import type { Evaluation, Histograms } from '../training/backend';
import type { EvaluationFrame, Frame, HistogramFrame, RaiseFrame, WeightFrame } from './protocol';

/** Copies the records of some steps into a frame's columns, starting at column row `at`. */
function fill(
  columns: Omit<
    Frame,
    'scalerState' | 'evaluations' | 'histograms' | 'weight' | 'raised' | 'run' | 'firstStep' | 'steps'
  >,
  records: StepRecords,
  at: number,
): void {
  const { steps, lanes, sites, words } = records;
  const stride = recordWords(sites);
  const counterWords = sites * COUNTER_WORDS;
  const floats = new Float32Array(words.buffer, words.byteOffset, words.length);
  for (let row = 0; row < steps * lanes; row++) {
    const record = row * stride;
    const target = at * lanes + row;
    columns.loss[target] = floats[record + HEADER.loss];
    columns.scale[target] = floats[record + HEADER.scale];
    columns.scaleAfter[target] = floats[record + HEADER.scaleAfter];
    columns.foundInf[target] = words[record + HEADER.foundInf];
    columns.counters.set(words.subarray(record + HEADER_WORDS, record + stride), target * counterWords);
  }
}

/** Per lane, the scale used in the last step of some records. */
function lastScales({ steps, lanes, sites, words }: StepRecords): number[] {
  const stride = recordWords(sites);
  const floats = new Float32Array(words.buffer, words.byteOffset, words.length);
  const last = (steps - 1) * lanes;
  return Array.from({ length: lanes }, (_, lane) => floats[(last + lane) * stride + HEADER.scale]);
}

/** What scalers remember after the last of some steps, one lane after the other. */
function newestScalerState(records: StepRecords | undefined): Uint32Array {
  if (records === undefined) return new Uint32Array();
  const { steps, lanes, sites, words } = records;
  const stride = recordWords(sites);
  const state = new Uint32Array(lanes * SCALER_STATE_WORDS);
  for (let lane = 0; lane < lanes; lane++) {
    const from = ((steps - 1) * lanes + lane) * stride + HEADER.scalerState;
    state.set(words.subarray(from, from + SCALER_STATE_WORDS), lane * SCALER_STATE_WORDS);
  }
  return state;
}

/** The lanes that have stopped by the end of some steps. */
function raisesOf(all: readonly StepRecords[]): RaiseFrame[] {
  const found = new Map<number, RaiseFrame>();
  for (const { firstStep, steps, lanes, sites, words } of all) {
    for (let row = 0; row < steps * lanes; row++) {
      const error = words[row * recordWords(sites) + HEADER.raised];
      const lane = row % lanes;
      if (error === 0 || found.has(lane)) continue;
      found.set(lane, { lane, step: firstStep + Math.floor(row / lanes), error });
    }
  }
  return [...found.values()];
}

function evaluationFrame(evaluation: Evaluation, metric: 'accuracy' | 'loss'): EvaluationFrame {
  return {
    step: evaluation.step,
    loss: [...evaluation.loss],
    accuracy: Array.from(evaluation.correct, (correct) =>
      metric === 'accuracy' ? correct / evaluation.rows : Number.NaN,
    ),
  };
}

/** What has come back since the last frame was taken. */
export class PendingFrame {
  readonly #metric: 'accuracy' | 'loss';
  #records: StepRecords[] = [];
  #evaluations: EvaluationFrame[] = [];
  #histograms: HistogramFrame | null = null;
  #weight: WeightFrame | null = null;
  /** Scales used in the newest step, which may have left with an earlier frame. */
  #scales: readonly number[] = [];

  constructor(metric: 'accuracy' | 'loss') {
    this.#metric = metric;
  }

  get empty(): boolean {
    return (
      this.#records.length === 0 &&
      this.#evaluations.length === 0 &&
      this.#histograms === null &&
      this.#weight === null
    );
  }

  addRecords(records: StepRecords): void {
    this.#records.push(records);
    this.#scales = lastScales(records);
  }

  addEvaluation(evaluation: Evaluation): void {
    this.#evaluations.push(evaluationFrame(evaluation, this.#metric));
  }

  /** Results come in order, so these are the gradients of the step whose records came last. */
  addHistograms(histograms: Histograms): void {
    this.#histograms = { ...histograms, scale: this.#scales };
  }

  addWeight(weight: WeightFrame): void {
    this.#weight = weight;
  }

  /** One frame of everything, which is forgotten here. `nextStep` is the first step of a frame without steps. */
  take(run: number, nextStep: number): Frame {
    const records = this.#records;
    const steps = records.reduce((sum, each) => sum + each.steps, 0);
    const rows = steps * (records[0]?.lanes ?? 0);
    const columns = {
      loss: new Float32Array(rows),
      scale: new Float32Array(rows),
      scaleAfter: new Float32Array(rows),
      foundInf: new Uint8Array(rows),
      counters: new Uint32Array(rows * (records[0]?.sites ?? 0) * COUNTER_WORDS),
    };
    let at = 0;
    for (const each of records) {
      fill(columns, each, at);
      at += each.steps;
    }
    const raised = raisesOf(records);
    const frame: Frame = {
      run,
      firstStep: records[0]?.firstStep ?? nextStep,
      steps,
      ...columns,
      scalerState: newestScalerState(records.at(-1)),
      evaluations: this.#evaluations,
      histograms: this.#histograms,
      weight: this.#weight,
      ...(raised.length > 0 && { raised }),
    };
    this.#weight = null;
    this.#records = [];
    this.#evaluations = [];
    this.#histograms = null;
    return frame;
  }
}
