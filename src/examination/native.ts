/**
 * What a device's own operations give, beside what would be right: division, roots, exp, conversions to FP16, and
 * 16-bit floats where the device has them. The engine uses none of them, so nothing here is a verdict; it shows why
 * the engine brings its own. WGSL allows every one of these results (spec, "Floating Point Accuracy").
 *
 * Pure: rows of four words (three operands and the operation) for `shaders/examination/native.wgsl` and `native_f16.wgsl`,
 * and the comparison of the word that comes back for each.
 */
import { encode } from '../numerics/codes';
import {
  expReference,
  logReference,
  rsqrtReference,
  sqrtReference,
  tanhReference,
} from './elementary-reference';
import { errorInUlp } from './elementary-survey';
import { fromBits, hexadecimal, isNaNBits, toBits } from '../numerics/f32';
import { ARITHMETIC_OPERATIONS, calculateCodes, OPERAND_COUNT } from '../numerics/format-arithmetic';
import { FORMATS } from '../numerics/formats';
import { randomWord } from '../numerics/philox';
import { roundBits } from '../numerics/round';

/** In the order of the constants in native.wgsl. */
export const NATIVE_OPERATIONS = [
  'divide',
  'divide-by-3',
  'square-root',
  'inverse-square-root',
  'exp',
  'log',
  'tanh',
  'fma',
  'quantizeToF16',
  'pack2x16float',
  'nan-differs',
] as const;
export type NativeOperation = (typeof NATIVE_OPERATIONS)[number];

/** In the order of the constants in native_f16.wgsl. */
export const NATIVE_F16_OPERATIONS = ['convert', ...ARITHMETIC_OPERATIONS] as const;
export type NativeF16Operation = (typeof NATIVE_F16_OPERATIONS)[number];

/** One row of a table: what the device is asked, and what would be right. */
interface NativeCase {
  /** Words, as the shader takes them. */
  readonly operands: readonly number[];
  /** The right result as a word: f32 bits, an FP16 code, or a truth value. */
  readonly expected: number;
  /** The exact value, where results are f32 numbers whose error can be measured; otherwise null. */
  readonly exact: number | null;
}

export interface NativeTable<Operation extends string = string> {
  readonly operation: Operation;
  readonly cases: readonly NativeCase[];
  /** Words of the shader's input, four per case. */
  readonly rows: Uint32Array<ArrayBuffer>;
}

export interface NativeTally<Operation extends string = string> {
  readonly operation: Operation;
  readonly cases: number;
  /** Results that are not the right one; for f32, not the number closest to the exact value. NaN is NaN. */
  readonly differing: number;
  /** Largest error in units of the last place; null where that has no meaning. */
  readonly maxUlp: number | null;
  /** The first difference, in words; null when there is none. */
  readonly example: string | null;
}

const STREAM = 7;
const SAMPLE = 4096;
const MAGNITUDE = 0x7fffffff;

/** f32 bits with random sign and significand, and an exponent field from `low` to `high`. */
function randomBits(index: number, low: number, high: number): number {
  const word = randomWord(STREAM, 0, index);
  const exponent = low + (randomWord(STREAM, 1, index) % (high - low + 1));
  return ((word & 0x807fffff) | (exponent << 23)) >>> 0;
}

const sample = <T>(make: (index: number) => T): T[] => Array.from({ length: SAMPLE }, (_, i) => make(i));

const closest = (operands: readonly number[], exact: number): NativeCase => ({
  operands,
  expected: toBits(Math.fround(exact)),
  exact,
});

/** A function of one operand with an exponent field in this range. */
const unary = (low: number, high: number, exactly: (x: number) => number, mask = 0xffffffff): NativeCase[] =>
  sample((i) => {
    const a = (randomBits(i, low, high) & mask) >>> 0;
    return closest([a], exactly(fromBits(a)));
  });

/** c is close to a·b in magnitude, so that the exact sum fits into a double; every second one cancels the product. */
const fmaCases = (): NativeCase[] =>
  sample((i) => {
    const [a, b] = [randomBits(2 * i, 110, 140), randomBits(2 * i + 1, 110, 140)];
    const product = fromBits(a) * fromBits(b);
    const near = Math.fround(i % 2 === 0 ? -product : product * 1.7);
    return closest([a, b, toBits(near)], product + near);
  });

const toFp16 = (u: number): number => roundBits(u, FORMATS.fp16);

