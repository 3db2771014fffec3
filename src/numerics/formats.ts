/**
 * Number formats as data: what a binary floating-point format can hold, independent of any operation on it.
 *
 * Every format here is a subset of IEEE binary32, so a value of the format is kept as the bit pattern of that
 * value in binary32 ("f32 bits") and only `codes.ts` deals with the format's own storage codes.
 */

/** What a finite value beyond the largest finite one becomes. */
export type OverflowRule = 'infinity' | 'nan' | 'saturate';

/** Whether values below the smallest normal are kept or replaced by a zero of their sign. */
export type SubnormalRule = 'keep' | 'flush';

/** The IEEE 754 rounding directions. */
export const ROUNDING_MODES = ['nearest-even', 'nearest-away', 'toward-zero', 'up', 'down'] as const;
export type RoundingMode = (typeof ROUNDING_MODES)[number];

/** The choices that define a format; everything else in `NumberFormat` follows from them. */
export interface FormatSpec {
  /** Identifier used in URLs and tables, for example `fp16`. */
  readonly name: string;
  /** Name for people, for example `FP8 E4M3`. */
  readonly label: string;
  /** Width of the exponent field, 2 to 8. */
  readonly exponentBits: number;
  /** Stored significand bits (the leading one is implicit), 1 to 23. */
  readonly significandBits: number;
  /**
   * True: the all-ones exponent means infinity or NaN, as in IEEE 754. False: it holds ordinary values and only
   * the all-ones code is NaN (the "fn" formats of the OCP 8-bit specification).
   */
  readonly hasInfinity: boolean;
  readonly overflow: OverflowRule;
  readonly subnormals: SubnormalRule;
}

/**
 * Four words that drive rounding to one format in one direction, on both backends. The field `flags` packs
 * what the slow path needs; the layout is repeated in `shaders/numerics/round.wgsl`.
 */
export interface RoundingDescriptor {
  /** Smallest magnitude (f32 bits) whose grid is that of add-and-mask: the smallest normal, or 0 if all are. */
  readonly low: number;
  /** Largest finite magnitude minus `low`; 0 where the direction depends on the sign, which the slow path does. */
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
  /** Bit 11: the all-ones significand of the top binade is not a number, so the maximum lies one step lower. */
  reservedTop: 1 << 11,
  /** Bit 12: add the lowest kept bit, so that ties go to even (clear when nothing is dropped). */
  tieToEvenShift: 12,
  /** Bits 16..23: f32 exponent field of the largest finite value. */
  maxExponentShift: 16,
} as const;

const OVERFLOW_CODE: Record<OverflowRule, number> = { infinity: 0, nan: 1, saturate: 2 };

