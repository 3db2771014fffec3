import { useEffect, useLayoutEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { useApp } from '../store/react';
import type { Page } from './route';

/** Where a page was left. */
interface Place {
  readonly focused: HTMLElement | null;
  readonly scrolled: number;
}

/** The heading that the focus goes to when a page opens. Hidden pages have none that is laid out. */
const heading = (): HTMLElement | undefined =>
  [...document.querySelectorAll<HTMLElement>('h1')].find((element) => element.checkVisibility());

/** Title, focus and scroll position follow the page; the playground gets back what it was left with. */
export function usePageChange(page: Page): void {
  const { t } = useTranslation();
  const { store, navigator } = useApp();
  const shown = useRef(page);
  const playground = useRef<Place>({ focused: null, scrolled: 0 });
  const name = t(`page.${page}`);
  useEffect(() => {
    const app = t('app.title');
    document.title = page === 'playground' ? app : `${name} · ${app}`;
  }, [t, page, name]);

  useEffect(() => {
    // The page restores its place itself, after it has been drawn.
    window.history.scrollRestoration = 'manual';
    // Before React hides the page and the focus is gone.
    return navigator.subscribe(() => {
      if (navigator.page === 'playground' || shown.current !== 'playground') return;
      const { activeElement } = document;
      playground.current = {
        focused: activeElement instanceof HTMLElement ? activeElement : null,
        scrolled: window.scrollY,
      };
      store.setState({ drawerOpen: false, helpOpen: false });
    });
  }, [navigator, store]);

  useLayoutEffect(() => {
    if (shown.current === page) return;
    shown.current = page;
    const { focused, scrolled } = page === 'playground' ? playground.current : { focused: null, scrolled: 0 };
    const left = focused?.isConnected && focused !== document.body ? focused : undefined;
    (left ?? heading())?.focus({ preventScroll: true });
    window.scrollTo(0, scrolled);
  }, [page]);
}