/** From far below FP16's smallest number to beyond its largest. */
const conversions = (expected: (u: number) => number): NativeCase[] =>
  sample((i) => {
    const a = randomBits(i, 100, 144);
    return { operands: [a], expected: expected(a), exact: null };
  });

function casesOf(operation: NativeOperation): readonly NativeCase[] {
  switch (operation) {
    case 'divide':
      return sample((i) => {
        const [a, b] = [randomBits(2 * i, 100, 150), randomBits(2 * i + 1, 100, 150)];
        return closest([a, b], fromBits(a) / fromBits(b));
      });
    case 'divide-by-3':
      return unary(100, 150, (x) => x / 3);
    case 'square-root':
      return unary(1, 254, sqrtReference, MAGNITUDE);
    case 'inverse-square-root':
      return unary(1, 254, rsqrtReference, MAGNITUDE);
    case 'exp':
      return unary(105, 132, expReference);
    case 'log':
      return unary(1, 254, logReference, MAGNITUDE);
    case 'tanh':
      return unary(110, 131, tanhReference);
    case 'fma':
      return fmaCases();
    case 'quantizeToF16':
      return conversions(toFp16);
    case 'pack2x16float':
      return conversions((u) => encode(toFp16(u), FORMATS.fp16));
    case 'nan-differs':
      return [0x7fc00000, 0x7f800001, 0xffc00000, 0x3f800000, 0].map((a) => ({
        operands: [a],
        expected: isNaNBits(a) ? 1 : 0,
        exact: null,
      }));
  }
}

function f16CasesOf(operation: NativeF16Operation): readonly NativeCase[] {
  if (operation === 'convert') return conversions((u) => encode(toFp16(u), FORMATS.fp16));
  const operands = sample((i) =>
    Array.from(
      { length: OPERAND_COUNT[operation] },
      (_, j) => randomWord(STREAM, 2, OPERAND_COUNT[operation] * i + j) & 0xffff,
    ),
  );
  const codes = calculateCodes(operation, Uint16Array.from(operands.flat()), FORMATS.fp16);
  return operands.map((row, i) => ({ operands: row, expected: codes[i], exact: null }));
}

function tableOf<Operation extends string>(
  operations: readonly Operation[],
  operation: Operation,
  cases: readonly NativeCase[],
): NativeTable<Operation> {
  const rows = new Uint32Array(4 * cases.length);
  const index = operations.indexOf(operation);
  cases.forEach(({ operands: [a, b = 0, c = 0] }, i) => rows.set([a, b, c, index], 4 * i));
  return { operation, cases, rows };
}

export const nativeTables = (): readonly NativeTable<NativeOperation>[] =>
  NATIVE_OPERATIONS.map((operation) => tableOf(NATIVE_OPERATIONS, operation, casesOf(operation)));

export const nativeF16Tables = (): readonly NativeTable<NativeF16Operation>[] =>
  NATIVE_F16_OPERATIONS.map((operation) => tableOf(NATIVE_F16_OPERATIONS, operation, f16CasesOf(operation)));

/** The uniform block of both shaders. */
export const nativeParameters = (cases: number): Uint32Array<ArrayBuffer> => Uint32Array.of(cases, 0, 0, 0);

const isNaNCode = (code: number): boolean => (code & 0x7fff) > 0x7c00 && code <= 0xffff;

/** Compares what a device gave for a table, one word per case. */
export function tallyNative<Operation extends string>(
  { operation, cases }: NativeTable<Operation>,
  results: Uint32Array,
  kind: 'f32' | 'f16',
): NativeTally<Operation> {
  const isNaN = kind === 'f32' && operation !== 'pack2x16float' ? isNaNBits : isNaNCode;
  const digits = (u: number): string =>
    kind === 'f32' ? hexadecimal(u) : `0x${u.toString(16).padStart(4, '0')}`;
  let differing = 0;
  let maxUlp: number | null = null;
  let example: string | null = null;
  cases.forEach(({ operands, expected, exact }, i) => {
    const got = results[i];
    if (exact !== null) maxUlp = Math.max(maxUlp ?? 0, errorInUlp(fromBits(got), exact));
    if (got === expected || (isNaN(got) && isNaN(expected))) return;
    differing++;
    const given = operands.map((u) => (operation === 'convert' ? hexadecimal(u) : digits(u))).join(', ');
    example ??= `${operation}(${given}) = ${digits(got)} ≠ ${digits(expected)}`;
  });
  return { operation, cases: cases.length, differing, maxUlp, example };
}
