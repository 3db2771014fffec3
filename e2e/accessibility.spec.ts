/** What assistive technology finds on the page: no violation of axe's rules, light and dark, wide and narrow. */
import { AxeBuilder } from '@axe-core/playwright';
import { expect, test } from '@playwright/test';
import { openAt } from './page';

for (const colorScheme of ['light', 'dark'] as const) {
  for (const width of [1440, 390]) {
    test(`${colorScheme}, ${width} pixels wide`, async ({ page }) => {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height: 900 });
      await openAt(page, '', 60);
      // Paused, so that the page stands still while it is examined.
      await page.getByRole('button', { name: 'Pause', exact: true }).click();
      const { violations } = await new AxeBuilder({ page }).analyze();
      expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0].html}`)).toEqual([]);
    });
  }
}
