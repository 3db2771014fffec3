/**
 * The pages and the hashes they live at. The playground's links came first and have no word of their own: whatever
 * does not begin with the word of another page is an experiment's link.
 */
import { lazy, type ComponentType } from 'react';

interface Route {
  /** The hash is this word, alone or followed by `&` and the page's state. */
  readonly word: string;
  /** A chunk of its own, loaded when the page is opened. Below the page's heading. */
  readonly Content: ComponentType;
}

/** One line per page; its name stands in en.json under `page`. */
export const ROUTES = {
  lab: { word: 'lab', Content: lazy(() => import('../lab/LabPage')) },
  trust: { word: 'trust', Content: lazy(() => import('../trust/TrustPage')) },
} as const satisfies Record<string, Route>;

export type SidePage = keyof typeof ROUTES;
export type Page = 'playground' | SidePage;

const SIDE_PAGES = Object.keys(ROUTES) as SidePage[];

/** In the order of the navigation. */
export const PAGES: readonly Page[] = ['playground', ...SIDE_PAGES];

/** The page of a hash, without its `#`. */
export function pageOf(hash: string): Page {
  const [word] = hash.split('&', 1);
  return SIDE_PAGES.find((page) => ROUTES[page].word === word) ?? 'playground';
}

/** The hash at which a page opens when nobody has been there yet. */
export const homeOf = (page: Page): string => (page === 'playground' ? '' : ROUTES[page].word);
