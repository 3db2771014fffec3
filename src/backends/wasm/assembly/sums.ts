/**
 * Sums in order, in chunks, pairwise and with Kahan's correction (src/numerics/accumulators.ts), of a few rows by
 * two vectors of columns, in any of the arithmetics of steps.ts.
 *
 * In binary32 nothing can be flushed under the condition that product.ts states: all products are multiples of 2^-125,
 * and so are all sums and differences of such multiples, rounded or not, in whatever order they are formed.
 */
import { FLUSHED, NARROW, NARROW_FLUSHING, PLAIN, Steps, WIDE, WIDE_FLUSHING } from './steps';

/** What a function here works on, and whether a sum has to be computed again. */
@unmanaged
export class Tile {
  /** The first element of the first row; in bytes, the way to the next row and to the next term. */
  a!: usize;
  nextRow!: usize;
  aStep!: usize;
  b!: usize;
  bStep!: usize;
  terms!: u32;
  /** Terms of a chunk; 0: one sum in order. */
  length!: u32;
  /** Rows: up to four with Kahan's correction, else up to two. */
  rows!: u32;
  /** `nextRow`, or 0 where there is one row, which is then computed twice. */
  secondRow!: usize;
}

export const tile = changetype<Tile>(memory.data(36));

/** [rows][2 vectors] of sums, and the largest magnitudes that were seen on the way. */
export const sums = memory.data(144);
export const LARGEST: usize = 128;

/** What Kahan's correction takes off the next terms. */
const excesses = memory.data(128);

/** Sums of 2^level terms that wait for their neighbour, one vector each. */
const waiting = memory.data(32 * 16);

/** Whether a sum of a format may have exceeded `limit`; NaN cannot come before that. */
export function exceeded(wide: bool, limit: f64): bool {
  const largest = v128.load(sums, LARGEST);
  return wide
    ? v128.any_true(f64x2.gt(largest, f64x2.splat(limit)))
    : v128.any_true(f32x4.gt(largest, f32x4.splat(<f32>limit)));
}

class Sums {
  @inline
  static inChunks(mode: i32): void {
    let a = tile.a;
    let b = tile.b;
    const second = tile.secondRow;
    const aStep = tile.aStep;
    const bStep = tile.bStep;
    const length = tile.length;
    const zero = i32x4.splat(0);
    let t00 = zero;
    let t01 = zero;
    let t10 = zero;
    let t11 = zero;
    let large0 = zero;
    let large1 = zero;
    let rest = tile.terms;
    while (rest > 0) {
      let s00 = zero;
      let s01 = zero;
      let s10 = zero;
      let s11 = zero;
      const count = length > 0 ? min(length, rest) : rest;
      rest -= count;
      for (let k: u32 = 0; k < count; k++) {
        const b0 = Steps.load(mode, b);
        const b1 = Steps.load(mode, b + 16);
        const x0 = Steps.splat(mode, a);
        const x1 = Steps.splat(mode, a + second);
        s00 = Steps.add(mode, s00, Steps.mul(mode, x0, b0));
        s01 = Steps.add(mode, s01, Steps.mul(mode, x0, b1));
        s10 = Steps.add(mode, s10, Steps.mul(mode, x1, b0));
        s11 = Steps.add(mode, s11, Steps.mul(mode, x1, b1));
        large0 = Steps.watch(mode, Steps.watch(mode, large0, s00), s01);
        large1 = Steps.watch(mode, Steps.watch(mode, large1, s10), s11);
        a += aStep;
        b += bStep;
      }
      t00 = length > 0 ? Steps.add(mode, t00, s00) : s00;
      t01 = length > 0 ? Steps.add(mode, t01, s01) : s01;
      t10 = length > 0 ? Steps.add(mode, t10, s10) : s10;
      t11 = length > 0 ? Steps.add(mode, t11, s11) : s11;
      large0 = Steps.watch(mode, Steps.watch(mode, large0, t00), t01);
      large1 = Steps.watch(mode, Steps.watch(mode, large1, t10), t11);
    }
    v128.store(sums, t00);
    v128.store(sums, t01, 16);
    v128.store(sums, t10, 32);
    v128.store(sums, t11, 48);
    v128.store(sums, Steps.watch(mode, large0, large1), LARGEST);
  }

  /** Eight terms are added as a tree in registers; their sums wait as those of 2^3 terms. */
  @inline
  static pairwise(mode: i32): void {
    const aStep = tile.aStep;
    const bStep = tile.bStep;
    const terms = tile.terms;
    let large = i32x4.splat(0);
    for (let vector: usize = 0; vector < 4; vector++) {
      let a = tile.a + (vector >>> 1) * tile.secondRow;
      let b = tile.b + ((vector & 1) << 4);
      let count: u32 = 0;
      for (; count + 8 <= terms; count += 8) {
        let sum = i32x4.splat(0);
        let four = sum;
        for (let half = 0; half < 2; half++) {
          four = sum;
          const p0 = Steps.mul(mode, Steps.splat(mode, a), Steps.load(mode, b));
          const p1 = Steps.mul(mode, Steps.splat(mode, a + aStep), Steps.load(mode, b + bStep));
          a += aStep << 1;
          b += bStep << 1;
          const p2 = Steps.mul(mode, Steps.splat(mode, a), Steps.load(mode, b));
          const p3 = Steps.mul(mode, Steps.splat(mode, a + aStep), Steps.load(mode, b + bStep));
          a += aStep << 1;
          b += bStep << 1;
          const p01 = Steps.add(mode, p0, p1);
          const p23 = Steps.add(mode, p2, p3);
          sum = Steps.add(mode, p01, p23);
          large = Steps.watch(mode, Steps.watch(mode, Steps.watch(mode, large, p01), p23), sum);
        }
        sum = Steps.add(mode, four, sum);
        large = Steps.watch(mode, large, sum);
        let level: u32 = 3;
        for (; ((count >>> level) & 1) == 1; level++) {
          sum = Steps.add(mode, v128.load(waiting + (level << 4)), sum);
          large = Steps.watch(mode, large, sum);
        }
        v128.store(waiting + (level << 4), sum);
      }
      for (; count < terms; count++) {
        let sum = Steps.mul(mode, Steps.splat(mode, a), Steps.load(mode, b));
        let level: u32 = 0;
        for (; ((count >>> level) & 1) == 1; level++) {
          sum = Steps.add(mode, v128.load(waiting + (level << 4)), sum);
          large = Steps.watch(mode, large, sum);
        }
        v128.store(waiting + (level << 4), sum);
        a += aStep;
        b += bStep;
      }
      let level: u32 = ctz(terms);
      let sum = v128.load(waiting + (level << 4));
      for (level++; terms >>> level != 0; level++) {
        if (((terms >>> level) & 1) == 0) continue;
        sum = Steps.add(mode, v128.load(waiting + (level << 4)), sum);
        large = Steps.watch(mode, large, sum);
      }
      v128.store(sums + (vector << 4), Steps.add(mode, i32x4.splat(0), sum));
    }
    v128.store(sums, large, LARGEST);
  }

