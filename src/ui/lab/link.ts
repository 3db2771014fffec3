/** The lab in the address bar: `lab&f=bf16&n=0x3f80`, a small table of fields like that of the experiment. */
import { EXACT_MODES } from '../../analysis/exact/round';
import { parseTyped } from '../../analysis/exact/parse';
import { fromNumber } from '../../analysis/exact/rational';
import { parseFields, serializeFields, type Notice } from '../../experiment/codec';
import type { Field } from '../../experiment/fields';
import { TextError } from '../../experiment/text';
import { parseFormat } from '../../numerics/formats';
import { message, MessageError, type Message } from '../../numerics/message';
import { shown } from '../../numerics/shown';
import { blockBits, MAX_BLOCK } from './block/block';
import { wholeView } from './line/geometry';
import {
  DEFAULT_LAB,
  exactText,
  MAX_COUNT,
  OPERATIONS,
  readOperand,
  typedNumber,
  type LabState,
} from './state';

declare module '../../numerics/message' {
  interface Messages {
    'not-one-of': { text: string; options: readonly string[] };
    'not-a-number': { text: string };
    'not-a-code': { text: string; bits: number; format: string };
    'not-within': { text: string; most: number };
    'not-so-many-numbers': { text: string; most: number };
    'not-a-stretch': { text: string };
    'not-in-format': { text: string; format: string };
    'beyond-number-line': { format: string };
  }
}

const WORD = 'lab';

function choice<Key extends 'mode' | 'operation' | 'axis'>(
  key: string,
  name: Key,
  options: readonly LabState[Key][],
): Field<LabState> {
  return {
    key,
    write: (state) => state[name],
    read: (draft, text) => {
      const value = options.find((option) => option === text);
      if (value === undefined) throw new TextError(message('not-one-of', { text: shown(text), options }));
      return { ...draft, [name]: value };
    },
  };
}

/** A text that means a number, of whatever format. */
function numberText<Key extends 'a' | 'b' | 'c' | 'term'>(key: string, name: Key): Field<LabState> {
  return {
    key,
    write: (state) => state[name],
    read: (draft, text) => {
      if (parseTyped(text) === null) throw new TextError(message('not-a-number', { text: shown(text) }));
      return { ...draft, [name]: text };
    },
  };
}

const DECIMAL = /^-?(\d+(\.\d*)?|\.\d+)(e[+-]?\d{1,3})?$/;

const FIELDS: readonly Field<LabState>[] = [
  {
    key: 'f',
    write: ({ format }) => format,
    read: (draft, text) => {
      try {
        // By its own name, however it was asked for.
        return { ...draft, format: parseFormat(text).name };
      } catch (error) {
        if (error instanceof MessageError) throw new TextError(error.said);
        throw error;
      }
    },
  },
  choice('r', 'mode', EXACT_MODES),
  {
    key: 'n',
    write: ({ number }) => (number.kind === 'code' ? `0x${number.code.toString(16)}` : null),
    read: (draft, text) => {
      const typed = parseTyped(text);
      const { storageBits, label } = parseFormat(draft.format);
      if (typed?.kind !== 'code' || typed.code >= 2 ** storageBits) {
        throw new TextError(message('not-a-code', { text: shown(text), bits: storageBits, format: label }));
      }
      return { ...draft, number: typed };
    },
  },
  {
    key: 'x',
    write: ({ number }) => (number.kind === 'real' ? number.text : null),
    read: (draft, text) => {
      const number = typedNumber(text, parseFormat(draft.format), draft.mode);
      if (number === null) throw new TextError(message('not-a-number', { text: shown(text) }));
      return { ...draft, number };
    },
  },
  choice('op', 'operation', OPERATIONS),
  numberText('a', 'a'),
  numberText('b', 'b'),
  numberText('c', 'c'),
  numberText('t', 'term'),
  {
    key: 'k',
    write: ({ count }) => String(count),
    read: (draft, text) => {
      const count = /^\d{1,6}$/.test(text) ? Number(text) : 0;
      if (count < 1 || count > MAX_COUNT)
        throw new TextError(message('not-within', { text: shown(text), most: MAX_COUNT }));
      return { ...draft, count };
    },
  },
  {
    key: 'blk',
    write: ({ block }) => block,
    read: (draft, text) => {
      if (blockBits(text) === null)
        throw new TextError(message('not-so-many-numbers', { text: shown(text), most: MAX_BLOCK }));
      return { ...draft, block: text };
    },
  },
  choice('axis', 'axis', ['linear', 'log2']),
  {
    key: 'v',
    write: ({ view }) => view && `${view.low}:${view.high}`,
    read: (draft, text) => {
      const ends = text.split(':').map((end) => (DECIMAL.test(end) ? Number(end) : NaN));
      const [low, high] = ends;
      if (ends.length !== 2 || !Number.isFinite(high - low) || low >= high) {
        throw new TextError(message('not-a-stretch', { text: shown(text) }));
      }
      return { ...draft, view: { low, high } };
    },
  },
];

/** The hash of the lab, without the `#`. */
export const labHash = (state: LabState): string => WORD + serializeFields(FIELDS, state, DEFAULT_LAB);

export interface ParsedLab {
  readonly state: LabState;
  readonly notices: readonly Notice[];
}

/** Reads the hash of the lab. Never throws: what is bad keeps its default and gives a notice. */
export function parseLab(hash: string): ParsedLab {
  const { target, notices } = parseFields(FIELDS, hash.slice(WORD.length), DEFAULT_LAB, contradictions);
  return { state: settled(target), notices };
}

const OPERANDS = [
  ['a', 'a'],
  ['b', 'b'],
  ['c', 'c'],
  ['t', 'term'],
] as const satisfies readonly (readonly [string, keyof LabState])[];

const aboutKey = (name: string, problem: Message): Message => message('about', { name, problem });

/** What is fine by itself and has no place in the format. It stays, for another format may have it. */
function contradictions(state: LabState): readonly Notice[] {
  const { mode, axis, view } = state;
  const format = parseFormat(state.format);
  const operands = OPERANDS.filter(([, name]) => readOperand(state[name], format, mode) === null).map(
    ([key, name]) => ({
      key,
      message: aboutKey(key, message('not-in-format', { text: shown(state[name]), format: format.label })),
    }),
  );
  const whole = wholeView(format, axis);
  const beyond = view !== null && (view.high < whole.low || view.low > whole.high);
  return [
    ...operands,
    ...(beyond
      ? [{ key: 'v', message: aboutKey('v', message('beyond-number-line', { format: format.label })) }]
      : []),
  ];
}

/** The default number may happen to be a value of another format. */
function settled(state: LabState): LabState {
  const { number, mode } = state;
  if (number.kind === 'code') return state;
  return { ...state, number: typedNumber(number.text, parseFormat(state.format), mode) ?? number };
}

/** The hash that shows a number in a format, for links from elsewhere. */
export function hashOfNumber(value: number, name: string): string {
  const format = parseFormat(name);
  const text = Number.isNaN(value)
    ? 'nan'
    : Number.isFinite(value)
      ? exactText(fromNumber(value))
      : String(value);
  const number = typedNumber(text, format, DEFAULT_LAB.mode);
  // Where the number has to be rounded, a decimal with less digits says as much.
  const shorter = number?.kind === 'real' ? { ...number, text: String(value) } : number;
  return labHash({ ...DEFAULT_LAB, format: format.name, number: shorter ?? DEFAULT_LAB.number });
}
