import { describe, expect, test } from 'vitest';
import en from './en.json';
import { i18n } from './index';

describe('counted texts', () => {
  test.each(Object.keys(en.count).map((key) => key.replace(/_(one|other)$/, '') as 'growths'))(
    '%s has a singular, and a plural with groups of digits',
    (name) => {
      const [one, many] = [1, 1234].map((count) => i18n.t(`count.${name}`, { count }));
      expect(one).toMatch(/^1 /);
      expect(many).toMatch(/^1,234 /);
      expect(many.slice(6)).not.toBe(one.slice(2));
    },
  );

  test('one growth is not "1 growths"', () => {
    expect(i18n.t('count.growths', { count: 1 })).toBe('1 growth');
    expect(i18n.t('count.growths', { count: 0 })).toBe('0 growths');
  });
});
