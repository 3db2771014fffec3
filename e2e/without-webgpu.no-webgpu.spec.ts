/** What a visitor without WebGPU gets: the same experiment on the CPU, and the reason in words. */
import { expect, test } from '@playwright/test';
import { openAt } from './page';

test('without WebGPU the page still trains, and says why it runs on the CPU', async ({ page }) => {
  await openAt(page, '', 20);
  await expect(page.getByRole('region', { name: 'Notices' })).toContainText('CPU instead of WebGPU');
});

test('without WebGPU the trust page says that there is nothing to examine', async ({ page }) => {
  await page.goto('/#trust');
  await expect(page.getByRole('status').filter({ hasText: 'There is no device to examine' })).toContainText(
    'Experiments run on the CPU',
  );
});
