/** The range ruler: its numbers are its bars, and its handle goes where the hand goes. */
import { expect, test, type Locator, type Page } from '@playwright/test';
import { openAt, stepOf } from './page';

const FP16 = '#v=1&seed=3&lam=-18&lanes=fp32,fp16:s2p8';

const handleOf = (page: Page): Locator => page.getByRole('slider', { name: /^Loss scale of/ });
const exponentOf = async (page: Page): Promise<number> =>
  Number(await handleOf(page).getAttribute('aria-valuenow'));
const changesIn = (page: Page): string[] => /&i=([^&]*)/.exec(page.url())?.[1].split(',') ?? [];
const pause = (page: Page): Promise<void> => page.getByRole('button', { name: 'Pause' }).click();

interface Point {
  readonly x: number;
  readonly y: number;
}

async function middleOf(locator: Locator): Promise<Point> {
  const box = await locator.boundingBox();
  if (box === null) throw new Error('it is not drawn');
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
}

/** What the read-out says and what stands at the bars, at one moment, as digits. */
const numbersOf = (page: Page) =>
  page.locator('.ruler').evaluate((panel) => {
    const digits = (text: string | null | undefined): string => text?.replaceAll(/[^<>\d.]/g, '') ?? '0';
    const said = /: (.*) zero, (.*) inf or NaN/.exec(panel.querySelector('.readout-seen')?.textContent ?? '');
    const bar = (side: string): string =>
      digits(panel.querySelector(`[data-side="${side}"] .side-share`)?.textContent);
    return {
      said: { zero: digits(said?.[1]), nonFinite: digits(said?.[2]) },
      bars: { zero: bar('zero'), nonFinite: bar('non-finite') },
      sum: panel.querySelectorAll('.seen-bars rect').length,
      reference: panel.querySelector('.readout li:nth-child(2)')?.textContent ?? '',
    };
  });

for (const [what, lane, hash] of [
  ['a scale of 0.9', 1, '#v=1&task=linear&lam=10&opt=sgd&lr=0.05&lanes=fp32,e4m3fn:s0.9,e4m3fn:s2p-3'],
  ['a scale of 1/8', 2, '#v=1&task=linear&lam=10&opt=sgd&lr=0.05&lanes=fp32,e4m3fn:s0.9,e4m3fn:s2p-3'],
  ['a scale far too low', 1, '#v=1&seed=3&lam=-18&lanes=fp32,fp16:s1'],
  ['a scale far too high', 1, '#v=1&seed=3&lanes=fp32,fp16:s2p30'],
] as const) {
  test(`the numbers of the read-out are those of the bars, while it runs and after: ${what}`, async ({
    page,
  }) => {
    await openAt(page, hash, 20);
    await page
      .getByRole('button', { name: /^Look at/ })
      .nth(lane)
      .click();
    for (let time = 0; time < 10; time++) {
      const { said, bars } = await numbersOf(page);
      expect(said).toEqual(bars);
      await page.waitForTimeout(100);
    }
    await pause(page);
    const toldStep = async (): Promise<boolean> => {
      const text = `after ${(await stepOf(page)).toLocaleString('en')} steps`;
      return (await page.locator('.readout').textContent())?.includes(text) ?? false;
    };
    await expect.poll(toldStep).toBe(true);
    const { said, bars } = await numbersOf(page);
    expect(said).toEqual(bars);
  });
}

test('a lane of which nothing is left but NaN says so, and FP32 too where it is no better', async ({
  page,
}) => {
  await openAt(page, '#v=1&task=digits-mlp&opt=adam&eps=0&lanes=fp32,fp16:d,bf16', 12);
  await pause(page);
  await page
    .getByRole('button', { name: /^Look at/ })
    .nth(2)
    .click();
  const numbers = await numbersOf(page);
  expect(numbers.said).toEqual({ zero: '0', nonFinite: '100' });
  expect(numbers.bars).toEqual(numbers.said);
  expect(numbers.sum).toBe(0);
  expect(numbers.reference).toMatch(/^FP32 itself: .* 100\s% inf or NaN$/);
});

