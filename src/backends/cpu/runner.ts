/** Runs a program with the reference implementation of every kernel, on the memory layout of the GPU. */
import type { LaneSettings, LaneState } from '../../graph/lanes';
import { canonicalizeNaN } from '../../graph/packing';
import { HEADER, recordWords, type StepRecords } from '../../graph/records';
import { fromBits } from '../../numerics/f32';
import type { NumberFormat } from '../../numerics/formats';
import type { Evaluation, Histograms, Runner } from '../../training/backend';
import { HISTOGRAM_BINS, histogramPlan, type HistogramPlan } from '../../training/histogram';
import { initialState, withScalerState } from '../../training/lanes';
import { rescalePlan } from '../../training/rescale';
import { policyOf, type Program } from '../../training/program';
import type { ScalerValues } from '../../training/scalers/scaler';
import { PreparedPlan, type PlanLane } from './calls';
import { Memory } from './memory';

/** The worker answers messages between two runs only, so a run must not last long. */
const MAX_STEPS = 64;

export class CpuRunner implements Runner {
  readonly maxSteps = MAX_STEPS;
  readonly dispatchesPerStep: number;
  readonly #program: Program;
  readonly #memory: Memory;
  readonly #histograms: HistogramPlan;
  readonly #states: readonly LaneState[];
  /** Records of the running step, and of an evaluation: [lane][recordWords]. */
  readonly #stepWords: Uint32Array;
  readonly #evaluationWords: Uint32Array;
  readonly #training: PreparedPlan;
  readonly #evaluation: PreparedPlan;
  readonly #histogram: PreparedPlan;
  readonly #rescale: PreparedPlan;
  #step = 0;

  constructor(program: Program) {
    const { training, evaluation, lanes } = program;
    this.#program = program;
    this.dispatchesPerStep = training.calls.length;
    this.#histograms = histogramPlan(training);
    this.#memory = new Memory(lanes.length, [training, evaluation, this.#histograms.plan]);
    this.#states = lanes.map(({ settings }) => initialState(settings));
    const stepWords = recordWords(training.sites.length);
    const evaluationWords = recordWords(evaluation.sites.length);
    this.#stepWords = new Uint32Array(lanes.length * stepWords);
    this.#evaluationWords = new Uint32Array(lanes.length * evaluationWords);
    const planLanes = (words: Uint32Array, length: number): PlanLane[] =>
      lanes.map((program, lane) => ({
        state: this.#states[lane],
        policy: policyOf(program),
        record: words.subarray(lane * length, (lane + 1) * length),
      }));
    const trainingLanes = planLanes(this.#stepWords, stepWords);
    this.#training = new PreparedPlan(training, this.#memory, trainingLanes);
    this.#rescale = new PreparedPlan(rescalePlan(training), this.#memory, trainingLanes);
    this.#histogram = new PreparedPlan(this.#histograms.plan, this.#memory, trainingLanes);
    this.#evaluation = new PreparedPlan(
      evaluation,
      this.#memory,
      planLanes(this.#evaluationWords, evaluationWords),
    );
    this.#fillShared();
    this.#fillParameters();
  }

  run(steps: number): Promise<StepRecords> {
    if (!Number.isInteger(steps) || steps < 1 || steps > MAX_STEPS) {
      return Promise.reject(new RangeError(`a run takes 1 to ${MAX_STEPS} steps, not ${steps}`));
    }
    const firstStep = this.#step;
    const words = new Uint32Array(steps * this.#stepWords.length);
    for (let i = 0; i < steps; i++) {
      this.#stepWords.fill(0);
      this.#training.run(this.#step);
      words.set(this.#stepWords, i * this.#stepWords.length);
      this.#step++;
    }
    const { training, lanes } = this.#program;
    return Promise.resolve({ firstStep, steps, lanes: lanes.length, sites: training.sites.length, words });
  }

  evaluate(): Promise<Evaluation> {
    const { lanes, evaluation, evaluationRows } = this.#program;
    this.#evaluationWords.fill(0);
    this.#evaluation.run(this.#step);
    const length = recordWords(evaluation.sites.length);
    const headers = lanes.map((_, lane) => this.#evaluationWords.subarray(lane * length));
    return Promise.resolve({
      step: this.#step,
      loss: Float32Array.from(headers, (header) => fromBits(header[HEADER.loss])),
      correct: Uint32Array.from(headers, (header) => header[HEADER.correct]),
      rows: evaluationRows,
    });
  }

  histograms(): Promise<Histograms> {
    const { plan, sites, counts } = this.#histograms;
    const { lanes } = this.#program;
    const perLane = lanes.map((_, lane) => this.#memory.matrix(plan, counts, lane).data);
    for (const bins of perLane) bins.fill(0);
    this.#histogram.run(this.#step);
    const all = new Uint32Array(sites.length * lanes.length * HISTOGRAM_BINS);
    perLane.forEach(({ buffer, byteOffset, length }, lane) => {
      const bins = new Uint32Array(buffer, byteOffset, length);
      sites.forEach((_, site) => {
        const from = bins.subarray(site * HISTOGRAM_BINS, (site + 1) * HISTOGRAM_BINS);
        all.set(from, (site * lanes.length + lane) * HISTOGRAM_BINS);
      });
    });
    return Promise.resolve({ step: this.#step, sites: sites.map(({ id }) => id), counts: all });
  }

  setSettings(lane: number, settings: LaneSettings): void {
    this.#states[lane].settings = settings;
  }

  setScale(lane: number, scale: number): void {
    this.setScalerState(lane, { scale });
  }

  setScalerState(lane: number, values: ScalerValues): void {
    const state = this.#states[lane];
    Object.assign(state, withScalerState(state, values));
  }

  rescaleMoments(lane: number, factor: number): void {
    const state = this.#states[lane];
    state.momentFactor = factor;
    this.#rescale.run(this.#step);
    state.momentFactor = 1;
  }

  setFormats(lane: number, formats: readonly NumberFormat[]): void {
    this.#training.setFormats(lane, formats);
    this.#evaluation.setFormats(lane, formats);
  }

  read(name: string, lane: number): Promise<Float32Array> {
    const { training } = this.#program;
    const tensor = training.tensors.find((candidate) => candidate.name === name);
    if (!tensor) return Promise.reject(new Error(`the training plan has no tensor ${name}`));
    return Promise.resolve(canonicalizeNaN(this.#memory.read(training, tensor, lane)));
  }

  reset(): void {
    this.#step = 0;
    this.#memory.clear();
    this.#fillParameters();
    this.#program.lanes.forEach(({ settings, formats }, lane) => {
      Object.assign(this.#states[lane], initialState(settings));
      this.setFormats(lane, formats);
    });
  }

  destroy(): void {
    // Memory goes with the object.
  }

  #fillShared(): void {
    const { training, evaluation, contents } = this.#program;
    for (const plan of [training, evaluation]) {
      for (const tensor of plan.tensors) {
        if (!tensor.shared || !plan.buffers.has(plan.view(tensor).buffer)) continue;
        const dense = contents.get(tensor.name);
        if (!dense) throw new Error(`the program brings no contents for ${tensor.name}`);
        this.#memory.write(plan, tensor, 0, dense);
      }
    }
  }

  #fillParameters(): void {
    const { training, lanes } = this.#program;
    lanes.forEach(({ initial }, lane) => {
      for (const { name, master } of training.parameters) {
        const dense = initial.get(name);
        if (!dense) throw new Error(`lane ${lane} brings no initial values for ${name}`);
        this.#memory.write(training, master, lane, dense);
      }
    });
  }
}
