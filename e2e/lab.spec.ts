/** The format lab: bits, arithmetic, links, and the way there from a number on the main screen. */
import { AxeBuilder } from '@axe-core/playwright';
import { expect, test, type Page } from '@playwright/test';
import { openAt, runTo, stepOf } from './page';

const numberField = (page: Page) => page.getByRole('textbox', { name: 'Number', exact: true }).first();

test('bits toggle by click, by painting and by keyboard', async ({ page }) => {
  await page.goto('/#lab&n=0x3c00');
  await expect(numberField(page)).toHaveValue('1');
  const bit = (name: string) => page.getByRole('button', { name });
  await bit('sign bit 0').click();
  await expect(numberField(page)).toHaveValue('−1');

  // Dragging sets what the first bit became.
  const [from, to] = [
    await bit('significand bit 9').boundingBox(),
    await bit('significand bit 7').boundingBox(),
  ];
  if (!from || !to) throw new Error('no bits on the page');
  await page.mouse.move(from.x + 5, from.y + 5);
  await page.mouse.down();
  await page.mouse.move(to.x + 5, to.y + 5, { steps: 12 });
  await page.mouse.up();
  await expect(numberField(page)).toHaveValue('−1.875');

  await bit('significand bit 0').focus();
  await page.keyboard.press('Space');
  await expect(numberField(page)).toHaveValue('−1.876');
  await page.keyboard.press('ArrowUp');
  await expect(numberField(page)).toHaveValue('−1.875');
  await page.keyboard.press('Home');
  await expect(bit('sign bit 0')).toBeFocused();
  await expect(page).toHaveURL(/#lab&n=0xbf80$/);
});

test('2048 + 1 = 2048, one press away, and why', async ({ page }) => {
  await page.goto('/#lab&f=bf16&op=mul');
  await page.getByRole('button', { name: 'FP16 2048 + 1' }).click();
  await expect(page.getByRole('status', { name: 'Result' })).toHaveText('2048');
  const arithmetic = page.getByRole('region', { name: 'Arithmetic' });
  await expect(arithmetic).toContainText('2049');
  await expect(arithmetic).toContainText('a tie. The last kept bit is 0, even: it stays.');
  await page.getByRole('button', { name: 'FP16 65504 + 16' }).click();
  await expect(page.getByRole('status', { name: 'Result' })).toHaveText('∞');
  await page.goBack();
  await expect(page.getByRole('status', { name: 'Result' })).toHaveText('2048');
});

test('a shared link opens the same state, and a damaged one says what is wrong', async ({
  page,
  context,
}) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.goto('/#lab');
  await numberField(page).fill('1/3');
  await numberField(page).press('Enter');
  const formats = page.getByRole('region', { name: 'The same number in all formats', exact: true });
  await formats.getByRole('button', { name: 'FP8 E5M2', exact: true }).click();
  await page.getByRole('button', { name: 'Share link' }).click();
  await expect(page.getByRole('button', { name: 'Link copied' })).toBeVisible();
  const link = await page.evaluate(() => navigator.clipboard.readText());

  await page.goto('about:blank');
  await page.goto(link);
  await expect(numberField(page)).toHaveValue('1/3');
  await expect(page.getByRole('region', { name: 'One number' })).toContainText('0.3125');

  await page.goto('about:blank');
  await page.goto('/#lab&f=fp17');
  await expect(page.getByRole('status').first()).toContainText('fp17');

  await page.goto('about:blank');
  await page.goto('/#lab&k=0&zoo=1&a=0x10000');
  await expect(page.getByRole('status').first()).toContainText('"0" is not 1 to 100000');
  await expect(page.getByRole('status').first()).toContainText('"zoo" is not a key of a link');
  await expect(page.getByRole('status').first()).toContainText('a: "0x10000" is no number of FP16');
});

test('a number on the main screen opens in the lab, and Back returns to the run', async ({ page }) => {
  await openAt(page, '', 60);
  await page
    .getByRole('row', { name: /head\.weight\.grad/ })
    .getByRole('link')
    .first()
    .click();
  await expect(page.getByRole('heading', { level: 1, name: 'Format lab' })).toBeFocused();
  await expect(page).toHaveURL(/#lab&/);
  await page.goBack();
  const back = await stepOf(page);
  expect(back).toBeGreaterThanOrEqual(60);
  await runTo(page, back + 20);
});

test('a click into a chart keeps its values there, and they open in the lab', async ({ page }) => {
  await openAt(page, '#v=1&seed=3&lanes=fp32,fp16:d2p40:n25', 40);
  await page.getByRole('button', { name: 'Pause' }).click();
  const panel = page.getByRole('region', { name: 'Training loss' });
  const plot = await panel.locator('.recharts-surface').first().boundingBox();
  if (plot === null) throw new Error('the chart is not drawn');
  await page.mouse.click(plot.x + plot.width / 2, plot.y + plot.height / 2);
  const values = panel.getByRole('group', { name: 'Values at the place clicked' });
  await expect(values).toBeVisible();
  // It stays when the pointer goes.
  await page.mouse.move(0, 0);
  const number = values.getByRole('link').first();
  const text = Number(await number.innerText());
  await number.click();
  await expect(page.getByRole('heading', { level: 1, name: 'Format lab' })).toBeFocused();
  // The code of an FP32 number, which the chart had rounded to a few digits.
  const code = /n=(0x[0-9a-f]{8})/.exec(page.url())?.[1] ?? '';
  const value = new Float32Array(Uint32Array.of(Number(code)).buffer)[0];
  expect(Math.abs(value / text - 1)).toBeLessThan(0.01);
  await page.goBack();
  await values.getByRole('button', { name: 'Close the values' }).click();
  await expect(values).toBeHidden();
});

for (const colorScheme of ['light', 'dark'] as const) {
  for (const width of [1440, 390]) {
    test(`nothing for axe to find, ${colorScheme}, ${width} pixels wide`, async ({ page }) => {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height: 900 });
      await page.goto('/#lab');
      await expect(page.getByRole('figure').first()).toBeVisible();
      const { violations } = await new AxeBuilder({ page }).analyze();
      expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0].html}`)).toEqual([]);
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      expect(overflow).toBeLessThanOrEqual(0);
    });
  }
}

test('an outlier in a block makes zeros of the small numbers, and the link keeps it', async ({ page }) => {
  await page.goto('/#lab');
  const row = page.getByRole('row', { name: /^MXFP4/ });
  const lost = row.getByRole('cell').last();
  await expect(lost).toHaveText('4');
  await page.getByLabel('Numbers', { exact: true }).fill('1, 0.5, -0.25, 1000');
  await page.keyboard.press('Enter');
  // The shared scale is 2^7, and 1000 saturates at 6 of it.
  await expect(row.getByRole('cell')).toHaveText(['0', '0', '0', '768', '3']);
  await page.reload();
  await expect(lost).toHaveText('3');
  await page.getByLabel('Numbers', { exact: true }).fill('1, two');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('alert')).toHaveText(/^"two" cannot be read as a number/);
  await page.keyboard.press('Escape');
  await expect(lost).toHaveText('3');
});
