/** Weights that are stored in a format: the panel of updates, one weight under the glass, and the choice in a lane. */
import { AxeBuilder } from '@axe-core/playwright';
import { expect, test, type Page } from '@playwright/test';
import { textFaults } from './layout';
import { openAt, pause, stepOf } from './page';

const WITHOUT_MASTERS = '#v=1&seed=3&lr=0.02&lanes=fp32,bf16:wbf16';

const panel = (page: Page) => page.getByRole('region', { name: 'Updates of the weights' });

test('updates that are rounded away are counted, and one weight tells why', async ({ page }) => {
  await openAt(page, WITHOUT_MASTERS, 40);
  const row = panel(page).locator('tr[data-tensor="fc1.weight"]');
  await expect.poll(async () => Number(await row.getAttribute('data-rounded-away'))).toBeGreaterThan(0.5);
  await pause(page);
  const glass = page.getByRole('region', { name: 'One weight under the glass' });
  await expect(glass.getByText('after step')).toBeVisible();
  await expect(glass.locator('[data-verdict]')).toHaveAttribute('data-verdict', /moved|roundedAway/);
  // Another weight is read while the run stands still.
  await glass.getByRole('textbox', { name: /Number/ }).fill('31');
  await glass.getByRole('textbox', { name: /Number/ }).press('Enter');
  await expect(glass.locator('[data-verdict]')).toBeVisible();
  const step = (await stepOf(page)).toLocaleString('en-US');
  await expect(glass.locator('dd').first()).toHaveText(step);
});

test('where all lanes store in FP32 there is no such panel', async ({ page }) => {
  await openAt(page, '#v=1&lanes=fp32,bf16', 5);
  await expect(panel(page)).toHaveCount(0);
});

test('a lane is told to do without a master copy', async ({ page }) => {
  await openAt(page, '#v=1&seed=3&lanes=fp32,bf16', 1);
  await page.getByRole('button', { name: 'Menu of bf16, no scaler' }).click();
  await page.getByRole('menuitem', { name: 'Edit …' }).click();
  const dialog = page.getByRole('dialog', { name: 'Edit bf16, no scaler' });
  await dialog.getByRole('button', { name: /Where weights live$/ }).click();
  await page.getByRole('option', { name: 'no master copy', exact: true }).click();
  await dialog.getByRole('button', { name: 'Apply and restart' }).click();
  await expect(page).toHaveURL(/bf16:wbf16/);
  await expect(panel(page)).toBeVisible();
});

for (const width of [1440, 390]) {
  test(`the panel is accessible and nothing lies over anything, ${width} pixels wide`, async ({ page }) => {
    await page.setViewportSize({ width, height: 900 });
    await openAt(page, WITHOUT_MASTERS, 40);
    await pause(page);
    await expect(panel(page).locator('[data-verdict]')).toBeVisible();
    const { violations } = await new AxeBuilder({ page }).include('.updates').analyze();
    expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0].html}`)).toEqual([]);
    expect(await textFaults(page)).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(
      0,
    );
  });
}
