/** The pages beside the playground: the run waits behind them and goes on where it was. */
import { expect, test } from '@playwright/test';
import { openAt, runTo, stepOf } from './page';

test('the format lab opens over a running experiment, and Back returns to it with its steps', async ({
  page,
}) => {
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(error.message));
  await openAt(page, '', 40);
  await page.getByRole('link', { name: 'Format lab' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Format lab' })).toBeFocused();
  await expect(page).toHaveTitle('Format lab · AMP Playground');
  await expect(page.getByRole('table').first()).toContainText('FP8 E4M3');

  await page.goBack();
  await expect(page).toHaveTitle('AMP Playground');
  const back = await stepOf(page);
  expect(back).toBeGreaterThanOrEqual(40);
  await runTo(page, back + 20);
  expect(errors).toEqual([]);
});

test('a link to the lab does not start the engine before the playground is visited', async ({ page }) => {
  await page.goto('/#lab');
  await expect(page.getByRole('heading', { level: 1, name: 'Format lab' })).toBeVisible();
  expect(page.workers()).toHaveLength(0);
  await page.getByRole('link', { name: 'Playground' }).click();
  await runTo(page, 20);
});
