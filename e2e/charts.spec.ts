/** What the axes of the charts say: few labels, apart from one another, and of the run that is on show. */
import { expect, test, type Locator, type Page } from '@playwright/test';
import { textFaults } from './layout';
import { backendButton, openAt, runTo, stepOf } from './page';

const EXPLODING = '#v=1&seed=3&lr=300&lanes=fp32,fp16:d,e4m3fn,e5m2';
const ORDINARY = '#v=1&seed=3&lanes=fp32,fp16:d';

const yLabels = (page: Page, title: string): Locator =>
  page.getByRole('region', { name: title }).locator('.recharts-yAxis-tick-labels text');

test('a loss that explodes has labels that can be read, and leaves none to the next run', async ({
  page,
}) => {
  await openAt(page, EXPLODING, 40);
  await page.getByRole('button', { name: 'Pause', exact: true }).click();
  const losses = await yLabels(page, 'Training loss').allTextContents();
  expect(losses.length).toBeGreaterThan(2);
  expect(losses.length).toBeLessThanOrEqual(7);
  expect(Number(losses.at(-1))).toBeGreaterThan(1e20);
  expect(await textFaults(page)).toEqual([]);

  await page.evaluate((hash) => (location.hash = hash), ORDINARY);
  await expect.poll(() => stepOf(page)).toBeLessThan(10);
  await expect(backendButton(page)).toBeEnabled();
  await runTo(page, 20);
  for (const label of await yLabels(page, 'Training loss').allTextContents()) {
    expect(Number(label)).toBeGreaterThan(0.001);
    expect(Number(label)).toBeLessThan(10);
  }
});

test('the parts of the underflow legend add up to its total', async ({ page }) => {
  await openAt(page, '#v=1&seed=3&lam=-18&lanes=fp32,fp16', 60);
  await page.getByRole('button', { name: 'Pause', exact: true }).click();
  await page.getByRole('button', { name: /^Look at FP16/ }).click();
  const shares = page.getByRole('region', { name: 'Underflow to zero' }).locator('.chart-legend strong');
  await expect(shares.first()).toHaveText(/^[1-9]/);
  const [total, ...parts] = (await shares.allInnerTexts()).map((text) => Number.parseFloat(text));
  // Every share is rounded to a tenth.
  expect(Math.abs(parts.reduce((sum, part) => sum + part) - total)).toBeLessThan(0.1 * parts.length);
});
