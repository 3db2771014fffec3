/** The hash of the browser's address. Everything that reads or writes it goes through here. */

/** Where links live; the browser's window, or a stand-in for tests. */
export interface Address {
  read(): string;
  write(hash: string, entry: 'push' | 'replace'): void;
  /** Calls back when the address changed: written here, a link opened, or the person went back. */
  watch(changed: () => void): void;
  /** The whole address with this hash. */
  full(hash: string): string;
}

const watchers: (() => void)[] = [];

const bare = (): string => window.location.href.replace(/#.*$/, '');

export const browserAddress: Address = {
  read: () => window.location.hash.slice(1),
  write: (hash, entry) => {
    const url = hash === '' ? bare() : `#${hash}`;
    if (entry === 'push') window.history.pushState(null, '', url);
    else window.history.replaceState(null, '', url);
    watchers.forEach((changed) => changed());
  },
  // Both: Back within the page fires popstate, an edited address hashchange, and most browsers fire the two.
  watch: (changed) => {
    watchers.push(changed);
    window.addEventListener('popstate', changed);
    window.addEventListener('hashchange', changed);
  },
  full: (hash) => (hash === '' ? bare() : `${bare()}#${hash}`),
};
