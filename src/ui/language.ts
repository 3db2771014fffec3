/** Which language the page speaks: what its address says, else what a person chose before, else the browser's. */
import { languageOf, preferredLanguage, type Language } from '../i18n/languages';
import { remember, remembered } from './storage';

const KEY = 'amp-playground.language';

/** @param asked the language in the address */
export function startingLanguage(asked: Language | null): Language {
  return asked ?? languageOf(remembered(KEY) ?? '') ?? preferredLanguage(navigator.languages);
}

export const rememberLanguage = (language: Language): void => remember(KEY, language);
