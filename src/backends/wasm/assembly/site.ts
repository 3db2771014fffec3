/**
 * Writing values at a cast site: rounding to the format that the lane's policy has for it, and counting
 * (src/graph/records.ts). The reference is src/backends/cpu/rounder.ts.
 *
 * A kernel writes its results unrounded into the output and then calls `roundMatrix` on it, so that there is one loop
 * that rounds. Four values are rounded at once, in whatever direction; what can be said by comparisons is counted for
 * all four, without branches, wherever one of them is neither zero nor a normal number of the format.
 *
 * A value is rounded on the grid of the normal numbers by adding a part of the dropped bits' unit and cutting off. With
 * ties to even half a unit is added, and a sum whose dropped bits are all zero was a tie: its last kept bit is cleared.
 * Below the smallest normal number, f32's own addition rounds to the subnormals' grid: adding a power of two whose
 * ulp is the smallest subnormal, and taking it away again. Directions that depend on sign or chance take the scalar
 * code (round.ts) there.
 */
import {
  COUNTER_INFINITE,
  COUNTER_LARGEST,
  COUNTER_NAN,
  COUNTER_OVERFLOW,
  COUNTER_SMALLEST,
  COUNTER_SUBNORMAL,
  COUNTER_UNDERFLOW,
  COUNTER_ZERO_BEFORE,
  countersOf,
  HEADER_FOUND_INF,
  padded,
  FORMAT_FLAGS,
  FORMAT_LOW,
  POLICY_SEED,
  POLICY_STREAM,
  policyOf,
  ROUNDING_STREAM,
  setHeaderWord,
  Lane,
  Operand,
} from './layout';
import { philox4x32 } from './philox';
import {
  CANONICAL_NAN,
  flushes,
  INFINITY_BITS,
  MAGNITUDE,
  maxFiniteBits,
  minNormalBits,
  MODE_DOWN,
  MODE_NEAREST_EVEN,
  MODE_STOCHASTIC,
  MODE_TOWARD_ZERO,
  MODE_UP,
  modeOf,
  OVERFLOW_NAN,
  OVERFLOW_SATURATE,
  overflowOf,
  pointsAway,
  randomBitsOf,
  roundBits,
  shiftOf,
  SIGN,
  stopsAtMax,
  tiesToEven,
} from './round';

/** The format in force, every word four times. */
const format = memory.data(16 * 16);
const MIN_NORMAL: usize = 0;
const MAX_FINITE: usize = 16;
/** Added to a positive and to a negative value before the cut, and what of a random number is added. */
const ADDED_POSITIVE: usize = 32;
const ADDED_NEGATIVE: usize = 48;
const ADDED_RANDOM: usize = 64;
const DROPPED: usize = 80;
/** The last kept bit where ties go to even, otherwise 0. */
const LAST: usize = 96;
/** Magnitudes below it are rounded on the subnormals' grid; 0 where f32 has the same grid. */
const FINE: usize = 112;
const ANCHOR: usize = 128;
/** Results below it become zero. */
const FLUSHED: usize = 144;
/** What a positive and a negative value beyond the largest finite number become, and what infinities become. */
const BEYOND_POSITIVE: usize = 160;
const BEYOND_NEGATIVE: usize = 176;
const INFINITE_POSITIVE: usize = 192;
const INFINITE_NEGATIVE: usize = 208;

/** Counters that most groups of four do not touch, as i32x4. */
const rare = memory.data(6 * 16);
const UNDERFLOW: usize = 0;
const SUBNORMAL: usize = 16;
const OVERFLOW: usize = 32;
const NANS: usize = 48;
const INFINITE: usize = 64;
/** Not 0 where a result is not finite. */
const NOT_FINITE: usize = 80;

/** The words of the policy in force. */
let policy: usize = 0;
let mode: u32 = 0;
/** Counter words 1 and 2 of the random numbers, and their key. */
let randomStream: u32 = 0;
let randomStep: u32 = 0;
let randomSeed: u32 = 0;

/** Values of one group before rounding, after it, and its random numbers, to reach each by its number. */
const group = memory.data(48);

