/**
 * What is known of the operands of a product before its loop: of four rows of the left one, or of eight columns of the
 * right one, the smallest and largest magnitudes and the bits that any of them has.
 */
import { left, right, ROWS } from './product';
import { INFINITY_BITS, MAGNITUDE } from './round';

@unmanaged
export class Extents {
  /** Bits of the smallest magnitude that is not zero; 0 where all are. */
  smallest!: u32;
  /** Bits of the largest magnitude: infinity's or more where anything is not finite. */
  largest!: u32;
  /** All bits of all elements, by or. */
  bits!: u32;
  /** Whether a copy in double precision has been made. */
  copied!: u32;
}

export const EXTENTS_BYTES: usize = 16;

/** The smallest magnitudes less one, so that zeros are the largest; the largest, and all bits, of four elements each. */
const seen = memory.data(48);

function begin(): void {
  v128.store(seen, i32x4.splat(-1));
  v128.store(seen, i32x4.splat(0), 16);
  v128.store(seen, i32x4.splat(0), 32);
}

/** `count` vectors, `step` bytes apart. */
function include(from: usize, step: usize, count: u32): void {
  let smallest = v128.load(seen);
  let largest = v128.load(seen, 16);
  let bits = v128.load(seen, 32);
  for (let k: u32 = 0; k < count; k++) {
    const magnitude = v128.and(v128.load(from), i32x4.splat(MAGNITUDE));
    smallest = i32x4.min_u(smallest, i32x4.sub(magnitude, i32x4.splat(1)));
    largest = i32x4.max_u(largest, magnitude);
    bits = v128.or(bits, magnitude);
    from += step;
  }
  v128.store(seen, smallest);
  v128.store(seen, largest, 16);
  v128.store(seen, bits, 32);
}

/** The same of single elements. */
function includeEach(from: usize, step: usize, count: u32): void {
  let smallest = <u32>-1;
  let largest: u32 = 0;
  let bits: u32 = 0;
  for (let k: u32 = 0; k < count; k++) {
    const magnitude = load<u32>(from) & MAGNITUDE;
    smallest = min(smallest, magnitude - 1);
    largest = max(largest, magnitude);
    bits |= magnitude;
    from += step;
  }
  v128.store(seen, i32x4.min_u(v128.load(seen), i32x4.splat(smallest)));
  v128.store(seen, i32x4.max_u(v128.load(seen, 16), i32x4.splat(largest)), 16);
  v128.store(seen, v128.or(v128.load(seen, 32), i32x4.splat(bits)), 32);
}

function report(extents: Extents): void {
  let smallest: u32 = 0xffffffff;
  let largest: u32 = 0;
  let bits: u32 = 0;
  for (let i: usize = 0; i < 16; i += 4) {
    smallest = min(smallest, load<u32>(seen + i));
    largest = max(largest, load<u32>(seen + i, 16));
    bits |= load<u32>(seen + i, 32);
  }
  extents.smallest = smallest + 1;
  extents.largest = largest;
  extents.bits = bits;
  extents.copied = 0;
}

/** Rows [row, row + count) of the left operand. */
export function measureRows(row: u32, count: u32, terms: u32, extents: Extents): void {
  begin();
  const start = left.address + row * left.rowStep;
  if (left.columnStep == 4) {
    const whole = terms & ~3;
    for (let i: u32 = 0; i < count; i++) {
      const from = start + i * left.rowStep;
      include(from, 16, whole >>> 2);
      includeEach(from + (whole << 2), 4, terms - whole);
    }
  } else if (left.rowStep == 4 && count == ROWS) {
    include(start, left.columnStep, terms);
  } else {
    for (let i: u32 = 0; i < count; i++) includeEach(start + i * left.rowStep, left.columnStep, terms);
  }
  report(extents);
}

/** The eight columns of the right operand that begin at `from`. */
export function measureColumns(from: usize, terms: u32, extents: Extents): void {
  begin();
  include(from, right.rowStep, terms);
  include(from + 16, right.rowStep, terms);
  report(extents);
}

/** Dropped at the end of every element: zeros that all significands share, up to 23. */
function sharedZeros(extents: Extents): i32 {
  return <i32>ctz<u32>(extents.bits | (1 << 23));
}

/** All elements are multiples of 2 to this power. */
function unitExponent(extents: Extents): i32 {
  return <i32>max<u32>(extents.smallest >>> 23, 1) - 150 + sharedZeros(extents);
}

export function areFinite(a: Extents, b: Extents): bool {
  return max(a.largest, b.largest) < INFINITY_BITS;
}

/** The largest magnitude that a product can have. */
export function largestProduct(a: Extents, b: Extents): f64 {
  return <f64>reinterpret<f32>(a.largest) * <f64>reinterpret<f32>(b.largest);
}

/** All products are multiples of 2 to this power; 0 where all are zero. */
export function productUnit(a: Extents, b: Extents): i32 {
  return a.smallest == 0 || b.smallest == 0 ? 0 : unitExponent(a) + unitExponent(b);
}

/** Whether f32 holds every product without rounding, overflow left aside, and all are multiples of 2^unit, -149 or more. */
export function areExactInBinary32(a: Extents, b: Extents, unit: i32): bool {
  return sharedZeros(a) + sharedZeros(b) >= 24 && productUnit(a, b) >= unit;
}

/** No product that is not zero has a smaller exponent; 0 where all are zero. */
export function smallestExponent(a: Extents, b: Extents): i32 {
  if (a.smallest == 0 || b.smallest == 0) return 0;
  return <i32>(a.smallest >>> 23) + <i32>(b.smallest >>> 23) - 254;
}
