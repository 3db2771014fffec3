/** What a lecturer does while it trains: change λ and the scale, drag the distribution, pass the link on. */
import { expect, test, type Page } from '@playwright/test';
import { computeOn, lossesOf, openAt, openPaused, runTo, stepOf, stepTo } from './page';

// Records and live changes on WebGPU.
test.beforeEach(({ page }) => computeOn(page, 'webgpu'));

async function setNumber(page: Page, label: string, text: string): Promise<void> {
  const box = page.getByRole('textbox', { name: `${label}, number` });
  await box.fill(text);
  await box.press('Enter');
  // Out of the field, so that keys are shortcuts again.
  await box.blur();
}

/** The largest share of a gradient tensor that rounding has turned into zeros, as the table of layers shows it. */
async function largestZeroedShare(page: Page): Promise<number> {
  const shares = await page
    .getByRole('region', { name: 'Layers' })
    .locator('tr[data-site$=".grad"] td[data-zeroed]')
    .evaluateAll((cells) => cells.map((cell) => Number(cell.getAttribute('data-zeroed'))));
  return Math.max(...shares);
}

test('with λ = 2^-18 gradients underflow at scale 1, and no longer at 2^12', async ({ page }) => {
  await openAt(page, '#v=1&seed=3&lanes=fp32,fp16:s1', 20);
  await page.getByRole('button', { name: /^Look at FP16/ }).click();
  await expect.poll(() => largestZeroedShare(page)).toBeLessThan(0.05);
  await setNumber(page, 'Loss weight λ', '2^-18');
  await runTo(page, (await stepOf(page)) + 60);
  await expect.poll(() => largestZeroedShare(page)).toBeGreaterThan(0.5);
  await setNumber(page, 'Scale (live)', '2^12');
  await runTo(page, (await stepOf(page)) + 60);
  await expect.poll(() => largestZeroedShare(page)).toBeLessThan(0.05);
});

test('the loss scale follows the handle of the ruler, by mouse and by keyboard', async ({ page }) => {
  await openAt(page, '#v=1&seed=3&lam=-18&lanes=fp32,fp16:s1', 20);
  await page.getByRole('button', { name: /^Look at FP16/ }).click();
  const handle = page.getByRole('slider', { name: /^Loss scale of FP16/ });
  await expect(handle).toHaveAttribute('aria-valuenow', '0');
  const zero = async (): Promise<number> =>
    Number(await page.locator('.readout [data-zero]').getAttribute('data-zero'));
  await expect.poll(zero).toBeGreaterThan(0.1);

  const box = await handle.boundingBox();
  if (box === null) throw new Error('the handle is not drawn');
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  await page.mouse.move(x, y);
  await page.mouse.down();
  await page.mouse.move(x + 160, y, { steps: 8 });
  await page.mouse.up();
  // Once the change is in the address, the page has seen all of the movement.
  await expect(page).toHaveURL(/&i=\d+:1:s:/);
  // The handle shows what is in force, so it stands there once the engine has answered.
  const value = async (): Promise<number> => Number(await handle.getAttribute('aria-valuenow'));
  await expect.poll(value).toBeGreaterThan(4);
  const exponent = await value();
  await expect(page.getByRole('textbox', { name: 'Scale (live), number' })).toHaveValue(
    new RegExp(`^(${2 ** exponent}|2\\^${exponent})$`),
  );
  await expect.poll(zero).toBeLessThan(0.1);

  await handle.press('ArrowLeft');
  await expect(handle).toHaveAttribute('aria-valuenow', String(exponent - 1));
});

test('a slider that is dragged while it trains leaves one change in the link', async ({ page }) => {
  await openAt(page, '#v=1&seed=3&lam=-18&lanes=fp32,fp16:s1', 20);
  await page.getByRole('button', { name: /^Look at FP16/ }).click();
  const slider = page.getByRole('slider', { name: 'Scale (live)' });
  const box = await slider.boundingBox();
  if (box === null) throw new Error('the slider is not drawn');
  const y = box.y + box.height / 2;
  // At 2^0 of 2^-24 … 2^40.
  await page.mouse.move(box.x + box.width * 0.375, y);
  await page.mouse.down();
  for (let move = 1; move <= 12; move++) await page.mouse.move(box.x + box.width * (0.375 + move * 0.02), y);
  await page.mouse.up();
  await expect(page).toHaveURL(/&i=\d+:1:s:/);
  await page.waitForTimeout(1000);
  const changes = new URL(page.url()).hash.match(/\d+:1:s:[^,;&]+/g) ?? [];
  expect(changes).toHaveLength(1);
  // Positions of the slider are exponents.
  const exponent = Number(await slider.inputValue());
  expect(exponent).toBeGreaterThan(4);
  expect(changes[0]).toMatch(new RegExp(`:(2p${exponent}|${2 ** exponent})$`));

  // The same for a key that is held down.
  await slider.blur();
  for (let press = 0; press < 5; press++) await page.keyboard.down(']');
  await page.keyboard.up(']');
  await expect(slider).toHaveValue(String(exponent + 5));
  await expect.poll(() => page.url().match(/\d+:1:s:/g)?.length).toBe(2);
});

test('a copied link shows somebody else the same run, the live change included', async ({
  page,
  context,
}) => {
  // Two pages, two hundred single steps.
  test.slow();
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await openPaused(page, '#v=1&seed=3&lam=-18&lanes=fp32,fp16:d2p30:n25,bf16');
  await stepTo(page, 40);
  await page.getByRole('button', { name: /^Look at FP16/ }).click();
  await setNumber(page, 'Scale (live)', '2^5');
  await stepTo(page, 100);
  const losses = await lossesOf(page);
  expect(losses).toHaveLength(3);
  expect(new Set(losses).size).toBe(3);
  await page.getByRole('button', { name: 'Share link' }).click();
  await expect(page.getByRole('button', { name: 'Link copied' })).toBeVisible();
  const link = await page.evaluate(() => navigator.clipboard.readText());

  const other = await context.newPage();
  await computeOn(other, 'webgpu');
  await openPaused(other, new URL(link).hash);
  await stepTo(other, 100);
  expect(await lossesOf(other)).toEqual(losses);
});