function set(field: usize, word: u32): void {
  v128.store(format + field, i32x4.splat(word));
}

/** What finite values beyond the largest finite number become, or infinities, of one sign. */
function beyond(flags: u32, most: u32, sign: u32, stops: bool): u32 {
  const rule = overflowOf(flags);
  if (stops) return sign | most;
  if (rule == OVERFLOW_NAN) return CANONICAL_NAN;
  return sign | (rule == OVERFLOW_SATURATE ? most : INFINITY_BITS);
}

/** What is added to a value of one sign before its dropped bits are cut off, chance left out. */
function added(flags: u32, negative: bool): u32 {
  const shift = shiftOf(flags);
  if (shift == 0 || mode == MODE_TOWARD_ZERO || mode == MODE_STOCHASTIC) return 0;
  if (mode == MODE_UP || mode == MODE_DOWN) return pointsAway(mode, negative) ? (1 << shift) - 1 : 0;
  return 1 << (shift - 1);
}

function begin(lane: Lane, site: u32): void {
  policy = policyOf(lane, site);
  const low = load<u32>(policy + FORMAT_LOW);
  const flags = load<u32>(policy + FORMAT_FLAGS);
  const shift = shiftOf(flags);
  const normal = minNormalBits(low);
  const most = maxFiniteBits(flags);
  mode = modeOf(flags);
  randomStream = load<u32>(policy + POLICY_STREAM);
  randomStep = lane.step;
  randomSeed = load<u32>(policy + POLICY_SEED);
  const dropped: u32 = (1 << shift) - 1;
  set(MIN_NORMAL, normal);
  set(MAX_FINITE, most);
  set(ADDED_POSITIVE, added(flags, false));
  set(ADDED_NEGATIVE, added(flags, true));
  const compared = min(randomBitsOf(flags), shift);
  set(ADDED_RANDOM, mode == MODE_STOCHASTIC ? dropped & ~((1 << (shift - compared)) - 1) : 0);
  set(DROPPED, dropped);
  set(LAST, tiesToEven(flags) << shift);
  set(FINE, low);
  // The smallest subnormal lies `23 - shift` binades below the smallest normal, and the anchor 23 above that.
  set(ANCHOR, normal + (shift << 23));
  set(FLUSHED, flushes(flags) ? normal : 0);
  set(BEYOND_POSITIVE, beyond(flags, most, 0, stopsAtMax(mode, false)));
  set(BEYOND_NEGATIVE, beyond(flags, most, SIGN, stopsAtMax(mode, true)));
  set(INFINITE_POSITIVE, beyond(flags, most, 0, false));
  set(INFINITE_NEGATIVE, beyond(flags, most, SIGN, false));
  memory.fill(rare, 0, 6 * 16);
}

/** Random numbers of the four elements that begin at `index`, cut to the bits that are added. */
function randomPart(index: u32): v128 {
  const words = philox4x32(index >>> 2, randomStream, randomStep, ROUNDING_STREAM, randomSeed);
  v128.store(group, words, 32);
  const shift = shiftOf(load<u32>(policy + FORMAT_FLAGS));
  if (shift == 0) return i32x4.splat(0);
  return v128.and(i32x4.shr_u(words, 32 - shift), v128.load(format, ADDED_RANDOM));
}

/** What is added before the cut where the direction depends on sign or chance. */
function extraOf(u: v128, index: u32): v128 {
  const negative = i32x4.shr_s(u, 31);
  const extra = v128.bitselect(
    v128.load(format, ADDED_NEGATIVE),
    v128.load(format, ADDED_POSITIVE),
    negative,
  );
  return mode == MODE_STOCHASTIC ? v128.or(extra, randomPart(index)) : extra;
}

function count(counter: usize, mask: v128): void {
  v128.store(rare + counter, i32x4.sub(v128.load(rare + counter), mask));
}

/** Rounds the values of a group one by one; `random` has been left in `group` by `randomPart`. */
function roundEach(u: v128): v128 {
  v128.store(group, u);
  for (let i: usize = 0; i < 16; i += 4) {
    store<u32>(group + i, roundBits(load<u32>(group + i), policy, load<u32>(group + i, 32)), 16);
  }
  return v128.load(group, 16);
}

