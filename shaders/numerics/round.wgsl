// Rounding of binary32 bit patterns to a number format, in integer arithmetic on the pattern.
//
// The same algorithm line by line as src/numerics/round.ts. WGSL guarantees neither a rounding direction nor
// infinities, NaN or subnormals for its floats, so nothing here is a float: values are f32 bit patterns in u32.

import package::layout::Format;

const SIGN: u32 = 0x80000000u;
const MAGNITUDE: u32 = 0x7fffffffu;
const INFINITY_BITS: u32 = 0x7f800000u;
// The one NaN pattern that rounding produces, whatever the payload and sign of its input.
const CANONICAL_NAN: u32 = 0x7fc00000u;
const F32_MIN_NORMAL: u32 = 0x00800000u;

const MODE_NEAREST_EVEN: u32 = 0u;
const MODE_NEAREST_AWAY: u32 = 1u;
const MODE_UP: u32 = 3u;
const MODE_DOWN: u32 = 4u;
const MODE_STOCHASTIC: u32 = 5u;

const OVERFLOW_NAN: u32 = 1u;
const OVERFLOW_SATURATE: u32 = 2u;

const FLAG_FLUSH: u32 = 0x400u;

// Rounds an f32 bit pattern; the result is the f32 bit pattern of the rounded value. Stochastic rounding uses the
// upper ones of the 32 random bits.
fn round_bits(u: u32, f: Format, random: u32) -> u32 {
  // One unsigned comparison: the magnitude lies on the add-and-mask grid and cannot round past the maximum.
  if ((u & MAGNITUDE) - f.low <= f.span) {
    let shift = f.flags & 31u;
    return (u + f.increment + ((u >> shift) & ((f.flags >> 12u) & 1u))) & (0xffffffffu << shift);
  }
  return round_special(u, f, random);
}

// round_bits of each component. Zeros are below `low` in most formats, and after a ReLU they are half of the data, so
// they are settled at once, too. A software adapter executes branches whatever the condition, but leaves loops.
fn round_bits4(u: vec4<u32>, f: Format, random: vec4<u32>) -> vec4<u32> {
  let m = u & vec4<u32>(MAGNITUDE);
  let shift = vec4<u32>(f.flags & 31u);
  let tie = vec4<u32>((f.flags >> 12u) & 1u);
  let rounded = (u + vec4<u32>(f.increment) + ((u >> shift) & tie)) & (vec4<u32>(0xffffffffu) << shift);
  let in_range = (m - vec4<u32>(f.low)) <= vec4<u32>(f.span);
  var result = select(u, rounded, in_range);
  var special = !in_range & (m != vec4<u32>(0u));
  while (any(special)) {
    let i = select(select(3u, 2u, special.z), select(1u, 0u, special.x), special.x | special.y);
    result[i] = round_special(u[i], f, random[i]);
    special[i] = false;
  }
  return result;
}

// What has to be added before dropping `shift` bits, at most 24; `kept` is the lowest bit that stays.
fn increment_for(flags: u32, negative: bool, shift: u32, kept: u32, random: u32) -> u32 {
  let mode = (flags >> 5u) & 7u;
  if (shift == 0u) {
    return 0u;
  }
  if (mode == MODE_NEAREST_EVEN) {
    return (1u << (shift - 1u)) - 1u + kept;
  }
  if (mode == MODE_NEAREST_AWAY) {
    return 1u << (shift - 1u);
  }
  if (mode == MODE_STOCHASTIC) {
    // The random number is compared with the upper dropped bits, as many as there are random ones.
    let compared = min(random_bits_of(flags), shift);
    return (random >> (32u - compared)) << (shift - compared);
  }
  return select(0u, (1u << shift) - 1u, away_from_zero(mode, negative));
}

fn random_bits_of(flags: u32) -> u32 {
  return flags >> 24u;
}

fn away_from_zero(mode: u32, negative: bool) -> bool {
  return mode == select(MODE_UP, MODE_DOWN, negative);
}

// The largest finite magnitude of the format.
fn max_finite_bits(flags: u32) -> u32 {
  let shift = flags & 31u;
  let steps = (0x7fffffu >> shift) - ((flags >> 11u) & 1u);
  return (((flags >> 16u) & 0xffu) << 23u) | (steps << shift);
}

