/** Reads the reference vectors in src/numerics/testdata/; the README there describes the files. */
import { readFileSync } from 'node:fs';

function bytes(name: string): ArrayBuffer {
  const file = readFileSync(new URL(`../numerics/testdata/${name}`, import.meta.url));
  return file.buffer.slice(file.byteOffset, file.byteOffset + file.byteLength) as ArrayBuffer;
}

export interface RoundingVectors {
  readonly rows: number;
  /** f32 bits. */
  readonly inputs: Uint32Array<ArrayBuffer>;
  readonly expected: Uint32Array<ArrayBuffer>;
  readonly codes: Uint32Array<ArrayBuffer>;
}

export function roundingVectors(name: string): RoundingVectors {
  const words = new Uint32Array(bytes(`rounding-${name}.bin`));
  const rows = words.length / 3;
  const column = (k: number): Uint32Array<ArrayBuffer> =>
    Uint32Array.from({ length: rows }, (_, i) => words[3 * i + k]);
  return {
    rows,
    inputs: column(0),
    expected: column(1),
    codes: column(2).map((word) => word & 0x7ffff),
  };
}

/** f32 bits of the 256 codes of an 8-bit format. */
export function decodeVectors(name: string): Uint32Array {
  return new Uint32Array(bytes(`decode-${name}.bin`));
}

/** Rows of operand codes followed by the code of the result. */
export function arithmeticVectors(format: string, operation: string): Uint16Array {
  return new Uint16Array(bytes(`arith-${format}-${operation}.bin`));
}
