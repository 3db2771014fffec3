/** What is wrong with how a page stands, in words; empty where nothing is. */
import type { Page } from '@playwright/test';

/** Of the bar at the top: controls outside the window, over one another, or under something. */
export const barFaults = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const selector = 'header.topbar :is(a, button, .brand-name, .counters-line, .backend-rate)';
    const parts = [...document.querySelectorAll<HTMLElement>(selector)];
    const places = parts.map((part) => ({
      part,
      name: part.getAttribute('aria-label') ?? part.innerText.replaceAll('\n', ' '),
      box: part.getBoundingClientRect(),
    }));
    const faults: string[] = [];
    if (places.length < 6) faults.push(`only ${places.length} parts are there`);
    if (document.documentElement.scrollWidth > innerWidth) faults.push('the page scrolls sideways');
    for (const { part, name, box } of places) {
      if (box.width === 0 || box.height === 0) faults.push(`${name} is not shown`);
      if (box.left < 0 || box.right > innerWidth || box.top < 0 || box.bottom > innerHeight) {
        faults.push(`${name} is not inside the window`);
      }
      const hit = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
      if (!hit || !(part.contains(hit) || hit.contains(part))) faults.push(`${name} lies under something`);
    }
    for (const [index, one] of places.entries()) {
      for (const other of places.slice(index + 1)) {
        const apart =
          one.box.right <= other.box.left + 0.5 ||
          other.box.right <= one.box.left + 0.5 ||
          one.box.bottom <= other.box.top + 0.5 ||
          other.box.bottom <= one.box.top + 0.5;
        if (!apart) faults.push(`${one.name} lies over ${other.name}`);
      }
    }
    return faults;
  });

/** Of the text on the page: pieces that lie over one another, or reach out of the panel or the picture they belong to. */
export const textFaults = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    interface Piece {
      readonly text: string;
      readonly left: number;
      readonly right: number;
      readonly top: number;
      readonly bottom: number;
    }
    const pieces: Piece[] = [];
    const faults: string[] = [];
    // Names that are shortened with an ellipsis have their whole text elsewhere, tables scroll within their panel, and the
    // page scrolls below the play bar of a phone.
    const excused =
      '.hidden, .button-text, .react-aria-SelectValue, .backend, .playbar, .layers-scroll, .lab-scroll';
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const parent = node.parentElement;
      const text = node.textContent?.trim() ?? '';
      if (!parent || text === '' || parent.closest(excused)) continue;
      if (!parent.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue;
      const range = document.createRange();
      range.selectNodeContents(node);
      const frame = (
        parent.closest('svg, .panel, .topbar, .rail-section, .notice') ?? document.body
      ).getBoundingClientRect();
      for (const { left, right, top, bottom, width, height } of range.getClientRects()) {
        if (width < 2 || height < 2) continue;
        if (left < frame.left - 1 || right > frame.right + 1) faults.push(`«${text}» is cut`);
        pieces.push({ text, left, right, top, bottom });
      }
    }
    if (pieces.length < 10) faults.push(`only ${pieces.length} pieces of text are there`);
    // Boxes of lines are higher than the letters in them.
    const apart = (a: Piece, b: Piece): boolean =>
      a.right <= b.left + 1 ||
      b.right <= a.left + 1 ||
      a.bottom - b.top <= 0.3 * (b.bottom - b.top) ||
      b.bottom - a.top <= 0.3 * (a.bottom - a.top);
    for (const [index, one] of pieces.entries()) {
      for (const other of pieces.slice(index + 1)) {
        if (!apart(one, other)) faults.push(`«${one.text}» lies over «${other.text}»`);
      }
    }
    return [...new Set(faults)];
  });
