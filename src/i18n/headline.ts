/** The headline of an experiment with a name: its question, what to watch, and what happened. */
import type { Happened } from '../analysis/headline';
import { powerText, shareText, shortNumber } from '../analysis/numbers';
import type { PresetId } from '../experiment/presets';
import { countText, i18n } from './index';

export interface HeadlineText {
  readonly question: string;
  readonly watch: string;
  /** Null while it has not happened. */
  readonly happened: string | null;
}

const short = (value: number): string =>
  value < 10 ? value.toPrecision(2) : shortNumber(Number(value.toPrecision(2)));

/** How the numbers of a headline are written, by their name. */
function textOf(name: string, value: number): string {
  if (/ratio$/i.test(name)) return short(value);
  if (/scale$/i.test(name)) return powerText(value);
  if (/(zero|share|vanished|lost)$/i.test(name)) return shareText(value);
  return Number.isInteger(value) ? countText(value) : shortNumber(Number(value.toPrecision(3)));
}

export function headlineText(id: PresetId, happened: Happened): HeadlineText {
  const values = Object.fromEntries(
    Object.entries(happened ?? {}).map(([name, value]) => [name, textOf(name, value)]),
  );
  return {
    question: i18n.t(`headline.${id}.question`),
    watch: i18n.t(`headline.${id}.watch`),
    happened: happened && i18n.t(`headline.${id}.happened`, { replace: values }),
  };
}
