/** A worker's end of the WebAssembly backend: computes shares of programs, which are told apart by numbers. */
import { transfer } from 'comlink';
import { holdForLife, type Locks } from '../worker-life';
import type { ShareImage } from './image';
import { Share } from './share';

const moved = (words: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> => transfer(words, [words.buffer]);

export class ShareWorker {
  readonly #locks: Locks;
  #module: WebAssembly.Module | null = null;
  readonly #shares = new Map<number, Share>();

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
  open(number: number, image: ShareImage): void {
    if (!this.#module) throw new Error('this worker has no kernels');
    this.#shares.set(number, new Share(this.#module, image));
  }

  close(number: number): void {
    this.#shares.delete(number);
  }

  run(number: number, firstStep: number, steps: number): Uint32Array<ArrayBuffer> {
    return moved(this.#share(number).run(firstStep, steps));
  }

  evaluate(number: number, step: number): Uint32Array<ArrayBuffer> {
    return moved(this.#share(number).evaluate(step));
  }

  histograms(number: number, step: number): Uint32Array<ArrayBuffer> {
    return moved(this.#share(number).histograms(step));
  }

  rescaleMoments(number: number, lane: number, step: number): void {
    this.#share(number).rescaleMoments(lane, step);
  }

  write(number: number, address: number, words: Uint32Array): void {
    this.#share(number).write(address, words);
  }

  read(number: number, address: number, words: number): Uint32Array<ArrayBuffer> {
    return moved(this.#share(number).read(address, words));
  }

  reset(number: number): void {
    this.#share(number).reset();
  }

  #share(number: number): Share {
    const share = this.#shares.get(number);
    if (!share) throw new Error(`this worker has no share ${number}`);
    return share;
  }
}