// The smallest normal magnitude of the format.
fn min_normal_bits(f: Format) -> u32 {
  return max(f.low, F32_MIN_NORMAL);
}

// Zeros, subnormals, overflow, infinities, NaN, and every value where the direction depends on sign or chance.
fn round_special(u: u32, f: Format, random: u32) -> u32 {
  let m = u & MAGNITUDE;
  if (m == 0u) {
    return u;
  }
  if (m > INFINITY_BITS) {
    return CANONICAL_NAN;
  }
  let sign = u & SIGN;
  let negative = sign != 0u;
  if (m < f.low) {
    return sign | below_normal(m, negative, f, random);
  }
  let shift = f.flags & 31u;
  let largest = max_finite_bits(f.flags);
  if (m == INFINITY_BITS) {
    return overflowed(sign, largest, f.flags);
  }
  // Where no significand bit is kept, the lowest digit is the leading one.
  let kept = select((m >> shift) & 1u, 1u, shift == 23u);
  let increment = increment_for(f.flags, negative, shift, kept, random);
  let rounded = ((m + increment) >> shift) << shift;
  if (rounded <= largest) {
    return sign | rounded;
  }
  if (stops_at_largest(f.flags, negative)) {
    return sign | largest;
  }
  return overflowed(sign, largest, f.flags);
}

// IEEE 754 7.4: a direction that points towards zero stops at the largest finite value.
fn stops_at_largest(flags: u32, negative: bool) -> bool {
  let mode = (flags >> 5u) & 7u;
  let directed = mode > MODE_NEAREST_AWAY && mode < MODE_STOCHASTIC;
  return directed && !away_from_zero(mode, negative);
}

fn overflowed(sign: u32, largest: u32, flags: u32) -> u32 {
  let rule = (flags >> 8u) & 3u;
  if (rule == OVERFLOW_NAN) {
    return CANONICAL_NAN;
  }
  return sign | select(INFINITY_BITS, largest, rule == OVERFLOW_SATURATE);
}

// A magnitude below the smallest normal, on the grid of the subnormals. What rounds to a subnormal becomes zero where
// the format flushes; what rounds up to the smallest normal stays. (Only formats with another exponent range than f32
// come here, or formats that flush, so every value that stays is a normal f32.)
fn below_normal(m: u32, negative: bool, f: Format, random: u32) -> u32 {
  let shift = f.flags & 31u;
  let exponent = max(m >> 23u, 1u);
  let significand = select((m & 0x7fffffu) | F32_MIN_NORMAL, m, m < F32_MIN_NORMAL);
  // In units of 2^-149: the significand counts 2^(exponent-1), the format's smallest subnormal 2^(scale-1).
  let scale = (f.low >> 23u) + shift;
  let distance = scale - exponent;
  var units = 0u;
  if (distance > 24u) {
    units = far_below(significand, distance, f.flags, negative, random);
  } else {
    let increment = increment_for(f.flags, negative, distance, (significand >> distance) & 1u, random);
    units = (significand + increment) >> distance;
  }
  if ((f.flags & FLAG_FLUSH) != 0u) {
    return select(f.low, 0u, (units >> (23u - shift)) == 0u);
  }
  if (units == 0u) {
    return 0u;
  }
  let leading = firstLeadingBit(units);
  return ((leading + scale - 23u) << 23u) | ((units << (23u - leading)) & 0x7fffffu);
}

// Units, 0 or 1, of a significand that lies more than 24 places below the unit: less than half of it.
fn far_below(significand: u32, distance: u32, flags: u32, negative: bool, random: u32) -> u32 {
  let mode = (flags >> 5u) & 7u;
  if (mode != MODE_STOCHASTIC) {
    return select(0u, 1u, mode > MODE_NEAREST_AWAY && away_from_zero(mode, negative));
  }
  let bits = random_bits_of(flags);
  let largest = 0xffffffffu >> (32u - bits);
  var compared = 0u;
  if (distance >= bits) {
    // The significand is below 2^24, so from 31 places on nothing is left of it.
    compared = significand >> min(distance - bits, 31u);
  } else {
    compared = significand << (bits - distance);
  }
  return select(0u, 1u, largest - (random >> (32u - bits)) < compared);
}
