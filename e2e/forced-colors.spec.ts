/** With a reader's own few colours there are no backgrounds: edges must tell what can be pressed and what is chosen. */
import { expect, test, type Locator, type Page } from '@playwright/test';
import { openAt } from './page';

type Colour = readonly [number, number, number];

/** Colours of the page on the way from one place to another, through the middle of an element. */
async function coloursOn(
  page: Page,
  part: Locator,
  way: 'over the left edge' | 'from top to bottom',
): Promise<Colour[]> {
  await part.scrollIntoViewIfNeeded();
  const box = await part.boundingBox();
  if (!box) throw new Error('the part is not shown');
  const clip =
    way === 'over the left edge'
      ? { x: box.x - 4, y: box.y + box.height / 2, width: 8, height: 1 }
      : { x: box.x + box.width / 8, y: box.y, width: 1, height: box.height };
  const picture = (await page.screenshot({ clip, animations: 'disabled' })).toString('base64');
  // The browser itself reads the picture, on a page without rules about what may be loaded.
  const reader = await page.context().newPage();
  const colours = await reader.evaluate(async (base64) => {
    const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
    const bitmap = await createImageBitmap(new Blob([bytes], { type: 'image/png' }));
    const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d');
    if (!context) throw new Error('no canvas');
    context.drawImage(bitmap, 0, 0);
    const { data } = context.getImageData(0, 0, bitmap.width, bitmap.height);
    return Array.from({ length: data.length / 4 }, (_, index): [number, number, number] => [
      data[4 * index],
      data[4 * index + 1],
      data[4 * index + 2],
    ]);
  }, picture);
  await reader.close();
  return colours;
}

/** WCAG's relative luminance and contrast. */
function luminance(colour: Colour): number {
  const [red, green, blue] = colour.map((byte) => {
    const share = byte / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(colours: readonly Colour[]): number {
  const all = colours.map(luminance);
  return (Math.max(...all) + 0.05) / (Math.min(...all) + 0.05);
}

for (const colorScheme of ['light', 'dark'] as const) {
  test(`edges, tracks and the chosen lane are seen, ${colorScheme}`, async ({ page }) => {
    await page.emulateMedia({ forcedColors: 'active', colorScheme });
    await openAt(page, '#v=1&seed=3&lanes=fp32,fp16:d2p20', 20);
    await page.getByRole('button', { name: 'Pause', exact: true }).click();
    const lanes = page.locator('.lane');
    const controls = {
      'Run button': page.getByRole('button', { name: 'Run', exact: true }),
      'Step button': page.getByRole('button', { name: 'Step', exact: true }),
      'choice of the experiment': page.getByRole('button', { name: /Experiment$/ }),
      'number field': page.getByRole('textbox', { name: 'Batch', exact: true }),
      'a lane': lanes.first(),
      switch: page.locator('.switch-track'),
    };
    for (const [name, control] of Object.entries(controls)) {
      expect(contrast(await coloursOn(page, control, 'over the left edge')), name).toBeGreaterThan(3);
    }
    const slider = page.getByRole('slider', { name: 'Learning rate' });
    expect(contrast(await coloursOn(page, slider, 'from top to bottom')), 'slider').toBeGreaterThan(3);

    const edge = (lane: Locator) => coloursOn(page, lane, 'over the left edge');
    expect(await edge(page.locator('.lane[data-selected]'))).not.toEqual(
      await edge(page.locator('.lane:not([data-selected])').first()),
    );
    const toggle = page.getByRole('switch', { name: 'log counts' });
    const off = await coloursOn(page, page.locator('.switch-track'), 'from top to bottom');
    await toggle.focus();
    await page.keyboard.press('Space');
    await expect(toggle).toBeChecked();
    expect(await coloursOn(page, page.locator('.switch-track'), 'from top to bottom')).not.toEqual(off);
  });
}
