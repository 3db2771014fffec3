/**
 * Memory that code in three languages shares, described once: the fields of a structure in order, how each is stored
 * and what it means. TypeScript packs and reads with it; scripts/layout-modules.ts prints from it the shader module
 * `package::layout` and the constants and classes of the WebAssembly kernels.
 *
 * Everything is counted in words of 32 bits. Nothing is moved to keep a boundary: whoever needs one writes `pad`.
 */
import { toBits } from '../../numerics/f32.ts';
import { doubleWords, fromDoubleWords } from '../../numerics/f64.ts';

/** How one number is stored. An f64 is two words, the upper one first; `address` is a pointer of WebAssembly. */
export type Encoding = 'u32' | 'i32' | 'f32' | 'f64' | 'address';

interface Scalar {
  readonly kind: 'scalar';
  readonly encoding: Encoding;
  readonly note: string;
}

/** Several numbers that are stored alike; what each means, others say. */
interface Block {
  readonly kind: 'block';
  readonly encoding: 'u32' | 'f32';
  readonly count: number;
  readonly note: string;
}

interface Nested {
  readonly kind: 'struct';
  readonly struct: Struct;
  readonly note: string;
}

interface Pad {
  readonly kind: 'pad';
  readonly count: number;
}

export type Field = Scalar | Block | Nested | Pad;
export type Fields = Readonly<Record<string, Field>>;

const scalar =
  (encoding: Encoding) =>
  (note = ''): Scalar => ({ kind: 'scalar', encoding, note });

export const u32 = scalar('u32');
export const i32 = scalar('i32');
export const f32 = scalar('f32');
export const f64 = scalar('f64');
export const address = scalar('address');

export const block = (encoding: Block['encoding'], count: number, note = ''): Block => ({
  kind: 'block',
  encoding,
  count,
  note,
});

export const nested = (struct: Struct, note = ''): Nested => ({ kind: 'struct', struct, note });

/** So many words that mean nothing and are 0. */
export const pad = (count: number): Pad => ({ kind: 'pad', count });

function wordsOf(field: Field): number {
  switch (field.kind) {
    case 'scalar':
      return field.encoding === 'f64' ? 2 : 1;
    case 'struct':
      return field.struct.words;
    case 'block':
    case 'pad':
      return field.count;
  }
}

/** A number for a scalar, the words themselves for what has more parts. */
type ValueOf<F extends Field> = F extends Scalar ? number : ArrayLike<number>;
type Named<F extends Fields> = { [K in keyof F as F[K] extends Pad ? never : K]: F[K] };

/** What a structure holds, by field. */
export type Values<F extends Fields> = { -readonly [K in keyof Named<F>]: ValueOf<Named<F>[K]> };
/** Word offset of every field. */
export type Offsets<F extends Fields> = { readonly [K in keyof Named<F>]: number };

/** A number as it is stored: one word, or two. Every NaN is the same one. */
function encode(encoding: Encoding, value: number): readonly number[] {
  if (encoding === 'f32') return [toBits(value)];
  return encoding === 'f64' ? doubleWords(value) : [value];
}

function decode(encoding: Encoding, words: Uint32Array, at: number): number {
  const view = new DataView(words.buffer, words.byteOffset + 4 * at);
  switch (encoding) {
    case 'f32':
      return view.getFloat32(0, true);
    case 'i32':
      return view.getInt32(0, true);
    case 'u32':
    case 'address':
      return view.getUint32(0, true);
    case 'f64':
      return fromDoubleWords(words[at], words[at + 1]);
  }
}

/** A structure in memory. */
export class Struct<F extends Fields = Fields> {
  readonly name: string;
  /** What it is, one line. */
  readonly note: string;
  readonly fields: F;
  /** Words from one to the next in an array. */
  readonly words: number;
  readonly at: Offsets<F>;

  constructor(name: string, note: string, fields: F) {
    this.name = name;
    this.note = note;
    this.fields = fields;
    const offsets: Record<string, number> = {};
    let words = 0;
    for (const [key, field] of Object.entries(fields)) {
      if (field.kind !== 'pad') offsets[key] = words;
      words += wordsOf(field);
    }
    this.words = words;
    // The loop has met every key of F.
    this.at = offsets as Offsets<F>;
  }

  get bytes(): number {
    return 4 * this.words;
  }

  /**
   * Stores some fields, or all; the others stay.
   *
   * @param base word at which the structure begins
   * @throws {RangeError} for a block with more words than the field has
   */
  write(words: Uint32Array, values: Partial<Values<F>>, base = 0): void {
    for (const [key, value] of Object.entries(values) as [string, number | ArrayLike<number>][]) {
      const field = this.fields[key];
      const at = base + this.at[key as keyof Offsets<F>];
      if (typeof value === 'number') {
        words.set(encode(field.kind === 'scalar' ? field.encoding : 'u32', value), at);
        continue;
      }
      if (value.length > wordsOf(field)) {
        throw new RangeError(`${this.name}.${key} has ${wordsOf(field)} words, not ${value.length}`);
      }
      words.set(value, at);
    }
  }

  read(words: Uint32Array, base = 0): Values<F> {
    const entries = Object.entries(this.at as Readonly<Record<string, number>>).map(([key, offset]) => {
      const field = this.fields[key];
      const at = base + offset;
      return [
        key,
        field.kind === 'scalar' ? decode(field.encoding, words, at) : words.slice(at, at + wordsOf(field)),
      ];
    });
    return Object.fromEntries(entries) as Values<F>;
  }
}

/** @param note what it is, one line */
export const struct = <F extends Fields>(name: string, note: string, fields: F): Struct<F> =>
  new Struct(name, note, fields);