/** Below the smallest normal: on the grid of the subnormals, zero where the format flushes them. */
function roundFine(m: v128): v128 {
  const anchor = v128.load(format, ANCHOR);
  const result = f32x4.sub(f32x4.add(m, anchor), anchor);
  return v128.andnot(result, i32x4.lt_s(result, v128.load(format, FLUSHED)));
}

/**
 * Rounds and counts four values of which at least one is subnormal, out of range, infinite or NaN.
 *
 * @param u the values, `cutOff` the same cut to the grid of normal numbers
 */
function special(u: v128, cutOff: v128): v128 {
  const magnitude = i32x4.splat(MAGNITUDE);
  const infinity = i32x4.splat(INFINITY_BITS);
  const m = v128.and(u, magnitude);
  const sign = v128.andnot(u, magnitude);
  const negative = i32x4.shr_s(u, 31);
  const nan = i32x4.gt_s(m, infinity);
  const infinite = i32x4.eq(m, infinity);
  const fine = i32x4.lt_s(m, v128.load(format, FINE));
  const large = i32x4.gt_s(v128.and(cutOff, magnitude), v128.load(format, MAX_FINITE));
  const over = v128.andnot(v128.andnot(v128.andnot(large, fine), nan), infinite);
  let result: v128;
  if (mode == MODE_NEAREST_EVEN) {
    result = v128.bitselect(v128.or(roundFine(m), sign), cutOff, fine);
    const beyond = v128.bitselect(
      v128.load(format, BEYOND_NEGATIVE),
      v128.load(format, BEYOND_POSITIVE),
      negative,
    );
    result = v128.bitselect(beyond, result, over);
    const ends = v128.bitselect(
      v128.load(format, INFINITE_NEGATIVE),
      v128.load(format, INFINITE_POSITIVE),
      negative,
    );
    result = v128.bitselect(ends, result, infinite);
    result = v128.bitselect(i32x4.splat(CANONICAL_NAN), result, nan);
  } else {
    result = roundEach(u);
  }
  const after = v128.and(result, magnitude);
  const zero = i32x4.splat(0);
  const counted = v128.not(v128.or(v128.or(nan, infinite), i32x4.eq(m, zero)));
  const vanished = v128.and(i32x4.eq(after, zero), counted);
  const small = v128.and(i32x4.lt_s(after, v128.load(format, MIN_NORMAL)), counted);
  count(UNDERFLOW, vanished);
  count(SUBNORMAL, v128.andnot(small, vanished));
  count(OVERFLOW, over);
  count(NANS, nan);
  count(INFINITE, infinite);
  count(NOT_FINITE, i32x4.ge_s(after, infinity));
  return result;
}

/** Adds four counts. */
function total(counts: v128): u32 {
  return (
    i32x4.extract_lane(counts, 0) +
    i32x4.extract_lane(counts, 1) +
    i32x4.extract_lane(counts, 2) +
    i32x4.extract_lane(counts, 3)
  );
}

function addTo(counters: usize, counter: usize, more: u32): void {
  store<u32>(counters + counter, load<u32>(counters + counter) + more);
}

function raise(counters: usize, counter: usize, word: u32): void {
  store<u32>(counters + counter, max<u32>(load<u32>(counters + counter), word));
}

/** The largest and the smallest of four u32. */
function largestOf(words: v128): u32 {
  const halves = i32x4.max_u(words, i32x4.shuffle(words, words, 2, 3, 0, 1));
  return max<u32>(i32x4.extract_lane(halves, 0), i32x4.extract_lane(halves, 1));
}

