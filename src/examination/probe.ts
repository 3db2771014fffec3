/**
 * The numerics probe: what has to hold on a GPU before its results may be called exact, as a list of cases with
 * their expected bits, and the judgement of what came back. WGSL guarantees none of this (no rounding direction, no
 * infinities or NaN, no subnormals or their absence), so it is asked of every device at start-up.
 *
 * Pure data and logic; the backend runs `shaders/examination/probe.wgsl`, with `native_ftz` and if need be without:
 *
 *   binding 0 uniform  `parameters`
 *   binding 1 storage  `cases`, four words each
 *   binding 2 storage  results, one word per case
 *   dispatch           `workgroups` x 1 x 1
 */

import type { DeviceVerdict } from '../backends/webgpu';
import { exp, log, tanh } from '../numerics/elementary';
import { add, div, fromBits, hexadecimal, isNaNBits, mul, sqrt, sub, toBits } from '../numerics/f32';
import { FORMATS, formatWords } from '../numerics/formats';
import { philox4x32 } from '../numerics/philox';
import { roundBits } from '../numerics/round';
import { message, type Message } from '../numerics/message';

declare module '../numerics/message' {
  interface Messages {
    'sums-inexact': Record<never, never>;
    'products-inexact': Record<never, never>;
    'tiny-inexact': Record<never, never>;
    'zeros-unsigned': Record<never, never>;
    'infinities-lost': Record<never, never>;
    'nan-lost': Record<never, never>;
    'divisions-inexact': Record<never, never>;
    'elementary-inexact': Record<never, never>;
    'formats-inexact': Record<never, never>;
    'flushes-by-itself': Record<never, never>;
    'flushed-in-kernels': Record<never, never>;
    contracted: Record<never, never>;
    reordered: Record<never, never>;
    found: { what: Message; cases: Message; example: string };
    'one-case': { cases: number };
    'so-many-cases': { cases: number };
  }
}

/** In the order of the constants in probe.wgsl. */
export const PROBE_OPERATIONS = [
  'add',
  'multiply',
  'two-sum',
  'multiply-add',
  'divide',
  'square-root',
  'exp',
  'log',
  'tanh',
  'round',
] as const;
export type ProbeOperation = (typeof PROBE_OPERATIONS)[number];

/** What a group of cases establishes, and what is said where that fails. */
const ASPECTS = {
  sums: 'sums-inexact',
  products: 'products-inexact',
  tiny: 'tiny-inexact',
  zeros: 'zeros-unsigned',
  infinities: 'infinities-lost',
  nan: 'nan-lost',
  contraction: 'contracted',
  reassociation: 'reordered',
  division: 'divisions-inexact',
  elementary: 'elementary-inexact',
  formats: 'formats-inexact',
} as const;
export type ProbeAspect = keyof typeof ASPECTS;

export interface ProbeCase {
  readonly operation: ProbeOperation;
  readonly aspect: ProbeAspect;
  /** f32 bits of the operands; those that the operation does not take are 0. */
  readonly a: number;
  readonly b: number;
  readonly c: number;
  /** f32 bits of the result. */
  readonly expected: number;
}

/** A verdict and what it rests on. */
export interface ProbeJudgement extends DeviceVerdict {
  /** The device's results in the variant that `nativeFtz` selects. */
  readonly results: Uint32Array;
}

const POSITIVE_ZERO = 0x00000000;
const NEGATIVE_ZERO = 0x80000000;
const ONE = 0x3f800000;
const INFINITY_BITS = 0x7f800000;
const NEGATIVE_INFINITY = 0xff800000;
const NAN_BITS = 0x7fc00000;
const MIN_NORMAL_BITS = 0x00800000;
const MAX_FINITE_BITS = 0x7f7fffff;
const SIGN = 0x80000000;
const MAGNITUDE = 0x7fffffff;

const isInfinityBits = (u: number): boolean => (u & MAGNITUDE) === INFINITY_BITS;
const isZeroBits = (u: number): boolean => (u & MAGNITUDE) === 0;

function twoSum(a: number, b: number): number {
  const sum = add(a, b);
  const bSeen = sub(sum, a);
  return add(sub(a, sub(sum, bSeen)), sub(b, bSeen));
}

