/** What a field says to a typed text. */
import { readTyped } from '../../analysis/numbers';
import { i18n } from '../i18n';

export type Answer =
  | { readonly kind: 'taken' }
  | { readonly kind: 'refused'; readonly why: string }
  /** The choices are texts that the field takes. */
  | { readonly kind: 'asked'; readonly question: string; readonly choices: readonly string[] };

export const TAKEN: Answer = { kind: 'taken' };

export const refused = (why: string): Answer => ({ kind: 'refused', why });

/** @param choices one or two */
export function asked([first, second]: readonly string[], why = ''): Answer {
  const choices = second === undefined ? [first] : [first, second];
  const question =
    second === undefined ? i18n.t('number.askOne', { first }) : i18n.t('number.askTwo', { first, second });
  return { kind: 'asked', question: `${why} ${question}`.trim(), choices };
}

/** So much of a refused text is repeated. */
const REPEATED = 40;

export const repeated = (text: string): string =>
  text.length > REPEATED ? `${text.slice(0, REPEATED)}…` : text;

export const unreadable = (text: string, examples: string): Answer =>
  refused(
    text === ''
      ? i18n.t('number.empty', { examples })
      : i18n.t('number.unreadable', { text: repeated(text), examples }),
  );

/**
 * The answer of a field that keeps a text.
 *
 * @param take gets a text with decimal points
 */
export function answerTyped(typed: string, examples: string, take: (text: string) => Answer): Answer {
  const reading = readTyped(typed);
  if (reading.kind === 'typed') return take(reading.text);
  return reading.kind === 'ask' ? asked(reading.texts) : unreadable(typed, examples);
}
