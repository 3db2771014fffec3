/** Runs a program in WebAssembly: its lanes in one share, or in several that compute at the same time. */
import type { LaneSettings } from '../../graph/lanes';
import { LANE_LAYOUT } from '../../graph/layout/tables';
import { canonicalizeNaN, unpackMatrix } from '../../graph/packing';
import { packPolicy, type LanePolicy } from '../../graph/policy';
import { HEADER, recordWords, type StepRecords } from '../../graph/records';
import type { Site } from '../../graph/tensor';
import { fromBits } from '../../numerics/f32';
import type { NumberFormat } from '../../numerics/formats';
import type { Evaluation, Histograms, Runner } from '../../training/backend';
import { HISTOGRAM_BINS, histogramPlan } from '../../training/histogram';
import { packFloat, packSettings, scalerStateWords } from '../../training/lanes';
import { policyOf, type Program } from '../../training/program';
import type { ScalerValues } from '../../training/scalers/scaler';
import type { ShareBuilder } from './image';
import type { References } from './references';
import type { Share } from './share';

type Promised<Result> = Result | Promise<Result>;

/** A share here or in a worker. Calls take effect in the order in which they are made. */
export type RemoteShare = {
  [Name in keyof Share]: (...values: Parameters<Share[Name]>) => Promised<ReturnType<Share[Name]>>;
};

/** Some of the program's lanes, and where they are computed. */
export interface Part {
  /** Their numbers in the program. */
  readonly lanes: readonly number[];
  readonly builder: ShareBuilder;
  readonly share: RemoteShare;
  /** What is computed by references there; they have to hear of changes. */
  readonly references: References | null;
  destroy(): void;
}

/** Where a lane is. */
interface Place {
  readonly part: Part;
  /** Its number within the share. */
  readonly lane: number;
}

export class WasmRunner implements Runner {
  readonly maxSteps: number;
  readonly dispatchesPerStep: number;
  readonly #program: Program;
  readonly #parts: readonly Part[];
  readonly #places: readonly Place[];
  readonly #histogramSites: readonly Site[];
  #policies: LanePolicy[];
  #step = 0;
  #destroyed = false;

