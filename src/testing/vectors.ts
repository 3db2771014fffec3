/** Reads the reference vectors in src/numerics/testdata/; the README there describes the files. */
import { readFileSync } from 'node:fs';
import { parseFormat, type NumberFormat } from '../numerics/formats';

function text(name: string): string {
  return readFileSync(new URL(`../numerics/testdata/${name}`, import.meta.url), 'utf8');
}

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

/** Dot products measured on one GPU: c + sum of a[i] b[i], everything as f32 bits. */
export interface TensorCoreVectors {
  readonly gpu: string;
  readonly format: NumberFormat;
  /** Number of terms. */
  readonly k: number;
  /** Records a[0..k), b[0..k), c, one after the other. */
  readonly records: Uint32Array<ArrayBuffer>;
  /** What the GPU gave for each record. */
  readonly expected: Uint32Array<ArrayBuffer>;
}

interface TensorCoreManifest {
  readonly files: readonly { file: string; gpu: string; inputFormat: string; k: number }[];
}

export function tensorCoreVectors(): readonly TensorCoreVectors[] {
  const { files } = JSON.parse(text('tensor-core/manifest.json')) as TensorCoreManifest;
  return files.map(({ file, gpu, inputFormat, k }) => {
    const words = new Uint32Array(bytes(`tensor-core/${file}`));
    const width = 2 * k + 2;
    return {
      gpu,
      format: parseFormat(inputFormat === 'E4M3' ? 'e4m3fn' : inputFormat),
      k,
      records: words.filter((_, i) => i % width !== width - 1),
      expected: words.filter((_, i) => i % width === width - 1),
    };
  });
}

/** The ways in which the sums of dot-<format>.bin were formed; see the README. */
export const DOT_MODES = ['f32_seq', 'fmt_seq', 'fmt_fma'] as const;
export type DotMode = (typeof DOT_MODES)[number];

export interface DotVectors {
  readonly id: string;
  /** Operand codes. */
  readonly a: Uint16Array;
  readonly b: Uint16Array;
  /** [number of terms, accumulator]: f32 bits for f32_seq, codes for the others; the last one is the result. */
  readonly checkpoints: Readonly<Record<DotMode, readonly (readonly [terms: number, accumulator: number])[]>>;
}

interface DotManifest {
  readonly files: readonly {
    readonly format: string;
    readonly file: string;
    readonly cases: readonly ({
      readonly id: string;
      readonly n: number;
      readonly a_offset: number;
      readonly b_offset: number;
      readonly checkpoints: Readonly<Record<DotMode, readonly (readonly [number, string])[]>>;
    } & Readonly<Record<DotMode, string>>)[];
  }[];
}

export function dotVectors(format: 'fp16' | 'bf16'): readonly DotVectors[] {
  const { files } = JSON.parse(text('dot-manifest.json')) as DotManifest;
  const found = files.find((each) => each.format === format);
  if (found === undefined) throw new Error(`no dot products in ${format}`);
  const codes = new Uint16Array(bytes(found.file));
  return found.cases.map((one) => {
    const accumulators = (mode: DotMode): readonly (readonly [number, number])[] =>
      [...one.checkpoints[mode], [one.n, one[mode]] as const].map(([n, hex]) => [n, Number(hex)]);
    return {
      id: one.id,
      a: codes.subarray(one.a_offset, one.a_offset + one.n),
      b: codes.subarray(one.b_offset, one.b_offset + one.n),
      checkpoints: {
        f32_seq: accumulators('f32_seq'),
        fmt_seq: accumulators('fmt_seq'),
        fmt_fma: accumulators('fmt_fma'),
      },
    };
  });
}
