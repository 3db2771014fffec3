/**
 * Number formats as data: what a binary floating-point format can hold, independent of any operation on it.
 *
 * Every format here is a subset of IEEE binary32, so a value of the format is kept as the bit pattern of that
 * value in binary32 ("f32 bits") and only `codes.ts` deals with the format's own storage codes.
 */
import { shown } from './shown';
import { message, MessageError } from './message';

declare module './message' {
  interface Messages {
    'format-unknown': { name: string; known: readonly string[] };
    'format-exponent-bits': { name: string; bits: number };
    'format-significand-bits': { name: string; bits: number };
    'random-bits': { bits: number };
  }
}

/** What a finite value beyond the largest finite one becomes. */
export type OverflowRule = 'infinity' | 'nan' | 'saturate';

/** Whether values below the smallest normal are kept or replaced by a zero of their sign. */
export type SubnormalRule = 'keep' | 'flush';

/**
 * The IEEE 754 rounding directions, and stochastic rounding: away from zero with a probability that is the dropped
 * part of the value, towards zero otherwise, so that the expected value is the value.
 */
export const ROUNDING_MODES = [
  'nearest-even',
  'nearest-away',
  'toward-zero',
  'up',
  'down',
  'stochastic',
] as const;
export type RoundingMode = (typeof ROUNDING_MODES)[number];

/** How a value is rounded to whatever format. */
export interface Rounding {
  readonly mode: RoundingMode;
  /**
   * Random bits n that stochastic rounding draws, 1 to 32; other modes do not read it. The dropped part of the value
   * is cut to n bits first, so the probability is a multiple of 2^-n (Fitzgibbon and Felix, "On stochastic rounding
   * with few random bits", ARITH 2025, call it SRFF).
   */
  readonly randomBits: number;
}

/** Enough that the probability is exact wherever no more than 32 bits are dropped. */
export const DEFAULT_RANDOM_BITS = 32;

/** The choices that define a format; everything else in `NumberFormat` follows from them. */
export interface FormatSpec {
  /** Identifier used in URLs and tables, for example `fp16`. */
  readonly name: string;
  /** Name for people, for example `FP8 E4M3`. */
  readonly label: string;
  /** Width of the exponent field, 2 to 8. */
  readonly exponentBits: number;
  /** Stored significand bits (the leading one is implicit), 0 to 23. */
  readonly significandBits: number;
  /**
   * True: the all-ones exponent means infinity or NaN, as in IEEE 754. False: it holds ordinary values and only
   * the all-ones code is NaN (the "fn" formats of the OCP 8-bit specification).
   */
  readonly hasInfinity: boolean;
  /**
   * False where every code is a number (the OCP MX formats of six and four bits). A NaN stays NaN when it is rounded
   * to such a format, so that an error stays visible, but it cannot be encoded.
   */
  readonly hasNaN: boolean;
  readonly overflow: OverflowRule;
  readonly subnormals: SubnormalRule;
}

/**
 * Four words that drive rounding to one format in one direction, on every backend. The field `flags` packs
 * what the slow path needs; the layout is repeated in `shaders/numerics/round.wgsl`.
 */
export interface RoundingDescriptor {
  /** Smallest magnitude (f32 bits) whose grid is that of add-and-mask: the smallest normal, or 0 if all are. */
  readonly low: number;
  /**
   * Largest finite magnitude minus `low`; 0 where the direction depends on the sign or on chance, which the slow path
   * does.
   */
  readonly span: number;
  /** Added to the magnitude before truncation, without the tie-to-even bit. */
  readonly increment: number;
  /** See `FLAG`. */
  readonly flags: number;
  /** `flags` unpacked for the fast path: dropped significand bits, mask of the kept ones, 1 if ties go to even. */
  readonly shift: number;
  readonly mask: number;
  readonly tieToEven: number;
}