  /** One term of one vector of sums. */
  @inline
  static correct(mode: i32, product: v128, at: usize, largest: v128): v128 {
    const sum = v128.load(sums + at);
    const increment = Steps.sub(mode, product, v128.load(excesses + at));
    const next = Steps.add(mode, sum, increment);
    v128.store(sums + at, next);
    v128.store(excesses + at, Steps.excess(mode, Steps.sub(mode, next, sum), increment));
    return Steps.watch(mode, largest, next);
  }

  /** The steps of a sum wait for each other, so up to four rows take turns, with their sums in memory. */
  @inline
  static kahan(mode: i32): void {
    let a = tile.a;
    let b = tile.b;
    const nextRow = tile.nextRow;
    const aStep = tile.aStep;
    const bStep = tile.bStep;
    const terms = tile.terms;
    const end = tile.rows << 5;
    let large = i32x4.splat(0);
    memory.fill(sums, 0, end);
    memory.fill(excesses, 0, end);
    for (let k: u32 = 0; k < terms; k++) {
      const b0 = Steps.load(mode, b);
      const b1 = Steps.load(mode, b + 16);
      let row = a;
      for (let at: usize = 0; at < end; at += 32) {
        const x = Steps.splat(mode, row);
        large = Sums.correct(mode, Steps.mul(mode, x, b0), at, large);
        large = Sums.correct(mode, Steps.mul(mode, x, b1), at + 16, large);
        row += nextRow;
      }
      a += aStep;
      b += bStep;
    }
    v128.store(sums, large, LARGEST);
  }
}

// One function for each arithmetic: in branches of one function the optimizer would find the same code and join it.

function inChunksPlain(): void {
  Sums.inChunks(PLAIN);
}

function inChunksFlushed(): void {
  Sums.inChunks(FLUSHED);
}

function inChunksNarrow(): void {
  Sums.inChunks(NARROW);
}

function inChunksNarrowFlushing(): void {
  Sums.inChunks(NARROW_FLUSHING);
}

function inChunksWide(): void {
  Sums.inChunks(WIDE);
}

function inChunksWideFlushing(): void {
  Sums.inChunks(WIDE_FLUSHING);
}

function pairwisePlain(): void {
  Sums.pairwise(PLAIN);
}

function pairwiseFlushed(): void {
  Sums.pairwise(FLUSHED);
}

function pairwiseNarrow(): void {
  Sums.pairwise(NARROW);
}

function pairwiseNarrowFlushing(): void {
  Sums.pairwise(NARROW_FLUSHING);
}

function pairwiseWide(): void {
  Sums.pairwise(WIDE);
}

function pairwiseWideFlushing(): void {
  Sums.pairwise(WIDE_FLUSHING);
}

function kahanPlain(): void {
  Sums.kahan(PLAIN);
}

function kahanFlushed(): void {
  Sums.kahan(FLUSHED);
}

function kahanNarrow(): void {
  Sums.kahan(NARROW);
}

function kahanNarrowFlushing(): void {
  Sums.kahan(NARROW_FLUSHING);
}

function kahanWide(): void {
  Sums.kahan(WIDE);
}

function kahanWideFlushing(): void {
  Sums.kahan(WIDE_FLUSHING);
}

export function sumInChunks(mode: i32): void {
  if (mode == PLAIN) inChunksPlain();
  else if (mode == FLUSHED) inChunksFlushed();
  else if (mode == NARROW) inChunksNarrow();
  else if (mode == NARROW_FLUSHING) inChunksNarrowFlushing();
  else if (mode == WIDE) inChunksWide();
  else inChunksWideFlushing();
}

export function sumPairwise(mode: i32): void {
  if (mode == PLAIN) pairwisePlain();
  else if (mode == FLUSHED) pairwiseFlushed();
  else if (mode == NARROW) pairwiseNarrow();
  else if (mode == NARROW_FLUSHING) pairwiseNarrowFlushing();
  else if (mode == WIDE) pairwiseWide();
  else pairwiseWideFlushing();
}

export function sumWithCorrection(mode: i32): void {
  if (mode == PLAIN) kahanPlain();
  else if (mode == FLUSHED) kahanFlushed();
  else if (mode == NARROW) kahanNarrow();
  else if (mode == NARROW_FLUSHING) kahanNarrowFlushing();
  else if (mode == WIDE) kahanWide();
  else kahanWideFlushing();
}
