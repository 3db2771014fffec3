/** A lane's loss scaler: chosen among all, its numbers, what it remembers, and what is said where its framework raises an error. */
import { expect, test } from '@playwright/test';
import { openAt, runTo } from './page';

test('DeepSpeed at its minimum raises an error: the lane stops, and the page says why', async ({ page }) => {
  await openAt(page, '#v=1&lanes=fp32,fp16:s', 4);
  const section = page.locator('.rail-section', { hasText: 'Loss scaling' });
  await section.getByRole('button', { name: /Scaler$/ }).click();
  await expect(page.getByRole('option', { name: 'fairseq' })).toBeVisible();
  await page.getByRole('option', { name: 'DeepSpeed', exact: true }).click();
  await expect(page).toHaveURL(/fp16:gdeepspeed/);
  await expect(section.getByText('hysteresis left')).toBeVisible();
  await expect(section.getByRole('switch', { name: 'Raise an error at the minimum' })).toBeChecked();

  // Gradients overflow at 2^40 and at 2^39, and lower the scale may not go.
  await page.goto('about:blank');
  await openAt(page, '#v=1&lanes=fp32,fp16:gdeepspeed/i2p40/l2p39', 8);
  await runTo(page, 8);
  const notices = page.getByRole('region', { name: 'Notices' });
  await expect(notices).toContainText(
    /DeepSpeed raises Exception in step \d+: another overflow came when the scale could fall no further/,
  );
  await expect(page.getByRole('region', { name: 'Loss scale' })).toContainText('stopped 1');
});
