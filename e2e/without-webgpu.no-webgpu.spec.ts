/** What a visitor without WebGPU gets: the same experiment in WebAssembly, and the reason in words. */
import { expect, test } from '@playwright/test';
import { backendButton, computeOn, openAt } from './page';

test('without WebGPU the page trains in WebAssembly, and says why', async ({ page }) => {
  await openAt(page, '', 20);
  await expect(backendButton(page, /WebAssembly/)).toBeVisible();
  await expect(page.getByText('no GPU here', { exact: true })).toBeVisible();
  await backendButton(page).click();
  await expect(page.getByRole('dialog')).toContainText('Chosen because there is no graphics card to use.');
});

test('a remembered choice that does not work any more locks nobody out', async ({ page }) => {
  await computeOn(page, 'webgpu');
  await openAt(page, '', 20);
  await expect(page.getByText('instead of WebGPU')).toBeVisible();
  await expect(page.getByRole('region', { name: 'Notices' })).toContainText(
    'Computed by WebAssembly, not as wished: WebGPU found no graphics card',
  );
  await backendButton(page, /WebAssembly/).click();
  await page.getByRole('radio', { name: /^Automatic/ }).check({ force: true });
  await expect(page.getByText('no GPU here', { exact: true })).toBeVisible();
  await expect(page.getByRole('region', { name: 'Notices' }).getByText('not as wished')).toHaveCount(0);
});

test('without WebGPU the trust page says that there is nothing to examine', async ({ page }) => {
  await page.goto('/#trust');
  await expect(page.getByRole('status').filter({ hasText: 'There is no device to examine' })).toContainText(
    'Experiments run in WebAssembly or on the reference',
  );
});
