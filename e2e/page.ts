/** What the end-to-end tests do with the page, in a person's words. */
import { expect, type Locator, type Page } from '@playwright/test';
import type { BackendChoice } from '../src/engine/protocol';

/** The button in the bar at the top that names what computes; it can be pressed once the engine runs. */
export const backendButton = (page: Page, name = /WebAssembly|SwiftShader|Reference/): Locator =>
  page.getByRole('button', { name: new RegExp(`^Backend: .*(${name.source})`) });

/**
 * Chooses what computes on every page that this one opens, as a person would in the dialog. Without it the tests get what
 * a visitor with a software adapter gets, which is WebAssembly.
 */
export async function computeOn(page: Page, choice: BackendChoice): Promise<void> {
  await page.addInitScript((chosen) => localStorage.setItem('amp-playground.backend', chosen), choice);
}

/** The step counter. */
export const stepOf = async (page: Page): Promise<number> =>
  Number(await page.getByRole('group', { name: 'Counters' }).getAttribute('data-step'));

/** Opens the page with an experiment in its address and waits until the live engine has run so many steps. */
export async function openAt(page: Page, hash: string, steps: number): Promise<void> {
  await page.goto(`/${hash}`);
  // WebGPU compiles its kernels on the software adapter, which takes long where much else is going on.
  await expect(backendButton(page)).toBeEnabled({ timeout: 30_000 });
  await runTo(page, steps);
}

/** Runs, unless it runs already, until at least so many steps are done. */
export async function runTo(page: Page, steps: number): Promise<void> {
  const run = page.getByRole('button', { name: 'Run', exact: true });
  if (await run.isVisible()) await run.click();
  await expect.poll(() => stepOf(page), { timeout: 45_000 }).toBeGreaterThanOrEqual(steps);
}

/** Pauses, and waits until the steps that were under way are on show. */
export async function pause(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Pause', exact: true }).click();
  let last = -1;
  const settled = async (): Promise<boolean> => {
    const step = await stepOf(page);
    const same = step === last;
    last = step;
    return same;
  };
  await expect.poll(settled, { intervals: [500] }).toBe(true);
}

/** Opens the page at step 0, whatever the experiment does by itself. */
export async function openPaused(page: Page, hash: string): Promise<void> {
  await openAt(page, hash, 1);
  await page.getByRole('button', { name: 'Pause' }).click();
  await reset(page);
}

export async function reset(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Reset' }).click();
  await expect.poll(() => stepOf(page)).toBe(0);
}

const lossLegend = (page: Page): Locator =>
  page.getByRole('region', { name: 'Training loss' }).locator('ul[data-step]');

/** Makes single steps until so many are done and shown. */
export async function stepTo(page: Page, steps: number): Promise<void> {
  for (let step = await stepOf(page); step < steps; step++) await page.keyboard.press('.');
  await expect(lossLegend(page)).toHaveAttribute('data-step', String(steps));
}

/** The newest loss of every lane, to the last bit: shortest decimals that give the number back. */
export const lossesOf = (page: Page): Promise<(string | null)[]> =>
  lossLegend(page)
    .locator('li[data-loss]')
    .evaluateAll((items) => items.map((item) => item.getAttribute('data-loss')));
