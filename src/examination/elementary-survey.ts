/**
 * Measures the elementary functions over ranges of bit patterns: `verify:elementary` runs it over all 2^32, the tests
 * over samples. Pure; the command knows about files, digests and devices.
 *
 * The error of a result is its distance from the exact value in units of the last binary32 place of that value,
 * 2^(e-23) for values from 2^e up to 2^(e+1).
 */
import { erf, exp, log, rsqrt, tanh } from '../numerics/elementary';
import * as reference from './elementary-reference';
import { div, flush, fromBits, sqrt } from '../numerics/f32';

export const ELEMENTARY_NAMES = ['exp', 'log', 'tanh', 'erf', 'rsqrt', 'sqrt', 'reciprocal'] as const;
export type ElementaryName = (typeof ELEMENTARY_NAMES)[number];

export interface ElementaryFunction {
  /** As the engine computes it; the operand counts as zero where it is subnormal. */
  readonly evaluate: (x: number) => number;
  /** In double precision, of an operand that is not subnormal. */
  readonly reference: (x: number) => number;
  /** Bound of the reference's relative error. */
  readonly referenceError: number;
}

export const ELEMENTARY: Readonly<Record<ElementaryName, ElementaryFunction>> = {
  exp: { evaluate: exp, reference: reference.expReference, referenceError: reference.EXP_ERROR },
  log: { evaluate: log, reference: reference.logReference, referenceError: reference.LOG_ERROR },
  tanh: { evaluate: tanh, reference: reference.tanhReference, referenceError: reference.TANH_ERROR },
  erf: { evaluate: erf, reference: reference.erfReference, referenceError: reference.ERF_ERROR },
  rsqrt: { evaluate: rsqrt, reference: reference.rsqrtReference, referenceError: reference.RSQRT_ERROR },
  sqrt: { evaluate: sqrt, reference: reference.sqrtReference, referenceError: reference.SQRT_ERROR },
  reciprocal: {
    evaluate: (x) => div(1, x),
    reference: reference.reciprocalReference,
    referenceError: reference.RECIPROCAL_ERROR,
  },
};

export interface Survey {
  /** Largest error in ulp, and the pattern of the first input where it occurs; -1 while there is none. */
  maxUlp: number;
  worst: number;
  /** Inputs whose result is a finite number other than zero, by the exact value. */
  compared: number;
  /** Those of them whose result is not the binary32 number closest to the exact value. */
  misrounded: number;
  /** Those of them where the error of the reference leaves open which binary32 number is closest. */
  undecided: number;
  /** Inputs whose result is of the wrong class: NaN, an infinity or a zero where another is due. */
  wrong: number;
  /** Pattern of the first of them, or -1. */
  firstWrong: number;
}

export const emptySurvey = (): Survey => ({
  maxUlp: 0,
  worst: -1,
  compared: 0,
  misrounded: 0,
  undecided: 0,
  wrong: 0,
  firstWrong: -1,
});

/** From here on a value rounds to infinity. */
const OVERFLOW_LIMIT = 2 ** 128 - 2 ** 103;
/** Below this a value is tiny after rounding, and its result zero. */
const TINY_LIMIT = 2 ** -126 - 2 ** -151;

/** Multiplying by it keeps the sign: the zero that a flushed value becomes. */
const ZERO = 0;

const double = new Float64Array(1);
const doubleWords = new Uint32Array(double.buffer);
/** Which half of a double holds the exponent depends on the machine's byte order. */
const HIGH_WORD = new Uint8Array(Uint16Array.of(1).buffer)[0];

/** 2^(23-e) for every exponent field e + 1023 of a double in binary32's range. */
const INVERSE_ULP = Float64Array.from({ length: 2047 }, (_, field) =>
  field < 800 || field > 1200 ? NaN : 2 ** (23 - Math.max(field - 1023, -126)),
);

function inverseUlp(magnitude: number): number {
  double[0] = magnitude;
  return INVERSE_ULP[doubleWords[HIGH_WORD] >>> 20];
}

/**
 * The error of `actual` in ulp where the exact value is finite and does not vanish; -1 where the result has to be, and is,
 * the very zero, infinity or NaN of the exact value; Infinity where it is not.
 */
export function errorInUlp(actual: number, exact: number): number {
  const magnitude = Math.abs(exact);
  // Also true of NaN.
  if (!(magnitude < 2 ** 129 && magnitude > 2 ** -128)) {
    const expected =
      magnitude <= 2 ** -128 ? ZERO * exact : exact < 0 ? -Infinity : exact === exact ? Infinity : NaN;
    return Object.is(actual, expected) ? -1 : Infinity;
  }
  if (magnitude < TINY_LIMIT && actual === 0) return Object.is(actual, ZERO * exact) ? -1 : Infinity;
  if (magnitude >= OVERFLOW_LIMIT && Math.abs(actual) === Infinity) return actual * exact > 0 ? -1 : Infinity;
  // An infinity instead of a finite value counts as 2^128. NaN must not get through as "no error".
  const bounded = actual === Infinity ? 2 ** 128 : actual === -Infinity ? -(2 ** 128) : actual;
  const error = Math.abs(bounded - exact) * inverseUlp(Math.min(magnitude, 2 ** 127));
  return error === error ? error : Infinity;
}

function note(survey: Survey, u: number, actual: number, exact: number, relativeError: number): void {
  if (actual === exact && actual !== 0) {
    // Saturated results are the most frequent of all.
    if (actual !== Infinity && actual !== -Infinity) survey.compared += 1;
    return;
  }
  const error = errorInUlp(actual, exact);
  if (error < 0) return;
  if (error === Infinity) {
    if (survey.firstWrong < 0) survey.firstWrong = u;
    survey.wrong += 1;
    return;
  }
  survey.compared += 1;
  if (error > survey.maxUlp) {
    survey.maxUlp = error;
    survey.worst = u;
  }
  // A result within half an ulp is the closest number, except perhaps next to a power of two, where it counts too.
  if (error > 0.249) noteRounding(survey, actual, exact, relativeError);
}

function noteRounding(survey: Survey, actual: number, exact: number, relativeError: number): void {
  if (actual !== Math.fround(exact)) survey.misrounded += 1;
  if (Math.fround(exact * (1 - relativeError)) !== Math.fround(exact * (1 + relativeError)))
    survey.undecided += 1;
}

/** Measures the function at these patterns. */
export function surveyPatterns(
  { evaluate, reference: exactly, referenceError }: ElementaryFunction,
  patterns: Iterable<number>,
  into: Survey,
): void {
  for (const u of patterns) {
    const x = fromBits(u);
    note(into, u, evaluate(x), exactly(flush(x)), referenceError);
  }
}

/** `results[i] = f(first + i)` as bit patterns, every NaN being 0x7fc00000. */
export function evaluateRange(evaluate: (x: number) => number, first: number, results: Uint32Array): void {
  const values = new Float32Array(results.buffer, results.byteOffset, results.length);
  for (let i = 0; i < results.length; i++) {
    const y = evaluate(fromBits(first + i));
    if (y === y) values[i] = y;
    else results[i] = 0x7fc00000;
  }
}

/** Measures results that `evaluateRange` gave. */
export function surveyRange(
  { reference: exactly, referenceError }: ElementaryFunction,
  first: number,
  results: Uint32Array,
  into: Survey,
): void {
  const values = new Float32Array(results.buffer, results.byteOffset, results.length);
  for (let i = 0; i < results.length; i++) {
    note(into, first + i, values[i], exactly(flush(fromBits(first + i))), referenceError);
  }
}
