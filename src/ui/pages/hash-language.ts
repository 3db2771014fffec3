/**
 * The page's language within the hash: `lab&f=fp16&lang=zh-Hans`. It belongs to whoever reads the page and to no
 * experiment, so nothing but the address knows of it.
 */
import { languageOf, type Language } from '../../i18n/languages';

const PART = /^lang=([A-Za-z0-9-]{2,35})$/;

const languageOfPart = (part: string): Language | null => languageOf(PART.exec(part)?.[1] ?? '');

export interface SplitHash {
  /** The hash as if no language were in it. */
  readonly rest: string;
  /** The first one named; null without. A language that the page does not have stays in `rest`, whose reader complains. */
  readonly language: Language | null;
}

export function splitLanguage(hash: string): SplitHash {
  if (!hash.includes('lang=')) return { rest: hash, language: null };
  const parts = hash.split('&');
  const named = parts.map(languageOfPart);
  return {
    rest: parts.filter((_, index) => named[index] === null).join('&'),
    language: named.find((language) => language !== null) ?? null,
  };
}

export function withLanguage(rest: string, language: Language | null): string {
  if (language === null) return rest;
  return `${rest}${rest === '' ? '' : '&'}lang=${language}`;
}
