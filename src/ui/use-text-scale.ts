import { useSyncExternalStore } from 'react';

/** The browser's own size of text; a reader may have set another one. */
const USUAL = 16;
/** Long enough that its width is not rounded away. */
const PROBE_REMS = 10;

let known: number | null = null;

const measured = (): number => Number.parseFloat(getComputedStyle(document.documentElement).fontSize) / USUAL;

/**
 * How many times as large as usual text is: for figures, which are drawn in pixels. A probe of so many rem tells when it
 * changes, since no event does.
 */
export function useTextScale(): number {
  return useSyncExternalStore(follow, () => (known ??= measured()));
}

function follow(changed: () => void): () => void {
  const probe = document.createElement('div');
  probe.style.cssText = `position: absolute; visibility: hidden; width: ${PROBE_REMS}rem`;
  document.body.append(probe);
  const observer = new ResizeObserver(() => {
    known = measured();
    changed();
  });
  observer.observe(probe);
  return () => {
    observer.disconnect();
    probe.remove();
  };
}
