/** Runs a program on WebGPU: training, evaluation and histogram plans on one memory, with nothing per step from the CPU. */
import { LANE_ROW_WORDS, type LaneSettings } from '../../graph/lanes';
import { LANE_LAYOUT } from '../../graph/layout/tables';
import { canonicalizeNaN, packMatrix, unpackMatrix } from '../../graph/packing';
import { packPolicy, type LanePolicy } from '../../graph/policy';
import { HEADER, recordWords, type StepRecords } from '../../graph/records';
import type { NumberFormat } from '../../numerics/formats';
import type { Evaluation, Histograms, Runner } from '../../training/backend';
import { HISTOGRAM_BINS } from '../../training/histogram';
import { packFloat, packLane, packSettings, scalerStateWords } from '../../training/lanes';
import { policyOf, type Program } from '../../training/program';
import type { ScalerValues } from '../../training/scalers/scaler';
import type { DeviceHealth } from './health';
import type { Parts } from './prepare';
import { StagingPool } from './staging';

/**
 * The methods submit before their first await, so they take effect in the order of the calls, and several read-backs
 * can be in flight.
 */
export class WebGpuRunner implements Runner {
  readonly maxSteps: number;
  readonly dispatchesPerStep: number;
  readonly #program: Program;
  readonly #device: GPUDevice;
  readonly #health: DeviceHealth;
  readonly #parts: Parts;
  readonly #histogramStaging: StagingPool;
  /** In force, per lane; the table on the GPU is written from them as a whole. */
  #policies: LanePolicy[] = [];
  /** Training steps submitted. */
  #step = 0;
  #destroyed = false;

  constructor(device: GPUDevice, health: DeviceHealth, program: Program, parts: Parts) {
    this.maxSteps = parts.records.maxSteps;
    this.dispatchesPerStep = parts.training.dispatches;
    this.#program = program;
    this.#device = device;
    this.#health = health;
    this.#parts = parts;
    const { plan, counts } = parts.histogramPlan;
    const size = Math.max(4, parts.memory.buffer(plan, counts).size);
    this.#histogramStaging = new StagingPool(device, size);
    this.#writeContents();
    this.reset();
  }

