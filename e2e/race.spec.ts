/** The scaler race: the opening example number for number, overflows by hand, and links. */
import { AxeBuilder } from '@axe-core/playwright';
import { expect, test, type Page } from '@playwright/test';
import { textFaults } from './layout';
import { openAt, runTo } from './page';

const results = (page: Page) => page.getByRole('region', { name: 'Loss scale', exact: true });
const row = (page: Page, name: string) =>
  results(page)
    .locator('.race-table')
    .getByRole('row', { name: new RegExp(`^${name} [–\\d]`) });

test('five frameworks and one spike train', async ({ page }) => {
  await page.goto('/#race');
  await expect(page.getByRole('heading', { level: 1, name: 'Scaler race' })).toBeVisible();
  const ends = {
    PyTorch: '2^-24',
    'Keras 3': '2^-25',
    'Apex with hysteresis': '2^16',
    'Megatron-LM, initial_scale=2\\^16': '2^0',
    DeepSpeed: '–',
    'DeepSpeed, consecutive_hysteresis=True': '2^16',
  };
  for (const [name, scale] of Object.entries(ends)) {
    await expect(row(page, name).getByRole('cell').first()).toHaveText(scale);
  }
  await expect(row(page, 'DeepSpeed')).toContainText('raised an error at step 899');

  await results(page).locator('summary').click();
  const table = results(page).locator('.data-table table');
  const scales = async (step: string) =>
    (
      await table
        .getByRole('row', { name: new RegExp(`^${step} 2`) })
        .getByRole('cell')
        .allTextContents()
    ).slice(1);
  expect(await scales('100')).toEqual(['2^14', '2^13', '2^16', '2^15', '2^15', '2^16']);
  expect(await scales('500')).toEqual(['2^6', '2^5', '2^16', '2^7', '2^7', '2^16']);
  expect(await scales('900')).toEqual(['2^-2', '2^-3', '2^16', '2^0', '–', '2^16']);
  expect(await scales('2,000')).toEqual(['2^-24', '2^-25', '2^16', '2^0', '–', '2^16']);
  await expect(page.getByText('Critical at 0.0347 %, one in 2,886')).toBeVisible();
  await expect(page.getByText('Critical at 0.0693 %, one in 1,443')).toBeVisible();
});

test('overflows by mouse and keyboard, and the link brings them back', async ({ page }) => {
  await page.goto('/#race&n=100&o=steps&s=dynamic');
  await expect(row(page, 'PyTorch').getByRole('cell').first()).toHaveText('2^16');
  const axis = page.locator('.spike-axis');
  await axis.click({ position: { x: 200, y: 20 } });
  await expect(row(page, 'PyTorch').getByRole('cell').first()).toHaveText('2^15');
  await axis.click({ position: { x: 200, y: 20 } });
  await expect(row(page, 'PyTorch').getByRole('cell').first()).toHaveText('2^16');

  await page.getByRole('slider', { name: 'Step at which to add or remove an overflow' }).focus();
  await page.keyboard.press('Home');
  for (const key of ['Shift+ArrowRight', 'ArrowRight', 'Space', 'ArrowRight', 'Enter'])
    await page.keyboard.press(key);
  await expect(row(page, 'PyTorch').getByRole('cell').first()).toHaveText('2^14');
  await expect(page).toHaveURL(/at=c\.1&s=dynamic$/);

  await page.reload();
  await expect(row(page, 'PyTorch').getByRole('cell').first()).toHaveText('2^14');
  await page.goBack();
  await expect(row(page, 'PyTorch').getByRole('cell').first()).toHaveText('2^15');
});

test('scalers come and go with their numbers', async ({ page }) => {
  await page.goto('/#race&s=keras');
  await page.getByRole('button', { name: /Add a scaler/ }).click();
  await page.getByRole('option', { name: 'fairseq' }).click();
  await expect(page).toHaveURL(/s=keras,fairseq$/);
  await page.getByRole('region', { name: 'Scalers' }).locator('summary', { hasText: 'fairseq' }).click();
  const tolerance = page.getByRole('textbox', { name: 'Tolerated share of overflows' });
  await tolerance.fill('0.5');
  await tolerance.press('Enter');
  await expect(page).toHaveURL(/s=keras,fairseq:t0\.5$/);
  await page.getByRole('button', { name: 'Remove Keras 3' }).click();
  await expect(page).toHaveURL(/s=fairseq:t0\.5$/);
});

test('a damaged link says what is wrong', async ({ page }) => {
  await page.goto('/#race&s=gradscaler&n=5');
  await expect(page.getByRole('status').first()).toContainText('"gradscaler" is not a scaler');
  await expect(page.getByRole('status').first()).toContainText(
    'n must be a whole number from 10 to 100000, not 5',
  );
});

test('the skipped steps of a run come along', async ({ page }) => {
  await openAt(page, '#v=1&lanes=fp32,fp16:d2p40', 60);
  await runTo(page, 60);
  await page.getByRole('link', { name: 'Scaler race' }).click();
  await page.getByRole('button', { name: /^Take the skipped steps of / }).click();
  await expect(page).toHaveURL(/o=steps/);
  await expect(page).toHaveURL(/at=1\*\d+/);
});

for (const theme of ['light', 'dark'] as const) {
  test(`is accessible, ${theme}`, async ({ page }) => {
    await page.emulateMedia({ colorScheme: theme });
    await page.goto('/#race');
    await expect(row(page, 'PyTorch')).toBeVisible();
    expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
  });
}

for (const [width, height] of [
  [1920, 1080],
  [1440, 900],
  [1024, 768],
  [390, 844],
]) {
  test(`nothing is cut off or covered at ${width} pixels, in either language`, async ({ page }) => {
    await page.setViewportSize({ width, height });
    for (const hash of ['race', 'race&o=rate&lang=zh-Hans']) {
      await page.goto('about:blank');
      await page.goto(`/#${hash}`);
      await expect(page.locator('.race-table tbody tr')).toHaveCount(6);
      expect(await textFaults(page)).toEqual([]);
      expect(
        await page.evaluate(() => document.documentElement.scrollWidth - innerWidth),
      ).toBeLessThanOrEqual(0);
    }
  });
}
