/** Reading and writing of the command line's files. */
import { readFileSync, writeFileSync } from 'node:fs';
import { orUsageError, UsageError } from './errors';

export const readBytes = (path: string): Promise<Uint8Array> =>
  orUsageError(`cannot read ${path}`, () => new Uint8Array(readFileSync(path)));

export async function readJson(path: string): Promise<unknown> {
  const text = new TextDecoder().decode(await readBytes(path));
  return orUsageError(`${path} is not JSON`, (): unknown => JSON.parse(text));
}

export const writeBytes = (path: string, bytes: Uint8Array): Promise<void> =>
  orUsageError(`cannot write ${path}`, () => writeFileSync(path, bytes));

export const writeText = (path: string, text: string): Promise<void> =>
  orUsageError(`cannot write ${path}`, () => writeFileSync(path, text));

export const writeJson = (path: string, value: unknown): Promise<void> =>
  writeText(path, `${JSON.stringify(value)}\n`);

/** The bytes of a file of whole words, to be read little-endian whatever the byte order of this machine. */
async function readView(path: string, wordBytes: number): Promise<DataView> {
  const bytes = await readBytes(path);
  if (bytes.length % wordBytes !== 0) {
    throw new UsageError(
      `${path} has ${bytes.length} bytes, which is not a whole number of ${wordBytes}-byte words`,
    );
  }
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

/** u32 words, little-endian. */
export async function readWords(path: string): Promise<Uint32Array<ArrayBuffer>> {
  const view = await readView(path, 4);
  return Uint32Array.from({ length: view.byteLength / 4 }, (_, i) => view.getUint32(i * 4, true));
}

export function writeWords(path: string, words: Uint32Array): Promise<void> {
  const view = new DataView(new ArrayBuffer(words.length * 4));
  words.forEach((word, i) => view.setUint32(i * 4, word, true));
  return writeBytes(path, new Uint8Array(view.buffer));
}

/** u16 codes, little-endian. */
export async function readCodes(path: string): Promise<Uint16Array<ArrayBuffer>> {
  const view = await readView(path, 2);
  return Uint16Array.from({ length: view.byteLength / 2 }, (_, i) => view.getUint16(i * 2, true));
}

export function writeCodes(path: string, codes: Uint16Array): Promise<void> {
  const view = new DataView(new ArrayBuffer(codes.length * 2));
  codes.forEach((code, i) => view.setUint16(i * 2, code, true));
  return writeBytes(path, new Uint8Array(view.buffer));
}

/** @throws {UsageError} unless `words` are rows of `width` words each. */
export function requireRows(path: string, words: { readonly length: number }, width: number): void {
  if (words.length % width !== 0) {
    throw new UsageError(
      `${path} has ${words.length} words, which is not a whole number of rows of ${width}`,
    );
  }
}
