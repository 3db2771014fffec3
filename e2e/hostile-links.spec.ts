/** 300 of the damaged links of `npm run -s verify:links`, opened one after the other in a running page. */
import { expect, test, type Page } from '@playwright/test';
import { hostileLink } from '../src/cli/hostile-links';
import { parse } from '../src/experiment/codec';
import { messageText } from '../src/i18n/said';
import { openAt, runTo } from './page';

const COUNT = 300;
/** Far from those that the unit tests read. */
const FIRST = 500_000;

/** Links for the address bar, which is the playground's: other pages have other tests. */
const links = Array.from({ length: COUNT }, (_, index) => hostileLink(FIRST + index)).filter(
  (link) => !/^#?(lab|race|trust)(&|$)/.test(link),
);

interface Seen {
  readonly link: string;
  /** What the browser makes of the link as a hash. */
  readonly hash: string;
  readonly notices: string;
  readonly stands: boolean;
}

/** Opens links one after the other; in the page, because a trace of each would take longer than the link. */
const visit = (page: Page, some: readonly string[]): Promise<Seen[]> =>
  page.evaluate(async (next) => {
    const seen: Seen[] = [];
    for (const link of next) {
      window.location.hash = link;
      // The event comes with the next task, what it changes is drawn with the frame after.
      await new Promise((resolve) => setTimeout(resolve));
      await new Promise((resolve) => requestAnimationFrame(resolve));
      seen.push({
        link,
        hash: window.location.hash.slice(1),
        notices: document.querySelector('.notices')?.textContent ?? '',
        stands: document.querySelector('.topbar') !== null && document.querySelector('.failure') === null,
      });
    }
    return seen;
  }, some);

test('hostile links leave the page standing, and what is wrong with them is said', async ({ page }) => {
  // Each is an experiment that is drawn and loaded; about 50 seconds on two cores that do nothing else.
  test.setTimeout(240_000);
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(error.message));
  await openAt(page, '#v=1&lanes=fp32,fp16', 5);
  for (let from = 0; from < links.length; from += 50) {
    for (const { link, hash, notices, stands } of await visit(page, links.slice(from, from + 50))) {
      const [first] = hash === '' ? [] : parse(hash).notices;
      const isSaid = first === undefined || notices.includes(messageText(first.message));
      expect({ link, stands, isSaid }).toEqual({ link, stands: true, isSaid: true });
    }
  }
  expect(errors).toEqual([]);
  await page.evaluate(() => (window.location.hash = '#v=1&lanes=fp32,fp16'));
  await runTo(page, 20);
});