export interface NumberFormat extends FormatSpec {
  /** 2^(exponentBits-1) - 1 in every format here. */
  readonly bias: number;
  /** True for all formats here: even those without infinities reserve a code for NaN. */
  readonly hasNaN: boolean;
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

function describe(format: Omit<NumberFormat, 'nearestEven'>, mode: RoundingMode): RoundingDescriptor {
  const shift = F32_SIGNIFICAND_BITS - format.significandBits;
  // Where the format's subnormals coincide with those of f32, both share one grid from zero upwards.
  const onF32Grid = format.bias === F32_BIAS && format.subnormals === 'keep';
  const low = onF32Grid ? 0 : format.minNormalBits;
  const signDependent = mode === 'up' || mode === 'down';
  const dropped = 2 ** shift - 1;
  const half = (2 ** shift) >>> 1;
  const increment = mode === 'nearest-even' ? dropped >>> 1 : mode === 'nearest-away' ? half : 0;
  const tieToEven = mode === 'nearest-even' && shift > 0 ? 1 : 0;
  return {
    low,
    span: signDependent ? 0 : format.maxFiniteBits - low,
    increment,
    flags:
      shift |
      (ROUNDING_MODES.indexOf(mode) << FLAG.modeShift) |
      (OVERFLOW_CODE[format.overflow] << FLAG.overflowShift) |
      (format.subnormals === 'flush' ? FLAG.flush : 0) |
      (format.hasInfinity ? 0 : FLAG.reservedTop) |
      (tieToEven << FLAG.tieToEvenShift) |
      ((format.maxFiniteBits >>> F32_SIGNIFICAND_BITS) << FLAG.maxExponentShift),
    shift,
    mask: ~dropped,
    tieToEven,
  };
}

/** Completes a specification with everything that follows from it. */
export function defineFormat(spec: FormatSpec): NumberFormat {
  const { exponentBits, significandBits, hasInfinity } = spec;
  const bias = 2 ** (exponentBits - 1) - 1;
  const shift = F32_SIGNIFICAND_BITS - significandBits;
  const maxExponent = hasInfinity ? bias : bias + 1;
  // Without infinities the all-ones code is NaN, and the largest finite value is the code before it.
  const significandSteps = 2 ** significandBits - (hasInfinity ? 1 : 2);
  const minNormal = 2 ** (1 - bias);
  const data = {
    ...spec,
    bias,
    hasNaN: true,
    storageBits: 1 + exponentBits + significandBits,
    maxFinite: (1 + significandSteps * 2 ** -significandBits) * 2 ** maxExponent,
    maxFiniteBits: (maxExponent + F32_BIAS) * 2 ** F32_SIGNIFICAND_BITS + significandSteps * 2 ** shift,
    minNormal,
    minNormalBits: (1 - bias + F32_BIAS) * 2 ** F32_SIGNIFICAND_BITS,
    minSubnormal: spec.subnormals === 'flush' ? minNormal : minNormal * 2 ** -significandBits,
    epsilon: 2 ** -significandBits,
  };
  return Object.freeze({ ...data, nearestEven: Object.freeze(describe(data, 'nearest-even')) });
}

function ieee(name: string, label: string, exponentBits: number, significandBits: number): NumberFormat {
  return defineFormat({
    name,
    label,
    exponentBits,
    significandBits,
    hasInfinity: true,
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
  label: 'FP8 E5M2, saturating',
  overflow: 'saturate',
});
/** OCP 8-bit Floating Point Specification 1.0: no infinities, maximum 448. */
const e4m3fn = defineFormat({
  name: 'e4m3fn',
  label: 'FP8 E4M3',
  exponentBits: 4,
  significandBits: 3,
  hasInfinity: false,
  overflow: 'nan',
  subnormals: 'keep',
});
const e4m3fnSaturating = defineFormat({
  ...e4m3fn,
  name: 'e4m3fn_sat',
  label: 'FP8 E4M3, saturating',
  overflow: 'saturate',
});

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
} as const satisfies Record<string, NumberFormat>;

export type FormatName = keyof typeof FORMATS;

const NAMED = new Map<string, NumberFormat>(Object.entries(FORMATS));
const CUSTOM = new Map<string, NumberFormat>();

/**
 * The format called `name`: a key of `FORMATS`, or `e<X>m<Y>` for an IEEE-like format with X exponent bits
 * (2 to 8) and Y stored significand bits (1 to 23), with infinities and subnormals. An `e<X>m<Y>` that is one
 * of the named formats returns that one, so that equal formats are the same object.
 *
 * @throws {RangeError} with a sentence that can be shown to the user.
 */
export function parseFormat(name: string): NumberFormat {
  const known = NAMED.get(name) ?? CUSTOM.get(name);
  if (known) return known;
  const match = /^e(\d{1,2})m(\d{1,2})$/.exec(name);
  if (!match) {
    throw new RangeError(
      `Unknown number format "${name}". Use one of ${[...NAMED.keys()].join(', ')}, or e<X>m<Y> such as e5m10.`,
    );
  }
  const exponentBits = Number(match[1]);
  const significandBits = Number(match[2]);
  if (exponentBits < 2 || exponentBits > 8) {
    throw new RangeError(`Number format "${name}" has ${exponentBits} exponent bits; 2 to 8 are possible.`);
  }
  if (significandBits < 1 || significandBits > 23) {
    throw new RangeError(
      `Number format "${name}" has ${significandBits} significand bits; 1 to 23 are possible.`,
    );
  }
  const named = [fp32, tf32, fp16, bf16, e5m2].find(
    (format) => format.exponentBits === exponentBits && format.significandBits === significandBits,
  );
  if (named) return named;
  const canonical = `e${exponentBits}m${significandBits}`;
  const custom =
    CUSTOM.get(canonical) ?? ieee(canonical, canonical.toUpperCase(), exponentBits, significandBits);
  CUSTOM.set(canonical, custom);
  return custom;
}

/** The descriptor of `format` for one rounding direction. Build it once, outside loops. */
export function roundingDescriptor(
  format: NumberFormat,
  mode: RoundingMode = 'nearest-even',
): RoundingDescriptor {
  return mode === 'nearest-even' ? format.nearestEven : Object.freeze(describe(format, mode));
}

/** The GPU's `struct Format` (4 x u32: low, span, increment, flags) for `format` and a rounding direction. */
export function formatWords(
  format: NumberFormat,
  mode: RoundingMode = 'nearest-even',
): readonly [number, number, number, number] {
  const { low, span, increment, flags } = roundingDescriptor(format, mode);
  return [low, span, increment, flags];
}
