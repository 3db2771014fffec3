/**
 * Running dot products on the CPU, one class for each way to add up products.
 *
 * Operands are values of the formats they were cast to. Sums in binary32 are those of the engine (`f32.ts`: nearest
 * even, nothing below 2^-126); sums in a format are that format's own, subnormals included (`format-arithmetic.ts`); a
 * tensor core does as the hardware was measured to do (`tensor-core.ts`). `shaders/numerics/accumulation.wgsl` gives
 * the same bits.
 */

import { add, mul, sub } from './f32';
import { addInFormat, mulInFormat } from './format-arithmetic';
import type { NumberFormat } from './formats';

/** A running dot product: `begin` with c, `term` for each pair of operands in order, then `end` once. */
export interface Accumulator {
  begin(c: number): void;
  term(a: number, b: number): void;
  /** A NaN may have any payload. */
  end(): number;
}

/** Arithmetic of one step, in binary32 or in a format. */
export interface Steps {
  mul(this: void, a: number, b: number): number;
  add(this: void, x: number, y: number): number;
  sub(this: void, x: number, y: number): number;
}

export const BINARY32: Steps = { mul, add, sub };

export function stepsIn(format: NumberFormat): Steps {
  return {
    mul: (a, b) => mulInFormat(a, b, format),
    add: (x, y) => addInFormat(x, y, format),
    sub: (x, y) => addInFormat(x, -y, format),
  };
}

export class InOrder implements Accumulator {
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

export class Fused implements Accumulator {
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
export class InParts implements Accumulator {
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
export class Pairwise implements Accumulator {
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
export class Kahan implements Accumulator {
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

/** c + a_0 b_0 + a_1 b_1 + ... over the common length of two arrays. */
export function dot(accumulator: Accumulator, a: ArrayLike<number>, b: ArrayLike<number>, c = 0): number {
  accumulator.begin(c);
  for (let i = 0; i < a.length; i++) accumulator.term(a[i], b[i]);
  return accumulator.end();
}
