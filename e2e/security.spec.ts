/** The Content-Security-Policy of the built page: nothing on it needs more than it allows, and it refuses the rest. */
import { expect, test, type Page } from '@playwright/test';
import { openAt } from './page';

declare global {
  interface Window {
    violations: string[];
    injected?: boolean;
  }
}

async function watchViolations(page: Page): Promise<() => Promise<string[]>> {
  await page.addInitScript(() => {
    window.violations = [];
    document.addEventListener(
      'securitypolicyviolation',
      ({ effectiveDirective, blockedURI, sample, sourceFile }) =>
        window.violations.push([effectiveDirective, blockedURI, sample, sourceFile].join(' ')),
    );
  });
  return () => page.evaluate(() => window.violations);
}

test('everything on the page works within the policy', async ({ page, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const violations = await watchViolations(page);
  await openAt(page, '', 40);
  await page.getByRole('region', { name: 'Training loss' }).locator('figure.chart').click();
  await page.getByRole('button', { name: 'Experiment' }).click();
  await page.getByRole('option', { name: 'Two spirals' }).click();
  await page.getByRole('button', { name: 'Share link' }).click();
  await page.keyboard.press('?');
  await expect(page.getByRole('dialog')).toBeVisible();
  await page.keyboard.press('Escape');
  for (const width of [390, 1024]) {
    await page.setViewportSize({ width, height: 844 });
    await page.getByRole('button', { name: 'Controls' }).click();
    await expect(page.getByRole('dialog')).toBeVisible();
    await page.keyboard.press('Escape');
  }
  await page.getByRole('link', { name: 'Format lab' }).click();
  await page.getByRole('button', { name: 'sign bit 0' }).click();
  await expect(page.locator('.sum-chart .recharts-surface').first()).toBeVisible();
  await page.getByRole('link', { name: 'Trust' }).click();
  await expect(page.getByRole('heading', { name: 'What was computed' })).toBeVisible({ timeout: 40_000 });
  expect(await violations()).toEqual([]);
});

test('scripts, styles and places that are not its own are refused', async ({ page }) => {
  const violations = await watchViolations(page);
  await page.goto('/#lab');
  await expect(page.getByRole('region', { name: 'One number' })).toBeVisible();
  await page.evaluate(async () => {
    const script = document.createElement('script');
    script.textContent = 'window.injected = true';
    document.body.append(script);
    const image = document.createElement('div');
    image.innerHTML = '<img src="data:," onerror="window.injected = true">';
    document.body.append(image);
    const style = document.createElement('style');
    style.textContent = 'body { display: none }';
    document.head.append(style);
    const base = document.createElement('base');
    base.href = 'https://example.org/';
    document.head.append(base);
    const evaluate = new Promise<void>((resolve) => {
      // Not from here, where the debugger may do what the page may not.
      setTimeout(() => {
        try {
          // oxlint-disable-next-line no-eval -- that it is refused is what is tested
          window.eval('window.injected = true');
        } catch {
          // Refused.
        }
        resolve();
      });
    });
    await evaluate;
    await fetch('https://example.org/').catch(() => undefined);
  });
  await expect
    .poll(async () => new Set((await violations()).map((each) => each.split(' ')[0])))
    .toEqual(
      new Set([
        'script-src-elem',
        'script-src-attr',
        'script-src',
        'img-src',
        'style-src-elem',
        'base-uri',
        'connect-src',
      ]),
    );
  expect(await page.evaluate(() => window.injected)).toBeUndefined();
  await expect(page.getByRole('region', { name: 'One number' })).toBeVisible();
});

test('the policy is in the page itself, whatever the host sends', async ({ page, request }) => {
  await page.goto('/#lab');
  const policy = await page.locator('meta[http-equiv=Content-Security-Policy]').getAttribute('content');
  expect(policy).toContain("default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self';");
  expect(policy).not.toMatch(/unsafe-inline|'unsafe-eval'|https?:|data:|\*/);
  const html = await (await request.get('/')).text();
  // Nothing comes before it that it would be too late for.
  expect(html.indexOf('Content-Security-Policy')).toBeLessThan(html.search(/<script|<link|<style/));
  expect(html).not.toMatch(/<script(?![^>]*\bsrc=)|<style|\son\w+=|\sstyle=/);
});