  async run(steps: number): Promise<StepRecords> {
    if (!Number.isInteger(steps) || steps < 1 || steps > this.maxSteps) {
      throw new RangeError(`a run takes 1 to ${this.maxSteps} steps, not ${steps}`);
    }
    const { training, records } = this.#parts;
    const firstStep = this.#step;
    const encoder = this.#encoder();
    const pass = encoder.beginComputePass();
    for (let i = 0; i < steps; i++) training.encode(pass);
    pass.end();
    const copied = records.copy(encoder, firstStep, steps);
    this.#submit(encoder);
    this.#step += steps;
    const words = await this.#health.check(copied());
    const lanes = this.#program.lanes.length;
    return { firstStep, steps, lanes, sites: this.#program.training.sites.length, words };
  }

  async evaluate(): Promise<Evaluation> {
    const { evaluation, evaluationRecords } = this.#parts;
    const step = this.#step;
    const encoder = this.#encoder();
    evaluationRecords.clear(encoder, step);
    const pass = encoder.beginComputePass();
    evaluation.encode(pass);
    pass.end();
    const copied = evaluationRecords.copy(encoder, step, 1);
    this.#submit(encoder);
    const words = await this.#health.check(copied());
    const stride = recordWords(this.#program.evaluation.sites.length);
    const header = (word: number): Uint32Array =>
      Uint32Array.from(this.#program.lanes, (_, lane) => words[lane * stride + word]);
    const loss = new Float32Array(header(HEADER.loss).buffer);
    return { step, loss, correct: header(HEADER.correct), rows: this.#program.evaluationRows };
  }

  async histograms(): Promise<Histograms> {
    const { histograms, histogramPlan, memory } = this.#parts;
    const { plan, counts, sites } = histogramPlan;
    const step = this.#step;
    const buffer = memory.buffer(plan, counts);
    const encoder = this.#encoder();
    encoder.clearBuffer(buffer);
    const pass = encoder.beginComputePass();
    histograms.encode(pass);
    pass.end();
    const staging = this.#histogramStaging.take();
    encoder.copyBufferToBuffer(buffer, 0, staging, 0, buffer.size);
    this.#submit(encoder);
    const words = new Uint32Array(
      await this.#health.check(this.#histogramStaging.read(staging, buffer.size)),
    );
    const lanes = this.#program.lanes.length;
    return { step, sites: sites.map(({ id }) => id), counts: lanesInside(words, lanes, sites.length) };
  }

  setSettings(lane: number, settings: LaneSettings): void {
    this.#checkLane(lane);
    const { seed } = this.#program.lanes[lane].settings;
    // The kernels have it from the policy table as well (shaders/fused/begin_step.wgsl).
    if (settings.seed !== seed) throw new RangeError(`lane ${lane} has the seed ${seed} for the whole run`);
    this.#writeLane(lane, 0, packSettings(settings));
  }

  setScale(lane: number, scale: number): void {
    this.setScalerState(lane, { scale });
  }

  setScalerState(lane: number, values: ScalerValues): void {
    this.#checkLane(lane);
    const { settings } = this.#program.lanes[lane];
    for (const { word, words } of scalerStateWords(settings, values)) this.#writeLane(lane, word, words);
  }

  rescaleMoments(lane: number, factor: number): void {
    this.#writeLane(lane, LANE_LAYOUT.at.momentFactor, packFloat(factor));
    const encoder = this.#encoder();
    const pass = encoder.beginComputePass();
    this.#parts.rescale.encode(pass);
    pass.end();
    this.#submit(encoder);
    this.#writeLane(lane, LANE_LAYOUT.at.momentFactor, packFloat(1));
  }

  setFormats(lane: number, formats: readonly NumberFormat[]): void {
    this.#checkLane(lane);
    const sites = this.#program.training.sites.length;
    if (formats.length !== sites) throw new RangeError(`${formats.length} formats for ${sites} sites`);
    this.#policies[lane] = { ...this.#policies[lane], formats };
    this.#writePolicies();
  }

  async read(tensor: string, lane: number): Promise<Float32Array> {
    this.#checkLane(lane);
    const plan = this.#program.training;
    const found = plan.tensors.find(({ name }) => name === tensor);
    if (!found || !plan.buffers.has(plan.view(found).buffer)) {
      throw new RangeError(`the training plan has no tensor ${tensor}`);
    }
    const source = this.#parts.memory.find(plan, found);
    if (!source) throw new RangeError(`${tensor} is not kept: a fused kernel does without it`);
    const view = plan.view(found);
    const offset = (view.offset + lane * view.laneStride) * 4;
    const bytes = view.rows * view.rowStride * 4;
    const staging = new StagingPool(this.#device, bytes);
    const buffer = staging.take();
    const encoder = this.#encoder();
    encoder.copyBufferToBuffer(source, offset, buffer, 0, bytes);
    this.#submit(encoder);
    const elements = new Float32Array(await this.#health.check(staging.read(buffer, bytes)));
    staging.destroy();
    return canonicalizeNaN(unpackMatrix({ ...view, offset: 0 }, elements));
  }

  reset(): void {
    const { memory, records } = this.#parts;
    const encoder = this.#encoder();
    memory.clear(encoder);
    records.clear(encoder, 0);
    this.#submit(encoder);
    this.#writeParameters();
    this.#program.lanes.forEach(({ settings }, lane) => this.#writeLane(lane, 0, packLane(settings)));
    this.#policies = this.#program.lanes.map(policyOf);
    this.#writePolicies();
    this.#step = 0;
  }

  destroy(): void {
    if (this.#destroyed) return;
    this.#destroyed = true;
    const { memory, tables, training, evaluation, histograms, rescale, records, evaluationRecords } =
      this.#parts;
    const owners = [memory, training, evaluation, histograms, rescale, records, evaluationRecords];
    for (const owner of [...owners, this.#histogramStaging, tables.lanes, tables.policy]) owner.destroy();
  }

  #encoder(): GPUCommandEncoder {
    if (this.#destroyed) throw new Error('this run has been closed');
    return this.#device.createCommandEncoder();
  }

  #submit(encoder: GPUCommandEncoder): void {
    this.#device.queue.submit([encoder.finish()]);
  }

  #checkLane(lane: number): void {
    const { length } = this.#program.lanes;
    if (!(lane in this.#program.lanes)) throw new RangeError(`there is no lane ${lane}; there are ${length}`);
  }

  /** Writes words of a lane's row after everything submitted so far. */
  #writeLane(lane: number, word: number, words: Uint32Array): void {
    this.#checkLane(lane);
    this.#device.queue.writeBuffer(this.#parts.tables.lanes, (lane * LANE_ROW_WORDS + word) * 4, words);
  }

  #writePolicies(): void {
    const words = packPolicy(this.#program.training, this.#policies);
    this.#device.queue.writeBuffer(this.#parts.tables.policy, 0, words);
  }

  #writeContents(): void {
    const { training, evaluation, contents } = this.#program;
    for (const plan of [training, evaluation]) {
      for (const tensor of plan.tensors) {
        if (!tensor.shared || !plan.buffers.has(plan.view(tensor).buffer)) continue;
        const dense = contents.get(tensor.name);
        if (!dense) throw new Error(`the program has no contents for the shared tensor ${tensor.name}`);
        this.#parts.memory.writeShared(plan, tensor, dense);
      }
    }
  }

  #writeParameters(): void {
    const { training, lanes } = this.#program;
    const { arenaStride, parameters } = training;
    const arena = new Float32Array(lanes.length * arenaStride);
    lanes.forEach(({ initial }, lane) => {
      const elements = arena.subarray(lane * arenaStride, (lane + 1) * arenaStride);
      for (const { name, master } of parameters) {
        const dense = initial.get(name);
        if (!dense) throw new Error(`lane ${lane} has no initial values for ${name}`);
        packMatrix(dense, training.view(master), elements);
      }
    });
    this.#parts.memory.write(training, 'parameters', arena);
  }
}

/** [lane][site][bin] to [site][lane][bin]. */
function lanesInside(words: Uint32Array, lanes: number, sites: number): Uint32Array {
  const counts = new Uint32Array(words.length);
  for (let lane = 0; lane < lanes; lane++) {
    for (let site = 0; site < sites; site++) {
      const from = (lane * sites + site) * HISTOGRAM_BINS;
      const bins = words.subarray(from, from + HISTOGRAM_BINS);
      counts.set(bins, (site * lanes + lane) * HISTOGRAM_BINS);
    }
  }
  return counts;
}