/** Bit positions in `RoundingDescriptor.flags`. */
export const FLAG = {
  /** Bits 0..4: number of dropped significand bits, 23 - significandBits. */
  shiftMask: 0x1f,
  /** Bits 5..7: index into `ROUNDING_MODES`. */
  modeShift: 5,
  /** Bits 8..9: 0 infinity, 1 NaN, 2 saturate. */
  overflowShift: 8,
  /** Bit 10: results below the smallest normal become zero. */
  flush: 1 << 10,
  /** Bit 11: the all-ones significand of the top binade is NaN, so the maximum lies one step lower. */
  reservedTop: 1 << 11,
  /** Bit 12: add the lowest kept bit, so that ties go to even (clear when nothing is dropped). */
  tieToEvenShift: 12,
  /** Bits 16..23: f32 exponent field of the largest finite value. */
  maxExponentShift: 16,
  /** Bits 24..29: random bits of stochastic rounding. */
  randomBitsShift: 24,
} as const;

const OVERFLOW_CODE: Record<OverflowRule, number> = { infinity: 0, nan: 1, saturate: 2 };

export interface NumberFormat extends FormatSpec {
  /** 2^(exponentBits-1) - 1 in every format here. */
  readonly bias: number;
  /** Sign, exponent and significand together. */
  readonly storageBits: number;
  readonly maxFinite: number;
  readonly maxFiniteBits: number;
  readonly minNormal: number;
  readonly minNormalBits: number;
  /** Smallest positive value; equals `minNormal` where subnormals are flushed. */
  readonly minSubnormal: number;
  /** ulp(1): the distance from 1 to the next larger value, 2^-significandBits. */
  readonly epsilon: number;
  /** The descriptor for round to nearest, ties to even, precomputed because every hot loop needs it. */
  readonly nearestEven: RoundingDescriptor;
}

const F32_BIAS = 127;
const F32_SIGNIFICAND_BITS = 23;

function describe(
  format: Omit<NumberFormat, 'nearestEven'>,
  mode: RoundingMode,
  randomBits: number,
): RoundingDescriptor {
  const shift = F32_SIGNIFICAND_BITS - format.significandBits;
  // Where the format's subnormals coincide with those of f32, both share one grid from zero upwards. Without significand
  // bits there are none.
  const hasSubnormals = format.subnormals === 'keep' && format.significandBits > 0;
  const onF32Grid = format.bias === F32_BIAS && hasSubnormals;
  const low = onF32Grid ? 0 : format.minNormalBits;
  const slow = mode === 'up' || mode === 'down' || mode === 'stochastic';
  const dropped = 2 ** shift - 1;
  const half = (2 ** shift) >>> 1;
  // A significand of one digit is always odd, and a tie goes to the larger magnitude (IEEE 754-2019, 4.3.1).
  const toEven = mode === 'nearest-even' && format.significandBits > 0;
  const increment = toEven ? dropped >>> 1 : mode.startsWith('nearest') ? half : 0;
  const tieToEven = toEven && shift > 0 ? 1 : 0;
  return {
    low,
    span: slow ? 0 : format.maxFiniteBits - low,
    increment,
    flags:
      shift |
      (ROUNDING_MODES.indexOf(mode) << FLAG.modeShift) |
      (OVERFLOW_CODE[format.overflow] << FLAG.overflowShift) |
      (format.subnormals === 'flush' ? FLAG.flush : 0) |
      (format.hasNaN && !format.hasInfinity ? FLAG.reservedTop : 0) |
      (tieToEven << FLAG.tieToEvenShift) |
      ((format.maxFiniteBits >>> F32_SIGNIFICAND_BITS) << FLAG.maxExponentShift) |
      (mode === 'stochastic' ? randomBits << FLAG.randomBitsShift : 0),
    shift,
    mask: ~dropped,
    tieToEven,
  };
}

/** Completes a specification with everything that follows from it. */
export function defineFormat(spec: FormatSpec): NumberFormat {
  const { exponentBits, significandBits, hasInfinity, hasNaN } = spec;
  const bias = 2 ** (exponentBits - 1) - 1;
  const shift = F32_SIGNIFICAND_BITS - significandBits;
  const maxExponent = hasInfinity ? bias : bias + 1;
  // Without infinities the all-ones code is NaN, and the largest finite value is the code before it; or there is no
  // NaN either.
  const significandSteps = 2 ** significandBits - (hasNaN && !hasInfinity ? 2 : 1);
  const minNormal = 2 ** (1 - bias);
  const data = {
    ...spec,
    bias,
    storageBits: 1 + exponentBits + significandBits,
    maxFinite: (1 + significandSteps * 2 ** -significandBits) * 2 ** maxExponent,
    maxFiniteBits: (maxExponent + F32_BIAS) * 2 ** F32_SIGNIFICAND_BITS + significandSteps * 2 ** shift,
    minNormal,
    minNormalBits: (1 - bias + F32_BIAS) * 2 ** F32_SIGNIFICAND_BITS,
    minSubnormal: spec.subnormals === 'flush' ? minNormal : minNormal * 2 ** -significandBits,
    epsilon: 2 ** -significandBits,
  };
  return Object.freeze({
    ...data,
    nearestEven: Object.freeze(describe(data, 'nearest-even', DEFAULT_RANDOM_BITS)),
  });
}

