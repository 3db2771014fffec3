/** Choosing a framework's autocast for a lane, and formats by hand in the table of layers. */
import { AxeBuilder } from '@axe-core/playwright';
import { expect, test, type Page } from '@playwright/test';
import { openAt, runTo } from './page';

const layers = (page: Page) => page.getByRole('region', { name: 'Layers' });

async function choose(page: Page, label: string, option: string): Promise<void> {
  await layers(page)
    .getByRole('button', { name: new RegExp(`${label}$`) })
    .first()
    .click();
  await page.getByRole('option', { name: option, exact: true }).click();
}

test('another framework for a lane brings its formats, and enters the link', async ({ page }) => {
  await openAt(page, '#v=1&seed=3&lanes=fp32,fp16', 10);
  await page.getByRole('button', { name: 'Menu of FP16, no scaler' }).click();
  await page.getByRole('menuitem', { name: 'Edit …' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: /Autocast$/ }).click();
  await page.getByRole('option', { name: 'Transformer Engine FP8' }).click();
  await expect(dialog.getByText('multiply in FP8')).toBeVisible();
  expect((await new AxeBuilder({ page }).include('[role="dialog"]').analyze()).violations).toEqual([]);
  await dialog.getByRole('button', { name: 'Apply and restart' }).click();
  await expect(page).toHaveURL(/e4m3fn_sat:be5m2_sat:ttransformer-engine/);
  await runTo(page, 20);
});

for (const width of [390, 1440]) {
  test(`a format by hand for a layer and for a site, at ${width} pixels`, async ({ page }) => {
    await page.setViewportSize({ width, height: 900 });
    await openAt(page, '#v=1&task=digits-mlp&lanes=fp16', 3);
    await choose(page, 'Format of input', 'FP32');
    await expect(page).toHaveURL(/fp16:oinput\*fp32/);
    await expect(layers(page).getByText('1 cast added: fc1.input.')).toBeHidden();

    await choose(page, 'Layer', 'fc1');
    await choose(page, 'Format of fc1', 'FP32');
    await expect(page).toHaveURL(/fp16:ofc1\*fp32\/input\*fp32/);
    await expect(layers(page).getByText('1 cast added: head.input.')).toBeVisible();
    expect((await new AxeBuilder({ page }).include('.layers').analyze()).violations).toEqual([]);

    await layers(page).getByRole('button', { name: 'Reset all' }).click();
    await expect(page).toHaveURL(/lanes=fp16(&|$)/);
    await choose(page, 'Format of head.weight.grad', 'bf16');
    await expect(page).toHaveURL(/fp16:ohead\.weight\.grad\*bf16/);
    await expect(layers(page).getByText('No cast appears or disappears')).toBeVisible();
    await runTo(page, 10);
  });
}

test('the keyboard chooses a format as well', async ({ page }) => {
  await openAt(page, '#v=1&lanes=fp16', 3);
  const button = layers(page).getByRole('button', { name: /Format of head.weight.grad$/ });
  await button.focus();
  await page.keyboard.press('Enter');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/fp16:ohead\.weight\.grad\*/);
});
