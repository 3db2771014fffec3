/** A worker's end of the WebAssembly backend: computes one share, of one program after the other. */
import { transfer } from 'comlink';
import { holdForLife, type Locks } from '../life-lock';
import type { ShareImage } from './image';
import { Share } from './share';

const moved = (words: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> => transfer(words, [words.buffer]);

export class ShareWorker {
  readonly #locks: Locks;
  #module: WebAssembly.Module | null = null;
  #share: Share | null = null;

  constructor(locks: Locks) {
    this.#locks = locks;
  }

  /** Must be called once before anything else. */
  connect(module: WebAssembly.Module): void {
    this.#module = module;
  }

  hold(lock: string): Promise<void> {
    return holdForLife(this.#locks, lock);
  }

  /** @throws {RangeError} in words for people, when there is not enough memory */
  open(image: ShareImage): void {
    if (!this.#module) throw new Error('this worker has no kernels');
    // The memory of the one before is free before more is asked for.
    this.#share = null;
    this.#share = new Share(this.#module, image);
  }

  close(): void {
    this.#share = null;
  }

  run(firstStep: number, steps: number): Uint32Array<ArrayBuffer> {
    return moved(this.#opened().run(firstStep, steps));
  }

  evaluate(step: number): Uint32Array<ArrayBuffer> {
    return moved(this.#opened().evaluate(step));
  }

  histograms(step: number): Uint32Array<ArrayBuffer> {
    return moved(this.#opened().histograms(step));
  }

  rescaleMoments(lane: number, step: number): void {
    this.#opened().rescaleMoments(lane, step);
  }

  write(address: number, words: Uint32Array): void {
    this.#opened().write(address, words);
  }

  read(address: number, words: number): Uint32Array<ArrayBuffer> {
    return moved(this.#opened().read(address, words));
  }

  reset(): void {
    this.#opened().reset();
  }

  #opened(): Share {
    if (!this.#share) throw new Error('this worker has no share of a program');
    return this.#share;
  }
}
