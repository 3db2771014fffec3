/** The experiment in the address bar: written without a history entry while dragging, with one on discrete changes. */
import { parse, serialize, type ParsedLink } from '../../experiment/codec';
import type { Experiment } from '../../experiment/experiment';
import { openingExperiment } from '../../experiment/presets';
import type { Address } from '../pages/address';

/** Browsers refuse more than about a hundred changes of the address in half a minute. */
const INTERVAL = 400;

export class Link {
  private readonly address: Address;
  private current: string;
  private waiting: string | null = null;

  constructor(address: Address) {
    this.address = address;
    this.current = address.read();
  }

  /** The experiment of the address; the opening one when there is none. */
  open(): ParsedLink & { readonly isOpening: boolean } {
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
    this.waiting = null;
    this.write(serialize(experiment), 'push');
  }

  /** Replaces the address, now or a little later. */
  replace(experiment: Experiment): void {
    if (this.waiting === null) {
      setTimeout(() => {
        if (this.waiting !== null) this.write(this.waiting, 'replace');
        this.waiting = null;
      }, INTERVAL);
    }
    this.waiting = serialize(experiment);
  }

  watch(opened: () => void): void {
    this.address.watch(() => {
      if (this.address.read() !== this.current) opened();
    });
  }

  private write(hash: string, entry: 'push' | 'replace'): void {
    if (hash === this.current) return;
    this.current = hash;
    this.address.write(hash, entry);
  }
}
