/**
 * What an accumulation comes down to for the formats of a product: an accumulator for the CPU, and words and constants
 * for the kernels (`shaders/numerics/accumulation.wgsl`).
 */

import type { Accumulation } from './accumulation';
import {
  BINARY32,
  Fused,
  InOrder,
  InParts,
  Kahan,
  Pairwise,
  stepsIn,
  type Accumulator,
} from './accumulators';
import { add } from './f32';
import { fmaFlushed, fmaInFormat, requireArithmetic } from './format-arithmetic';
import { formatWords, type NumberFormat } from './formats';
import { minExponentField, tensorCoreRule, TensorCoreSum, type TensorCoreRule } from './tensor-core';

/** What an accumulation comes down to for given formats. The numbers are those of accumulation.wgsl. */
const PROCEDURE = { inOrder: 0, fused: 1, chunked: 2, pairwise: 3, kahan: 4, tensorCore: 5 } as const;

interface Procedure {
  readonly number: (typeof PROCEDURE)[keyof typeof PROCEDURE];
  /** The format of every step, or null for binary32. */
  readonly steps: NumberFormat | null;
  /** Terms of a chunk or between promotions; 0 if there is neither. */
  readonly length: number;
  readonly rule: TensorCoreRule | null;
}

const isBinary32 = (format: NumberFormat): boolean =>
  format.exponentBits === 8 && format.significandBits === 23;

/**
 * Two cases in which less happens than asked for: steps in a format are steps in binary32 if that is the format, and
 * matrices in binary32 are not multiplied by tensor cores but in order (PyTorch's default, with TF32 not allowed).
 *
 * @throws {RangeError} with a sentence for people if the accumulation is not possible with these formats.
 */
function procedureFor(
  accumulation: Accumulation,
  a: NumberFormat,
  b: NumberFormat,
  output: NumberFormat,
): Procedure {
  const steps = (inFormat: boolean): NumberFormat | null => {
    if (!inFormat || isBinary32(output)) return null;
    requireArithmetic(output);
    return output;
  };
  const procedure = (number: Procedure['number'], inFormat: boolean, length = 0): Procedure => ({
    number,
    steps: steps(inFormat),
    length,
    rule: null,
  });
  switch (accumulation.kind) {
    case 'fp32':
      return procedure(PROCEDURE.inOrder, false);
    case 'format':
      return procedure(PROCEDURE.inOrder, true);
    case 'format-fma':
      return procedure(PROCEDURE.fused, true);
    case 'chunked':
      return procedure(PROCEDURE.chunked, accumulation.inFormat, accumulation.length);
    case 'pairwise':
      return procedure(PROCEDURE.pairwise, accumulation.inFormat);
    case 'kahan':
      return procedure(PROCEDURE.kahan, accumulation.inFormat);
    case 'tensor-core': {
      if (isBinary32(a) || isBinary32(b)) return procedure(PROCEDURE.inOrder, false);
      const rule = tensorCoreRule(accumulation.model, a, b);
      return { ...procedure(PROCEDURE.tensorCore, false, accumulation.promotion ?? 0), rule };
    }
  }
}

/**
 * The CPU's way to run an accumulation; one object serves any number of dot products, one after the other.
 *
 * @param a format of the first operands, @param b of the second, @param output of the result and of steps `inFormat`
 * @throws {RangeError} with a sentence for people if the accumulation is not possible with these formats.
 */
export function createAccumulator(
  accumulation: Accumulation,
  a: NumberFormat,
  b: NumberFormat,
  output: NumberFormat,
): Accumulator {
  const { number, steps: format, length, rule } = procedureFor(accumulation, a, b, output);
  const steps = format === null ? BINARY32 : stepsIn(format);
  if (rule !== null) {
    const sum = new TensorCoreSum(rule, a, b);
    return length === 0 ? sum : new InParts(sum, length, add);
  }
  if (number === PROCEDURE.chunked) return new InParts(new InOrder(steps), length, steps.add);
  if (number === PROCEDURE.pairwise) return new Pairwise(steps);
  if (number === PROCEDURE.kahan) return new Kahan(steps);
  if (number === PROCEDURE.inOrder) return new InOrder(steps);
  return new Fused(format === null ? fmaFlushed : (x, y, z) => fmaInFormat(x, y, z, format));
}

/** Whether an accumulation is possible with these formats. */
export function canAccumulate(
  accumulation: Accumulation,
  a: NumberFormat,
  b: NumberFormat,
  output: NumberFormat,
): boolean {
  try {
    procedureFor(accumulation, a, b, output);
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

/** Words of `struct Accumulation` in shaders/numerics/accumulation.wgsl; two vec4<u32>. */
export const ACCUMULATION_WORDS = 8;

/**
 * Values of the constants of accumulation.wgsl for pipelines that meet no other accumulations than these.
 *
 * @param accumulations results of `accumulationWords`
 */
export function accumulationConstants(accumulations: readonly (readonly number[])[]): Record<string, number> {
  const some = (matches: (procedure: number, inFormat: boolean) => boolean): number =>
    accumulations.some(([word]) => matches(word & 0xff, (word & 0x100) !== 0)) ? 1 : 0;
  const { tensorCore, fused } = PROCEDURE;
  return {
    with_tensor_core: some((procedure) => procedure === tensorCore),
    with_steps: some((procedure) => procedure !== tensorCore),
    with_steps_in_format: some((procedure, inFormat) => procedure !== tensorCore && inFormat),
    with_fused_in_binary32: some((procedure, inFormat) => procedure === fused && !inFormat),
  };
}

/**
 * An accumulation for the GPU, `ACCUMULATION_WORDS` long. Parameters and errors are those of `createAccumulator`.
 * Word 0: procedure in bits 0..7, bit 8 steps in the format, bit 9 interleaved; 1: length of chunks or promotion
 * interval; 2: block, fraction bits << 8, output bits << 16; 3: lowest exponent fields of a and of b << 8;
 * 4..7: `formatWords` of the output.
 */
export function accumulationWords(
  accumulation: Accumulation,
  a: NumberFormat,
  b: NumberFormat,
  output: NumberFormat,
): readonly number[] {
  const { number, steps, length, rule } = procedureFor(accumulation, a, b, output);
  return [
    number | (steps === null ? 0 : 1 << 8) | (rule?.interleaved === true ? 1 << 9 : 0),
    length,
    rule === null ? 0 : rule.block | (rule.fractionBits << 8) | (rule.outputBits << 16),
    minExponentField(a) | (minExponentField(b) << 8),
    ...formatWords(output),
  ];
}
