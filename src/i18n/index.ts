/** Everything that is said to people, without React: the page and the command line say the same. English only so far. */
import i18next from 'i18next';
import en from './en.json';

export const i18n = i18next.createInstance();

void i18n.init({
  lng: 'en',
  fallbackLng: 'en',
  resources: { en: { translation: en } },
  // Resources are in the bundle, so that texts are there before the first rendering.
  initAsync: false,
  // React escapes; texts from links must not be escaped twice.
  interpolation: { escapeValue: false },
});

const counts = new Intl.NumberFormat('en');

/** A whole number with group separators. */
export const countText = (value: number): string => counts.format(value);
