/** The main job: open the page, watch lanes train, see the scale back off. */
import { expect, test } from '@playwright/test';
import { backendButton, computeOn, openAt, runTo, stepOf } from './page';

test('the page opens with the opening experiment and trains on WebGPU', async ({ page }) => {
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(error.message));
  await computeOn(page, 'webgpu');
  await openAt(page, '', 60);
  await expect(backendButton(page, /SwiftShader/)).toBeVisible();
  const before = await stepOf(page);
  await runTo(page, before + 20);
  expect(errors).toEqual([]);
});

test('the scale chart shows a backoff when the scale starts too high, and says which site overflowed', async ({
  page,
}) => {
  await computeOn(page, 'webgpu');
  await openAt(page, '', 60);
  await expect(page.getByText(/^backoff [1-9]/)).toBeVisible();
  await page.getByTitle('Newest events').click();
  await expect(page.getByText(/skipped: overflow in \S+\.grad/).first()).toBeVisible();
});

test('a damaged link opens with a notice that names the key', async ({ page }) => {
  await page.goto('/#v=1&b=banana');
  await expect(page.getByRole('region', { name: 'Notices' })).toContainText(
    'b must be a whole number from 1 to 256, not "banana"',
  );
});