test('the numbers are told at the scale that was used, not at the next one', async ({ page }) => {
  await openAt(page, '#v=1&seed=3&lanes=fp32,fp16:d2p40', 1);
  await pause(page);
  await page.getByRole('button', { name: 'Reset' }).click();
  await page.getByRole('button', { name: /^Look at FP16/ }).click();
  for (let step = 0; step < 3; step++) {
    const used = await exponentOf(page);
    await page.keyboard.press('.');
    await expect(page.locator('.readout')).toContainText(`after ${step + 1} step`);
    await expect(page.locator('.readout-seen')).toContainText(
      String(used).replaceAll(/\d/g, (digit) => '⁰¹²³⁴⁵⁶⁷⁸⁹'[Number(digit)]),
    );
    // It backed off.
    await expect(handleOf(page)).toHaveAttribute('aria-valuenow', String(used - 1));
    const { said, bars } = await numbersOf(page);
    expect(said).toEqual(bars);
    expect(Number(said.nonFinite)).toBeGreaterThan(0);
  }
});

for (const width of [1440, 390]) {
  test(`the handle follows the pointer, and one drag is one change: ${width} pixels wide`, async ({
    page,
  }) => {
    await page.setViewportSize({ width, height: 844 });
    await openAt(page, FP16, 20);
    // While it trains the handle moves with the gradients, until it is held.
    await pause(page);
    const handle = handleOf(page);
    await handle.scrollIntoViewIfNeeded();
    const start = await middleOf(handle);
    const right = (await middleOf(page.locator('[data-side="non-finite"]'))).x;
    const way = Math.min(150, right - start.x - 70);
    expect(way).toBeGreaterThan(20);
    await page.mouse.move(start.x, start.y);
    await page.mouse.down();
    const exponents = new Set<number>();
    for (let part = 1; part <= 10; part++) {
      const x = start.x + (way * part) / 10;
      await page.mouse.move(x, start.y + (part % 3));
      const distance = async (): Promise<number> => Math.abs((await middleOf(handle)).x - x);
      await expect.poll(distance, { intervals: [20] }).toBeLessThan(2);
      exponents.add(await exponentOf(page));
    }
    expect(exponents.size).toBeGreaterThan(3);
    await expect(page.locator('.readout-estimate')).toContainText('estimate for FP16 at ×');
    expect(changesIn(page)).toEqual([]);
    await page.mouse.up();
    await expect(page).toHaveURL(/&i=\d+:1:s:/);
    expect(await exponentOf(page)).toBe(Math.max(...exponents));
  });
}

test('one drag while it trains is one change, where the hand lets go', async ({ page }) => {
  await openAt(page, FP16, 20);
  await page.getByRole('button', { name: /^Look at FP16/ }).click();
  const handle = handleOf(page);
  const { x, y } = await middleOf(page.locator('.drag-area'));
  await page.mouse.move(x, y);
  await page.mouse.down();
  for (const by of [40, 80, 120, 100]) {
    await page.mouse.move(x + by, y, { steps: 4 });
    // The hand rests for a moment, and steps go by.
    await page.waitForTimeout(500);
  }
  const exponent = await exponentOf(page);
  expect(exponent).toBeGreaterThan(8);
  expect(changesIn(page)).toEqual([]);
  await page.mouse.up();
  await expect(page).toHaveURL(new RegExp(`&i=\\d+:1:s:(2p${exponent}|${2 ** exponent})(&|$)`));
  await page.waitForTimeout(600);
  expect(changesIn(page)).toHaveLength(1);
  await expect(handle).toHaveAttribute('aria-valuenow', String(exponent));
});

test('Escape and a pointer that is taken away leave the scale as it was', async ({ page }) => {
  await openAt(page, FP16, 20);
  await page.getByRole('button', { name: /^Look at FP16/ }).click();
  const handle = handleOf(page);
  const start = await middleOf(handle);
  await page.mouse.move(start.x, start.y);
  await page.mouse.down();
  await page.mouse.move(start.x + 100, start.y, { steps: 4 });
  await expect(handle).not.toHaveAttribute('aria-valuenow', '8');
  await page.keyboard.press('Escape');
  await expect(handle).toHaveAttribute('aria-valuenow', '8');
  await page.mouse.move(start.x + 140, start.y, { steps: 4 });
  await page.mouse.up();

  await page.mouse.move(start.x, start.y);
  await page.mouse.down();
  await page.mouse.move(start.x + 100, start.y, { steps: 4 });
  await expect(handle).not.toHaveAttribute('aria-valuenow', '8');
  // What a browser does that scrolls or zooms instead; a mouse has the number 1.
  await handle.dispatchEvent('pointercancel', { pointerId: 1, bubbles: true });
  await expect(handle).toHaveAttribute('aria-valuenow', '8');
  await page.mouse.up();
  await page.waitForTimeout(600);
  await expect(handle).toHaveAttribute('aria-valuenow', '8');
  expect(changesIn(page)).toEqual([]);
});

