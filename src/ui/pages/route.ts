/**
 * The pages and the hashes they live at. The playground's links came first and have no word of their own: whatever
 * does not begin with the word of another page is an experiment's link.
 */

/** The hash of a page is its word, alone or followed by `&` and the page's state. contents.ts says what it shows. */
const WORDS = { lab: 'lab', race: 'race', trust: 'trust' } as const;

export type SidePage = keyof typeof WORDS;
export type Page = 'playground' | SidePage;

const SIDE_PAGES = Object.keys(WORDS) as SidePage[];

/** In the order of the navigation. */
export const PAGES: readonly Page[] = ['playground', ...SIDE_PAGES];

/** The page of a hash, without its `#`. */
export function pageOf(hash: string): Page {
  const [word] = hash.split('&', 1);
  return SIDE_PAGES.find((page) => WORDS[page] === word) ?? 'playground';
}

/** The hash at which a page opens when nobody has been there yet. */
export const homeOf = (page: Page): string => (page === 'playground' ? '' : WORDS[page]);
