/**
 * How the products of a dot product are added up: a choice of arithmetic like the number format, and as visible.
 *
 * Operands are values of the formats they were cast to. Sums in binary32 are those of the engine (`f32.ts`: nearest
 * even, nothing below 2^-126); sums in a format are that format's own, subnormals included (`format-arithmetic.ts`); a
 * tensor core does as the hardware was measured to do (`tensor-core.ts`). `shaders/numerics/accumulation.wgsl` gives
 * the same bits.
 */

import { add, mul, sub } from './f32';
import { addInFormat, fmaFlushed, fmaInFormat, mulInFormat, requireArithmetic } from './format-arithmetic';
import { formatWords, type NumberFormat } from './formats';
import {
  minExponentField,
  parseTensorCore,
  tensorCoreRule,
  TensorCoreSum,
  type TensorCoreModel,
  type TensorCoreRule,
} from './tensor-core';

/**
 * One way to compute c + a_0 b_0 + a_1 b_1 + ... `inFormat` says whether products and sums are rounded to the
 * output's format at every step or kept in binary32.
 * - `fp32`: in order, every product and every sum rounded to binary32.
 * - `format`: the same, rounded to the format: acc = round(acc + round(a b)).
 * - `format-fma`: acc = round(acc + a b), one rounding.
 * - `chunked`: each `length` consecutive products are added up from zero, and these sums in order.
 * - `pairwise`: neighbours are added, then neighbouring sums, as in a binary tree; c last.
 * - `kahan`: in order, with a second number that carries what the sum has lost (Kahan 1965).
 * - `tensor-core`: as that GPU does it; with `promotion`, the tensor core starts from zero every so many terms and
 *   its sums are added in binary32 (DeepSeek-V3, arXiv 2412.19437, 3.3.2, promotes FP8 every 128).
 */
export type Accumulation =
  | { readonly kind: 'fp32' }
  | { readonly kind: 'format' }
  | { readonly kind: 'format-fma' }
  | { readonly kind: 'chunked'; readonly length: number; readonly inFormat: boolean }
  | { readonly kind: 'pairwise'; readonly inFormat: boolean }
  | { readonly kind: 'kahan'; readonly inFormat: boolean }
  | { readonly kind: 'tensor-core'; readonly model: TensorCoreModel; readonly promotion: number | null };

/** Chunks and promotion intervals go up to here. */
const MAX_LENGTH = 65_536;
/** Tensor cores add at most 32 products at once, and a promotion interval consists of whole blocks. */
const PROMOTION_STEP = 32;

const FORMS =
  'fp32, format, format-fma, chunked:<length>, pairwise, kahan (these three also with :format), tensor-core:<gpu> or tensor-core:<gpu>/<promotion interval>';

/** @throws {RangeError} with a sentence for people. */
function parseLength(text: string, step: number, what: string): number {
  const length = Number(text);
  if (!/^\d+$/.test(text) || length < step || length > MAX_LENGTH || length % step !== 0) {
    const multiple = step === 1 ? 'whole number' : `multiple of ${step}`;
    throw new RangeError(`The ${what} is to be a ${multiple} from ${step} to ${MAX_LENGTH}, not "${text}".`);
  }
  return length;
}

function parseTensorCoreAccumulation(text: string): Accumulation {
  const slash = text.indexOf('/');
  const model = parseTensorCore(slash < 0 ? text : text.slice(0, slash));
  const promotion =
    slash < 0 ? null : parseLength(text.slice(slash + 1), PROMOTION_STEP, 'promotion interval');
  return { kind: 'tensor-core', model, promotion };
}

/**
 * The accumulation called `text`, in upper or lower case: `fp32`, `format`, `format-fma`, `chunked:32`, `pairwise`,
 * `kahan`, `chunked:32:format`, `pairwise:format`, `kahan:format`, `tensor-core:h100`, `tensor-core:h100/128`.
 *
 * @throws {RangeError} with a sentence for people.
 */
export function parseAccumulation(text: string): Accumulation {
  const [kind, ...rest] = text.toLowerCase().split(':');
  if (kind === 'tensor-core' && rest.length === 1) return parseTensorCoreAccumulation(rest[0]);
  if ((kind === 'fp32' || kind === 'format' || kind === 'format-fma') && rest.length === 0) return { kind };
  const inFormat = rest.at(-1) === 'format';
  const parameters = inFormat ? rest.slice(0, -1) : rest;
  if (kind === 'chunked' && parameters.length === 1) {
    return { kind, length: parseLength(parameters[0], 1, 'length of a chunk'), inFormat };
  }
  if ((kind === 'pairwise' || kind === 'kahan') && parameters.length === 0) return { kind, inFormat };
  throw new RangeError(`Unknown accumulation "${text}". Use one of ${FORMS}.`);
}

