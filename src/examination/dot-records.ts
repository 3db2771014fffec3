/** Many dot products of the same length, as bit patterns: what `amp dot` computes on either backend. */

import type { Accumulation } from '../numerics/accumulation';
import { dot } from '../numerics/accumulators';
import { createAccumulator } from '../numerics/accumulation-procedures';
import { toBits } from '../numerics/f32';
import type { NumberFormat } from '../numerics/formats';
import { roundBits } from '../numerics/round';

const INFINITY_BITS = 0x7f800000;

export interface DotTask {
  readonly accumulation: Accumulation;
  /** Of all operands, and of sums that are rounded at every step. */
  readonly format: NumberFormat;
  /** Terms of each dot product. */
  readonly k: number;
}

/** Words of one record: a[0..k), b[0..k), c. */
export const recordWords = (k: number): number => 2 * k + 1;

/** Sums in a format begin with a number of it; the others begin with any binary32 number. */
export function beginsInFormat({ accumulation }: DotTask): boolean {
  return (
    accumulation.kind === 'format' ||
    accumulation.kind === 'format-fma' ||
    ('inFormat' in accumulation && accumulation.inFormat)
  );
}

/**
 * The records with every operand rounded to the nearest value of the format, ties to even, as a cast would do, and
 * how many that changed. Files made for a tensor core hold values of its formats, and none of them changes.
 */
export function castOperands(
  records: Uint32Array,
  task: DotTask,
): { readonly records: Uint32Array<ArrayBuffer>; readonly changed: number } {
  const width = recordWords(task.k);
  const castLast = beginsInFormat(task);
  let changed = 0;
  const cast = Uint32Array.from(records, (u, i) => {
    if (i % width === width - 1 && !castLast) return u;
    const rounded = roundBits(u, task.format);
    if (rounded !== u && (u & 0x7fffffff) <= INFINITY_BITS) changed++;
    return rounded;
  });
  return { records: cast, changed };
}

/** The f32 bits of each record's c + sum of a[i] b[i]; NaN is 0x7fc00000. Operands are values of the format. */
export function dotRecords(records: Uint32Array<ArrayBuffer>, task: DotTask): Uint32Array<ArrayBuffer> {
  const { accumulation, format, k } = task;
  const width = recordWords(k);
  const values = new Float32Array(records.buffer, records.byteOffset, records.length);
  const accumulator = createAccumulator(accumulation, format, format, format);
  return Uint32Array.from({ length: records.length / width }, (_, i) => {
    const at = i * width;
    const [a, b] = [values.subarray(at, at + k), values.subarray(at + k, at + 2 * k)];
    return toBits(dot(accumulator, a, b, values[at + 2 * k]));
  });
}
