/**
 * Block formats: narrow elements that share a scale, as fake quantisation of a tensor, f32 in and f32 out.
 *
 * - MX (OCP Microscaling Formats Specification 1.0, 6.3): 32 elements share a power of two X, kept as E8M0. The
 *   quotient v / X is rounded to the element's format, where it saturates, and stands for (v / X) X.
 * - NVFP4 (NVIDIA, "Pretraining Large Language Models with NVFP4", arXiv 2509.25149): 16 elements in E2M1 share a
 *   scale in E4M3, and all blocks one in FP32. The operations are those of the reference in Transformer Engine
 *   (transformer_engine/pytorch/custom_recipes/quantization_ref_nvfp4.py), with a block's scale as (max / 6) encode;
 *   newer versions of it compute max (encode (1 / 6)), which differs in the last bit before the scale is rounded to E4M3.
 *
 * Blocks are consecutive elements from the first on; the last one may be shorter. A block that holds an infinity or a
 * NaN becomes NaN as a whole, which is what an E8M0 scale of NaN means. `shaders/examination/blocks_kernel.wgsl` gives the
 * same bits.
 */

import { div, fromBits, mul, toBits } from './f32';
import {
  flushing,
  FORMATS,
  formatWords,
  roundingDescriptor,
  type NumberFormat,
  type Rounding,
  type RoundingDescriptor,
} from './formats';
import { philox4x32 } from './philox';
import { CANONICAL_NAN, roundBits, roundBitsWith } from './round';
import { ARRAY_STREAM } from './round-array';

export interface BlockFormat {
  /** Identifier, for example `mxfp8_e4m3`. */
  readonly name: string;
  /** Name for people, for example `MXFP8 E4M3`. */
  readonly label: string;
  readonly element: NumberFormat;
  /** Elements that share a scale. */
  readonly size: number;
  readonly scale: 'e8m0' | 'e4m3';
}

const mx = (name: string, label: string, element: NumberFormat): BlockFormat => ({
  name,
  label,
  element,
  size: 32,
  scale: 'e8m0',
});

export const BLOCK_FORMATS: readonly BlockFormat[] = [
  mx('mxfp8_e4m3', 'MXFP8 E4M3', FORMATS.e4m3fn_sat),
  mx('mxfp8_e5m2', 'MXFP8 E5M2', FORMATS.e5m2_sat),
  mx('mxfp6_e3m2', 'MXFP6 E3M2', FORMATS.e3m2fn),
  mx('mxfp6_e2m3', 'MXFP6 E2M3', FORMATS.e2m3fn),
  mx('mxfp4', 'MXFP4', FORMATS.e2m1fn),
  { name: 'nvfp4', label: 'NVFP4', element: FORMATS.e2m1fn, size: 16, scale: 'e4m3' },
];

/** The block format with elements whose subnormals are flushed. */
export const flushingElements = (format: BlockFormat): BlockFormat => ({
  ...format,
  element: flushing(format.element),
});

/**
 * How X follows from the largest magnitude of an MX block: `floor` is the specification's rule, the exponent of the
 * magnitude less that of the element's largest number, with which elements may saturate; `up` is the smallest X with
 * which none does (Mishra et al., "Recipes for Pre-training LLMs with MXFP8", arXiv 2506.08027).
 */
export const SCALE_ROUNDINGS = ['floor', 'up'] as const;
export type ScaleRounding = (typeof SCALE_ROUNDINGS)[number];

/** How the elements of a tensor are rounded, and the scales of MX; the scales of NVFP4 are rounded to nearest even. */
export interface BlockRounding extends Rounding {
  readonly format: BlockFormat;
  readonly scaleRounding: ScaleRounding;
  /** u32 key of the random numbers of stochastic rounding, which are those of `roundWords`. */
  readonly seed: number;
}

const SIGN = 0x80000000;
const MAGNITUDE = 0x7fffffff;
const FRACTION = 0x7fffff;
const INFINITY_BITS = 0x7f800000;
const F32_MIN_NORMAL = 0x00800000;
const BIAS = 127;
/** E8M0 holds 2^-127 to 2^127. Scales of blocks of f32 numbers never reach the upper end. */
const LOWEST_SCALE = -127;

/** Exponent of a nonzero finite magnitude and its significand with the leading bit at 2^23, subnormals included. */
function normalized(magnitude: number): { exponent: number; significand: number } {
  if (magnitude >= F32_MIN_NORMAL) {
    return {
      exponent: (magnitude >>> 23) - BIAS,
      significand: (magnitude & FRACTION) | F32_MIN_NORMAL,
    };
  }
  const places = Math.clz32(magnitude) - 8;
  return { exponent: 1 - BIAS - places, significand: magnitude << places };
}

/**
 * u * 2^power for a finite u, as a pattern. Bits below 2^-149 are gathered in the last one (round to odd), which lies
 * so far below every element's grid that rounding still sees what it has to: whether there was something.
 */
function timesPowerOfTwo(u: number, power: number): number {
  const magnitude = u & MAGNITUDE;
  if (magnitude === 0) return u;
  const sign = u & SIGN;
  const { exponent, significand } = normalized(magnitude);
  const field = exponent + power + BIAS;
  if (field > 254) return (sign | INFINITY_BITS) >>> 0;
  if (field > 0) return (sign | (field << 23) | (significand & FRACTION)) >>> 0;
  const places = Math.min(1 - field, 25);
  const kept = significand >>> places;
  const lost = kept << places !== significand ? 1 : 0;
  return (sign | kept | lost) >>> 0;
}

