/** A reader's browser that makes all text twice as large: the page grows with it, and nothing is cut or covered. */
import { expect, test, type Page } from '@playwright/test';
import { barFaults, textFaults } from './layout';
import { openAt } from './page';

async function setTextSize(page: Page, pixels: number): Promise<void> {
  const session = await page.context().newCDPSession(page);
  await session.send('Page.setFontSizes', { fontSizes: { standard: pixels, fixed: pixels } });
}

for (const width of [1440, 390]) {
  test(`the playground at ${width} pixels`, async ({ page }) => {
    await page.setViewportSize({ width, height: 900 });
    await setTextSize(page, 32);
    await openAt(page, '#v=1&seed=3&lanes=fp32,fp16:d2p40,bf16', 60);
    await page.getByRole('button', { name: 'Pause', exact: true }).click();
    await expect(page.getByRole('heading', { name: 'Training loss' })).toHaveCSS('font-size', '30px');
    expect(await barFaults(page)).toEqual([]);
    expect(await textFaults(page)).toEqual([]);
    // The texts of the charts as well.
    const tick = page.locator('.chart .recharts-cartesian-axis-tick-value').first();
    await expect(tick).toHaveCSS('font-size', '23px');
  });

  for (const side of ['lab', 'race', 'trust']) {
    test(`the page ${side} at ${width} pixels`, async ({ page }) => {
      await page.setViewportSize({ width, height: 900 });
      await setTextSize(page, 32);
      await page.goto(`/#${side}`);
      await expect(page.getByRole('heading', { level: 1 })).toHaveCSS('font-size', '44px');
      await expect(page.getByRole('region').first()).toBeVisible();
      expect(await barFaults(page)).toEqual([]);
      expect(await textFaults(page)).toEqual([]);
    });
  }
}