  constructor(program: Program, parts: readonly Part[], maxSteps: number) {
    this.maxSteps = maxSteps;
    this.dispatchesPerStep = program.training.calls.length;
    this.#program = program;
    this.#parts = parts;
    this.#places = program.lanes.map((_, lane) => {
      const part = parts.find(({ lanes }) => lanes.includes(lane));
      if (!part) throw new Error(`no share has lane ${lane}`);
      return { part, lane: part.lanes.indexOf(lane) };
    });
    this.#policies = program.lanes.map(policyOf);
    this.#histogramSites = histogramPlan(program.training).sites;
  }

  async run(steps: number): Promise<StepRecords> {
    if (!Number.isInteger(steps) || steps < 1 || steps > this.maxSteps) {
      throw new RangeError(`a run takes 1 to ${this.maxSteps} steps, not ${steps}`);
    }
    const firstStep = this.#step;
    this.#step += steps;
    const { training, lanes } = this.#program;
    const words = recordWords(training.sites.length);
    const records = await this.#all((share) => share.run(firstStep, steps));
    const merged = new Uint32Array(steps * lanes.length * words);
    this.#parts.forEach((part, i) => {
      for (let step = 0; step < steps; step++) {
        part.lanes.forEach((lane, index) => {
          const from = (step * part.lanes.length + index) * words;
          merged.set(records[i].subarray(from, from + words), (step * lanes.length + lane) * words);
        });
      }
    });
    return { firstStep, steps, lanes: lanes.length, sites: training.sites.length, words: merged };
  }

  async evaluate(): Promise<Evaluation> {
    const step = this.#step;
    const { lanes, evaluation, evaluationRows } = this.#program;
    const words = recordWords(evaluation.sites.length);
    const records = await this.#all((share) => share.evaluate(step));
    const loss = new Float32Array(lanes.length);
    const correct = new Uint32Array(lanes.length);
    this.#parts.forEach((part, i) => {
      part.lanes.forEach((lane, index) => {
        const header = records[i].subarray(index * words);
        loss[lane] = fromBits(header[HEADER.loss]);
        correct[lane] = header[HEADER.correct];
      });
    });
    return { step, loss, correct, rows: evaluationRows };
  }

  async histograms(): Promise<Histograms> {
    const step = this.#step;
    const { lanes } = this.#program;
    const sites = this.#histogramSites;
    const found = await this.#all((share) => share.histograms(step));
    const counts = new Uint32Array(sites.length * lanes.length * HISTOGRAM_BINS);
    this.#parts.forEach((part, i) => {
      part.lanes.forEach((lane, index) => {
        sites.forEach((_, site) => {
          const from = (index * sites.length + site) * HISTOGRAM_BINS;
          const bins = found[i].subarray(from, from + HISTOGRAM_BINS);
          counts.set(bins, (site * lanes.length + lane) * HISTOGRAM_BINS);
        });
      });
    });
    return { step, sites: sites.map(({ id }) => id), counts };
  }

  setSettings(lane: number, settings: LaneSettings): void {
    this.#place(lane).part.references?.setSettings(this.#place(lane).lane, settings);
    this.#writeRow(lane, 0, packSettings(settings));
  }

  setScale(lane: number, scale: number): void {
    this.setScalerState(lane, { scale });
  }

  setScalerState(lane: number, values: ScalerValues): void {
    this.#place(lane);
    const { settings } = this.#program.lanes[lane];
    for (const { word, words } of scalerStateWords(settings, values)) this.#writeRow(lane, word, words);
  }

  rescaleMoments(lane: number, factor: number): void {
    const { part, lane: index } = this.#place(lane);
    this.#writeRow(lane, LANE_LAYOUT.at.momentFactor, packFloat(factor));
    this.#do(part, (share) => share.rescaleMoments(index, this.#step));
    this.#writeRow(lane, LANE_LAYOUT.at.momentFactor, packFloat(1));
  }

  setFormats(lane: number, formats: readonly NumberFormat[]): void {
    const { part, lane: index } = this.#place(lane);
    const sites = this.#program.training.sites.length;
    if (formats.length !== sites) throw new RangeError(`${formats.length} formats for ${sites} sites`);
    this.#policies[lane] = { ...this.#policies[lane], formats };
    part.references?.setFormats(index, formats);
    this.#writePolicy(part);
  }

  async read(name: string, lane: number): Promise<Float32Array> {
    const { part, lane: index } = this.#place(lane);
    const { training } = this.#program;
    const tensor = training.tensors.find((candidate) => candidate.name === name);
    if (!tensor || !training.buffers.has(training.view(tensor).buffer)) {
      throw new RangeError(`the training plan has no tensor ${name}`);
    }
    const view = training.view(tensor);
    const words = await part.share.read(
      part.builder.address(training, tensor, index),
      view.rows * view.rowStride,
    );
    return canonicalizeNaN(unpackMatrix({ ...view, offset: 0 }, new Float32Array(words.buffer)));
  }

  reset(): void {
    this.#step = 0;
    this.#policies = this.#program.lanes.map(policyOf);
    for (const part of this.#parts) {
      this.#do(part, (share) => share.reset());
      part.lanes.forEach((lane, index) => {
        const { settings, formats } = this.#program.lanes[lane];
        part.references?.setSettings(index, settings);
        part.references?.setFormats(index, formats);
      });
    }
  }

  destroy(): void {
    if (this.#destroyed) return;
    this.#destroyed = true;
    for (const part of this.#parts) part.destroy();
  }

  #all<Result>(ask: (share: RemoteShare) => Promised<Result>): Promise<Result[]> {
    if (this.#destroyed) throw new Error('this run has been closed');
    return Promise.all(this.#parts.map(({ share }) => ask(share)));
  }

  /** Whoever asks a share that is gone for results hears of it; a change alone has nobody to tell. */
  #do(part: Part, change: (share: RemoteShare) => Promised<void>): void {
    void Promise.resolve(change(part.share)).catch(() => undefined);
  }

  #place(lane: number): Place {
    const place = this.#places[lane];
    if (!place) throw new RangeError(`there is no lane ${lane}; there are ${this.#places.length}`);
    return place;
  }

  #writeRow(lane: number, word: number, words: Uint32Array): void {
    const { part, lane: index } = this.#place(lane);
    this.#do(part, (share) => share.write(part.builder.row(index) + 4 * word, words));
  }

  #writePolicy(part: Part): void {
    const policies = part.lanes.map((lane) => this.#policies[lane]);
    const words = packPolicy(this.#program.training, policies);
    this.#do(part, (share) => share.write(part.builder.policy, words));
  }
}