/** The exponent of X for an MX block whose largest magnitude is this one, nonzero and finite. */
export function scaleExponent(largest: number, element: NumberFormat, rounding: ScaleRounding): number {
  const { exponent, significand } = normalized(largest);
  const top = normalized(element.maxFiniteBits);
  const up = rounding === 'up' && significand > top.significand ? 1 : 0;
  return Math.max(exponent - top.exponent + up, LOWEST_SCALE);
}

/** The largest finite magnitude of a tensor, as f32 bits: what the FP32 scale of NVFP4 is made of. */
export function largestMagnitude(words: Uint32Array): number {
  let largest = 0;
  for (const u of words) {
    const magnitude = u & MAGNITUDE;
    if (magnitude < INFINITY_BITS && magnitude > largest) largest = magnitude;
  }
  return largest;
}

/** Rounds one element of the block in which it lies; patterns in and out. */
type RoundElement = (u: number, random: number) => number;

const toZero: RoundElement = (u) => (u & SIGN) >>> 0;

function microscaled(
  largest: number,
  { format, scaleRounding }: BlockRounding,
  d: RoundingDescriptor,
): RoundElement {
  const power = scaleExponent(largest, format.element, scaleRounding);
  return (u, random) => timesPowerOfTwo(roundBitsWith(timesPowerOfTwo(u, -power), d, random), power);
}

/** The largest number that two scales and an element of NVFP4 can make: 448 * 6. */
const NVFP4_RANGE = FORMATS.e4m3fn.maxFinite * FORMATS.e2m1fn.maxFinite;
/**
 * The FP32 scale goes up to here, so that its reciprocal is no subnormal. It takes a tensor without numbers from about
 * 2^-115 on to get there.
 */
const MAX_ENCODE = 2 ** 126;

interface TensorScales {
  readonly encode: number;
  readonly decode: number;
}

/** The factor that brings the largest magnitude of a tensor to `NVFP4_RANGE`, and its reciprocal. */
function tensorScales(tensorLargest: number): TensorScales {
  const encode = tensorLargest === 0 ? 1 : Math.min(div(NVFP4_RANGE, fromBits(tensorLargest)), MAX_ENCODE);
  return { encode, decode: div(1, encode) };
}

function twiceScaled(largest: number, { encode, decode }: TensorScales, d: RoundingDescriptor): RoundElement {
  const wanted = mul(div(fromBits(largest), FORMATS.e2m1fn.maxFinite), encode);
  const scale = fromBits(roundBits(toBits(wanted), FORMATS.e4m3fn_sat));
  const product = mul(scale, decode);
  if (product === 0) return toZero;
  const inverse = div(1, product);
  return (u, random) => {
    const element = roundBitsWith(toBits(mul(fromBits(u), inverse)), d, random);
    return toBits(mul(mul(fromBits(element), scale), decode));
  };
}

/** What becomes of the elements of a block whose largest magnitude is this one, nonzero and finite. */
function blockRounder(input: Uint32Array, rounding: BlockRounding): (largest: number) => RoundElement {
  const { format, mode, randomBits } = rounding;
  const d = roundingDescriptor(format.element, mode, randomBits);
  if (format.scale === 'e8m0') return (largest) => microscaled(largest, rounding, d);
  const scales = tensorScales(largestMagnitude(input));
  return (largest) => twiceScaled(largest, scales, d);
}

/**
 * f32 patterns in, the f32 patterns of the values that the block format holds for them out.
 *
 * A result beyond the largest f32, which only MX with scales rounded up can make of numbers near 2^128, is infinity.
 */
export function roundBlocks(input: Uint32Array, rounding: BlockRounding): Uint32Array<ArrayBuffer> {
  const { format, mode, seed } = rounding;
  const output = new Uint32Array(input.length);
  const rounderOf = blockRounder(input, rounding);
  const random = new Uint32Array(4);
  for (let begin = 0; begin < input.length; begin += format.size) {
    const end = Math.min(begin + format.size, input.length);
    let largest = 0;
    for (let i = begin; i < end; i++) largest = Math.max(largest, input[i] & MAGNITUDE);
    if (largest >= INFINITY_BITS) {
      output.fill(CANONICAL_NAN, begin, end);
      continue;
    }
    const round = largest === 0 ? toZero : rounderOf(largest);
    for (let i = begin; i < end; i++) {
      if (mode === 'stochastic' && (i & 3) === 0) philox4x32(i >>> 2, 0, 0, ARRAY_STREAM, seed, 0, random);
      output[i] = round(input[i], random[i & 3]);
    }
  }
  return output;
}

export const BLOCKS_ENTRY_POINT = 'round_blocks';
/** Invocations of a workgroup; each rounds one block. */
export const BLOCKS_PER_WORKGROUP = 64;

const SCALE_KIND = { floor: 0, up: 1, e4m3: 2 } as const;

/**
 * The uniform block of `blocks_kernel.wgsl` for `length` elements from element `begin` of the tensor on; MX does not
 * read the tensor's largest magnitude.
 */
export function blockWords(
  { format, mode, randomBits, scaleRounding, seed }: BlockRounding,
  tensorLargest: number,
  begin: number,
  length: number,
): Uint32Array<ArrayBuffer> {
  const kind = SCALE_KIND[format.scale === 'e4m3' ? 'e4m3' : scaleRounding];
  return Uint32Array.from([
    ...formatWords(format.element, mode, randomBits),
    ...formatWords(FORMATS.e4m3fn_sat),
    seed,
    begin / 4,
    ARRAY_STREAM,
    length,
    format.size,
    kind,
    tensorLargest,
    0,
  ]);
}
