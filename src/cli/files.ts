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

export const writeJson = (path: string, value: unknown): Promise<void> =>
  orUsageError(`cannot write ${path}`, () => writeFileSync(path, `${JSON.stringify(value)}\n`));

/** Little-endian words of a file, whatever the byte order of this machine. */
export async function readWords(path: string): Promise<Uint32Array> {
  const bytes = await readBytes(path);
  if (bytes.length % 4 !== 0) {
    throw new UsageError(`${path} has ${bytes.length} bytes, which is not a whole number of 4-byte words`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return Uint32Array.from({ length: bytes.length / 4 }, (_, i) => view.getUint32(i * 4, true));
}

export function writeWords(path: string, words: Uint32Array): Promise<void> {
  const bytes = new Uint8Array(words.length * 4);
  const view = new DataView(bytes.buffer);
  words.forEach((word, i) => view.setUint32(i * 4, word, true));
  return writeBytes(path, bytes);
}
