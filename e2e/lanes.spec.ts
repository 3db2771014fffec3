/** Editing a lane: rounding and accumulation are chosen in its dialog, enter the link, and the run goes on with them. */
import { AxeBuilder } from '@axe-core/playwright';
import { expect, test, type Locator, type Page } from '@playwright/test';
import { computeOn, openAt, runTo } from './page';

async function choose(page: Page, dialog: Locator, label: string, option: string): Promise<void> {
  await dialog.getByRole('button', { name: new RegExp(`${label}$`) }).click();
  await page.getByRole('option', { name: option, exact: true }).click();
}

async function openDialog(page: Page, lane: string): Promise<Locator> {
  await page.getByRole('button', { name: `Menu of ${lane}` }).click();
  await page.getByRole('menuitem', { name: 'Edit …' }).click();
  const dialog = page.getByRole('dialog', { name: `Edit ${lane}` });
  await expect(dialog).toBeVisible();
  return dialog;
}

test('a lane that rounds stochastically and adds up as a tensor core does', async ({ page }) => {
  // The general kernels take several times as long to compile.
  test.slow();
  await computeOn(page, 'webgpu');
  await openAt(page, '#v=1&seed=3&lanes=fp32,fp16', 10);
  const dialog = await openDialog(page, 'FP16, no scaler');
  await choose(page, dialog, 'Rounding', 'stochastic');
  await choose(page, dialog, 'Sums of products', 'tensor core');
  await expect(dialog.getByText('As measured on that GPU')).toBeVisible();
  expect((await new AxeBuilder({ page }).include('[role="dialog"]').analyze()).violations).toEqual([]);
  await dialog.getByRole('button', { name: 'Apply and restart' }).click();
  await expect(dialog).toBeHidden();
  await expect(page).toHaveURL(/fp16:mstochastic:atensor-core\.h100/);
  await runTo(page, 20);
});
