import { expect, test } from 'vitest';
import { splitLanguage, withLanguage } from './hash-language';

test.each([
  ['lang=zh-Hans', '', 'zh-Hans'],
  ['v=1&b=3&lang=zh-Hans', 'v=1&b=3', 'zh-Hans'],
  ['lang=zh&lab&f=fp16', 'lab&f=fp16', 'zh-Hans'],
  ['trust&lang=en', 'trust', 'en'],
  ['v=1&lang=en&lang=zh', 'v=1', 'en'],
  ['v=1', 'v=1', null],
  ['', '', null],
  // What the page does not speak, or nobody can read, is left to whoever reads the rest.
  ['v=1&lang=xx', 'v=1&lang=xx', null],
  ['v=1&lang=', 'v=1&lang=', null],
  ['v=1&lang=zh-Hans%20', 'v=1&lang=zh-Hans%20', null],
  ['lab&blang=en', 'lab&blang=en', null],
])('#%s', (hash, rest, language) => {
  expect(splitLanguage(hash)).toEqual({ rest, language });
});

test('a language is put behind what is there, and taken out again', () => {
  expect(withLanguage('', 'zh-Hans')).toBe('lang=zh-Hans');
  expect(withLanguage('lab', null)).toBe('lab');
  for (const rest of ['', 'lab', 'v=1&b=3']) {
    expect(splitLanguage(withLanguage(rest, 'zh-Hans'))).toEqual({ rest, language: 'zh-Hans' });
  }
});
