/** The experiment in the address bar: written without a history entry while dragging, with one on discrete changes. */
import { parse, serialize, type ParsedLink } from '../../experiment/codec';
import type { Experiment } from '../../experiment/experiment';
import { openingExperiment } from '../../experiment/presets';

/** Browsers refuse more than about a hundred changes of the address in half a minute. */
const INTERVAL = 400;

/** Where links live; the browser's window, or a stand-in for tests. */
export interface Address {
  read(): string;
  write(hash: string, entry: 'push' | 'replace'): void;
  /** Calls back when the address changed from outside: a link was opened, or the person went back. */
  watch(changed: () => void): void;
  /** The whole address with this hash. */
  full(hash: string): string;
}

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

export const browserAddress: Address = {
  read: () => window.location.hash.slice(1),
  write: (hash, entry) => {
    if (entry === 'push') window.history.pushState(null, '', `#${hash}`);
    else window.history.replaceState(null, '', `#${hash}`);
  },
  // Both: Back within the page fires popstate, an edited address hashchange, and most browsers fire the two.
  watch: (changed) => {
    window.addEventListener('popstate', changed);
    window.addEventListener('hashchange', changed);
  },
  full: (hash) => `${window.location.href.replace(/#.*$/, '')}#${hash}`,
};
