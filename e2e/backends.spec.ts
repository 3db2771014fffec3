/** What computes: chosen by what the machine has, said with its reason, switched by a person, and replaced when it fails. */
import { AxeBuilder } from '@axe-core/playwright';
import { expect, test, type Locator, type Page, type Worker } from '@playwright/test';
import { backendButton, lossesOf, openAt, openPaused, reset, runTo, stepOf, stepTo } from './page';

const LINK = '#v=1&seed=3&lam=-18&lanes=fp32,fp16:d2p30:n25,bf16';

const details = (page: Page): Locator => page.getByRole('dialog', { name: 'What computes here' });

async function choose(page: Page, name: string): Promise<void> {
  await page.getByRole('button', { name: /^Backend: / }).click();
  await details(page)
    .getByRole('radio', { name: new RegExp(`^${name}`) })
    .check({ force: true });
  await page.keyboard.press('Escape');
}

/** Threads that compute lanes. */
const threadsOf = (page: Page): Worker[] =>
  page.workers().filter((worker) => worker.url().includes('share.worker'));

/** So that what is computed again takes no longer than it took to get there. */
async function limitSpeed(page: Page): Promise<void> {
  await page.getByRole('button', { name: /Speed$/ }).click();
  await page.getByRole('option', { name: /^50 / }).click();
}

async function endThread(page: Page): Promise<void> {
  // Its own end cuts the answer to this off.
  await threadsOf(page)[0]
    .evaluate(() => self.close())
    .catch(() => undefined);
}

test('on a software adapter WebAssembly computes, and the bar and the dialog say why', async ({ page }) => {
  await openAt(page, LINK, 20);
  await expect(backendButton(page, /WebAssembly/)).toBeVisible();
  await expect(page.getByText('no GPU here')).toBeVisible();
  await expect(page.getByRole('region', { name: 'Notices' }).getByText('not as wished')).toHaveCount(0);
  await page.getByRole('button', { name: 'Pause' }).click();
  await backendButton(page).click();
  await expect(details(page)).toContainText('WebGPU here is SwiftShader, which computes on the CPU too');
  await expect(details(page).getByRole('radio', { name: /^Automatic/ })).toBeChecked();
  expect((await new AxeBuilder({ page }).include('[role="dialog"]').analyze()).violations).toEqual([]);
});

test('lanes spread over threads, at most one for each lane', async ({ page }) => {
  await openAt(page, '#v=1&lanes=fp32', 20);
  expect(threadsOf(page)).toHaveLength(1);
  const cores = await page.evaluate(() => navigator.hardwareConcurrency);
  await page.evaluate((hash) => (window.location.hash = hash), LINK);
  await expect.poll(() => threadsOf(page).length).toBe(Math.min(3, cores));
  await runTo(page, 20);
});

test('every backend gives the same bits, and what was chosen survives a reload and is not in the link', async ({
  page,
}) => {
  test.slow();
  await openPaused(page, LINK);
  await stepTo(page, 12);
  const expected = await lossesOf(page);
  expect(new Set(expected).size).toBe(3);
  const address = page.url();
  for (const [name, adapter] of [
    ['WebGPU', /SwiftShader/],
    ['Reference', /Reference/],
    ['WebAssembly', /WebAssembly/],
  ] as const) {
    await test.step(name, async () => {
      await choose(page, name);
      await expect(backendButton(page, adapter)).toBeEnabled({ timeout: 30_000 });
      // It goes on where it was.
      expect(await stepOf(page)).toBe(12);
      expect(await lossesOf(page)).toEqual(expected);
      await reset(page);
      await stepTo(page, 12);
      expect(await lossesOf(page)).toEqual(expected);
      await page.reload();
      await expect(backendButton(page, adapter)).toBeEnabled({ timeout: 30_000 });
      await expect(page.getByText('your choice')).toBeVisible();
      expect(page.url()).toBe(address);
      await page.getByRole('button', { name: 'Pause' }).click();
      await reset(page);
      await stepTo(page, 12);
    });
  }
  await choose(page, 'Automatic');
  await expect(page.getByText('no GPU here')).toBeVisible();
  await page.reload();
  await expect(page.getByText('no GPU here')).toBeVisible({ timeout: 30_000 });
});

