/** The experiment in the address bar: written without a history entry while dragging, with one on discrete changes. */
import { parse, serialize, type ParsedLink } from '../../experiment/codec';
import type { Experiment } from '../../experiment/experiment';
import { openingExperiment } from '../../experiment/presets';
import type { Address } from '../pages/address';

/** Browsers refuse more than about a hundred changes of the address in half a minute. */
const INTERVAL = 400;

interface Waiting {
  readonly hash: string;
  readonly timer: ReturnType<typeof setTimeout>;
}

export class Link {
  private readonly address: Address;
  private current: string;
  private waiting: Waiting | null = null;
  /** By link: whether an experiment ran when another took its place. */
  private readonly ran = new Map<string, boolean>();

  constructor(address: Address) {
    this.address = address;
    this.current = address.read();
  }

  /** The experiment of the address; the opening one when there is none. */
  open(): ParsedLink & { readonly isOpening: boolean } {
    // What waits belongs to the entry that has been left, and must not be written into this one.
    this.takeWaiting();
    this.current = this.address.read();
    const isOpening = this.current === '';
    return isOpening
      ? { experiment: openingExperiment, notices: [], isOpening }
      : { ...parse(this.current), isOpening };
  }

  url(experiment: Experiment): string {
    return this.address.full(serialize(experiment));
  }

  push(experiment: Experiment): void {
    this.flush();
    this.write(serialize(experiment), 'push');
  }

  /** Replaces the address a little later. */
  replace(experiment: Experiment): void {
    const timer = this.waiting?.timer ?? setTimeout(() => this.flush(), INTERVAL);
    this.waiting = { hash: serialize(experiment), timer };
  }

  watch(opened: () => void): void {
    this.address.watch(() => {
      if (this.address.read() !== this.current) opened();
    });
  }

  /** An experiment gives way to another. */
  left(experiment: Experiment, running: boolean): void {
    this.ran.set(serialize(experiment), running);
  }

  /** Null for an experiment that has not been here. */
  ranWhenLeft(experiment: Experiment): boolean | null {
    return this.ran.get(serialize(experiment)) ?? null;
  }

  private takeWaiting(): string | null {
    const { waiting } = this;
    clearTimeout(waiting?.timer);
    this.waiting = null;
    return waiting && waiting.hash;
  }

  private flush(): void {
    const hash = this.takeWaiting();
    if (hash !== null) this.write(hash, 'replace');
  }

  private write(hash: string, entry: 'push' | 'replace'): void {
    if (hash === this.current) return;
    this.current = hash;
    this.address.write(hash, entry);
  }
}