test('Home, End, Page and arrow keys move the handle and not the page', async ({ page }) => {
  await openAt(page, FP16, 20);
  await page.getByRole('button', { name: /^Look at FP16/ }).click();
  await pause(page);
  const handle = handleOf(page);
  await handle.focus();
  for (const [key, exponent] of [
    ['End', 40],
    ['Home', -24],
    ['PageUp', -16],
    ['PageUp', -8],
    ['PageDown', -16],
    ['ArrowRight', -15],
    ['Shift+ArrowUp', -11],
    ['ArrowLeft', -12],
  ] as const) {
    await page.keyboard.press(key);
    await expect(handle).toHaveAttribute('aria-valuenow', String(exponent));
    await expect(page).toHaveURL(new RegExp(`&i=\\d+:1:s:2p${exponent}(&|$)`));
  }
  expect(await page.evaluate(() => window.scrollY)).toBe(0);
  // A key that is held down is one change, when it is let go.
  const before = page.url();
  for (let time = 0; time < 5; time++) await page.keyboard.down('ArrowRight');
  await expect(handle).toHaveAttribute('aria-valuenow', '-7');
  expect(page.url()).toBe(before);
  await page.keyboard.up('ArrowRight');
  await expect(page).toHaveURL(/&i=\d+:1:s:2p-7(&|$)/);
});

test('the axis grows with a run and is forgotten with it', async ({ page }) => {
  const ticks = (): Promise<(string | null)[]> => page.locator('.ruler-axis text').allTextContents();
  const other = '#v=1&task=linear&lanes=fp32,fp16:s1';
  await openAt(page, other, 20);
  await pause(page);
  const narrow = await ticks();
  await openAt(page, '#v=1&seed=3&lam=-30&lanes=fp32,fp16:s1', 20);
  await page.getByRole('button', { name: /^Look at FP16/ }).click();
  await expect.poll(ticks).not.toEqual(narrow);
  await page.getByRole('button', { name: 'Reset' }).click();
  await expect.poll(ticks).toEqual(narrow);
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await expect.poll(ticks).not.toEqual(narrow);
  await page.evaluate((hash) => (window.location.hash = hash), other);
  // It was left paused, and stays so.
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await expect(page.locator('.readout')).toContainText('FP16 × 1', { timeout: 45_000 });
  await pause(page);
  await expect.poll(ticks).toEqual(narrow);
});

test.describe('with a finger', () => {
  test.use({ hasTouch: true, isMobile: true, viewport: { width: 390, height: 844 } });

  async function swipe(page: Page, from: Point, by: Point): Promise<void> {
    const client = await page.context().newCDPSession(page);
    const touch = (type: 'touchStart' | 'touchMove' | 'touchEnd', points: Point[]): Promise<unknown> =>
      client.send('Input.dispatchTouchEvent', { type, touchPoints: points });
    await touch('touchStart', [from]);
    for (let part = 1; part <= 20; part++) {
      await touch('touchMove', [{ x: from.x + (by.x * part) / 20, y: from.y + (by.y * part) / 20 }]);
    }
    await touch('touchEnd', []);
  }

  test('a swipe up or down that drifts scrolls and changes nothing, one sideways sets the scale', async ({
    page,
  }) => {
    await openAt(page, FP16, 20);
    await page.locator('.ruler').evaluate((panel) => panel.scrollIntoView({ block: 'center' }));
    const scrolled = await page.evaluate(() => window.scrollY);
    await swipe(page, await middleOf(page.locator('.drag-area')), { x: 24, y: -160 });
    await expect.poll(() => page.evaluate(() => window.scrollY)).toBeGreaterThan(scrolled + 50);
    await page.locator('.ruler').evaluate((panel) => panel.scrollIntoView({ block: 'center' }));
    await swipe(page, await middleOf(handleOf(page)), { x: 2, y: 60 });
    await page.waitForTimeout(600);
    expect(await exponentOf(page)).toBe(8);
    expect(changesIn(page)).toEqual([]);

    await page.locator('.ruler').evaluate((panel) => panel.scrollIntoView({ block: 'center' }));
    await swipe(page, await middleOf(handleOf(page)), { x: 60, y: 12 });
    await expect(page).toHaveURL(/&i=\d+:1:s:/);
    expect(await exponentOf(page)).toBeGreaterThan(8);
    expect(changesIn(page)).toHaveLength(1);
  });
});