/** The text that `parseAccumulation` turns into `accumulation`. */
export function accumulationName(accumulation: Accumulation): string {
  switch (accumulation.kind) {
    case 'fp32':
    case 'format':
    case 'format-fma':
      return accumulation.kind;
    case 'chunked':
      return `chunked:${accumulation.length}${accumulation.inFormat ? ':format' : ''}`;
    case 'pairwise':
    case 'kahan':
      return `${accumulation.kind}${accumulation.inFormat ? ':format' : ''}`;
    case 'tensor-core': {
      const { model, promotion } = accumulation;
      return `tensor-core:${model}${promotion === null ? '' : `/${promotion}`}`;
    }
  }
}

/** A running dot product: `begin` with c, `term` for each pair of operands in order, then `end` once. */
export interface Accumulator {
  begin(c: number): void;
  term(a: number, b: number): void;
  /** A NaN may have any payload. */
  end(): number;
}

/** Arithmetic of one step, in binary32 or in a format. */
interface Steps {
  mul(this: void, a: number, b: number): number;
  add(this: void, x: number, y: number): number;
  sub(this: void, x: number, y: number): number;
}

const BINARY32: Steps = { mul, add, sub };

function stepsIn(format: NumberFormat): Steps {
  return {
    mul: (a, b) => mulInFormat(a, b, format),
    add: (x, y) => addInFormat(x, y, format),
    sub: (x, y) => addInFormat(x, -y, format),
  };
}

class InOrder implements Accumulator {
  private readonly steps: Steps;
  private sum = 0;

  constructor(steps: Steps) {
    this.steps = steps;
  }

  begin(c: number): void {
    this.sum = c;
  }

  term(a: number, b: number): void {
    this.sum = this.steps.add(this.sum, this.steps.mul(a, b));
  }

  end(): number {
    return this.sum;
  }
}

type FusedMultiplyAdd = (a: number, b: number, c: number) => number;

class Fused implements Accumulator {
  private readonly fma: FusedMultiplyAdd;
  private sum = 0;

  constructor(fma: FusedMultiplyAdd) {
    this.fma = fma;
  }

  begin(c: number): void {
    this.sum = c;
  }

  term(a: number, b: number): void {
    this.sum = this.fma(a, b, this.sum);
  }

  end(): number {
    return this.sum;
  }
}

/** Adds what `part` gives for each `length` terms, where each part begins from zero. */
class InParts implements Accumulator {
  private readonly part: Accumulator;
  private readonly length: number;
  private readonly add: Steps['add'];
  private sum = 0;
  private count = 0;

  constructor(part: Accumulator, length: number, plus: Steps['add']) {
    this.part = part;
    this.length = length;
    this.add = plus;
  }

  begin(c: number): void {
    this.sum = c;
    this.count = 0;
    this.part.begin(0);
  }

  term(a: number, b: number): void {
    this.part.term(a, b);
    if (++this.count === this.length) this.finishPart();
  }

  end(): number {
    if (this.count > 0) this.finishPart();
    return this.sum;
  }

  private finishPart(): void {
    this.sum = this.add(this.sum, this.part.end());
    this.part.begin(0);
    this.count = 0;
  }
}

/** Sums of 1, 2, 4, ... terms wait for their neighbour; the bits of the number of terms say which ones do. */
class Pairwise implements Accumulator {
  private readonly steps: Steps;
  private readonly waiting: number[] = [];
  private count = 0;
  private c = 0;

  constructor(steps: Steps) {
    this.steps = steps;
  }

  begin(c: number): void {
    this.c = c;
    this.count = 0;
  }

  term(a: number, b: number): void {
    let sum = this.steps.mul(a, b);
    let level = 0;
    for (; ((this.count >> level) & 1) === 1; level++) sum = this.steps.add(this.waiting[level], sum);
    this.waiting[level] = sum;
    this.count++;
  }

  /** The sums that still wait are added from the last, smallest one to the first. */
  end(): number {
    let level = 0;
    while (level < 31 && ((this.count >> level) & 1) === 0) level++;
    if (level === 31) return this.c;
    let sum = this.waiting[level];
    for (level++; this.count >> level !== 0; level++) {
      if (((this.count >> level) & 1) === 1) sum = this.steps.add(this.waiting[level], sum);
    }
    return this.steps.add(this.c, sum);
  }
}

/** Once the sum is infinite the correction is NaN, and so is every later sum. */
class Kahan implements Accumulator {
  private readonly steps: Steps;
  private sum = 0;
  private excess = 0;

  constructor(steps: Steps) {
    this.steps = steps;
  }

  begin(c: number): void {
    this.sum = c;
    this.excess = 0;
  }

  term(a: number, b: number): void {
    const { mul: multiply, add: plus, sub: minus } = this.steps;
    const increment = minus(multiply(a, b), this.excess);
    const sum = plus(this.sum, increment);
    this.excess = minus(minus(sum, this.sum), increment);
    this.sum = sum;
  }

  end(): number {
    return this.sum;
  }
}

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

/** c + a_0 b_0 + a_1 b_1 + ... over the common length of two arrays. */
export function dot(accumulator: Accumulator, a: ArrayLike<number>, b: ArrayLike<number>, c = 0): number {
  accumulator.begin(c);
  for (let i = 0; i < a.length; i++) accumulator.term(a[i], b[i]);
  return accumulator.end();
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
