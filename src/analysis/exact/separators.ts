/**
 * Decimal commas and groups of digits, in a text of whatever language, brought into the grammar of `parse.ts`. `0,05`,
 * `1 000 000`, `1,234,567`, `1,234.5` and `1.234,5` have one meaning each. A lone comma before exactly three digits has two,
 * and which of them is meant only the person knows.
 */

/** Texts of the grammar. More than one where the person has to be asked; none where digits are separated in no known way. */
export type Settled = readonly string[];

/** Digits and what may separate them; without spaces around. */
const RUN = /[.,]?\d(?:[\d.,_'’\s]*[\d.,])?/g;
/** Groups that commas and points have no part in, as in `65 536` or `0.000 061 035`. */
const MARK = /[\s_'’]/g;
const MARKED = /^(?:\d*|[1-9]\d{0,2}(?:[\s_'’]\d{3})+)(?:[.,](?:\d*|\d{3}(?:[\s_'’]\d{3})*[\s_'’]\d{1,3}))?$/;
const POINT = /^\d*\.?\d*$/;
const COMMA = /^\d*,\d*$/;
const LONE_COMMA = /^(\d*),(\d{3})$/;
const COMMA_GROUPS = /^[1-9]\d{0,2}(,\d{3})+\.\d+$|^[1-9]\d{0,2}(,\d{3}){2,}$/;
const POINT_GROUPS = /^[1-9]\d{0,2}(\.\d{3})+,\d+$|^[1-9]\d{0,2}(\.\d{3}){2,}$/;
/** The bits of a number have no fraction, and groups of their own. */
const CODE = /^\s*0(x[\da-f]+|b[01_]+)\s*$/i;
/** Copied along with numbers, and seen by nobody. */
const INVISIBLE = /[\u200b-\u200f\u2060\ufeff]/g;

interface Run {
  /** With the decimal comma, if it has a comma. */
  readonly decimal: string;
  /** With the comma as a separator of groups, where it may be that too. */
  readonly grouped?: string;
}

const withoutLeadingZeros = (digits: string): string => digits.replace(/^0+(?=\d)/, '');

/** `1.250` and `0.500` as `1.25` and `0.5`, so that neither looks like thousands. */
const shortest = (whole: string, fraction: string): string =>
  `${whole || '0'}.${fraction}`.replace(/\.?0+$/, '');

function runOf(text: string): Run | null {
  const digits = MARKED.test(text) ? text.replace(MARK, '') : text;
  if (POINT.test(digits)) return { decimal: digits };
  const lone = LONE_COMMA.exec(digits);
  if (lone) {
    const [, whole, fraction] = lone;
    return { decimal: shortest(whole, fraction), grouped: withoutLeadingZeros(whole + fraction) };
  }
  if (COMMA.test(digits)) return { decimal: digits.replace(',', '.') };
  if (COMMA_GROUPS.test(digits)) return { decimal: digits.replaceAll(',', '') };
  if (POINT_GROUPS.test(digits)) return { decimal: digits.replaceAll('.', '').replace(',', '.') };
  return null;
}

/** What a typed text may mean, as texts of the grammar. Whether they are numbers is for `parseTyped` to say. */
export function settle(typed: string): Settled {
  const text = typed.replace(INVISIBLE, '').trim();
  if (CODE.test(text)) return [text];
  const runs = [...text.matchAll(RUN)].map(([run]) => runOf(run));
  if (runs.includes(null)) return [];
  const written = (way: (run: Run) => string): string => {
    let index = 0;
    return text.replace(RUN, () => way(runs[index++] as Run));
  };
  const texts = [written(({ decimal }) => decimal), written(({ decimal, grouped }) => grouped ?? decimal)];
  return [...new Set(texts)];
}
