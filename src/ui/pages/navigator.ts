/** Which page is open, and what the address of each was when it was last open. */
import type { Address } from './address';
import { homeOf, pageOf, type Page } from './route';

/** Browsers refuse more than about a hundred changes of the address in half a minute. */
const INTERVAL = 400;

export class Navigator {
  private readonly address: Address;
  private readonly hashes = new Map<Page, string>();
  private readonly listeners = new Set<() => void>();
  private waiting: string | null = null;

  /** @param experiment the hash of the playground, where that is not the open page */
  constructor(address: Address, experiment = '') {
    this.address = address;
    this.hashes.set('playground', experiment);
    this.hashes.set(this.page, address.read());
    address.watch(() => {
      this.hashes.set(this.page, address.read());
      this.listeners.forEach((listener) => listener());
    });
  }

  get page(): Page {
    return pageOf(this.address.read());
  }

  /** The hash of the open page. */
  get hash(): string {
    return this.address.read();
  }

  /** The hash that a page had when it was last open. */
  hashOf(page: Page): string {
    return this.hashes.get(page) ?? homeOf(page);
  }

  /** Calls back whenever the address has changed. */
  subscribe(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  /** Opens a hash, of whatever page, with an entry in the history. */
  open(hash: string): void {
    this.flush();
    if (hash !== this.hash) this.address.write(hash, 'push');
  }

  /** Replaces the hash of the open page, now or a little later. */
  replace(hash: string): void {
    if (this.waiting === null) setTimeout(() => this.flush(), INTERVAL);
    this.waiting = hash;
  }

  /** The whole address of the open page. */
  url(): string {
    this.flush();
    return this.address.full(this.hash);
  }

  /** A state of a page that has been left meanwhile must not bring it back. */
  private flush(): void {
    const { waiting } = this;
    this.waiting = null;
    if (waiting === null || waiting === this.hash || pageOf(waiting) !== this.page) return;
    this.address.write(waiting, 'replace');
  }
}
