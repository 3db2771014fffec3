/**
 * A runner without a network: its loss is a function of everything that was done to it before, so two runs agree
 * only if the same calls came between the same steps. Its device takes a fixed time per step and works in order.
 */
import type { LaneSettings } from '../../graph/lanes';
import { COUNTER_WORDS, HEADER, HEADER_WORDS, recordWords, type StepRecords } from '../../graph/records';
import type { Evaluation, Histograms, Runner } from '../../training/backend';
import type { FakeClock } from './fake-clock';

const SITES = 2;

export interface FakeRunnerOptions {
  readonly clock: FakeClock;
  readonly lanes?: number;
  readonly maxSteps?: number;
  readonly msPerStep?: number;
  /** Computes within the call, as the CPU backend does, instead of beside it. */
  readonly synchronous?: boolean;
}

/** The scale that its records show; no two steps or lanes have the same. */
export const fakeScale = (step: number, lane: number): number => 2 * step + lane + 1;

export class FakeRunner implements Runner {
  readonly maxSteps: number;
  readonly dispatchesPerStep = 11;
  /** The calls made, in words: `run 0+4`, `evaluate 4`, `scale 1 4096`, `settings 0`. */
  readonly log: string[] = [];
  waiting = 0;
  mostWaiting = 0;
  destroyed = false;
  readonly #options: FakeRunnerOptions;
  #step = 0;
  #free = 0;
  #state: number[] = [];
  #lost: string | null = null;
  #hangs = false;

  constructor(options: FakeRunnerOptions) {
    this.#options = options;
    this.maxSteps = options.maxSteps ?? 64;
    this.reset();
    this.log.length = 0;
  }

  /** From now on no result comes, as from a driver that hangs. */
  hang(): void {
    this.#hangs = true;
  }

  /** From now on every result is a failure, as on a lost device. */
  lose(message: string): void {
    this.#lost = message;
  }

  run(steps: number): Promise<StepRecords> {
    const { lanes = 2, msPerStep = 1 } = this.#options;
    if (steps > this.maxSteps) throw new RangeError(`a run takes 1 to ${this.maxSteps} steps, not ${steps}`);
    this.log.push(`run ${this.#step}+${steps}`);
    const words = new Uint32Array(steps * lanes * recordWords(SITES));
    const floats = new Float32Array(words.buffer);
    const firstStep = this.#step;
    for (let i = 0; i < steps * lanes; i++) {
      const lane = i % lanes;
      this.#mix(lane, 1);
      floats[i * recordWords(SITES) + HEADER.loss] = this.#state[lane];
      floats[i * recordWords(SITES) + HEADER.scale] = fakeScale(this.#step, lane);
      words.fill(this.#step, i * recordWords(SITES) + HEADER_WORDS, (i + 1) * recordWords(SITES));
      if (lane === lanes - 1) this.#step++;
    }
    const records = { firstStep, steps, lanes, sites: SITES, words };
    this.waiting++;
    this.mostWaiting = Math.max(this.mostWaiting, this.waiting);
    return this.#later(msPerStep * steps, records).finally(() => this.waiting--);
  }

  evaluate(): Promise<Evaluation> {
    this.log.push(`evaluate ${this.#step}`);
    const { lanes = 2 } = this.#options;
    const correct = new Uint32Array(lanes).fill(this.#step % 10);
    return this.#later(1, { step: this.#step, loss: Float32Array.from(this.#state), correct, rows: 10 });
  }

  histograms(): Promise<Histograms> {
    this.log.push(`histograms ${this.#step}`);
    const counts = new Uint32Array(SITES * (this.#options.lanes ?? 2) * 256);
    return this.#later(0, { step: this.#step, sites: [0, 1], counts });
  }

  setSettings(lane: number, settings: LaneSettings): void {
    this.log.push(`settings ${lane}`);
    this.#mix(
      lane,
      settings.learningRate + (settings.scaler.parameters.growthInterval ?? 0) + settings.multiplier,
    );
  }

  setScale(lane: number, scale: number): void {
    this.log.push(`scale ${lane} ${scale}`);
    this.#mix(lane, Math.log2(scale));
  }

  setScalerState(): void {
    throw new Error('a session sets scales only');
  }

  rescaleMoments(lane: number, factor: number): void {
    this.log.push(`moments ${lane} ${factor}`);
  }

  setFormats(): void {
    throw new Error('a session does not set formats');
  }

  read(): Promise<Float32Array> {
    return Promise.resolve(Float32Array.from(this.#state));
  }

  reset(): void {
    this.log.push('reset');
    this.#step = 0;
    this.#state = Array.from({ length: this.#options.lanes ?? 2 }, (_, lane) => lane + 1);
  }

  destroy(): void {
    this.destroyed = true;
  }

  #mix(lane: number, value: number): void {
    this.#state[lane] = Math.fround((this.#state[lane] * 1.37 + value + lane) % 10);
  }

  #later<Result>(milliseconds: number, result: Result): Promise<Result> {
    const { clock, synchronous = false } = this.#options;
    if (synchronous) clock.compute(milliseconds);
    this.#free = Math.max(this.#free, clock.now()) + (synchronous ? 0 : milliseconds);
    return new Promise((resolve, reject) => {
      const answer = (): void => {
        if (this.#hangs) return;
        if (this.#lost === null) resolve(result);
        else reject(new Error(this.#lost));
      };
      clock.after(this.#free - clock.now(), answer);
    });
  }
}

export const FAKE_COUNTER_WORDS = SITES * COUNTER_WORDS;
