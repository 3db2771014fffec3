/**
 * The address as the playground sees it. While another page is open the experiment keeps the hash it had, and what
 * is written to it meanwhile enters the address when the person comes back.
 */
import type { Address } from './address';
import { pageOf } from './route';

/** @param experiment the hash that the playground has while another page is open from the start */
export function playgroundAddress(browser: Address, experiment = ''): Address {
  const isOpen = (): boolean => pageOf(browser.read()) === 'playground';
  let away = !isOpen();
  /** What the browser's history knows, and what the experiment is at. */
  let left = away ? experiment : browser.read();
  let kept = left;
  let tell: () => void = () => undefined;
  browser.watch(() => {
    if (!isOpen()) {
      away = true;
      return;
    }
    const isBack = away && browser.read() === left;
    away = false;
    if (isBack && kept !== left) {
      browser.write(kept, 'replace');
      return;
    }
    left = kept = browser.read();
    tell();
  });
  return {
    read: () => kept,
    write: (hash, entry) => {
      kept = hash;
      if (!away) browser.write(hash, entry);
    },
    watch: (changed) => (tell = changed),
    full: (hash) => browser.full(hash),
  };
}
