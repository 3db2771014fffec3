/** The page does not go white: not with another run under the pointer, not when a part of it breaks or is missing. */
import { expect, test, type Page } from '@playwright/test';
import { openAt, runTo, stepOf } from './page';

const THREE_LANES = '#v=1&seed=3&lanes=fp32,fp16:d,bf16';

declare global {
  interface Window {
    /** Where observers of sizes fail, as a selector; set by a test. */
    brokenIn?: string;
  }
}

/** Errors that nothing on the page has caught. */
function errorsOf(page: Page): string[] {
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(error.message));
  return errors;
}

const chart = (page: Page, name: string) => page.getByRole('region', { name }).locator('figure.chart');

test('a read-out does not outlive its lanes', async ({ page }) => {
  const errors = errorsOf(page);
  await openAt(page, THREE_LANES, 40);
  const loss = chart(page, 'Training loss');
  const pinned = page.getByRole('group', { name: 'Values at the place clicked' });
  await loss.click({ position: { x: 200, y: 80 } });
  await expect(pinned).toContainText('bf16');

  await test.step('pinned, and a preset of two lanes chosen', async () => {
    await page.getByRole('button', { name: 'Experiment' }).click();
    await page.getByRole('option', { name: 'The ten-line tutorial' }).click();
    await runTo(page, 20);
    await expect(pinned).toBeHidden();
  });

  await test.step('under the pointer, and links of other lanes opened', async () => {
    for (const hash of [
      THREE_LANES,
      '#v=1&lanes=fp32',
      '#v=1&task=spirals&lanes=fp32,fp16,bf16,e5m2',
      '#v=1',
    ]) {
      await page.evaluate((next) => (window.location.hash = next), hash);
      await runTo(page, 20);
      await loss.hover({ position: { x: 220, y: 80 } });
      await expect(page.locator('.chart-tooltip')).toContainText('FP32');
    }
  });

  await test.step('pinned, and the run reset', async () => {
    await loss.click({ position: { x: 200, y: 80 } });
    await expect(pinned).toBeVisible();
    await page.getByRole('button', { name: 'Reset' }).click();
    await expect.poll(() => stepOf(page)).toBe(0);
    await runTo(page, 60);
    await expect(pinned).toBeHidden();
  });
  expect(errors).toEqual([]);
});

test('a part that breaks leaves the others and the run alone, and can be shown again', async ({ page }) => {
  await page.addInitScript(() => {
    const Original = window.ResizeObserver;
    window.ResizeObserver = class extends Original {
      override observe(target: Element): void {
        if (window.brokenIn !== undefined && target.closest(window.brokenIn))
          throw new Error('broken on purpose');
        super.observe(target);
      }
    };
  });
  await openAt(page, '', 40);
  const failures = page.getByRole('alert');
  await page.evaluate(() => (window.brokenIn = '.ruler'));
  // The panel is drawn anew for the other page's sake.
  await page.getByRole('link', { name: 'Format lab' }).click();
  await page.getByRole('link', { name: 'Playground' }).click();
  await expect(failures).toHaveCount(1);
  await expect(failures).toContainText('broken on purpose');
  await expect(chart(page, 'Training loss')).toBeVisible();
  const before = await stepOf(page);
  await runTo(page, before + 20);

  await failures.getByRole('button', { name: 'Show it again' }).click();
  await expect(failures).toContainText('broken on purpose');
  await page.evaluate(() => delete window.brokenIn);
  await failures.getByRole('button', { name: 'Show it again' }).click();
  await expect(failures).toHaveCount(0);
  await runTo(page, before + 40);
});

test('a page that cannot be loaded says so, leaves the run alone, and can be tried again', async ({
  page,
}) => {
  const errors = errorsOf(page);
  await openAt(page, THREE_LANES, 40);
  await page.route('**/LabPage-*.js', (route) => route.abort());
  await page.route('**/LabPage-*.css', (route) => route.abort());
  await page.getByRole('link', { name: 'Format lab' }).click();
  const failure = page.getByRole('alert');
  await expect(failure).toContainText('could not be loaded');
  await failure.getByRole('button', { name: 'Try again' }).click();
  await expect(failure).toContainText('could not be loaded');

  await page.getByRole('link', { name: 'Playground' }).click();
  await runTo(page, (await stepOf(page)) + 20);

  await page.getByRole('link', { name: 'Format lab' }).click();
  await expect(failure).toBeVisible();
  // Its stylesheet alone is another way to fail.
  await page.unroute('**/LabPage-*.js');
  await failure.getByRole('button', { name: 'Try again' }).click();
  await expect(failure).toContainText('could not be loaded');
  await page.unroute('**/LabPage-*.css');
  await failure.getByRole('button', { name: 'Try again' }).click();
  await expect(page.getByRole('region', { name: 'One number' })).toBeVisible();
  const sheet = page.locator('link[rel=stylesheet][href*=LabPage]');
  expect(
    await sheet.evaluateAll((links: HTMLLinkElement[]) => links.map((link) => link.sheet !== null)),
  ).toEqual([true]);
  expect(errors).toEqual([]);
});

test('after a new version on the server, a reload from another page keeps the experiment', async ({
  page,
}) => {
  await openAt(page, THREE_LANES, 20);
  await page.route('**/TrustPage-*.js', (route) => route.fulfill({ status: 404, body: 'gone' }));
  await page.getByRole('link', { name: 'Trust' }).click();
  await page.getByRole('alert').getByRole('button', { name: 'Reload the page' }).click();
  await page.unroute('**/TrustPage-*.js');
  await page.reload();
  await expect(page.getByRole('heading', { level: 1, name: 'Trust' })).toBeVisible();
  await page.getByRole('link', { name: 'Playground' }).click();
  await expect(page).toHaveURL(new RegExp(`${THREE_LANES}$`));
  await runTo(page, 20);
  await expect(chart(page, 'Training loss')).toBeVisible();
});

test('charts that cannot be loaded leave the rest, and can be tried again', async ({ page }) => {
  await page.route('**/charts-*.js', (route) => route.abort());
  await openAt(page, '', 20);
  const failure = page.getByRole('alert');
  await expect(failure).toContainText('could not be loaded');
  await page.unroute('**/charts-*.js');
  await failure.getByRole('button', { name: 'Try again' }).click();
  await expect(chart(page, 'Training loss')).toBeVisible();
});

test('where nothing that draws can be loaded, words are there', async ({ page }) => {
  await page.route('**/draw-*.js', (route) => route.fulfill({ status: 404, body: 'gone' }));
  await page.goto(`/${THREE_LANES}`);
  await expect(page.getByText('AMP Playground is not here yet')).toBeVisible({ timeout: 5000 });
  await page.unroute('**/draw-*.js');
  await page.route('**/index-*.js', (route) => route.abort());
  await page.reload();
  await expect(page.getByText('AMP Playground is not here yet')).toBeVisible();
});
