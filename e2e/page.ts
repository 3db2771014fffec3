/** What the end-to-end tests do with the page, in a person's words. */
import { expect, type Page } from '@playwright/test';

/** The step counter. */
export const stepOf = async (page: Page): Promise<number> =>
  Number(await page.getByRole('group', { name: 'Counters' }).getAttribute('data-step'));

/** Opens the page with an experiment in its address and waits until the live engine has run so many steps. */
export async function openAt(page: Page, hash: string, steps: number): Promise<void> {
  await page.goto(`/${hash}`);
  await expect(page.getByRole('button', { name: /^Backend: .*(SwiftShader|CPU)/i })).toBeEnabled();
  await runTo(page, steps);
}

/** Runs, unless it runs already, until at least so many steps are done. */
export async function runTo(page: Page, steps: number): Promise<void> {
  const run = page.getByRole('button', { name: 'Run', exact: true });
  if (await run.isVisible()) await run.click();
  await expect.poll(() => stepOf(page), { timeout: 45_000 }).toBeGreaterThanOrEqual(steps);
}
