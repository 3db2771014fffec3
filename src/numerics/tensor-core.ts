/**
 * Tensor cores of NVIDIA GPUs, as far as their result differs from a sum in binary32: a block of products and the
 * accumulator are aligned to their largest exponent, cut off below a fixed number of bits, added exactly, and the
 * sum is cut off to the output format. Nothing is rounded to nearest.
 *
 * The rule, which reproduces every measured record in testdata/tensor-core bit for bit:
 *   e_i = exponent(a_i) + exponent(b_i), each operand's exponent not below that of its format's smallest normal
 *         number; the significand of a product lies in [0, 4) and is not normalised. Zero products have no exponent.
 *   E   = the largest of the e_i, the exponent of the accumulator (at least -126; none if it is zero), and -133
 *   s   = sum of trunc(a_i b_i / 2^(E-F)) + trunc(c / 2^(E-F)), exactly: F fraction bits are kept
 *   c'  = s 2^(E-F), cut off to `outputBits` fraction bits (fewer below 2^-126); +0 if s is 0; infinity from 2^128
 * Subnormal operands and results count in full. A NaN, 0 times infinity or infinities of both signs give NaN.
 *
 * Sources: M. Fasi, N. J. Higham, M. Mikaitis, S. Pranesh, "Numerical behavior of NVIDIA tensor cores", PeerJ CS 7
 * (2021) e330; F. A. Khattak, M. Mikaitis, "Accurate Models of NVIDIA Tensor Cores", arXiv 2512.07004, and its
 * repository north-numerical-computing/MATLAB-tensor-core, from which the numbers in `MODELS` and the bound -133 are;
 * for the T4 Fasi et al., who measured one (F = 24), and P. Xie, Y. Wang, F. Yang, M. Yang, "MMA-Sim", arXiv 2511.10909, whose
 * model of Turing adds 8 products at once.
 */

import { add } from './f32';
import type { NumberFormat } from './formats';
import { message, MessageError } from './message';

declare module './message' {
  interface Messages {
    'tensor-core-format': { model: string; format: string; kinds: readonly string[] };
    'tensor-core-two-formats': { model: string; first: string; second: string; kinds: readonly string[] };
  }
}

/** One GPU generation each; `gpus.ts` says which board computes like which. */
export const TENSOR_CORES = ['v100', 't4', 'a100', 'ada', 'h100', 'b200'] as const;
export type TensorCoreModel = (typeof TENSOR_CORES)[number];

/** How one model multiplies matrices of one format. */
export interface TensorCoreRule {
  /** Products that are added in one go, `block` in the text above. */
  readonly block: number;
  /** F: fraction bits, relative to the largest exponent, that survive the alignment. */
  readonly fractionBits: number;
  /** Fraction bits of the result. */
  readonly outputBits: number;
  /**
   * True: the instruction takes 32 terms and is carried out as two blocks of 16 terms that start from zero, first the terms
   * 0, 1, 4, 5, 8, 9, ..., then the others on top of them; the accumulator is added last, rounded to nearest even.
   * This is how `mma.sync` of FP8 was measured on the B200 (whose FP16 tensor core does the work).
   */
  readonly interleaved: boolean;
}

type InputKind = 'fp16' | 'bf16' | 'tf32' | 'fp8';

function rule(block: number, fractionBits: number, outputBits = 23, interleaved = false): TensorCoreRule {
  return { block, fractionBits, outputBits, interleaved };
}

const MODELS: Record<TensorCoreModel, Partial<Record<InputKind, TensorCoreRule>>> = {
  v100: { fp16: rule(4, 23) },
  t4: { fp16: rule(8, 24) },
  a100: { fp16: rule(8, 24), bf16: rule(8, 24), tf32: rule(4, 24) },
  ada: { fp16: rule(8, 24), bf16: rule(8, 24), tf32: rule(4, 24), fp8: rule(16, 13, 13) },
  h100: { fp16: rule(16, 25), bf16: rule(16, 25), tf32: rule(8, 25), fp8: rule(32, 13, 13) },
  b200: { fp16: rule(16, 25), bf16: rule(16, 25), tf32: rule(8, 25), fp8: rule(32, 25, 23, true) },
};

const BASES: readonly (readonly [name: string, kind: InputKind])[] = [
  ['fp16', 'fp16'],
  ['bf16', 'bf16'],
  ['tf32', 'tf32'],
  ['e4m3fn', 'fp8'],
  ['e5m2', 'fp8'],
];

/** `fp16`, and likewise its variants such as `fp16_ftz`: what a variant changes is the rounding of casts. */
function inputKind({ name }: NumberFormat): InputKind | undefined {
  return BASES.find(([base]) => name === base || name.startsWith(`${base}_`))?.[1];
}

/** The rules of a model by what it multiplies, in order of width. */
export const rulesOf = (model: TensorCoreModel): readonly (readonly [kind: string, rule: TensorCoreRule])[] =>
  Object.entries(MODELS[model]);

/**
 * What `model` does with operands of two formats; they may differ only if both are 8 bits wide.
 *
 * @throws {MessageError} if the hardware cannot multiply these formats.
 */
