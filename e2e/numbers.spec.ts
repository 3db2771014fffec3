/** Numbers as people type them, whatever their decimal sign, and what becomes of those that no field can take. */
import { AxeBuilder } from '@axe-core/playwright';
import { expect, test, type Locator, type Page } from '@playwright/test';
import { openAt } from './page';

const field = (page: Page, name: string): Locator => page.getByRole('textbox', { name, exact: true });

async function give(box: Locator, text: string): Promise<void> {
  await box.fill(text);
  await box.press('Enter');
}

/** The question of a field, by one of its answers. */
const choice = (page: Page, question: string, answer: string): Locator =>
  page.getByRole('group', { name: question }).getByRole('button', { name: answer, exact: true });

test('decimal commas, powers and fractions are numbers; a comma before three digits is asked about', async ({
  page,
}) => {
  await openAt(page, '#v=1&seed=3&lanes=fp32,fp16:s1', 0);
  await page.getByRole('button', { name: 'Pause' }).click();
  const rate = field(page, 'Learning rate, number');
  await give(rate, '0,05');
  await expect(rate).toHaveValue('0.05');
  await expect(page).toHaveURL(/&i=\d+:all:lr:0\.05$/);
  const address = page.url();

  // Nothing of it is in the link before the person has said which.
  await give(rate, '0,125');
  await expect(page.getByRole('alert')).toHaveText('Do you mean 0.125 or 125?');
  await expect(rate).toHaveValue('0,125');
  await rate.press('Tab');
  await page.keyboard.press('Tab');
  await expect(choice(page, 'Do you mean 0.125 or 125?', '125')).toBeFocused();
  expect(page.url()).toBe(address);
  await page.keyboard.press('Shift+Tab');
  await page.keyboard.press('Enter');
  await expect(rate).toHaveValue('0.125');
  await expect(rate).toBeFocused();
  await expect(page.getByRole('alert')).toHaveCount(0);
  await expect(page).toHaveURL(/:all:lr:2p-3$/);

  const lambda = field(page, 'Loss weight λ, number');
  await give(lambda, '2⁻¹⁴');
  await expect(lambda).toHaveValue('2^-14');
  await give(lambda, '1/4');
  await expect(lambda).toHaveValue('2^-2');
  await give(lambda, '3');
  await choice(page, 'Loss weight λ is a power of two. Do you mean 2^1 or 2^2?', '2^1').click();
  await expect(lambda).toHaveValue('2^1');

  // A hexadecimal float, and fewer digits shown than the number has.
  const scale = field(page, 'Scale (live), number');
  await page.getByRole('button', { name: /^Look at FP16/ }).click();
  await give(scale, '0x1.8p-3');
  await expect(scale).toHaveValue('0.1875');
  await expect(page).toHaveURL(/:1:s:0\.1875/);
});

test('what cannot be read is refused with an example, and is gone with what it was typed for', async ({
  page,
}) => {
  await openAt(page, '#v=1&lanes=fp32,fp16:s1', 0);
  const batch = field(page, 'Batch');
  const usual = await batch.inputValue();
  const seed = field(page, 'Seed');
  await give(seed, '7');
  await expect(page).toHaveURL(/&seed=7&/);

  await give(batch, 'many');
  await expect(page.getByRole('alert')).toHaveText(
    '"many" cannot be read as a number. Write it like 64, 2^6 or 1e2.',
  );
  await expect(batch).toHaveAttribute('aria-invalid', 'true');
  await expect(page).not.toHaveURL(/bs=/);
  await page.goBack();
  await expect(page).not.toHaveURL(/seed=7/);
  await expect(batch).toHaveAttribute('aria-invalid', 'false');
  await expect(batch).toHaveValue(usual);
  await expect(page.getByRole('alert')).toHaveCount(0);

  // Another task has the same batch, and still forgets what was typed for this one.
  await give(batch, '0');
  await expect(page.getByRole('alert')).toHaveText('Batch must be a whole number from 1 to 256.');
  await page.getByRole('button', { name: /Task$/ }).click();
  await page.getByRole('option', { name: /spirals/i }).click();
  await expect(page).toHaveURL(/task=spirals/);
  await expect(page.getByRole('alert')).toHaveCount(0);

  // Another lane has a scale of its own.
  await page.getByRole('button', { name: /^Look at FP16/ }).click();
  const scale = field(page, 'Scale (live), number');
  await give(scale, '2^500');
  await expect(page.getByRole('alert')).toHaveText(
    /^Scale \(live\) must be a number from 2\^-126 to 2\^126\.$/,
  );
  await page.getByRole('button', { name: /^Look at FP32/ }).click();
  await expect(page.getByRole('alert')).toHaveCount(0);
});

test('a lane is not changed while one of its numbers is in doubt', async ({ page }) => {
  await openAt(page, '#v=1&lanes=fp32,fp16:s1', 0);
  await page.getByRole('button', { name: 'Menu of FP16' }).click();
  await page.getByRole('menuitem', { name: 'Edit …' }).click();
  const own = field(page, 'Own learning rate');
  await own.fill('0,125');
  const apply = page.getByRole('button', { name: 'Apply and restart' });
  await apply.click();
  await expect(apply).toBeDisabled();
  await choice(page, 'Do you mean 0.125 or 125?', '0.125').click();
  await apply.click();
  await expect(page).toHaveURL(/fp16:s1:l2p-3/);
});

test('the lab reads numbers alike, and keeps them with a point', async ({ page }) => {
  await page.goto('/#lab');
  const number = field(page, 'Number').first();
  await give(number, '0,3');
  await expect(page).toHaveURL(/#lab&x=0\.3$/);
  await give(number, '0,001');
  expect((await new AxeBuilder({ page }).include('.number-controls').analyze()).violations).toEqual([]);
  await choice(page, 'Do you mean 0.001 or 1?', '1').click();
  await expect(page).toHaveURL(/#lab&n=0x3c00$/);

  const first = field(page, 'First number');
  await give(first, 'banana');
  await expect(page.getByRole('alert')).toHaveText(
    /^"banana" cannot be read as a number. Write it like 0.1, /,
  );
  await page.goBack();
  await expect(number).toHaveValue('0.3');
  await expect(page.getByRole('alert')).toHaveCount(0);
  await expect(first).toHaveValue('2048');

  await give(field(page, 'Numbers'), '0,125 3');
  await choice(page, 'Do you mean 0.125 3 or 0, 125 3?', '0.125 3').click();
  await expect(page).toHaveURL(/&blk=0\.125%203$/);
});
