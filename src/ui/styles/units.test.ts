/** Text, and what must grow with it, follows the size of text that a reader has set in the browser. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const ui = fileURLToPath(new URL('..', import.meta.url));

/** Figures drawn in pixels: their geometry is computed, and their texts belong to it. */
const FIGURES = ['ruler/ruler.css', join('lab', 'line', 'line.css')];

const sheets = readdirSync(ui, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.css'));

const matches = (pattern: RegExp): string[] =>
  sheets
    .filter((file) => !FIGURES.includes(file))
    .flatMap((file) =>
      [...readFileSync(join(ui, file), 'utf8').matchAll(pattern)].map(([line]) => `${file}: ${line}`),
    );

test('no size of text is in pixels', () => {
  expect(sheets.length).toBeGreaterThan(10);
  expect(matches(/font(?:-size)?:[^;]*px/g)).toEqual([]);
});

test('no media query asks for a width in pixels', () => {
  expect(matches(/@media[^{]*px/g)).toEqual([]);
});