test('a run that trains goes on where it is on another backend', async ({ page }) => {
  await openPaused(page, LINK);
  await limitSpeed(page);
  await runTo(page, 60);
  await choose(page, 'WebGPU');
  await expect(backendButton(page, /SwiftShader/)).toBeEnabled({ timeout: 30_000 });
  const step = await stepOf(page);
  expect(step).toBeGreaterThanOrEqual(60);
  await expect.poll(() => stepOf(page)).toBeGreaterThan(step);
});

test('a thread that ends in mid-run is told at once, and the run goes on from where it was', async ({
  page,
}) => {
  await openPaused(page, LINK);
  await limitSpeed(page);
  await runTo(page, 60);
  await endThread(page);
  const dialog = page.getByRole('alertdialog');
  await expect(dialog).toContainText('A thread has ended without a word.');
  await expect(dialog).toContainText('the same run can be computed again, bit for bit');
  const step = await stepOf(page);
  expect(step).toBeGreaterThanOrEqual(60);
  await dialog.getByRole('button', { name: 'Try again' }).click();
  await expect(dialog).toBeHidden();
  expect(await stepOf(page)).toBeGreaterThanOrEqual(step);
  await runTo(page, step + 20);
  await expect(backendButton(page, /WebAssembly/)).toBeVisible();
});

test('a run that lost a thread has the numbers of one that did not', async ({ page, context }) => {
  await openPaused(page, LINK);
  await stepTo(page, 10);
  await endThread(page);
  await page.getByRole('alertdialog').getByRole('button', { name: 'Close' }).click();
  await stepTo(page, 14);
  const other = await context.newPage();
  await openPaused(other, LINK);
  await stepTo(other, 14);
  expect(await lossesOf(page)).toEqual(await lossesOf(other));
});

/** Lets a line run before the engine. */
async function beforeEngine(page: Page, line: string): Promise<void> {
  await page.route('**/engine.worker*.js', async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: `${line}\n${await response.text()}` });
  });
}

test('where threads do not start, all lanes are computed in one', async ({ page }) => {
  await beforeEngine(page, "self.Worker = class { constructor() { throw new Error('no threads'); } };");
  await openAt(page, LINK, 20);
  await backendButton(page, /WebAssembly/).click();
  await expect(details(page)).toContainText(
    'A thread did not start: no threads. All lanes are computed in one thread, with the same bits',
  );
});

test('without SIMD the reference computes, and says why', async ({ page }) => {
  await beforeEngine(page, 'WebAssembly.validate = () => false;');
  await openAt(page, LINK, 10);
  await expect(backendButton(page, /Reference/)).toBeVisible();
  await expect(page.getByText('no SIMD', { exact: true })).toBeVisible();
  await expect(page.getByRole('region', { name: 'Notices' })).toContainText(
    "Computed by the reference, not as wished: This browser's WebAssembly has no SIMD.",
  );
});

test('forty lanes are live within ten seconds', async ({ page }) => {
  const lanes = Array.from({ length: 40 }, (_, index) => (index % 2 === 0 ? `fp32:r${index + 1}` : 'fp16:d'));
  const start = Date.now();
  await page.goto(`/#v=1&task=spirals&lanes=${lanes.join(',')}`);
  await expect(backendButton(page, /WebAssembly/)).toBeEnabled({ timeout: 10_000 });
  await expect.poll(() => stepOf(page)).toBeGreaterThan(0);
  test.info().annotations.push({ type: 'live after', description: `${Date.now() - start} ms` });
});
