/**
 * The records of a plan on the GPU: a ring of slots, [slot][lane][recordWords], into which kernels count. The slot of
 * a step is its number modulo the number of slots, and the last kernel of a step clears the next slot; there is one
 * slot more than steps in a run, so that the clearing never reaches what has still to be copied.
 */
import { recordWords } from '../../graph/records';
import { packControl } from './control';
import { StagingPool } from './staging';

const WORD_BYTES = 4;

export class RecordRing {
  readonly buffer: GPUBuffer;
  readonly control: GPUBuffer;
  readonly maxSteps: number;
  readonly #device: GPUDevice;
  readonly #lanes: number;
  readonly #words: number;
  readonly #slots: number;
  readonly #staging: StagingPool;

  /** @param maxSteps the most steps whose records are read back at once */
  constructor(
    device: GPUDevice,
    { lanes, sites, maxSteps }: { lanes: number; sites: number; maxSteps: number },
  ) {
    this.maxSteps = maxSteps;
    this.#device = device;
    this.#lanes = lanes;
    this.#words = recordWords(sites);
    this.#slots = maxSteps + 1;
    const storage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;
    this.buffer = device.createBuffer({
      label: 'records',
      size: this.#slots * this.#stepBytes,
      usage: storage,
    });
    this.control = device.createBuffer({
      label: 'control',
      size: packControl({ step: 0, lanes, recordWords: this.#words, slots: this.#slots }).byteLength,
      usage: storage | GPUBufferUsage.UNIFORM,
    });
    this.#staging = new StagingPool(device, maxSteps * this.#stepBytes);
  }

  get #stepBytes(): number {
    return this.#lanes * this.#words * WORD_BYTES;
  }

  /** Starts at a step with empty records, for commands that are encoded after this and submitted before the next. */
  clear(encoder: GPUCommandEncoder, step: number): void {
    encoder.clearBuffer(this.buffer);
    const control = packControl({
      step,
      lanes: this.#lanes,
      recordWords: this.#words,
      slots: this.#slots,
    });
    this.#device.queue.writeBuffer(this.control, 0, control);
  }

  /**
   * Encodes the copy of the records of consecutive steps.
   *
   * @returns a function that, called after the submit, resolves with [step][lane][recordWords]
   */
  copy(
    encoder: GPUCommandEncoder,
    firstStep: number,
    steps: number,
  ): () => Promise<Uint32Array<ArrayBuffer>> {
    const staging = this.#staging.take();
    const bytes = this.#stepBytes;
    const first = firstStep % this.#slots;
    const untilEnd = Math.min(steps, this.#slots - first);
    encoder.copyBufferToBuffer(this.buffer, first * bytes, staging, 0, untilEnd * bytes);
    if (steps > untilEnd) {
      encoder.copyBufferToBuffer(this.buffer, 0, staging, untilEnd * bytes, (steps - untilEnd) * bytes);
    }
    return async () => new Uint32Array(await this.#staging.read(staging, steps * bytes));
  }

  destroy(): void {
    this.buffer.destroy();
    this.control.destroy();
    this.#staging.destroy();
  }
}
