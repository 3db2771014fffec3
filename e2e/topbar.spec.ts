/**
 * The top bar at every width of a window: each control inside it, none over another, and a press at its middle reaches it.
 * A bar that is one line for one number of digits must be so for more of them, or it would jump in mid-run.
 */
import { expect, test, type Page } from '@playwright/test';
import { barFaults } from './layout';
import { openAt, pause } from './page';

/** From here on the bar stays at the top while the page scrolls, so it must be one line. */
const ONE_LINE = 1280;
const WIDTHS = Array.from({ length: 81 }, (_, index) => 320 + 20 * index);

/** Where everything but the counters stands. */
const placesOf = (page: Page): Promise<string[]> =>
  page
    .locator('header.topbar :is(a, button)')
    .evaluateAll((parts) => parts.map((part) => JSON.stringify(part.getBoundingClientRect())));

/** Writes numbers into the counters as a run would that has come so far. It is paused: nothing else writes there. */
const showCounters = (page: Page, texts: readonly string[]): Promise<void> =>
  page.evaluate((wanted) => {
    const line = document.querySelector('.counters-line');
    const names = ['counter-step', 'counter-epoch', 'counter-optimizer', 'counter-skipped'];
    for (const [index, name] of names.entries()) {
      let counter = line?.querySelector(`.${name}`);
      if (!counter) {
        counter = document.createElement('span');
        counter.className = name;
        line?.append(counter);
      }
      counter.textContent = wanted[index];
    }
  }, texts);

const AT_STEP_10 = ['step 10', 'epoch 1', 'optimizer steps 9', '1 skipped'];
const AT_STEP_99999 = ['step 99,999', 'epoch 12,499', 'optimizer steps 88,888', '11,111 skipped'];

test('from 320 to 1920 pixels, at step 10 and at step 99,999', async ({ page }) => {
  test.slow();
  await openAt(page, '#v=1&seed=3&lanes=fp32,fp16:d2p40', 10);
  await pause(page);
  // What is written below is what the page writes itself.
  const counters = page.getByRole('group', { name: 'Counters' });
  await expect(counters).toHaveText(/^step [\d,]+epoch [\d,]+optimizer steps [\d,]+\d+ skipped$/);
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: 900 });
    await showCounters(page, AT_STEP_10);
    // Charts follow the width of the page a frame later.
    await expect.poll(() => barFaults(page), `${width} pixels, step 10`).toEqual([]);
    await expect(page.locator('.counter-skipped')).toBeInViewport();
    const bar = await page.getByRole('banner').boundingBox();
    if (width >= ONE_LINE) expect(bar?.height, `${width} pixels, height`).toBeLessThan(60);
    const before = await placesOf(page);
    await showCounters(page, AT_STEP_99999);
    expect(await barFaults(page), `${width} pixels, step 99,999`).toEqual([]);
    expect(await placesOf(page), `${width} pixels, what moved`).toEqual(before);
  }
});

for (const side of ['lab', 'race', 'trust']) {
  test(`on the page ${side}`, async ({ page }) => {
    await page.goto(`/#${side}`);
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
    for (const width of WIDTHS) {
      await page.setViewportSize({ width, height: 900 });
      // Figures follow the width of the page a frame later.
      await expect.poll(() => barFaults(page), `${width} pixels`).toEqual([]);
    }
  });
}

test.describe('under a finger', () => {
  test.use({ hasTouch: true, isMobile: true });

  test('from 320 to 1180 pixels', async ({ page }) => {
    await openAt(page, '#v=1&seed=3&lanes=fp32,fp16:d2p40', 10);
    await pause(page);
    await showCounters(page, AT_STEP_99999);
    for (const width of WIDTHS.filter((each) => each <= 1180)) {
      await page.setViewportSize({ width, height: 900 });
      await expect.poll(() => barFaults(page), `${width} pixels`).toEqual([]);
    }
  });
});