function ieee(name: string, label: string, exponentBits: number, significandBits: number): NumberFormat {
  return defineFormat({
    name,
    label,
    exponentBits,
    significandBits,
    hasInfinity: true,
    // Without significand bits the top exponent has one code, which infinity takes.
    hasNaN: significandBits > 0,
    overflow: 'infinity',
    subnormals: 'keep',
  });
}

const fp32 = ieee('fp32', 'FP32', 8, 23);
const tf32 = ieee('tf32', 'TF32', 8, 10);
const fp16 = ieee('fp16', 'FP16', 5, 10);
const bf16 = ieee('bf16', 'bf16', 8, 7);
const e5m2 = ieee('e5m2', 'FP8 E5M2', 5, 2);
const e5m2Saturating = defineFormat({
  ...e5m2,
  name: 'e5m2_sat',
  label: 'FP8 E5M2, SAT',
  overflow: 'saturate',
});
/** OCP 8-bit Floating Point Specification 1.0: no infinities, maximum 448. */
const e4m3fn = defineFormat({
  name: 'e4m3fn',
  label: 'FP8 E4M3',
  exponentBits: 4,
  significandBits: 3,
  hasInfinity: false,
  hasNaN: true,
  overflow: 'nan',
  subnormals: 'keep',
});
const e4m3fnSaturating = defineFormat({
  ...e4m3fn,
  name: 'e4m3fn_sat',
  label: 'FP8 E4M3, SAT',
  overflow: 'saturate',
});

/** OCP Microscaling Formats (MX) Specification 1.0, 5.3: every code is a number, and what is too large saturates. */
function microscaling(
  name: string,
  label: string,
  exponentBits: number,
  significandBits: number,
): NumberFormat {
  return defineFormat({
    name,
    label,
    exponentBits,
    significandBits,
    hasInfinity: false,
    hasNaN: false,
    overflow: 'saturate',
    subnormals: 'keep',
  });
}
const e3m2fn = microscaling('e3m2fn', 'FP6 E3M2', 3, 2);
const e2m3fn = microscaling('e2m3fn', 'FP6 E2M3', 2, 3);
const e2m1fn = microscaling('e2m1fn', 'FP4 E2M1', 2, 1);

/** The named formats, in the order in which the user interface offers them. */
export const FORMATS = {
  fp32,
  tf32,
  fp16,
  bf16,
  e4m3fn,
  e4m3fn_sat: e4m3fnSaturating,
  e5m2,
  e5m2_sat: e5m2Saturating,
  e3m2fn,
  e2m3fn,
  e2m1fn,
} as const satisfies Record<string, NumberFormat>;

export type FormatName = keyof typeof FORMATS;

const NAMED = new Map<string, NumberFormat>(Object.entries(FORMATS));
const CUSTOM = new Map<string, NumberFormat>();

/** One object for each format that is not named, by its canonical name. */
function variant(name: string, define: () => NumberFormat): NumberFormat {
  const format = NAMED.get(name) ?? CUSTOM.get(name) ?? define();
  if (!NAMED.has(name)) CUSTOM.set(name, format);
  return format;
}

/** `format` with overflow to the largest finite value instead of infinity or NaN: `fp16_sat`. */
export function saturating(format: NumberFormat): NumberFormat {
  if (format.overflow === 'saturate') return format;
  if (format.subnormals === 'flush') return flushing(saturating(parseFormat(withoutSuffix(format.name))));
  return variant(`${format.name}_sat`, () =>
    defineFormat({
      ...format,
      name: `${format.name}_sat`,
      label: `${format.label}, SAT`,
      overflow: 'saturate',
    }),
  );
}

