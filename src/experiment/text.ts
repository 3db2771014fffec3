/**
 * How single values are written in a link. Only characters that RFC 3986 allows in a fragment are used, so that
 * mail programs and chats keep the link whole.
 */
import * as v from 'valibot';
import { shown } from '../numerics/shown';
import { exponentOfTwo, type BoundedKey } from './bounds';
import { boundedNumber, saidBy } from './schema';
import { message, MessageError } from '../numerics/message';

declare module '../numerics/message' {
  interface Messages {
    'damaged-escape': { text: string };
  }
}

/** A value's two directions. `read` throws a TextError. */
export interface TextType<Value> {
  write(value: Value): string;
  read(text: string): Value;
}

export class TextError extends MessageError {
  override readonly name = 'TextError';
}

/** Checks with a schema, turning its first issue into a TextError. */
export function check<Schema extends v.GenericSchema>(schema: Schema, value: unknown): v.InferOutput<Schema> {
  const result = v.safeParse(schema, value);
  if (!result.success) throw new TextError(saidBy(result.issues[0].message));
  return result.output;
}

/**
 * The decimal that gives back exactly this number, or for powers of two `2p16` where that is not longer. (Not `2e16`, which
 * everywhere else means 2·10^16, and not `2^16`, whose ^ is not allowed in a URL.)
 */
export function writeNumber(value: number): string {
  const decimal = String(value).replace('e+', 'e');
  const exponent = exponentOfTwo(value);
  const power = `2p${exponent}`;
  return exponent !== null && power.length <= decimal.length ? power : decimal;
}

const POWER = /^2[p^](-?\d{1,3})$/;
/** Digits can be matched in one way only: a long text that is no number is refused in one pass. */
const DECIMAL = /^-?(\d+(\.\d*)?|\.\d+)(e[+-]?\d{1,3})?$/i;

/** The number that a text means, or the text itself where it is none, for the schema to refuse. */
export function readNumber(text: string): number | string {
  const power = POWER.exec(text);
  if (power) return 2 ** Number(power[1]);
  return DECIMAL.test(text) ? Number(text) : text;
}

/** @param name what the link calls the number, which is what messages about it say */
export const numberType = (key: BoundedKey, name: string): TextType<number> => {
  const schema = boundedNumber(key, name);
  return { write: writeNumber, read: (text) => check(schema, readNumber(text)) };
};

/** Writes nothing for the usual value. */
export const orDefault = <Value>(type: TextType<Value>, usual: Value): TextType<Value> => ({
  write: (value) => (value === usual ? '' : type.write(value)),
  read: (text) => (text === '' ? usual : type.read(text)),
});

export const checkedText = <Output extends string>(
  schema: v.GenericSchema<unknown, Output>,
): TextType<Output> => ({ write: (value) => value, read: (text) => check(schema, text) });

/** Text whose parts are separated by `:`, for a place where that separates fields: `.` stands for it. */
export const dotted = (type: TextType<string>): TextType<string> => ({
  write: (value) => type.write(value).replaceAll(':', '.'),
  read: (text) => type.read(text.replaceAll('.', ':')),
});

/** Free text within a list: spaces become `_`, and what separates fields becomes `~` and two hexadecimal digits. */
export const freeText = (schema: v.GenericSchema<string, string>): TextType<string> => ({
  write: (value) =>
    value.replace(/[~_,:]/g, (special) => `~${special.charCodeAt(0).toString(16)}`).replaceAll(' ', '_'),
  read: (text) =>
    check(
      schema,
      text
        .replaceAll('_', ' ')
        .replace(/~([0-9a-f]{2})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16))),
    ),
});

/** `,` and `:` separate lists and fields and may stand in a fragment, as `/` may; what may not is escaped. */
export const encodePart = (text: string): string =>
  encodeURIComponent(text).replaceAll('%2C', ',').replaceAll('%3A', ':').replaceAll('%2F', '/');

export function decodePart(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new TextError(message('damaged-escape', { text: shown(text) }));
  }
}
