/** 300 of the damaged links of `npm run -s verify:links`, opened one after the other in a running page. */
import { expect, test } from '@playwright/test';
import { hostileLink } from '../src/cli/hostile-links';
import { parse } from '../src/experiment/codec';
import { openAt, runTo } from './page';

const COUNT = 300;
/** Far from those that the unit tests read. */
const FIRST = 500_000;

/** Links for the address bar, which is the playground's: other pages have other tests. */
const links = Array.from({ length: COUNT }, (_, index) => hostileLink(FIRST + index)).filter(
  (link) => !/^#?(lab|trust)(&|$)/.test(link),
);

test('hostile links leave the page standing, and what is wrong with them is said', async ({ page }) => {
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(error.message));
  await openAt(page, '#v=1&lanes=fp32,fp16', 5);
  // Each is an experiment that is drawn, and on a software adapter that has to wait for the one before.
  test.setTimeout(180_000);
  const unsaid: string[] = [];
  for (const link of links) {
    const { hash, said, stands } = await page.evaluate(async (next) => {
      window.location.hash = next;
      // The event comes with the next task, what it changes is drawn with the frame after.
      await new Promise((resolve) => setTimeout(resolve));
      await new Promise((resolve) => requestAnimationFrame(resolve));
      return {
        hash: window.location.hash.slice(1),
        said: document.querySelector('.notices')?.textContent ?? '',
        stands:
          document.querySelector('.topbar') !== null && document.querySelector('.page-failure') === null,
      };
    }, link);
    expect([link, stands]).toEqual([link, true]);
    const expected = hash === '' ? undefined : parse(hash).notices[0]?.message;
    if (expected !== undefined && !said.includes(expected)) unsaid.push(link);
  }
  expect(unsaid).toEqual([]);
  expect(errors).toEqual([]);
  await page.evaluate(() => (window.location.hash = '#v=1&lanes=fp32,fp16'));
  await runTo(page, 20);
});