/** `format` with results that would be subnormal replaced by a zero of their sign: `fp16_ftz`. */
export function flushing(format: NumberFormat): NumberFormat {
  if (format.subnormals === 'flush') return format;
  return variant(`${format.name}${FLUSHED}`, () =>
    defineFormat({
      ...format,
      name: `${format.name}${FLUSHED}`,
      label: `${format.label}, FTZ`,
      subnormals: 'flush',
    }),
  );
}

const FLUSHED = '_ftz';
const SATURATED = '_sat';
/** Of either. */
const SUFFIX_LENGTH = 4;
const withoutSuffix = (name: string): string => name.replace(/_[a-z]+$/, '');

/**
 * The format called `name`: a key of `FORMATS`, or `e<X>m<Y>` for an IEEE-like format with X exponent bits
 * (2 to 8) and Y stored significand bits (0 to 23), with infinities and subnormals. An `e<X>m<Y>` that is one
 * of the named formats returns that one, so that equal formats are the same object. After either may follow `_sat`
 * (saturating) and `_ftz` (flushing). One exponent bit is none that this can be: infinity would take the only
 * exponent of normal numbers.
 *
 * @throws {MessageError} with a sentence that can be shown to the user.
 */
export function parseFormat(name: string): NumberFormat {
  const known = NAMED.get(name) ?? CUSTOM.get(name);
  if (known) return known;
  let end = name.length;
  let saturates = false;
  let flushes = false;
  for (;;) {
    if (name.endsWith(FLUSHED, end)) flushes = true;
    else if (name.endsWith(SATURATED, end)) saturates = true;
    else break;
    end -= SUFFIX_LENGTH;
  }
  const plain = plainFormat(name.slice(0, end));
  const format = saturates ? saturating(plain) : plain;
  return flushes ? flushing(format) : format;
}

/** A format without suffixes. @throws {MessageError} */
function plainFormat(name: string): NumberFormat {
  const known = NAMED.get(name);
  if (known) return known;
  const match = /^e(\d{1,2})m(\d{1,2})$/.exec(name);
  if (!match) {
    throw new MessageError(message('format-unknown', { name: shown(name), known: [...NAMED.keys()] }));
  }
  return parameterized(name, Number(match[1]), Number(match[2]));
}

function parameterized(name: string, exponentBits: number, significandBits: number): NumberFormat {
  if (exponentBits < 2 || exponentBits > 8) {
    throw new MessageError(message('format-exponent-bits', { name: shown(name), bits: exponentBits }));
  }
  if (significandBits > 23) {
    throw new MessageError(message('format-significand-bits', { name: shown(name), bits: significandBits }));
  }
  const named = [fp32, tf32, fp16, bf16, e5m2].find(
    (format) => format.exponentBits === exponentBits && format.significandBits === significandBits,
  );
  const canonical = `e${exponentBits}m${significandBits}`;
  return (
    named ?? variant(canonical, () => ieee(canonical, canonical.toUpperCase(), exponentBits, significandBits))
  );
}

/**
 * The descriptor of `format` for one way of rounding. Build it once, outside loops.
 *
 * @throws {MessageError} when there are not 1 to 32 random bits
 */
export function roundingDescriptor(
  format: NumberFormat,
  mode: RoundingMode = 'nearest-even',
  randomBits: number = DEFAULT_RANDOM_BITS,
): RoundingDescriptor {
  if (!Number.isInteger(randomBits) || randomBits < 1 || randomBits > 32) {
    throw new MessageError(message('random-bits', { bits: randomBits }));
  }
  return mode === 'nearest-even' ? format.nearestEven : Object.freeze(describe(format, mode, randomBits));
}

/** The GPU's `struct Format` (4 x u32: low, span, increment, flags) for `format` and a way of rounding. */
export function formatWords(
  format: NumberFormat,
  mode: RoundingMode = 'nearest-even',
  randomBits: number = DEFAULT_RANDOM_BITS,
): readonly [number, number, number, number] {
  const { low, span, increment, flags } = roundingDescriptor(format, mode, randomBits);
  return [low, span, increment, flags];
}
