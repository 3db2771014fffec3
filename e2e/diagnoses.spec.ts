import { expect, test, type Page } from '@playwright/test';
import { openAt } from './page';

const runExperiment = (page: Page, link: string, steps = 110): Promise<void> =>
  openAt(page, `#${link}`, steps);

const LINEAR = 'v=1&task=linear';

test('a diagnosis shows what it rests on, and leads to the lane and the site', async ({ page }) => {
  await runExperiment(page, `${LINEAR}&lam=10&opt=sgd&lr=0.05&lanes=fp32,e4m3fn:s2p-3,e4m3fn`);
  const notice = page.locator('.notice[data-code="weights-destroyed"]');
  await expect(notice).toContainText('FP8 E4M3 ends at 448');
  await expect(notice).toContainText('FP32 goes on');
  await notice.getByRole('button', { name: 'Why this is said' }).click();
  await expect(notice).toContainText('Compared with: FP32 baseline');
  await notice.getByRole('button', { name: 'Show the lane and the site' }).click();
  await expect(page.getByRole('button', { name: /Look at FP8 E4M3, no scaler/ })).toHaveAttribute(
    'aria-pressed',
    'true',
  );
});

test('what every lane does is not blamed on a format', async ({ page }) => {
  await runExperiment(page, `${LINEAR}&opt=sgd&lr=50&lanes=fp32,fp16`);
  await expect(page.locator('.notice[data-code="diverged"]')).toHaveCount(2);
  await expect(page.locator('.notices')).toContainText('FP32 goes the same way');
});

test('one bad batch that is skipped does not take the place of the loss', async ({ page }) => {
  await runExperiment(page, `${LINEAR}&opt=adam&lr=0.02&lanes=fp32,e2m8:bfp16:d2p10`);
  const legend = page.locator('.chart-legend[data-step]').locator('li').nth(1);
  await expect(legend).toContainText(/0\.\d+ · ✕ not finite in \d+ steps?/);
});

test('the note above the ruler says what is not the same', async ({ page }) => {
  await runExperiment(page, 'v=1&task=linear&lanes=fp32,fp16:d:l0.002');
  await expect(page.locator('.lambda-note')).toContainText('its learning rate is 0.002 instead of 0.001');
  await expect(page.locator('.lambda-note')).not.toContainText('arithmetic');
});

test('λ that is moved while the optimizer remembers leaves FP32 as it is', async ({ page }) => {
  await runExperiment(page, 'v=1&task=linear&lr=0.05&lanes=fp32,fp16:d&i=20:all:lam:-12');
  await expect(page.locator('.lambda-note')).toContainText('FP32 is changed by it too');
  await page.goto('about:blank');
  await runExperiment(page, 'v=1&task=linear&lr=0.05&lanes=fp32,fp16:d&i=20:all:w:-12');
  await expect(page.locator('.lambda-note')).toContainText('FP32 does not notice it');
});

test('an experiment with a name says what has happened, with its numbers', async ({ page }) => {
  await runExperiment(page, 'v=1&task=linear');
  const headline = page.locator('.headline');
  await expect(headline.getByRole('heading')).toContainText('the shortest AMP program');
  await expect(headline).toContainText(
    /What happened: after [\d,]+ steps FP16's loss is [\d.]+ times FP32's/,
  );
});