/** Adds what was counted to the record. */
function report(lane: Lane, site: u32, zeros: u32, largest: u32, smallestLessOne: u32): void {
  const counters = countersOf(lane, site);
  addTo(counters, COUNTER_ZERO_BEFORE, zeros);
  addTo(counters, COUNTER_UNDERFLOW, total(v128.load(rare, UNDERFLOW)));
  addTo(counters, COUNTER_SUBNORMAL, total(v128.load(rare, SUBNORMAL)));
  addTo(counters, COUNTER_OVERFLOW, total(v128.load(rare, OVERFLOW)));
  addTo(counters, COUNTER_NAN, total(v128.load(rare, NANS)));
  addTo(counters, COUNTER_INFINITE, total(v128.load(rare, INFINITE)));
  if (largest == 0) return;
  raise(counters, COUNTER_LARGEST, largest);
  raise(counters, COUNTER_SMALLEST, ~(smallestLessOne + 1));
}

/** False leaves out what is only counted, so that a benchmark can tell what counting costs. */
let counting = true;

export function set_counting(on: bool): void {
  counting = on;
}

export function isCounting(): bool {
  return counting;
}

class Loop {
  /** `u` cut to the format's grid of normal numbers, without a limit to the exponent. */
  @inline
  static cut(u: v128, extra: v128, dropped: v128, last: v128): v128 {
    const sum = i32x4.add(u, extra);
    const tie = i32x4.eq(v128.and(sum, dropped), i32x4.splat(0));
    return v128.andnot(v128.andnot(sum, dropped), v128.and(tie, last));
  }

  /** Rounds a matrix in place; with `counts`, adds what happened to the record. */
  @inline
  static over(matrix: Operand, lane: Lane, site: u32, counts: bool): void {
    const width = padded(matrix.columns);
    const depends = mode > MODE_TOWARD_ZERO;
    const minNormal = v128.load(format, MIN_NORMAL);
    const maxFinite = v128.load(format, MAX_FINITE);
    const magnitude = i32x4.splat(MAGNITUDE);
    const one = i32x4.splat(1);
    const none = i32x4.splat(0);
    const infinity = i32x4.splat(INFINITY_BITS);
    const half = v128.load(format, ADDED_POSITIVE);
    const dropped = v128.load(format, DROPPED);
    const last = v128.load(format, LAST);
    let zeros = none;
    let largest = none;
    let smallest = i32x4.splat(-1);
    for (let row: u32 = 0; row < matrix.rows; row++) {
      const start = row * matrix.stride;
      for (let i = start; i < start + width; i += 4) {
        const at = matrix.address + (i << 2);
        const u = v128.load(at);
        const m = v128.and(u, magnitude);
        const zero = i32x4.eq(m, none);
        const outside = v128.or(v128.xor(i32x4.lt_s(m, minNormal), zero), i32x4.gt_s(m, maxFinite));
        let result = Loop.cut(u, depends ? extraOf(u, i) : half, dropped, last);
        let counted = m;
        if (v128.any_true(outside)) {
          result = special(u, result);
          counted = v128.and(m, i32x4.lt_s(m, infinity));
        }
        if (counts) {
          zeros = i32x4.sub(zeros, zero);
          largest = i32x4.max_s(largest, counted);
          smallest = i32x4.min_u(smallest, i32x4.sub(counted, one));
        }
        v128.store(at, result);
      }
    }
    if (!counts) return;
    const pads = matrix.rows * (width - matrix.columns);
    const least = ~largestOf(v128.not(smallest));
    report(lane, site, total(zeros) - pads, largestOf(largest), least);
  }
}

/**
 * Rounds a matrix in place at a site of the lane, and counts. Pads must be +0 and stay so.
 *
 * @param isGradient whether infinities and NaN here set the record's found-inf
 */
export function roundMatrix(matrix: Operand, lane: Lane, site: u32, isGradient: bool): void {
  begin(lane, site);
  if (counting) Loop.over(matrix, lane, site, true);
  else Loop.over(matrix, lane, site, false);
  if (isGradient && total(v128.load(rare, NOT_FINITE)) > 0) setHeaderWord(lane, HEADER_FOUND_INF, 1);
}

/** The same without counting: what is written over before the step is done. */
export function roundUncounted(matrix: Operand, lane: Lane, site: u32): void {
  begin(lane, site);
  Loop.over(matrix, lane, site, false);
}
