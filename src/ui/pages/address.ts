/** The hash of the browser's address. Everything that reads or writes it goes through here. */
import type { Language } from '../../i18n/languages';
import { splitLanguage, withLanguage } from './hash-language';

/** Where links live; the browser's window, or a stand-in for tests. Hashes are without `#` and without the language. */
export interface Address {
  read(): string;
  write(hash: string, entry: 'push' | 'replace'): void;
  /** Calls back when the address changed: written here, a link opened, or the person went back. */
  watch(changed: () => void): void;
  /** The whole address with this hash. */
  full(hash: string): string;
}

const watchers: (() => void)[] = [];

const here = () => splitLanguage(window.location.hash.slice(1));

const bare = (): string => window.location.href.replace(/#.*$/, '');

function put(rest: string, language: Language | null, entry: 'push' | 'replace'): void {
  const hash = withLanguage(rest, language);
  const url = hash === '' ? bare() : `#${hash}`;
  if (entry === 'push') window.history.pushState(null, '', url);
  else window.history.replaceState(null, '', url);
  watchers.forEach((changed) => changed());
}

export const browserAddress: Address = {
  read: () => here().rest,
  write: (hash, entry) => put(hash, here().language, entry),
  // Both: Back within the page fires popstate, an edited address hashchange, and most browsers fire the two.
  watch: (changed) => {
    watchers.push(changed);
    window.addEventListener('popstate', changed);
    window.addEventListener('hashchange', changed);
  },
  full: (rest) => {
    const hash = withLanguage(rest, here().language);
    return hash === '' ? bare() : `${bare()}#${hash}`;
  },
};

/** The language that the address asks for; null where it leaves that open. */
export const addressLanguage = (): Language | null => here().language;

/** Lets the address ask for a language, so that the link shows what the page shows. */
export const writeAddressLanguage = (language: Language): void => put(here().rest, language, 'replace');
