import { afterEach, describe, expect, test } from 'vitest';
import { countText, i18n, speak } from './index';
import { LANGUAGES, languageOf, preferredLanguage } from './languages';

afterEach(() => speak('en'));

describe('the language of a tag', () => {
  test.each([
    ['zh', 'zh-Hans'],
    ['zh-CN', 'zh-Hans'],
    ['zh-SG', 'zh-Hans'],
    ['zh-Hans', 'zh-Hans'],
    ['ZH-hans-cn', 'zh-Hans'],
    // Traditional characters are another language to read.
    ['zh-TW', null],
    ['zh-Hant', null],
    ['en', 'en'],
    ['en-GB', 'en'],
    ['de', null],
    ['', null],
    ['-', null],
    ['constructor', null],
    ['zh-😀', null],
  ])('%s is %s', (tag, language) => {
    expect(languageOf(tag)).toBe(language);
  });

  test('of several, the first that the page has', () => {
    expect(preferredLanguage(['de-AT', 'zh-CN', 'en'])).toBe('zh-Hans');
    expect(preferredLanguage(['zh-TW', 'en-US', 'zh-CN'])).toBe('en');
    expect(preferredLanguage([])).toBe('en');
  });
});

test.each(LANGUAGES)('%s is spoken once it has been chosen', async (language) => {
  await speak(language);
  expect(i18n.language).toBe(language);
  expect(i18n.t('count.steps', { count: 1234 })).toContain(countText(1234));
});

test('Chinese counts without plurals', async () => {
  await speak('zh-Hans');
  expect([1, 2, 1234].map((count) => i18n.t('count.skips', { count }))).toEqual([
    '1 个跳过的步',
    '2 个跳过的步',
    '1,234 个跳过的步',
  ]);
});
