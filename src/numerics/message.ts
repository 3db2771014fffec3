/**
 * What is said to people, without the words: a code and its values. The words of all languages are in src/i18n; whoever
 * has something to say adds its code and the types of its values to `Messages`, beside the place where it is said:
 *
 *     declare module './message' {
 *       interface Messages {
 *         'random-bits': { bits: number };
 *       }
 *     }
 *     throw new MessageError('random-bits', { bits });
 *
 * Mistakes of a programmer are not for people, and stay errors in English.
 */

/** Numbers are written as they are; a list is written with commas. */
export type MessageValue = string | number | Message | readonly (string | Message)[];

export interface Message {
  readonly code: string;
  readonly values: Readonly<Record<string, MessageValue>>;
}

/** All codes with the types of their values; every part of the program adds its own. */
export interface Messages {
  /** What a browser, a driver or a person says, in their own words. */
  words: { text: string };
  /** A problem of something that has a name. */
  about: { name: string | Message; problem: Message };
  /** Some sentences, one after the other. */
  sentences: { all: readonly Message[] };
}

export type MessageCode = keyof Messages;

export const message = <Code extends MessageCode>(code: Code, values: Messages[Code]): Message => ({
  code,
  values: values as Message['values'],
});

/** For logs and tests: what people read comes from the message itself. */
const plainText = ({ code, values }: Message): string => `${code} ${JSON.stringify(values)}`;

const WRITTEN = /^([a-z0-9-]+) (\{.*\})$/s;

/**
 * Why something was thrown. Of an error from another thread only its text arrives, from which its message is read again;
 * what others throw has their own words.
 */
export function reasonOf(error: unknown): Message {
  if (error instanceof MessageError) return error.said;
  const text = error instanceof Error ? error.message : String(error);
  const [, code, values] = WRITTEN.exec(text) ?? [];
  if (code === undefined) return message('words', { text });
  try {
    return { code, values: JSON.parse(values) as Message['values'] };
  } catch {
    return message('words', { text });
  }
}

/** An error whose reason is for people. */
export class MessageError extends Error {
  override readonly name: string = 'MessageError';
  readonly said: Message;

  constructor(said: Message, options?: ErrorOptions) {
    super(plainText(said), options);
    this.said = said;
  }
}
