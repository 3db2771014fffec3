/** Everything that is said to people, without React: the page and the command line say the same. */
import i18next from 'i18next';
import en from './en.json' with { type: 'json' };
import { DEFAULT_LANGUAGE, LOADERS, type Language } from './languages';

export const i18n = i18next.createInstance();

void i18n.init({
  lng: DEFAULT_LANGUAGE,
  fallbackLng: DEFAULT_LANGUAGE,
  resources: { en: { translation: en } },
  // English is in the bundle, so that texts are there before the first rendering.
  initAsync: false,
  // React escapes; texts from links must not be escaped twice.
  interpolation: { escapeValue: false },
});

/** The language in which things are said now. */
export const currentLanguage = (): Language => i18n.language as Language;

/**
 * From now on everything is said in this language. Rejects where its messages cannot be fetched, and everything stays as
 * it was.
 */
export async function speak(language: Language): Promise<void> {
  if (language !== DEFAULT_LANGUAGE && !i18n.hasResourceBundle(language, 'translation')) {
    const { default: messages } = await LOADERS[language]();
    i18n.addResourceBundle(language, 'translation', messages);
  }
  await i18n.changeLanguage(language);
}

let counts = new Intl.NumberFormat(DEFAULT_LANGUAGE);
i18n.on('languageChanged', (language) => (counts = new Intl.NumberFormat(language)));

/** A whole number with group separators. Powers of two are never localised (`analysis/numbers.ts`). */
export const countText = (value: number): string => counts.format(value);
