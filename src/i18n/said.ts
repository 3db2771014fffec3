/** Puts messages (`numerics/message.ts`) into words: notices of links, refusals, reasons of failures, names of lanes. */
import { reasonOf, type Message, type MessageCode, type MessageValue } from '../numerics/message';
import en from './en.json' with { type: 'json' };
import { i18n } from './index';

/** The compiler finds a code without words. */
const ENGLISH: Readonly<Record<MessageCode | 'list' | 'between-sentences', string>> = en.said;

/**
 * The words for a code, with places for its values. Not by `t`, which would look for counts and nested texts in what
 * strangers write into links, and takes ten times as long.
 */
function wordsOf(code: string): string {
  const words: unknown = i18n.getResource(i18n.language, 'translation', `said.${code}`);
  // Messages are made by `message`, which takes no other code.
  return typeof words === 'string' ? words : ENGLISH[code as MessageCode];
}

/** In the language of the page. */
export const messageText = (message: Message): string =>
  message.code === 'sentences' ? sentencesText(message.values.all) : filled(message);

const sentencesText = (all: MessageValue): string =>
  Array.isArray(all) ? all.map(valueText).join(wordsOf('between-sentences')) : '';

const filled = ({ code, values }: Message): string =>
  wordsOf(code).replace(/\{\{(\w+)\}\}/g, (_, name: string) => valueText(values[name]));

function valueText(value: MessageValue): string {
  if (typeof value === 'string' || typeof value === 'number') return String(value);
  if ('code' in value) return messageText(value);
  return value.map(valueText).join(wordsOf('list'));
}

/** The reason of an error; what is thrown elsewhere has only its own words. */
export const errorText = (error: unknown): string => messageText(reasonOf(error));
