/**
 * Handwritten digits, 8×8 pixels (public/data/README.md has layout, source and licence). Of each class, 36 rows
 * spread evenly over the file are held out: 360 rows to test on, 1437 to train on, the same in every run.
 */
import type { ReadFile, Rows, TaskData } from '../task';
import { message, MessageError, reasonOf } from '../../numerics/message';

declare module '../../numerics/message' {
  interface Messages {
    'data-length': { file: string; bytes: number; expected: number };
    'data-checksum': { file: string };
    'digits-not-loaded': { file: string; reason: Message };
  }
}

export const DIGITS_FILE = 'data/digits.bin';
const ROWS = 1797;
export const PIXELS = 64;
export const CLASSES = 10;
const HELD_OUT_PER_CLASS = 36;
/** CRC-32 of the file. (SHA-256 is not available to pages served without TLS.) */
const CHECKSUM = 0xb89daea8;

/** CRC-32 as in zip and PNG (polynomial 0xedb88320). */
export function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}

function select(bytes: Uint8Array, rows: readonly number[]): Rows {
  const features = new Float32Array(rows.length * PIXELS);
  rows.forEach((row, i) => {
    // Pixels are 0..16; sixteenths of them are exact in every format with three significand bits or more.
    for (let k = 0; k < PIXELS; k++) features[i * PIXELS + k] = bytes[row * PIXELS + k] / 16;
  });
  const targets = Float32Array.from(rows, (row) => bytes[ROWS * PIXELS + row]);
  return { count: rows.length, features, targets };
}

/** @throws MessageError when the bytes are not those of the data set */
export function readDigits(bytes: Uint8Array): TaskData {
  const expected = ROWS * (PIXELS + 1);
  if (bytes.length !== expected) {
    throw new MessageError(message('data-length', { file: DIGITS_FILE, bytes: bytes.length, expected }));
  }
  if (crc32(bytes) !== CHECKSUM) {
    throw new MessageError(message('data-checksum', { file: DIGITS_FILE }));
  }
  const labels = bytes.subarray(ROWS * PIXELS);
  const heldOut = new Set<number>();
  for (let label = 0; label < CLASSES; label++) {
    const members = Array.from(labels.keys()).filter((row) => labels[row] === label);
    for (let k = 0; k < HELD_OUT_PER_CLASS; k++) {
      heldOut.add(members[Math.floor(((k + 0.5) * members.length) / HELD_OUT_PER_CLASS)]);
    }
  }
  const all = Array.from(labels.keys());
  return {
    training: select(
      bytes,
      all.filter((row) => !heldOut.has(row)),
    ),
    heldOut: select(
      bytes,
      all.filter((row) => heldOut.has(row)),
    ),
  };
}

export async function loadDigits(read: ReadFile): Promise<TaskData> {
  let bytes: Uint8Array;
  try {
    bytes = await read(DIGITS_FILE);
  } catch (error) {
    const values = { file: DIGITS_FILE, reason: reasonOf(error) };
    throw new MessageError(message('digits-not-loaded', values), { cause: error });
  }
  return readDigits(bytes);
}
