/** What the page shows between two experiments, and when one does not start. */
import { expect, test, type Locator, type Page } from '@playwright/test';
import { backendButton, openAt, runTo, stepOf } from './page';

const DATA = '**/data/digits.bin';
const OWN = '#v=1&seed=3&lam=-18';

const choose = async (page: Page, preset: string): Promise<void> => {
  await page.getByRole('button', { name: /Experiment$/ }).click();
  await page.getByRole('option', { name: preset }).click();
};

const panels = (page: Page): readonly Locator[] =>
  ['Where the gradients live', 'Loss scale', 'Underflow to zero', 'Training loss', 'Layers'].map((name) =>
    page.getByRole('region', { name, exact: true }),
  );

/** Every panel names the experiment that is being prepared, and none shows anything else. */
async function expectPreparing(page: Page, name: string): Promise<void> {
  const text = `${name}: being prepared …`;
  for (const panel of panels(page)) await expect(panel.getByText(text)).toBeVisible({ timeout: 200 });
  await expect(page.locator('.recharts-surface, .layers-table, .chart-legend')).toHaveCount(0);
  await expect(page.getByText('No lane has a loss scaler')).toHaveCount(0);
  await expect(page.getByText('recorded run')).toHaveCount(0);
  expect(await stepOf(page)).toBe(0);
}

/** Holds the data of the digits back until it is let go. */
async function holdData(page: Page): Promise<() => void> {
  let letGo: () => void = () => undefined;
  const held = new Promise<void>((resolve) => (letGo = resolve));
  await page.route(DATA, async (route) => {
    await held;
    await route.continue();
  });
  return letGo;
}

test('a preset chosen while another runs: nothing of the old run stands under the new name', async ({
  page,
}) => {
  await openAt(page, OWN, 30);
  const letGo = await holdData(page);
  await choose(page, 'Digits, MLP');
  await expectPreparing(page, 'Digits, MLP');
  letGo();
  await runTo(page, 5);
  await expect(page.getByText('being prepared')).toHaveCount(0);
  await expect(page.locator('.recharts-surface').first()).toBeVisible();
});

test('a link says what it prepares, and what is known of it is true at once', async ({ page }) => {
  const letGo = await holdData(page);
  await page.goto('/#v=1&task=digits-mlp&seed=9');
  await expect(page.getByRole('region', { name: 'Training loss' })).toBeVisible();
  await expectPreparing(page, 'Your experiment');
  // Without a scaler there is no scale to wait for.
  await page.goto('/#v=1&task=digits-mlp&seed=9&lanes=fp32,fp16');
  await expect(page.getByText('No lane has a loss scaler')).toBeVisible();
  letGo();
  await runTo(page, 5);
});

test('a paused run that one goes back to stays paused', async ({ page }) => {
  await openAt(page, OWN, 10);
  await page.getByRole('button', { name: 'Pause' }).click();
  await choose(page, 'Two spirals');
  await runTo(page, 10);
  await page.goBack();
  await expect(backendButton(page)).toBeEnabled();
  await expect(page.getByRole('button', { name: 'Run', exact: true })).toBeVisible();
  // Long enough for hundreds of steps.
  await page.waitForTimeout(1500);
  expect(await stepOf(page)).toBe(0);
});

test('an experiment whose data cannot be fetched: a dialog that closes, and ways on that can help', async ({
  page,
}) => {
  await openAt(page, OWN, 30);
  await page.getByRole('button', { name: 'Pause' }).click();
  const left = await stepOf(page);
  await page.route(DATA, (route) => route.fulfill({ status: 404, body: 'not found' }));
  await choose(page, 'Digits, MLP');

  const dialog = page.getByRole('alertdialog', { name: 'This experiment did not start' });
  await expect(dialog).toContainText('404');
  await expect(dialog.getByRole('button', { name: /instead/ })).toHaveCount(0);
  await page.keyboard.press('Escape');
  await expect(dialog).toHaveCount(0);
  await expect(panels(page)[3].getByText('Digits, MLP: did not start.')).toBeVisible();

  await page.getByRole('button', { name: 'stopped: what happened?' }).click();
  await dialog.getByRole('button', { name: 'Back to Your experiment' }).click();
  await expect(dialog).toHaveCount(0);
  // Where it stood, and as it stood.
  await expect(backendButton(page)).toBeEnabled();
  expect(await stepOf(page)).toBeGreaterThanOrEqual(left);
  await expect(page).toHaveURL(new RegExp(`${OWN}$`));
  await expect(page.getByRole('button', { name: 'Run', exact: true })).toBeVisible();
  await runTo(page, left + 10);

  await page.unroute(DATA);
  await choose(page, 'Digits, MLP');
  await runTo(page, 5);
});
