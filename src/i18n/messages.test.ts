/**
 * The messages of all languages: each is used, each is translated, and each says the same values.
 *
 * A message is used where its key stands in a source as a text. A key may be put together from parts (`event.${cause}`):
 * then each part must stand in a source too, as a text or as the name of a property.
 */
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { englishIn } from '../testing/english';
import en from './en.json';
import { DEFAULT_LANGUAGE, LANGUAGES, LOADERS, type Language } from './languages';

type Tree = { readonly [key: string]: string | Tree };

const PLURAL = /_(zero|one|two|few|many|other)$/;

function flat(tree: Tree, path = ''): [key: string, text: string][] {
  return Object.entries(tree).flatMap(([name, value]): [string, string][] =>
    typeof value === 'string' ? [[path + name, value]] : flat(value, `${path}${name}.`),
  );
}

const english = new Map(flat(en));

/** All keys of English; counted ones in the plurals that the language has. */
function keysIn(language: Language): Set<string> {
  const { pluralCategories } = new Intl.PluralRules(language).resolvedOptions();
  return new Set(
    [...english.keys()].flatMap((key) => {
      if (!PLURAL.test(key)) return [key];
      return pluralCategories.map((category) => key.replace(PLURAL, `_${category}`));
    }),
  );
}

const placeholders = (text: string): string[] => [...new Set(text.match(/\{\{.*?\}\}/g))].sort();

const others = LANGUAGES.filter((language) => language !== DEFAULT_LANGUAGE);

describe.each(others)('messages in %s', async (language) => {
  const messages = new Map(flat((await LOADERS[language]()).default));
  const englishOf = (key: string): string =>
    english.get(key) ?? english.get(key.replace(PLURAL, '_other')) ?? '';

  test('are those of English', () => {
    expect(new Set(messages.keys())).toEqual(keysIn(language));
  });

  test('hold the same values', () => {
    const different = [...messages].filter(
      ([key, text]) => placeholders(text).join() !== placeholders(englishOf(key)).join(),
    );
    expect(different).toEqual([]);
  });

  test('hold no English but names', () => {
    const left = [...messages].flatMap(([key, text]) => englishIn(text).map((words) => `${key}: ${words}`));
    expect(left).toEqual([]);
  });

  test('say something', () => {
    // Sentences need nothing between them where their marks are as wide as letters.
    const empty = [...messages].filter(([key, text]) => text.trim() === '' && !key.includes('between-'));
    expect(empty).toEqual([]);
  });
});

describe('what counts as English', () => {
  test.each([
    ['跳过的步 of the last', ['of the last']],
    ['FP32 的 loss', ['loss']],
    ['fc1.weight.grad 上溢，PyTorch 的 GradScaler', []],
    ['2^-14 与 0x3c00、1e-3', []],
  ])('%s', (text, found) => {
    expect(englishIn(text)).toEqual(found);
  });
});

const src = join(dirname(fileURLToPath(import.meta.url)), '..');

const sources = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .filter((path) => /\.tsx?$/.test(path) && !/\.test\.|testing[/\\]/.test(path))
  .map((path) => readFileSync(join(src, path), 'utf8'));

/** Texts that could be a key, and names that could be part of one. */
function wordsOf(source: string): string[] {
  const texts = source.matchAll(/'([\w.-]+)'|"([\w.-]+)"/g);
  const names = source.matchAll(/(?:^|[{,(;\s])(?:readonly )?([A-Za-z_$][\w$]*)\??:/g);
  return [...texts, ...names].map(([, one, two]) => one ?? two);
}

/** What stands between backticks, begins with the name of a part of the messages and holds a value: the pattern of a key that is put together. */
function patternsOf(source: string): string[] {
  return [...source.matchAll(/`([\w.-]*\$\{[^`]*)`/g)]
    .map(([, text]) => text.replace(/\$\{(?:[^{}]|\{[^{}]*\})*\}/g, '*'))
    .filter((text) => /^[\w.*-]+$/.test(text) && text.split('.', 1)[0] in en);
}

describe('every message is used', () => {
  const words = new Set(sources.flatMap(wordsOf));
  const patterns = [...new Set(sources.flatMap(patternsOf))].map(
    (pattern) => new RegExp(`^${pattern.replaceAll('.', '\\.').replaceAll('*', '([\\w-]+)')}$`),
  );
  const isUsed = (key: string): boolean =>
    words.has(key) ||
    patterns.some((pattern) => {
      const parts = pattern.exec(key)?.slice(1);
      return parts !== undefined && parts.every((part) => words.has(part));
    });

  test('in some source', () => {
    const keys = new Set([...english.keys()].map((key) => key.replace(PLURAL, '')));
    expect([...keys].filter((key) => !isUsed(key))).toEqual([]);
    expect(['app.noSuchText', 'event.noSuchText', 'lab.title'].filter(isUsed)).toEqual([]);
  });
});