function evaluate(operation: ProbeOperation, a: number, b: number, c: number): number {
  switch (operation) {
    case 'add':
      return add(a, b);
    case 'multiply':
      return mul(a, b);
    case 'two-sum':
      return twoSum(a, b);
    case 'multiply-add':
      return add(mul(a, b), c);
    case 'divide':
      return div(a, b);
    case 'square-root':
      return sqrt(a);
    case 'exp':
      return exp(a);
    case 'log':
      return log(a);
    case 'tanh':
      return tanh(a);
    case 'round':
      return fromBits(roundBits(toBits(a), FORMATS.fp16));
  }
}

/** Random operands that are the same on every visit. */
class Operands {
  readonly #words = new Uint32Array(4);
  #block = 0;
  #used = 4;

  word(): number {
    if (this.#used === 4) {
      philox4x32(this.#block++, 0, 0, 0, 0, 0, this.#words);
      this.#used = 0;
    }
    return this.#words[this.#used++];
  }

  /** Random sign and significand, exponent field from `low` to `high`. */
  bits(low: number, high: number): number {
    const word = this.word();
    return ((word & 0x807fffff) | ((low + (this.word() % (high - low + 1))) << 23)) >>> 0;
  }
}

function build(): ProbeCase[] {
  const cases: ProbeCase[] = [];
  const random = new Operands();
  const push = (operation: ProbeOperation, aspect: ProbeAspect, a: number, b = 0, c = 0): void => {
    const expected = toBits(evaluate(operation, fromBits(a), fromBits(b), fromBits(c)));
    // What a case says about a device depends on what has to come through.
    const seen =
      isNaNBits(expected) || isNaNBits(a) || isNaNBits(b)
        ? 'nan'
        : isInfinityBits(expected) || isInfinityBits(a) || isInfinityBits(b)
          ? 'infinities'
          : aspect;
    cases.push({ operation, aspect: seen, a, b, c, expected });
  };

  const special = [
    POSITIVE_ZERO,
    NEGATIVE_ZERO,
    ONE,
    ONE | SIGN,
    INFINITY_BITS,
    NEGATIVE_INFINITY,
    NAN_BITS,
    MAX_FINITE_BITS,
    MIN_NORMAL_BITS,
  ].map((u) => u >>> 0);
  for (const a of special) {
    for (const b of special) {
      push('add', isZeroBits(a) && isZeroBits(b) ? 'zeros' : 'sums', a, b);
      push('multiply', isZeroBits(a) || isZeroBits(b) ? 'zeros' : 'products', a, b);
      push('divide', 'division', a, b);
    }
    push('square-root', 'division', a);
    push('exp', 'elementary', a);
    push('log', 'elementary', a);
    push('tanh', 'elementary', a);
    push('round', 'formats', a);
  }

  // Subnormal operands, sums below 2^-126, and products on both sides of the value that rounds up to 2^-126.
  const subnormals = [0x00000001, 0x00400000, 0x007fffff, 0x80000001, 0x807fffff];
  for (const a of subnormals) {
    for (const b of [...subnormals, MIN_NORMAL_BITS, ONE, 0x5f800000, MAX_FINITE_BITS]) {
      push('add', 'tiny', a, b);
      push('multiply', 'tiny', a, b);
    }
  }
  for (let i = 0; i < 64; i++) {
    const a = random.bits(1, 2);
    push('add', 'tiny', a, random.bits(1, 2) ^ (a & SIGN));
    const x = random.bits(2, 125);
    // The significand that takes the product closest to 2^-126, and its neighbours.
    const y = toBits(Math.fround(2 ** -126 / fromBits(x)));
    for (const step of [-1, 0, 1]) push('multiply', 'tiny', x, y + step);
    // (1 - 2^-24) 2^-126 is tiny, although gradual underflow would round it up to 2^-126.
    push('multiply', 'tiny', 0x3f7fffff - i, MIN_NORMAL_BITS);
  }

  for (let i = 0; i < 256; i++) {
    const a = random.bits(100, 150);
    const exponent = (a >>> 23) & 0xff;
    push('add', 'sums', a, random.bits(exponent - 26, exponent + 26));
    push('multiply', 'products', a, random.bits(60, 190));
    push('two-sum', 'reassociation', a, random.bits(exponent - 20, exponent + 20));
    const b = random.bits(110, 140);
    // c cancels the rounded product: what remains is exactly zero, unless the product was never rounded.
    const product = toBits(mul(fromBits(a), fromBits(b)));
    push('multiply-add', 'contraction', a, b, (product ^ SIGN) >>> 0);
    push('multiply-add', 'contraction', a, b, random.bits(100, 150));
    push('divide', 'division', a, random.bits(60, 190));
    push('square-root', 'division', a & MAGNITUDE);
    push('exp', 'elementary', random.bits(105, 133));
    push('log', 'elementary', random.word() & MAGNITUDE);
    push('tanh', 'elementary', random.bits(110, 131));
    push('round', 'formats', random.bits(95, 145));
  }
  return cases;
}

/** The cases, ready to be sent to a device. */
export interface Probe {
  readonly cases: readonly ProbeCase[];
  /** Contents of the uniform buffer (binding 0). */
  readonly parameters: Uint32Array<ArrayBuffer>;
  /** Contents of the storage buffer with the cases (binding 1). */
  readonly words: Uint32Array<ArrayBuffer>;
  readonly workgroups: number;
}

export const PROBE_ENTRY_POINT = 'probe';
const PROBE_WORKGROUP_SIZE = 64;

export function createProbe(): Probe {
  const cases = build();
  const words = new Uint32Array(cases.length * 4);
  cases.forEach(({ operation, a, b, c }, i) => {
    words.set([a, b, c, PROBE_OPERATIONS.indexOf(operation)], 4 * i);
  });
  return {
    cases,
    // struct Parameters: the format, zero, the number of cases, and padding to a multiple of 16 bytes.
    parameters: Uint32Array.from([...formatWords(FORMATS.fp16), 0, cases.length, 0, 0]),
    words,
    workgroups: Math.ceil(cases.length / PROBE_WORKGROUP_SIZE),
  };
}

/** How a device did in the cases of one aspect. */
export interface ProbeTally {
  readonly aspect: ProbeAspect;
  readonly cases: number;
  readonly differing: number;
  /** The first case that differs, as an operation with its operands and bits; null when none does. */
  readonly example: string | null;
}

/** The results by aspect. The sign and payload of a NaN are not compared; a zero of the wrong sign is one of `zeros`. */
export function tallyProbe(cases: readonly ProbeCase[], results: Uint32Array): readonly ProbeTally[] {
  const seen = cases.map((one, i) => ({ one, got: results[i], failed: failedAspect(one, results[i]) }));
  return (Object.keys(ASPECTS) as ProbeAspect[]).map((aspect) => {
    const failures = seen.filter(({ failed }) => failed === aspect);
    return {
      aspect,
      cases: cases.filter((one) => one.aspect === aspect).length,
      differing: failures.length,
      example: failures.length === 0 ? null : describeFailure(failures[0].one, failures[0].got),
    };
  });
}

/** What a wrong result says about the device; null when it is right. */
function failedAspect({ aspect, expected }: ProbeCase, got: number): ProbeAspect | null {
  if (got === expected || (isNaNBits(got) && isNaNBits(expected))) return null;
  return isZeroBits(got) && isZeroBits(expected) ? 'zeros' : aspect;
}

function describeFailure({ operation, a, b, c, expected }: ProbeCase, got: number): string {
  const operands = [a, b, c].map(hexadecimal).join(', ');
  return `${operation}(${operands}) = ${hexadecimal(got)} ≠ ${hexadecimal(expected)}`;
}

/** One note per aspect in which results differ. */
const differences = (cases: readonly ProbeCase[], results: Uint32Array): Message[] =>
  tallyProbe(cases, results)
    .filter(({ differing }) => differing > 0)
    .map(({ aspect, differing, example }) =>
      message('found', {
        what: message(ASPECTS[aspect], {}),
        cases: message(differing === 1 ? 'one-case' : 'so-many-cases', { cases: differing }),
        example: example ?? '',
      }),
    );

/**
 * Judges a device by what it makes of the cases.
 *
 * @param execute runs the shader on the probe's words and returns its results; `nativeFtz` names the variant. The
 *   variant that flushes explicitly, which takes longer to compile, is asked for only if the other one fails.
 */
export async function judgeDevice(
  { cases }: Pick<Probe, 'cases'>,
  execute: (nativeFtz: boolean) => Promise<Uint32Array>,
): Promise<ProbeJudgement> {
  const native = await execute(true);
  if (differences(cases, native).length === 0) {
    const note = message('flushes-by-itself', {});
    return { nativeFtz: true, faithful: true, notes: [note], results: native };
  }
  const results = await execute(false);
  const notes = differences(cases, results);
  if (notes.length === 0) {
    const note = message('flushed-in-kernels', {});
    return { nativeFtz: false, faithful: true, notes: [note], results };
  }
  return { nativeFtz: false, faithful: false, notes, results };
}
