/** The engine can fail in ways of which a browser says nothing. The page says it, and goes on from the same experiment. */
import { expect, test, type Page, type Worker } from '@playwright/test';
import { backendButton, computeOn, openAt, runTo, stepOf } from './page';

const LINK = '#v=1&seed=3&lanes=fp32,fp16:d2p30:n25';

const dialog = (page: Page) => page.getByRole('alertdialog');

async function engineOf(page: Page): Promise<Worker> {
  await expect.poll(() => page.workers().some((worker) => worker.url().includes('engine'))).toBe(true);
  const found = page.workers().find((worker) => worker.url().includes('engine'));
  if (!found) throw new Error('there is no engine');
  return found;
}

test('a script that the server does not give is told, and can be asked for again', async ({ page }) => {
  let missing = true;
  await page.route('**/engine.worker*', (route) =>
    missing ? route.fulfill({ status: 404, body: 'not here' }) : route.continue(),
  );
  await page.goto(`/${LINK}`);
  await expect(dialog(page)).toContainText('The script of the engine could not be loaded.');
  missing = false;
  await dialog(page)
    .getByRole('button', { name: /try again/i })
    .click();
  await runTo(page, 20);
  await expect(dialog(page)).toBeHidden();
});

test('a worker that ends in mid-run is told at once, and the run goes on from where it was', async ({
  page,
}) => {
  await openAt(page, LINK, 60);
  const worker = await engineOf(page);
  // Its own end cuts the answer to this off.
  await worker.evaluate(() => self.close()).catch(() => undefined);
  await expect(dialog(page)).toContainText('The engine has ended without a word.');
  const step = await stepOf(page);
  expect(step).toBeGreaterThanOrEqual(60);
  await dialog(page)
    .getByRole('button', { name: /try again/i })
    .click();
  await expect(dialog(page)).toBeHidden();
  expect(await stepOf(page)).toBeGreaterThanOrEqual(step);
  await runTo(page, step + 20);
});

test('a driver that stops answering in mid-run is given up, and WebAssembly goes on', async ({ page }) => {
  // Half a minute of silence.
  test.slow();
  await computeOn(page, 'webgpu');
  await openAt(page, LINK, 60);
  const worker = await engineOf(page);
  await worker.evaluate(() => {
    GPUBuffer.prototype.mapAsync = () => new Promise(() => undefined);
  });
  await expect(dialog(page)).toContainText('The graphics card has not answered for 30 seconds.', {
    timeout: 50_000,
  });
  const step = await stepOf(page);
  await dialog(page)
    .getByRole('button', { name: /WebAssembly/ })
    .click();
  await expect(backendButton(page, /WebAssembly/)).toBeEnabled();
  await runTo(page, step + 20);
});
