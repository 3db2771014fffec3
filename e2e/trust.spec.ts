/** The trust page: the visitor's device is examined, and the report can be taken away. */
import AxeBuilder from '@axe-core/playwright';
import { expect, test } from '@playwright/test';

test('the device is examined, every case agrees, and the report has the digest', async ({
  page,
  context,
}) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.goto('/#trust');
  await expect(page.getByRole('heading', { level: 1, name: 'Trust' })).toBeVisible();
  await expect(
    page.getByText(/computes exactly what the playground claims: ([\d,]+) of \1 cases/),
  ).toBeVisible({
    timeout: 40_000,
  });
  await page.getByRole('button', { name: 'Copy report' }).click();
  await expect(page.getByRole('button', { name: 'Report copied' })).toBeVisible();
  const report = await page.evaluate(() => navigator.clipboard.readText());
  const digest = /digest: ([0-9a-f]{64})/.exec(report)?.[1];
  expect(digest).toBeDefined();
  await expect(page.getByText(digest ?? '')).toBeVisible();
  expect(report).toContain('SwiftShader');
  // The operations of the device itself are there as well, whatever they give.
  await expect(page.getByRole('row', { name: /^pack2x16float\(x, 0\)/ })).toBeVisible();
  expect(report).toMatch(/\| exp \| 4096 \| \d+ \| [\d.]+ \|/);
  expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
});

test('what computes here leads to the trust page', async ({ page }) => {
  await page.goto('/');
  await page.getByRole('button', { name: /^Backend: / }).click({ timeout: 30_000 });
  await page
    .getByRole('link', { name: 'What a graphics card computes, case by case, on the trust page' })
    .click();
  await expect(page.getByRole('heading', { level: 1, name: 'Trust' })).toBeVisible();
  await expect(page.getByRole('dialog')).toBeHidden();
});