export function tensorCoreRule(model: TensorCoreModel, a: NumberFormat, b: NumberFormat): TensorCoreRule {
  const kind = inputKind(a);
  const found = kind !== undefined && kind === inputKind(b) ? MODELS[model][kind] : undefined;
  if (found === undefined) {
    const values = { model: model.toUpperCase(), kinds: Object.keys(MODELS[model]) };
    throw new MessageError(
      a.name === b.name
        ? message('tensor-core-format', { ...values, format: a.name })
        : message('tensor-core-two-formats', { ...values, first: a.name, second: b.name }),
    );
  }
  return found;
}

/** Exponents below this are raised to it before the alignment. */
export const MIN_ALIGNMENT = -133;

/** The exponent field of the format's smallest normal number as a binary32 number. */
export function minExponentField(format: NumberFormat): number {
  return format.minNormalBits >>> 23;
}

const float = new Float32Array(2);
const floatBits = new Int32Array(float.buffer);
const double = new Float64Array(1);
const doubleWords = new Int32Array(double.buffer);
/** Typed arrays have the byte order of the machine. */
const HIGH = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1 ? 1 : 0;

/** `v` cut off towards zero to `outputBits` (13 or 23) fraction bits of binary32. */
function cutOff(v: number, outputBits: number): number {
  const magnitude = Math.abs(v);
  if (magnitude >= 2 ** 128) return v > 0 ? Infinity : -Infinity;
  if (magnitude < 2 ** -126) return Math.trunc(v * 2 ** (126 + outputBits)) * 2 ** -(126 + outputBits);
  double[0] = v;
  if (outputBits > 20) {
    doubleWords[1 - HIGH] &= -1 << (52 - outputBits);
  } else {
    doubleWords[1 - HIGH] = 0;
    doubleWords[HIGH] &= -1 << (20 - outputBits);
  }
  return double[0];
}

const BOTH_HALVES = -1;

/**
 * A running sum. `begin`, then `term` for each pair of operands, then `end`. Operands must be values of the formats
 * that the rule was made for. `shaders/numerics/tensor_core.wgsl` is the counterpart.
 */
export class TensorCoreSum {
  private readonly rule: TensorCoreRule;
  private readonly products: Float64Array;
  /** Sums of the operands' binary32 exponent fields, that is, e_i + 254; 0 for a zero product. */
  private readonly fields: Int32Array;
  private readonly minFieldA: number;
  private readonly minFieldB: number;
  private length = 0;
  private sum = 0;

  constructor(rule: TensorCoreRule, a: NumberFormat, b: NumberFormat) {
    this.rule = rule;
    this.products = new Float64Array(rule.block);
    this.fields = new Int32Array(rule.block);
    this.minFieldA = minExponentField(a);
    this.minFieldB = minExponentField(b);
  }

  begin(c: number): void {
    this.length = 0;
    this.sum = c;
  }

  term(a: number, b: number): void {
    float[0] = a;
    float[1] = b;
    // Exact: the operands have at most 11 significant bits each.
    const product = a * b;
    const i = this.length++;
    this.products[i] = product;
    this.fields[i] =
      product === 0
        ? 0
        : Math.max((floatBits[0] >>> 23) & 0xff, this.minFieldA) +
          Math.max((floatBits[1] >>> 23) & 0xff, this.minFieldB);
    if (this.length === this.rule.block) this.finishBlock();
  }

  /** The sum of all terms so far; a block that is not full is filled up with zeros. */
  end(): number {
    if (this.length > 0) this.finishBlock();
    // A sum without terms is what it began with, but a tensor core has no negative zero.
    return this.sum === 0 ? 0 : this.sum;
  }

  private finishBlock(): void {
    if (this.rule.interleaved) {
      const blocks = this.blockSum(this.blockSum(0, 0), 1);
      if (blocks !== 0) this.sum = add(this.sum, blocks);
    } else {
      this.sum = this.blockSum(this.sum, BOTH_HALVES);
    }
    this.length = 0;
  }

  /** The sum of `c` and one block: all terms, or the first or second half of an interleaved instruction. */
  private blockSum(c: number, half: number): number {
    const { products, fields, length } = this;
    const { fractionBits, outputBits } = this.rule;
    let field = MIN_ALIGNMENT + 254;
    if (c !== 0) {
      float[0] = c;
      field = Math.max(field, Math.max((floatBits[0] >>> 23) & 0xff, 1) + 127);
    }
    // In double precision finite operands cannot overflow, so this is infinite or NaN exactly when an operand is.
    let ordinary = c;
    for (let i = 0; i < length; i++) {
      if (half !== BOTH_HALVES && ((i >> 1) & 1) !== half) continue;
      ordinary += products[i];
      if (fields[i] > field) field = fields[i];
    }
    if (!Number.isFinite(ordinary)) return ordinary;
    const scale = 2 ** (fractionBits + 254 - field);
    let aligned = Math.trunc(c * scale);
    for (let i = 0; i < length; i++) {
      if (half !== BOTH_HALVES && ((i >> 1) & 1) !== half) continue;
      aligned += Math.trunc(products[i] * scale);
    }
    return aligned === 0 ? 0 : cutOff(aligned / scale, outputBits);
  }
}
