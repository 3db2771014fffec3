/**
 * The languages of the page. English is in the bundle; every other language is a file of messages with a chunk of its
 * own, and one entry in `NAMES` and in `LOADERS`. docs/adding-things.md says what else a language needs.
 */
import type en from './en.json';

/** Tags as in BCP 47, and how each language calls itself. The first is the one the messages are written in. */
const NAMES = { en: 'English', 'zh-Hans': '简体中文' } as const;

export type Language = keyof typeof NAMES;

export const DEFAULT_LANGUAGE = 'en';
export const LANGUAGES = Object.keys(NAMES) as readonly Language[];
export const languageName = (language: Language): string => NAMES[language];

/** The messages of a language: all of English, except singulars, which not every language has. */
export type Messages<Text = typeof en> = Text extends string
  ? string
  : { readonly [Key in keyof Text as Key extends `${string}_one` ? never : Key]: Messages<Text[Key]> };

type Loader = () => Promise<{ readonly default: Messages }>;

export const LOADERS: Readonly<Record<Exclude<Language, typeof DEFAULT_LANGUAGE>, Loader>> = {
  'zh-Hans': () => import('./zh-Hans.json'),
};

/** Scripts that a region writes without naming it: Chinese in Taiwan, Hong Kong and Macao is not simplified. */
const scriptOf = (tag: string): string | undefined => {
  try {
    return new Intl.Locale(tag).maximize().script;
  } catch {
    return undefined;
  }
};

/** The language that a tag such as `zh-CN`, `zh` or `en-GB` asks for; null for one that the page does not have. */
export function languageOf(tag: string): Language | null {
  const [base] = tag.toLowerCase().split('-', 1);
  const candidates = LANGUAGES.filter((language) => language.split('-', 1)[0] === base);
  return candidates.find((language) => scriptOf(language) === scriptOf(tag)) ?? null;
}

/** The first of a person's languages that the page has, as browsers list them. */
export function preferredLanguage(tags: readonly string[]): Language {
  for (const tag of tags) {
    const language = languageOf(tag);
    if (language) return language;
  }
  return DEFAULT_LANGUAGE;
}
