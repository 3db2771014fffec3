/** The page in Simplified Chinese: every page and dialog, at the widths of a desk and of a phone, without a word of English. */
import { expect, test, type Page } from '@playwright/test';
import { englishIn } from '../src/testing/english';
import { barFaults, textFaults } from './layout';

const EXPERIMENT = '#v=1&seed=3&lam=-18&lanes=fp32,fp16:d2p40:n20,bf16:mstochastic:uflush,fp16&lang=zh-Hans';

/** All that is to be read or heard on the page: texts, and the attributes that are spoken or shown. */
const textsOf = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const texts: string[] = [document.title];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const parent = node.parentElement;
      // Commands to type, and the names of languages, are what they are.
      if (!parent || parent.closest('script, style, noscript, code, pre, [lang]:not(html)')) continue;
      texts.push(node.textContent ?? '');
    }
    for (const element of document.querySelectorAll('*')) {
      for (const name of [
        'aria-label',
        'aria-description',
        'aria-roledescription',
        'aria-valuetext',
        'title',
        'placeholder',
        'alt',
      ]) {
        texts.push(element.getAttribute(name) ?? '');
      }
    }
    // Layers, and the keys of links, have names that no language changes.
    const names = /\b(?:input|head|loss)(?= [\d<–的]|$)|\b[a-z]+(?=：)/g;
    return texts.map((text) => text.replace(names, '').trim()).filter(Boolean);
  });

async function expectChinese(page: Page): Promise<void> {
  const texts = await textsOf(page);
  expect(texts.length).toBeGreaterThan(20);
  expect(texts.filter((text) => englishIn(text).length > 0)).toEqual([]);
}

/** Until the live engine has something to show. */
async function openRun(page: Page, hash = EXPERIMENT): Promise<void> {
  await page.goto(`/${hash}`);
  const step = async (): Promise<number> =>
    Number(await page.getByRole('group', { name: '计数器' }).getAttribute('data-step'));
  await expect.poll(step, { timeout: 45_000 }).toBeGreaterThanOrEqual(60);
  await page.getByRole('button', { name: '暂停', exact: true }).click();
}

for (const width of [1440, 390]) {
  test.describe(`at ${width} pixels`, () => {
    test.use({ viewport: { width, height: 900 } });

    test('the playground', async ({ page }) => {
      await openRun(page);
      await expect(page.locator('html')).toHaveAttribute('lang', 'zh-Hans');
      await expectChinese(page);
      expect(await barFaults(page)).toEqual([]);
      expect(await textFaults(page)).toEqual([]);
    });

    for (const side of ['lab', 'trust', 'race']) {
      test(`the page ${side}`, async ({ page }) => {
        await page.goto(`/#${side}&lang=zh-Hans`);
        await expect(page.getByRole('heading', { level: 2 }).first()).toBeVisible({ timeout: 45_000 });
        // The examination of the device takes its time.
        await expect(page.getByText('正在检查设备')).toHaveCount(0, { timeout: 45_000 });
        await expectChinese(page);
        expect(await barFaults(page)).toEqual([]);
        expect(await textFaults(page)).toEqual([]);
      });
    }

    test('dialogs and lists', async ({ page }) => {
      await openRun(page);
      await page.keyboard.press('?');
      await expect(page.getByRole('dialog')).toBeVisible();
      await expectChinese(page);
      await page.keyboard.press('Escape');
      await page.getByRole('button', { name: /^后端：/ }).click();
      await expect(page.getByRole('dialog')).toBeVisible();
      await expectChinese(page);
      await page.keyboard.press('Escape');
      if (width < 800) await page.getByRole('button', { name: '控制' }).click();
      await page
        .getByRole('button', { name: /的菜单$/ })
        .nth(1)
        .click();
      await expectChinese(page);
      await page.getByRole('menuitem', { name: '编辑' }).click();
      await expect(page.getByRole('textbox', { name: '名称' })).toBeVisible();
      await expectChinese(page);
    });
  });
}

test('a link with faults is answered in Chinese', async ({ page }) => {
  await page.goto('/#v=1&zz=1&b=1000&lanes=fp32,fp16:q7:msometimes&opt=magic&lang=zh-Hans');
  await expect(page.locator('.notices')).toContainText('"zz" 不是链接中的键');
  await expect(page.locator('.notices')).toContainText('b 必须是从 1 到 256 的整数，而不是 1000');
  await expectChinese(page);
});

test('the switch changes what is on show at once, and is remembered', async ({ page }) => {
  await page.goto('/#v=1&seed=3&lanes=fp32,fp16');
  await expect(page.getByRole('heading', { name: 'Training loss' })).toBeVisible();
  await page.getByRole('button', { name: 'Language' }).click();
  await page.getByRole('option', { name: '简体中文' }).click();
  await expect(page.getByRole('heading', { name: '训练损失' })).toBeVisible();
  await expect(page.locator('html')).toHaveAttribute('lang', 'zh-Hans');
  await expect(page).toHaveURL(/#v=1&seed=3&lanes=fp32,fp16&lang=zh-Hans$/);
  await expectChinese(page);

  await page.goto('/#lab');
  await expect(page.getByRole('heading', { level: 1, name: '格式实验室' })).toBeVisible();
  await expect(page).toHaveTitle('格式实验室 · AMP Playground');
  await page.getByRole('button', { name: '语言' }).click();
  await page.getByRole('option', { name: 'English' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Format lab' })).toBeVisible();
});

test('the language of a link survives changes of the experiment and the way to other pages', async ({
  page,
}) => {
  await page.goto('/#v=1&seed=3&lanes=fp32,fp16&lang=zh-Hans');
  await page.getByRole('button', { name: '抽取新的种子' }).click();
  await expect(page).toHaveURL(/seed=(?!3&)\d+.*&lang=zh-Hans$/);
  await page.getByRole('link', { name: '格式实验室' }).click();
  await expect(page).toHaveURL(/#lab&lang=zh-Hans$/);
  await page.goBack();
  await expect(page.getByRole('heading', { name: '训练损失' })).toBeVisible();
});

test.describe('a browser that speaks Chinese', () => {
  test.use({ locale: 'zh-CN' });

  test('gets Chinese, unless the link asks for English', async ({ page }) => {
    await page.goto('/#lab');
    await expect(page.getByRole('heading', { level: 1, name: '格式实验室' })).toBeVisible();
    await page.goto('/#lab&lang=en');
    await expect(page.getByRole('heading', { level: 1, name: 'Format lab' })).toBeVisible();
  });
});
